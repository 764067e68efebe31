"""The meeting page of one review: its agenda (on paper too), what is written, holding it, and its frozen pack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject
from hoshin.commands import meetings as commands
from hoshin.engine.cadence import ReviewKind
from hoshin.errors import Missing
from hoshin.forms.reviews import DECISION, TASK, HoldForm, MinutesForm, minutes_form
from hoshin.model.reviews import Pack, Review, ReviewState
from hoshin.queries.agenda import load_agenda, reader_of
from hoshin.queries.reviews import find_pack, get_review, list_expected, list_moves, load_minutes
from hoshin.queries.unit_lists import list_units, names_of
from hoshin.queries.unit_plans import people_names
from hoshin.queries.units import get_organisation
from hoshin.reports.packs import STATES, content_of, counts_in, note_in, period_text, title_of
from hoshin.reports.papers import agenda_sheet, pack_sheet
from hoshin.reports.pdf import NoPrinter, asset, to_pdf
from hoshin.reports.render import day
from hoshin.web import door
from hoshin.web.choosing import offer, people_to_choose
from hoshin.web.diagnosis import picture_for

bp = Blueprint("meetings", __name__)


@bp.get("/reviews/<int:review_id>")
@door.allow(read=Act.READ_UNIT)
def show(review_id: int) -> tuple[str, int]:
    """The report (as it is now, or as it was frozen), what was written, and the forms for it."""
    review = _readable(review_id)
    return _page(review, _form(review))


def _page(review: Review, form: MinutesForm) -> tuple[str, int]:
    pack = find_pack(session=door.session(), review_id=review.id)
    content = pack.content if pack else _live(review, door.actor())
    subject = Subject(unit=review.unit_id)
    unit = names_of(units=list_units(session=door.session()), archived=True).get(review.unit_id, "")
    organisation = get_organisation(session=door.session())
    months = commands.months_of(review=review)
    return door.page(
        "reviews/show.html",
        review=review,
        title=title_of(review=review, unit=unit),
        period=period_text(review=review, calendar=organisation.calendar),
        state=STATES[review.state],
        is_late=review.state is ReviewState.PLANNED and review.planned_on < door.today(),
        zone=organisation.time_zone,
        content=content,
        counts=counts_in(content=content),
        note=note_in(content=content),
        pack=pack,
        form=form,
        people=_expected(review),
        found=load_minutes(session=door.session(), review_id=review.id),
        names=people_names(session=door.session()),
        me=door.actor().person,
        decisions=form.list_rows(*DECISION),
        tasks=form.list_rows(*TASK),
        hold=HoldForm(version=review.version),
        moves=list_moves(session=door.session(), review_id=review.id),
        keeps=door.can(Act.KEEP_MINUTES, subject) and review.state is not ReviewState.CANCELLED,
        plans=door.can(Act.PLAN_REVIEWS, subject),
        holds=door.can(Act.HOLD_REVIEW, subject) and review.state is ReviewState.PLANNED,
        locks=[day(one)[2:] for one in months] if door.can(Act.LOCK_OWN_MONTH, subject) else [],
        is_diagnosis=review.kind is ReviewKind.DIAGNOSIS,
        picture=picture_for(review) if review.kind is ReviewKind.DIAGNOSIS else None,
    )


def _readable(review_id: int) -> Review:
    return get_review(session=door.session(), actor=door.actor(), review_id=review_id)


def _live(review: Review, reader: Actor) -> dict[str, Any]:
    return content_of(agenda=load_agenda(session=door.session(), actor=reader, review=review, at=door.now()))


def _expected(review: Review) -> dict[int, str]:
    """Who belongs to the unit, and whoever was noted besides."""
    expected = list_expected(session=door.session(), unit_id=review.unit_id, today=door.today())
    people = {one.id: one.name for one in expected}
    everybody = people_names(session=door.session())
    noted = load_minutes(session=door.session(), review_id=review.id).presence
    return people | {person: everybody[person] for person in noted if person in everybody}


def _form(review: Review) -> MinutesForm:
    found = load_minutes(session=door.session(), review_id=review.id)
    form = minutes_form(
        posted=request.form or None, minutes=review.minutes, found=found, people=_expected(review),
        version=review.version,
    )  # fmt: skip
    fields = [cast(SelectField, form[f"owner_{place}"]) for place in range(1, commands.MOST_ACTIONS + 1)]
    people = people_to_choose(unit_id=review.unit_id, keep=[one.data for one in fields if one.data])
    for field in fields:
        offer(field, people, empty="nobody yet")
    return form


@bp.post("/reviews/<int:review_id>/minutes")
@door.allow(write=Act.KEEP_MINUTES)
def keep(review_id: int) -> Response | tuple[str, int]:
    """Keep what was written."""
    review = _readable(review_id)
    door.require(Act.KEEP_MINUTES, Subject(unit=review.unit_id))
    form = _form(review)
    if door.accepted(form, lambda: door.perform(commands.keep_minutes, review_id=review_id, wish=form.to_wish())):
        return door.done(url_for("meetings.show", review_id=review_id, _anchor="minutes"), "The minutes are kept.")
    return _page(_readable(review_id), form)


@bp.post("/reviews/<int:review_id>/decisions/<int:key>")
@door.allow(write=Act.KEEP_MINUTES)
def tick_decision(review_id: int, key: int) -> Response:
    """A decision was carried out, or was not after all."""
    return _ticked(review_id, "decision", key)


@bp.post("/reviews/<int:review_id>/actions/<int:key>")
@door.allow(write=Act.REPORT_PROGRESS)
def tick_action(review_id: int, key: int) -> Response:
    """An action of the minutes is done, or is not after all: its owner says so, or who keeps the minutes."""
    return _ticked(review_id, "action", key)


def _ticked(review_id: int, what: str, key: int) -> Response:
    """Back to the meeting in which the button was pressed, which may be a later one."""
    door.attempt(commands.tick_off, review_id=review_id, what=what, key=key)
    here = request.form.get("from", "")
    if here == "home":
        return door.done(url_for("home.show", _anchor="mine"))
    target = int(here) if here.isascii() and here.isdigit() and len(here) < 10 else review_id
    return door.done(url_for("meetings.show", review_id=target, _anchor="last-time"))


@bp.post("/reviews/<int:review_id>/actions/<int:key>/promote")
@door.allow(write=Act.KEEP_MINUTES)
def promote(review_id: int, key: int) -> Response:
    """Put an action of the minutes on the matrix."""
    made = door.attempt(commands.promote, review_id=review_id, action_key=key)
    back = url_for("meetings.show", review_id=review_id, _anchor="minutes")
    return door.done(back, "It stands on the matrix as a draft action.") if made else door.done(back)


@bp.post("/reviews/<int:review_id>/hold")
@door.allow(write=Act.HOLD_REVIEW)
def hold(review_id: int) -> Response:
    """The review was held: freeze its pack as every reader of the unit may see it, then print it."""
    review = _readable(review_id)
    door.require(Act.HOLD_REVIEW, Subject(unit=review.unit_id))
    form, back = HoldForm(request.form), url_for("meetings.show", review_id=review_id)
    content = _live(review, reader_of(session=door.session(), unit_id=review.unit_id))
    if review.kind is ReviewKind.DIAGNOSIS:
        content["diagnosis"] = asdict(picture_for(review))
    held = door.attempt(commands.hold, review_id=review_id, wish=form.to_wish(), content=content)
    if held is None:
        return door.done(back)
    _keep_print(review_id, content)  # outside the transaction that froze it: printing is slow
    return door.done(back, "Held. The pack is frozen as it was seen today.")


def _keep_print(review_id: int, content: Mapping[str, Any]) -> None:
    """Print the pack and keep the paper; without a printer it is made from the frozen facts when it is asked for."""
    try:
        printed = to_pdf(html=pack_sheet(content=content, asset=asset))
    except NoPrinter:
        return
    door.perform(commands.keep_print, review_id=review_id, printed=printed)


@bp.get("/reviews/<int:review_id>/agenda.pdf")
@door.allow(read=Act.READ_UNIT)
def print_agenda(review_id: int) -> Response:
    """The agenda of a review to come on paper, with lines for what is written by hand; held, it has its pack."""
    review = _readable(review_id)
    if review.state is not ReviewState.PLANNED:
        return door.done(url_for("meetings.show", review_id=review_id), "Only a review to come has an agenda.", "error")
    content = _live(review, door.actor())
    try:
        people = list(_expected(review).values())
        printed = to_pdf(html=agenda_sheet(content=content, people=people, asset=asset))
    except NoPrinter as reason:
        return door.done(url_for("meetings.show", review_id=review_id), str(reason), "error")
    return door.download(printed, name=f"agenda-{review.planned_on}-{review_id}.pdf", mime="application/pdf")


@bp.get("/reviews/<int:review_id>/pack.pdf")
@door.allow(read=Act.READ_UNIT)
def print_pack(review_id: int) -> Response:
    """The pack as it was frozen, byte for byte; made from its frozen facts where no machine could print it then."""
    review = _readable(review_id)
    pack = find_pack(session=door.session(), review_id=review.id)
    if pack is None:
        raise Missing("this review has no pack yet: it is frozen when the review is held")
    try:
        printed = _paper(pack)
    except NoPrinter as reason:
        return door.done(url_for("meetings.show", review_id=review_id), str(reason), "error")
    return door.download(printed, name=f"review-{review.planned_on}-{review_id}.pdf", mime="application/pdf")


def _paper(pack: Pack) -> bytes:
    return pack.printed if pack.printed is not None else to_pdf(html=pack_sheet(content=pack.content, asset=asset))
