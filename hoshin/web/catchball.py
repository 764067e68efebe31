"""Catchball in the browser: the inbox, the thread of one ball, and the moves that need one click."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.commands import catchball as commands
from hoshin.commands.balls import Content, game_of
from hoshin.engine.catchball import OPEN, BallState, Game, Move, Side, Verb, play
from hoshin.engine.hands import Court, find_hand
from hoshin.engine.plans import Kind, State
from hoshin.errors import Missing, Problem, Refused
from hoshin.exchange.tables import to_csv
from hoshin.forms.fields import clean, read_key
from hoshin.model.catchball import Ball, Offer
from hoshin.queries.ball_pages import BallView, load_ball
from hoshin.queries.catchball import Listed, has_balls, list_balls, load_court, load_in_hand, subject_of
from hoshin.queries.cycles import list_cycles
from hoshin.queries.unit_lists import unit_tree
from hoshin.queries.unit_plans import people_names
from hoshin.queries.units import get_organisation
from hoshin.reports.catchball import (
    SIDES,
    BallRow,
    Difference,
    Names,
    ball_row,
    days_text,
    differences,
    holder_text,
    one_heads_both,
    signed,
    thread,
)
from hoshin.reports.pdf import asset, to_one_page
from hoshin.reports.render import day, render
from hoshin.web import door
from hoshin.web.addresses import item_address
from hoshin.web.paging import cut, here_with
from hoshin.web.plan_context import chosen_cycle, cycle_switch

bp = Blueprint("catchball", __name__)

Page = Response | tuple[str, int]
LONGEST = 5000
VIEWS = {"hand": "In my hand", "thrown": "Thrown by me", "all": "All"}
HEAD = (
    "cycle", "thrown", "by", "answered by", "objective", "state", "in the hand of", "days in hand", "round",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Inbox:
    """The balls the actor may read, and those of them that wait for her, that she threw, and all of them."""

    rows: dict[int, BallRow]
    hand: list[int]
    thrown: list[int]
    all: list[int]

    def view(self, name: str) -> list[BallRow]:
        """The rows of one view: the ones in hand by age, as everywhere."""
        return [self.rows[key] for key in {"hand": self.hand, "thrown": self.thrown}.get(name, self.all)]


def inbox(*, cycle_id: int | None = None) -> Inbox:
    """Every ball that the actor may read, those that lie longest first."""
    return _inbox(list_balls(session=door.session(), actor=door.actor(), cycle_id=cycle_id))


@dataclass(frozen=True, slots=True)
class Waiting:
    """The balls that wait for the reader: the rows shown, how many there are, and whether any are hers to read."""

    rows: list[BallRow]
    total: int
    are_any: bool


SHOWN_AT_HOME = 8


def in_hand() -> Waiting:
    """The balls that wait for the reader, those that lie longest first; and whether there are any that she may read."""
    session, actor, patience = door.session(), door.actor(), get_organisation(session=door.session()).catchball_days
    found = load_in_hand(session=session, actor=actor, today=door.today(), most=SHOWN_AT_HOME)
    names, court = all_names(), found.court
    rows = [
        ball_row(listed=one, names=names, court=court, now=door.now(), patience=patience) for one in found.longest
    ]
    return Waiting(rows, found.total, bool(found.total) or has_balls(session=session, actor=actor))


def _inbox(listed: list[Listed]) -> Inbox:
    if not listed:
        return Inbox({}, [], [], [])  # as for most people, who head nothing
    session, actor = door.session(), door.actor()
    units = {unit for one in listed for unit in (one.match.thrower, one.match.catcher)}
    court = load_court(session=session, today=door.today(), units=units)
    names, patience = all_names(), get_organisation(session=session).catchball_days
    rows = {
        one.ball.id: ball_row(listed=one, names=names, court=court, now=door.now(), patience=patience) for one in listed
    }
    order = sorted(listed, key=lambda one: (one.ball.holder is None, rows[one.ball.id].days is None, -_age(one)))
    mine = actor.heads | actor.leads
    person = actor.person
    return Inbox(
        rows=rows,
        hand=[one.ball.id for one in order if _is_in_hand(one, court, person)],
        thrown=[one.ball.id for one in order if one.match.thrower in mine and one.ball.thrown_at is not None],
        all=[one.ball.id for one in order],
    )


def _age(listed: Listed) -> timedelta:
    return door.now() - listed.ball.held_since if listed.ball.held_since else timedelta()


def _is_in_hand(listed: Listed, court: Court, person: int | None) -> bool:
    holder = listed.ball.holder
    if holder is None or person is None:
        return False
    return find_hand(court=court, match=listed.match, side=holder, person=person) is not None


def all_names() -> Names:
    """What units and people are called; the top unit by its own name."""
    units = unit_tree(session=door.session()).values()
    zone = get_organisation(session=door.session()).time_zone
    return Names(units={one.id: one.name for one in units}, people=people_names(session=door.session()), zone=zone)


@bp.get("/balls")
@door.allow(read=Act.READ_BALLS)
def show_list() -> Page:
    """The inbox: what waits for me, what I threw, everything I may read."""
    cycle = chosen_cycle() if request.args.get("cycle") else None
    found = inbox(cycle_id=cycle.id if cycle else None)
    view = door.text_arg("view") or ("hand" if found.hand or not found.all else "all")
    rows = found.view(view)
    if request.args.get("format") == "csv":
        return door.download(to_csv(head=HEAD, rows=map(_csv_row, rows)), name="balls.csv", mime="text/csv")
    shown, page = cut(rows=rows)
    counts = {"hand": found.hand, "thrown": found.thrown, "all": found.all}
    tabs = [
        {"label": label, "href": here_with(view=key, page="1"), "current": key == view, "count": len(counts[key])}
        for key, label in VIEWS.items()
    ]
    return door.page(
        "catchball/show_list.html", rows=shown, page=page, tabs=tabs, view=view, csv=here_with(format="csv"),
        days=days_text, cycles=cycle_switch(list_cycles(session=door.session()), cycle) if cycle else [],
    )  # fmt: skip


def _csv_row(row: BallRow) -> tuple[object, ...]:
    return (
        row.cycle, row.source, row.thrower, row.catcher, row.objective, row.state, row.holder, row.days, row.round,
    )  # fmt: skip


# ---------------------------------------------------------------- one ball


def load_view(ball_id: int) -> BallView:
    """The ball and what belongs to it, when the actor may read it."""
    return load_ball(session=door.session(), actor=door.actor(), ball_id=ball_id, today=door.today())


@bp.get("/balls/<int:ball_id>")
@door.allow(read=Act.READ_BALL)
def show(ball_id: int) -> Page:
    """The thread of one ball, what its offers changed, and what the reader may do now."""
    view = load_view(ball_id)
    names, match = all_names(), view.listed.match
    patience = get_organisation(session=door.session()).catchball_days
    current = view.offer(number=view.listed.ball.number)
    return door.page(
        "catchball/show.html",
        row=ball_row(listed=view.listed, names=names, court=view.court, now=door.now(), patience=patience),
        ball=view.listed.ball,
        days=days_text,
        address=item_address,
        source_href=item_address(view.listed.source_kind, view.listed.source_id),
        objective_href=item_address(Kind.OBJECTIVE, view.listed.objective_id),
        sides=_sides(view, names),
        mine=[side.value for side in view.sides_of(actor=door.actor())],
        may=possible_moves(view),
        speaks=door.can(Act.COMMENT_ON_BALL, subject_of(match=match)),
        offer=current,
        heads_both=_heads_both(view, current, names),
        signatures=signed(signatures=view.signatures_on(offer=current), match=match, names=names),
        lines=thread(messages=view.messages, offers=view.offers, match=match, names=names),
        compared=_compared(view, names),
        drift=_drift(view, current, names),
    )


def _heads_both(view: BallView, current: Offer | None, names: Names) -> str:
    """Why somebody else signs for one side, while there is a signature to give."""
    if view.listed.ball.holder is None:
        return ""
    return one_heads_both(
        match=view.listed.match, names=names, court=view.court, reader=door.actor().person,
        signatures=view.signatures_on(offer=current),
    )  # fmt: skip


def _sides(view: BallView, names: Names) -> list[dict[str, Any]]:
    """Who plays: each side with its people, the one that holds the ball marked."""
    match = view.listed.match
    return [
        {
            "role": SIDES[side],
            "who": holder_text(side=side, match=match, names=names, court=view.court),
            "holds": view.listed.ball.holder is side,
        }
        for side in Side
        if side is not Side.SUPERIOR or view.listed.ball.state is BallState.ESCALATED
    ]


def _compared(view: BallView, names: Names) -> dict[str, Any]:
    """Two offers side by side: those the address asks for, else the last two."""
    if not view.offers:
        return {"rows": [], "left": 0, "right": 0, "numbers": []}
    right = view.offer(number=door.key_arg("right") or view.listed.ball.number) or view.offers[-1]
    wanted = door.key_arg("left")
    left = view.offer(number=wanted if wanted is not None else right.number - 1)
    return {
        "rows": differences(before=left, after=right, names=names),
        "left": left.number if left else 0,
        "right": right.number,
        "numbers": [(one.number, f"Offer {one.number}, round {one.round}, {one.person_name}") for one in view.offers],
    }


def _drift(view: BallView, current: Offer | None, names: Names) -> list[Difference]:
    """What has changed on either plan since the offer on the table was made; nothing once it is off the table."""
    if current is None or view.listed.ball.state is BallState.WITHDRAWN:
        return []
    now = Content(
        wording=current.wording, rationale=current.rationale, target=current.target, valid_from=current.valid_from,
        valid_to=current.valid_to, resources=current.resources, source=view.source_now, package=view.package_now,
        changes=current.changes,
    )  # fmt: skip
    if view.listed.ball.state is BallState.AGREED:  # what was agreed is held; only the thrown item can drift
        now = replace(now, package=current.package)
    return [one for one in differences(before=current, after=now, names=names) if one.changed]


def possible_moves(view: BallView) -> frozenset[str]:
    """What the rules let the reader do now, for buttons; the command asks them again."""
    game = game_of(session=door.session(), ball=view.listed.ball)
    people = frozenset({door.actor().person or 0})
    found = {
        verb.value
        for side in view.sides_of(actor=door.actor())
        for verb in Verb
        if isinstance(play(game=game, move=_tried(verb, side, people, game)), Game)
    }
    over = view.objective.state is State.ENDED or view.source.state is State.ENDED
    if game.state is BallState.REOPENED and game.holder in view.sides_of(actor=door.actor()):
        current = view.offer(number=game.number)
        if game.holder is Side.CATCHER and current and current.source != view.source_now:
            found.add(Verb.ACCEPT.value)
    return frozenset(found - {"throw", "record", "reopen"} if over else found)


def _tried(verb: Verb, side: Side, people: frozenset[int], game: Game) -> Move:
    return Move(verb, side, people, game.number, "because")


@bp.post("/balls/<int:ball_id>/accept")
@door.allow(write=Act.PLAY_BALL)
def accept(ball_id: int) -> Response:
    """Accept in one click; the offer that was read is sent along."""
    number = read_key(request.form.get("number")) or 0
    return _played(ball_id, commands.accept, "Signed.", number=number)


@bp.post("/balls/<int:ball_id>/comment")
@door.allow(write=Act.COMMENT_ON_BALL)
def comment(ball_id: int) -> Response:
    """Say something."""
    return _played(ball_id, commands.comment, "Said.", text=_text("text"))


@bp.post("/balls/<int:ball_id>/withdraw")
@door.allow(write=Act.PLAY_BALL)
def withdraw(ball_id: int) -> Response:
    """Take the ball back."""
    return _played(ball_id, commands.withdraw, "Withdrawn.", reason=_text("reason"))


@bp.post("/balls/<int:ball_id>/escalate")
@door.allow(write=Act.PLAY_BALL)
def escalate(ball_id: int) -> Response:
    """Ask the superior of both."""
    return _played(ball_id, commands.escalate, "It lies with the superior of both sides now.", reason=_text("reason"))


@bp.post("/balls/<int:ball_id>/reopen")
@door.allow(write=Act.PLAY_BALL)
def reopen(ball_id: int) -> Response:
    """Ask for an amendment; what was agreed keeps counting."""
    said = "Reopened. What was agreed keeps counting until the amendment is agreed."
    return _played(ball_id, commands.reopen, said, reason=_text("reason"))


def _text(name: str) -> str:
    try:
        text = clean(text=request.form.get(name, ""))
    except ValueError as error:
        raise Refused(Problem(str(error), field=name)) from error
    if len(text) > LONGEST:
        raise Refused(Problem(f"at most {LONGEST} characters", field=name))
    return text


def _played(ball_id: int, command: Callable[..., Ball], said: str, **wish: Any) -> Response:
    """Do it and go back to the thread; a refusal is said there."""
    found = door.attempt(command, ball_id=ball_id, **wish)
    state = found.state if found is not None else None
    if state is BallState.AGREED and command is commands.accept:
        said = "Both sides have signed. The package is in force and counts from now on."
    return door.done(url_for("catchball.show", ball_id=ball_id), said if found is not None else "")


# ---------------------------------------------------------------- on paper


@bp.get("/balls/<int:ball_id>/agreement")
@door.allow(read=Act.READ_BALL)
def show_agreement(ball_id: int) -> Page:
    """What was agreed last, on one page; `?format=pdf` prints it."""
    view = load_view(ball_id)
    offer = view.offer(number=view.listed.ball.agreed)
    if offer is None:
        raise Missing("nothing has been agreed yet")
    sheet = _agreement(view, offer)
    if request.args.get("format") == "pdf":
        content = to_one_page(sheets=(_printed(sheet, paper) for paper in ("a4-portrait", "a3-portrait")))
        return door.download(content, name=f"agreement-{ball_id}.pdf", mime="application/pdf")
    return door.page("catchball/agreement.html", paper="a4-portrait", **sheet)


@bp.get("/balls/<int:ball_id>/table.pdf")
@door.allow(read=Act.READ_BALL)
def print_table(ball_id: int) -> Page:
    """The offer on the table beside the one before it, on one page, for those who talk it over."""
    view, names = load_view(ball_id), all_names()
    ball, court, at = view.listed.ball, view.court, door.now()
    offer = view.offer(number=ball.number)
    if offer is None or ball.state not in OPEN:
        raise Missing("nothing lies on the table")
    organisation, before = get_organisation(session=door.session()), view.offer(number=offer.number - 1)
    sheet = {
        "organisation_name": organisation.name, "printed_on": day(door.today()), "offer": offer, "before": before,
        "row": ball_row(listed=view.listed, names=names, court=court, now=at, patience=organisation.catchball_days),
        "rows": differences(before=before, after=offer, names=names),
        "signatures": signed(signatures=view.signatures_on(offer=offer), match=view.listed.match, names=names),
    }  # fmt: skip
    papers = ("a4-portrait", "a3-portrait")
    content = to_one_page(sheets=(_printed(sheet, one, "catchball/table_sheet.html") for one in papers))
    return door.download(content, name=f"ball-{ball_id}.pdf", mime="application/pdf")


def _printed(sheet: dict[str, Any], paper: str, template: str = "catchball/agreement.html") -> str:
    return render(template=template, asset=asset, paper=paper, **sheet)


def _agreement(view: BallView, offer: Offer) -> dict[str, Any]:
    names, match = all_names(), view.listed.match
    return {
        "organisation_name": get_organisation(session=door.session()).name,
        "printed_on": day(door.today()),
        "cycle_name": view.cycle.name,
        "offer": offer,
        "ball": view.listed.ball,
        "thrower": names.units.get(match.thrower, ""),
        "catcher": names.units.get(match.catcher, ""),
        "rows": [one for one in differences(before=None, after=offer, names=names) if one.after],
        "signatures": signed(signatures=view.signatures_on(offer=offer), match=match, names=names),
    }
