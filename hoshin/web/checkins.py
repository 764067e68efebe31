"""The weekly check-in of a person or a team, and a unit's week."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.commands.checkins import check_in, choose_who, who_checks_in
from hoshin.engine.weeks import WEEK, week_of, week_text
from hoshin.errors import Problem, Refused
from hoshin.forms.checkins import CheckInByForm, CheckInForm
from hoshin.model.units import CheckInBy
from hoshin.queries.checkins import Who, find_checkin, find_last, list_checkins, list_expected, load_since
from hoshin.queries.unit_lists import UnitLine, list_units
from hoshin.queries.unit_plans import people_names
from hoshin.queries.units import get_unit
from hoshin.reports.checkins import Week, prefilled, week_of_unit
from hoshin.web import door
from hoshin.web.roadblocks import own_unit

bp = Blueprint("checkins", __name__)
AHEAD = timedelta(days=14)
NAMES = ("progress", "roadblocks", "next")


@bp.get("/check-in")
@door.allow(read=Act.OPEN_CHECK_IN)
def edit_mine() -> Response:
    """The reader's own check-in, in the unit she belongs to."""
    return door.done(url_for("checkins.edit", unit_id=own_unit(), week=request.args.get("week")))


@bp.route("/units/<int:unit_id>/check-in", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_CHECK_IN, write=Act.WRITE_CHECK_IN)
def edit(unit_id: int) -> Response | tuple[str, int]:
    """Three lines about this week: prefilled, corrected, sent."""
    unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    act = Act.OPEN_CHECK_IN if request.method in door.SAFE else Act.WRITE_CHECK_IN
    door.require(act, Subject(unit=unit_id))
    week, who = _week(), who_checks_in(unit=unit, actor=door.actor())
    name, is_team = unit.name, unit.checkin_by is CheckInBy.TEAM
    form = CheckInForm(request.form)
    if door.accepted(form, lambda: door.perform(check_in, wish=form.to_wish(unit_id=unit_id, week=week))):
        return door.done(url_for("checkins.show", unit_id=unit_id, week=week), "Checked in. Thank you.")
    found = find_checkin(session=door.session(), who=who, week=week)
    filled = request.method in door.SAFE and found is None
    if request.method in door.SAFE:
        _fill(form, who, week)
    form.version.data = str(found.version) if found else ""
    return door.page(
        "checkins/edit.html", form=form, unit_id=unit_id, unit_name=name, is_team=is_team, week=week_text(week=week),
        filled=filled and any(form[one].data for one in NAMES), found=found,
        list_href=url_for("checkins.show", unit_id=unit_id, week=week),
    )  # fmt: skip


def _fill(form: CheckInForm, who: Who, week: date) -> None:
    """What was written this week, or what the data says has changed since the last time."""
    found = find_checkin(session=door.session(), who=who, week=week)
    if found is not None:
        form.process(obj=found)
        return
    last = find_last(session=door.session(), who=who, before=week)
    since = last.at if last else datetime.combine(week - WEEK, time(), UTC)
    load = load_since(
        session=door.session(), actor=door.actor(), who=who, since=since, until=week + AHEAD
    )
    form.process(data=prefilled(since=load))


def _week() -> date:
    """The Monday of the week that the address names; by default this one's."""
    try:
        return week_of(day=door.day_arg("week") or door.today())
    except OverflowError as error:
        raise Refused(Problem("choose another week", field="week")) from error


@bp.get("/units/<int:unit_id>/check-ins")
@door.allow(read=Act.READ_UNIT)
def show(unit_id: int) -> tuple[str, int]:
    """A unit's week: who said what, and who has not checked in; below it, how many in each unit."""
    unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    week = _week()
    units = [
        one
        for one in list_units(session=door.session())
        if one.id == unit_id or (one.parent_id == unit_id and one.archived_at is None)
        if door.can(Act.READ_UNIT, Subject(unit=one.id))
    ]
    weeks = _weeks(units, week)
    form = CheckInByForm(data={"by": unit.checkin_by})
    return door.page(
        "checkins/show.html", unit=unit, week=week_text(week=week), found=weeks[unit_id], form=form,
        below=[(one, weeks[one.id].said) for one in units if one.id != unit_id], monday=week,
        previous=_address(unit_id, week - WEEK), following=_address(unit_id, week + WEEK),
        is_current=week == week_of(day=door.today()), chooses=door.can(Act.CHOOSE_CHECK_IN, Subject(unit=unit_id)),
        writes=door.can(Act.WRITE_CHECK_IN, Subject(unit=unit_id)),
    )  # fmt: skip


def _weeks(units: list[UnitLine], week: date) -> dict[int, Week]:
    keys = [one.id for one in units]
    expected = list_expected(session=door.session(), unit_ids=keys, today=door.today())
    people = people_names(session=door.session())
    written: dict[int, list[Any]] = {one: [] for one in keys}
    for one in list_checkins(session=door.session(), unit_ids=keys, week=week):
        written[one.unit_id].append(one)
    return {
        one.id: week_of_unit(
            checkins=written[one.id],
            expected=expected[one.id],
            people=people,
            team=one.name if one.checkin_by is CheckInBy.TEAM else None,
        )
        for one in units
    }


def _address(unit_id: int, week: date) -> str:
    return url_for("checkins.show", unit_id=unit_id, week=week)


@bp.post("/units/<int:unit_id>/check-ins")
@door.allow(write=Act.CHOOSE_CHECK_IN)
def choose(unit_id: int) -> Response:
    """Each person, or the team as one."""
    form = CheckInByForm(request.form)
    if not form.validate():
        raise Refused(Problem("choose each person or the team", field="by"))
    door.perform(choose_who, unit_id=unit_id, wish=CheckInBy(form.by.data))
    return door.done(url_for("checkins.show", unit_id=unit_id), "Saved.")
