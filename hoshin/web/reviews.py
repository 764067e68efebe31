"""Reviews: the list, planning a year of them, moving and cancelling one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.commands import reviews as commands
from hoshin.engine.cadence import ReviewKind
from hoshin.exchange.tables import spool_csv
from hoshin.forms.fields import choices_of
from hoshin.forms.reviews import CancelForm, MoveForm, ReviewFilterForm, YearForm
from hoshin.model.cycles import Cycle, CycleState
from hoshin.model.reviews import Review, ReviewState
from hoshin.queries.cycles import list_cycles
from hoshin.queries.review_lists import Part, Wished, count_reviews, each_reviews, page_reviews
from hoshin.queries.reviews import count_held, get_review, list_my_next
from hoshin.queries.unit_lists import list_units, names_of
from hoshin.queries.units import get_organisation, get_unit
from hoshin.reports.packs import KINDS, STATES, period_text
from hoshin.reports.render import day
from hoshin.web import door
from hoshin.web.paging import SIZE, here_with, page_of
from hoshin.web.plan_context import chosen_cycle, cycle_switch
from hoshin.web.plans import own_unit

bp = Blueprint("reviews", __name__)

CSV_HEAD = ("day", "begins", "unit", "kind", "period", "state", "present", "moved", "place")
SOON = 4
"""How many reviews the home page shows."""


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One review in a list, as ready text."""

    id: int
    on: date
    begins: str
    unit: str
    kind: str
    period: str
    state: str
    sign: str
    word: str
    is_late: bool
    moved: bool
    present: int
    place: str


@bp.get("/reviews")
@door.allow(read=Act.READ_STRATEGY)
def show_list() -> Response | tuple[str, int]:
    """The reviews of a cycle, by day; narrowed down by unit and kind."""
    cycle = chosen_cycle()
    if cycle is None:
        return door.page("reviews/no_cycle.html", may_open=door.can(Act.OPEN_CYCLES))
    session, actor, is_past = door.session(), door.actor(), door.text_arg("when") == "past"
    wish = Wished(cycle.id, door.today(), door.key_arg("unit"), _wanted_kind())
    if request.args.get("format") == "csv":
        return _csv(cycle, each_reviews(session=session, actor=actor, wish=wish))
    wish = replace(wish, part=Part.PAST if is_past else Part.COMING)
    page = page_of(total=count_reviews(session=session, actor=actor, wish=wish))
    shown = page_reviews(session=session, actor=actor, wish=wish, offset=page.offset, most=SIZE)
    form = ReviewFilterForm(request.args)
    form.unit.choices = choices_of(names=names_of(units=list_units(session=door.session())), empty="All units")
    mine = own_unit()
    return door.page(
        "reviews/show_list.html", rows=rows_of(shown), page=page, form=form, cycle=cycle, csv=here_with(format="csv"),
        switch=cycle_switch(list_cycles(session=door.session()), cycle), unit_id=mine,
        plans=door.can(Act.PLAN_REVIEWS, Subject(unit=mine)), is_past=is_past,
        past=here_with(when="past", page=""), coming=here_with(when="", page=""),
    )  # fmt: skip


def _wanted_kind() -> ReviewKind | None:
    word = door.text_arg("kind", most=20)
    return ReviewKind(word) if word in {one.value for one in ReviewKind} else None


def rows_of(found: Sequence[Review]) -> list[ReviewRow]:
    """The reviews as ready text, in a fixed number of statements."""
    units = names_of(units=list_units(session=door.session()), archived=True)
    present = count_held(session=door.session(), review_ids=[one.id for one in found])
    return [_row(one, units.get(one.unit_id, ""), present.get(one.id, 0)) for one in found]


def _row(one: Review, unit: str, present: int) -> ReviewRow:
    calendar = get_organisation(session=door.session()).calendar
    return ReviewRow(
        id=one.id, on=one.planned_on, begins=f"{one.begins:%H:%M}" if one.begins else "", unit=unit,
        kind=KINDS[one.kind], period=period_text(review=one, calendar=calendar), state=one.state.value,
        sign=STATES[one.state][0], word=STATES[one.state][1],
        is_late=one.state is ReviewState.PLANNED and one.planned_on < door.today(),
        moved=one.planned_on != one.generated_on, present=present, place=one.place,
    )  # fmt: skip


