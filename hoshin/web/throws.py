"""Forms of catchball: an offer for one ball, and several items thrown to several units with one message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, url_for

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.commands import catchball as commands
from hoshin.commands.throws import ThrowWish, throw_all
from hoshin.engine.calendars import Frequency
from hoshin.engine.catchball import Side, Verb
from hoshin.engine.plans import Kind, Rotation, State
from hoshin.errors import Missing
from hoshin.forms.catchball import Amendable, OfferForm, SettleForm, ThrowForm, amending
from hoshin.forms.fields import choices_of
from hoshin.model.catchball import Ball
from hoshin.model.cycles import Cycle
from hoshin.model.units import Unit
from hoshin.queries.ball_pages import BallView
from hoshin.queries.catchball import list_balls, subject_of
from hoshin.queries.unit_lists import list_units, names_of
from hoshin.queries.unit_plans import list_sources
from hoshin.queries.units import get_organisation, get_unit
from hoshin.web import door
from hoshin.web.catchball import Page, load_view, possible_moves
from hoshin.web.plan_context import chosen_cycle

bp = Blueprint("throws", __name__)

COMMANDS: dict[str, Callable[..., Ball]] = {
    Verb.THROW.value: commands.throw, Verb.RETURN.value: commands.return_ball, Verb.RECORD.value: commands.record,
    Verb.SETTLE.value: commands.settle,
}  # fmt: skip
TITLES = {
    "throw": "Throw the ball", "return": "Counter-offer", "record": "Agreed in conversation",
    "settle": "An offer to both sides",
}  # fmt: skip
DONE = {
    "throw": "Thrown. The other side holds the ball now.", "return": "Returned with your counter-offer.",
    "record": "Recorded. The other side confirms it.", "settle": "Both sides are to sign your offer.",
}  # fmt: skip


@bp.route("/balls/<int:ball_id>/offer/<move>", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_BALL, write=Act.PLAY_BALL)
def offer(ball_id: int, move: str) -> Page:
    """The form for an offer, filled with what lies on the table."""
    if move not in COMMANDS:
        raise Missing("there is no such move")
    view = load_view(ball_id)
    act = Act.OPEN_BALL if request.method in door.SAFE else Act.PLAY_BALL
    door.require(act, subject_of(match=view.listed.match))
    source, objective = view.listed.source, view.listed.objective
    current = view.offer(number=view.listed.ball.number)
    if request.method in door.SAFE and move not in possible_moves(view):
        said = "This is not possible now: the ball is in another hand, or the game is over."
        return door.done(url_for("catchball.show", ball_id=ball_id), said, "error")
    form, items = _offer_form(view, move)
    back = url_for("catchball.show", ball_id=ball_id)
    to = Side(form.to.data) if isinstance(form, SettleForm) and form.to.data else Side.CATCHER
    if door.accepted(form, lambda: door.perform(COMMANDS[move], ball_id=ball_id, wish=form.to_wish(to=to))):
        return door.done(back, DONE[move])
    return door.page(
        "catchball/offer.html", form=form, items=items, move=move, title=TITLES[move], source=source,
        objective=objective, is_first=current is None, back=back,
    )  # fmt: skip


def _offer_form(view: BallView, move: str) -> tuple[OfferForm, list[Amendable]]:
    kind: type[OfferForm] = SettleForm if move == "settle" else OfferForm
    items = _amendable(view)
    if items:
        kind = amending(form=kind, items=items, months=_months(view))
    current = view.offer(number=view.listed.ball.number)
    if current is not None:
        names = ("wording", "rationale", "target", "valid_from", "valid_to", "resources")
        data: dict[str, Any] = {name: getattr(current, name) for name in names}
    else:
        data = {
            "wording": view.objective.name,
            "rationale": view.objective.description or view.source.description,
            "valid_from": view.objective.valid_from or view.source.valid_from,
            "valid_to": view.objective.valid_to or view.source.valid_to,
        }
    data |= {"number": view.listed.ball.number, **{f"n{one.id}": one.name for one in items}}
    if current is not None and current.number != view.listed.ball.agreed:
        for change in current.changes:
            data |= _asked_before(change)
    return kind(request.form or None, data=data), items  # an empty form is none: figures would read as emptied


def _asked_before(change: dict[str, Any]) -> dict[str, Any]:
    """The amendment that lies on the table, as the form’s fields: a counter-offer keeps what it does not change."""
    key, targets = change["id"], change.get("targets") or []
    asked: dict[str, Any] = {f"n{key}": change["name"]} if change.get("name") else {}
    asked |= {f"o{key}": True} if change.get("out") else {}
    texts = ["..".join(figures) for _, *figures in targets]
    text = " ".join(texts[:1] if len(set(texts)) == 1 else texts)
    return asked | ({f"m{key}": targets[0][0], f"i{key}": text} if targets else {})


def _amendable(view: BallView) -> list[Amendable]:
    """What was agreed before and can be amended only together."""
    if not view.listed.ball.agreed:
        return []
    package = [Amendable(one["id"], one["name"], one["kind"] == Kind.KPI.value) for one in view.package_now]
    return [*package, Amendable(view.objective.id, view.objective.name, is_kpi=False, is_answer=True)]


def _months(view: BallView) -> list[tuple[str, str]]:
    """The months of the cycle, as a choice."""
    calendar = get_organisation(session=door.session()).calendar
    span = view.cycle.span
    months = calendar.periods(first=span.first, last=span.last, frequency=Frequency.MONTH)
    return [(one.first.isoformat(), calendar.label(period=one)) for one in months]


@bp.route("/units/<int:unit_id>/throw", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_THROW, write=Act.THROW)
def throw(unit_id: int) -> Page:
    """Throw several items of the unit’s plan to several units, with one message."""
    door.require(Act.OPEN_THROW if request.method in door.SAFE else Act.THROW, Subject(unit=unit_id))
    unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    cycle = chosen_cycle()
    if cycle is None:
        raise Missing("no cycle has been opened yet")
    form = ThrowForm(request.form, data={"source_ids": [door.key_arg("source")]})
    _offer_choices(form, unit, cycle)
    name, cycle_name, plays = unit.name, cycle.name, cycle.catchball
    if door.accepted(form, lambda: door.perform(throw_all, wish=_wish(form, unit_id))):
        thrown = len(form.source_ids.data or []) * len(form.unit_ids.data or [])
        return door.done(
            url_for("catchball.show_list", view="thrown"), f"{thrown} thrown." if thrown > 1 else "Thrown."
        )
    return door.page(
        "catchball/throw.html", form=form, unit_name=name, cycle_name=cycle_name, plays=plays,
        back=url_for("plans.show", unit_id=unit_id, cycle=cycle_name),
    )  # fmt: skip


def _wish(form: ThrowForm, unit_id: int) -> ThrowWish:
    return form.to_wish(unit_id=unit_id)


def _offer_choices(form: ThrowForm, unit: Unit, cycle: Cycle) -> None:
    """What can be thrown, and the units: the ones below first, then the sisters, then all others."""
    kind = Kind.ACTION if cycle.rotation is Rotation.ACTION else Kind.PRIORITY
    sources = list_sources(session=door.session(), actor=door.actor(), unit_ids=[unit.id], kind=kind, cycle_id=cycle.id)
    balls = list_balls(session=door.session(), actor=door.actor(), cycle_id=cycle.id)
    thrown = {one.source_id: 0 for one in balls}
    for one in balls:
        thrown[one.source_id] += 1
    form.source_ids.choices = choices_of(
        names={
            one.id: one.name
            + (" (draft)" if one.state is State.DRAFT else "")
            + (f" · {thrown[one.id]} in catchball" if thrown.get(one.id) else "")
            for one in sources
        }
    )
    units = list_units(session=door.session())
    names = names_of(units=units)
    below = [one.id for one in units if one.parent_id == unit.id]
    beside = [one.id for one in units if one.parent_id == unit.parent_id and one.id != unit.id]
    order = [*below, *beside, *(one.id for one in units if one.id not in {*below, *beside, unit.id})]
    form.unit_ids.choices = choices_of(
        names={key: names[key] for key in order if key in names and door.can(Act.READ_UNIT, Subject(unit=key))}
    )