def next_for_me() -> list[ReviewRow]:
    """The reader's own next reviews, for the home page."""
    found = list_my_next(session=door.session(), actor=door.actor(), today=door.today(), most=SOON)
    return [_row(review, unit, 0) for review, unit in found]


def _csv(cycle: Cycle, found: Iterable[Sequence[Review]]) -> Response:
    rows = (
        (
            one.on.isoformat(), one.begins, one.unit, one.kind, one.period, one.state, one.present,
            "yes" if one.moved else "no", one.place,
        )
        for some in found
        for one in rows_of(some)
    )  # fmt: skip
    return door.download(spool_csv(head=CSV_HEAD, rows=rows), name=f"reviews-{cycle.name}.csv", mime="text/csv")


@bp.route("/units/<int:unit_id>/reviews", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_REVIEWS, write=Act.PLAN_REVIEWS)
def plan(unit_id: int) -> Response | tuple[str, int]:
    """Plan a year of reviews for a unit and, if wanted, all below it."""
    unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    door.require(Act.OPEN_REVIEWS, Subject(unit=unit_id))
    unit_name = unit.name
    cycles = [one for one in list_cycles(session=door.session()) if one.state is not CycleState.CLOSED]
    now = chosen_cycle()
    chosen = now.id if now is not None and now in cycles else None
    form = YearForm(request.form or None, cycle_id=chosen, kinds=[ReviewKind.MONTHLY.value])
    form.cycle_id.choices = choices_of(names={one.id: one.name for one in cycles}, empty="–")
    names = {one.id: one.name for one in cycles}
    made: list[int] = []
    if door.accepted(
        form, lambda: made.append(door.perform(commands.plan_year, wish=form.to_wish(unit_id=unit_id)))
    ):
        said = f"{made[0]} review{'' if made[0] == 1 else 's'} planned." if made[0] else "All were planned already."
        return door.done(url_for("reviews.show_list", unit=unit_id, cycle=names.get(form.cycle_id.data or 0)), said)
    return door.page("reviews/plan.html", form=form, unit_name=unit_name, unit_id=unit_id)


@bp.route("/reviews/<int:review_id>/move", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_REVIEWS, write=Act.PLAN_REVIEWS)
def move(review_id: int) -> Response | tuple[str, int]:
    """Another day, hour or place."""
    review, heading = _for_change(review_id)
    form = MoveForm(
        request.form or None, planned_on=review.planned_on, begins=review.begins, lasts=review.lasts,
        place=review.place, version=review.version,
    )  # fmt: skip
    if door.accepted(form, lambda: door.perform(commands.move, review_id=review_id, wish=form.to_wish())):
        return door.done(url_for("meetings.show", review_id=review_id), "Moved. The calendars follow.")
    return door.page("reviews/move.html", form=form, heading=heading, review_id=review_id)


@bp.route("/reviews/<int:review_id>/cancel", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_REVIEWS, write=Act.PLAN_REVIEWS)
def cancel(review_id: int) -> Response | tuple[str, int]:
    """Say that it does not take place."""
    review, heading = _for_change(review_id)
    form = CancelForm(request.form or None, version=review.version)
    if door.accepted(
        form,
        lambda: door.perform(
            commands.cancel, review_id=review_id, reason=form.reason.data or "", version=form.version.number
        ),
    ):
        return door.done(url_for("meetings.show", review_id=review_id), "Cancelled. The calendars say so.")
    return door.page("reviews/cancel.html", form=form, heading=heading, review_id=review_id)


def _for_change(review_id: int) -> tuple[Review, str]:
    review = get_review(session=door.session(), actor=door.actor(), review_id=review_id)
    door.require(Act.OPEN_REVIEWS, Subject(unit=review.unit_id))
    unit = names_of(units=list_units(session=door.session()), archived=True).get(review.unit_id, "")
    return review, f"{KINDS[review.kind]}: {unit}, {day(review.planned_on)}"
