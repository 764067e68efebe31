"""Does everyone know the plan? The campaigns, the form of one minute, what it came to, on page and paper."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.commands import surveys as commands
from hoshin.engine.suppression import FEWEST
from hoshin.exchange.tables import to_csv
from hoshin.forms.surveys import AnswerForm, CampaignForm
from hoshin.model.surveys import Survey
from hoshin.queries import surveys as queries
from hoshin.queries.attainment import Question, load
from hoshin.queries.units import get_organisation, top_unit
from hoshin.reports.papers import survey_sheets
from hoshin.reports.pdf import NoPrinter, asset, to_one_page
from hoshin.reports.render import day
from hoshin.reports.surveys import CSV_HEAD, csv_rows
from hoshin.web import door
from hoshin.web.paging import here_with
from hoshin.web.survey_results import answers_by_name, load_found

bp = Blueprint("surveys", __name__)

LASTS = timedelta(days=13)


def waiting_address() -> tuple[str, str] | None:
    """Where the reader's minute for the plan is, and until when; None when nothing waits for her answer."""
    actor = door.actor()
    if actor.person is None or not actor.member_of:
        return None
    found = queries.find_waiting(session=door.session(), person_id=actor.person, today=door.today())
    return (url_for("surveys.answer", survey_id=found.id), day(found.last_day)) if found else None


@bp.get("/surveys")
@door.allow(read=Act.READ_STRATEGY)
def show_list() -> Response | tuple[str, int]:
    """The one that runs, and what the earlier ones came to."""
    found = load_found()
    if request.args.get("format") == "csv":
        return door.download(to_csv(head=CSV_HEAD, rows=csv_rows(found=found.lines())), name="plan-known.csv",
                             mime="text/csv")  # fmt: skip
    running = [_running(one) for one in queries.list_open(session=door.session())]
    return door.page(
        "surveys/show_list.html", running=running, closed=found.quarters(found.top), fewest=FEWEST,
        courses=found.courses(found.top), latest=found.closed[0] if found.closed else None, runs=_runs(),
        waiting=waiting_address(), csv=here_with(format="csv"), may_answer=door.can(Act.OPEN_SURVEY),
    )  # fmt: skip


def _runs() -> bool:
    return door.can(Act.RUN_SURVEYS, Subject(unit=top_unit(session=door.session()).id))


def _running(survey: Survey) -> dict[str, Any]:
    answered, asked = queries.count_answers(session=door.session(), survey_id=survey.id)
    return {
        "id": survey.id, "name": survey.name, "last_day": survey.last_day, "answered": answered, "asked": asked,
        "is_anonymous": survey.is_anonymous, "is_over": survey.last_day < door.today(), "version": survey.version,
    }  # fmt: skip


@bp.get("/surveys/<int:survey_id>")
@door.allow(read=Act.READ_STRATEGY)
def show(survey_id: int) -> Response | tuple[str, int]:
    """What one came to, unit by unit, and the trend of one unit."""
    if queries.get_survey(session=door.session(), survey_id=survey_id).closed_at is None:
        return door.done(url_for("surveys.show_list"), "Nothing is shown before it is closed.", "info")
    found = load_found()
    survey = found.one(survey_id)
    rows = found.rows(survey)
    if request.args.get("format") == "csv":
        lines = [one for one in found.lines() if one[0] == survey.name]
        return door.download(
            to_csv(head=CSV_HEAD, rows=csv_rows(found=lines)), name=f"plan-known-{survey.quarter}.csv", mime="text/csv"
        )
    unit = found.chosen(door.key_arg("unit"))
    named = answers_by_name(survey) if not survey.is_anonymous and _runs() else ()
    return door.page(
        "surveys/show.html", survey=survey, rows=[one for one in rows if one.cells], fewest=FEWEST, named=named,
        hidden=[one.name for one in rows if not one.cells], courses=found.courses(unit, survey),
        quarters=found.quarters(unit, survey), unit=found.names[unit], unit_id=unit, csv=here_with(format="csv"),
    )  # fmt: skip


@bp.get("/surveys/<int:survey_id>/sheet.pdf")
@door.allow(read=Act.READ_STRATEGY)
def print_sheet(survey_id: int) -> Response:
    """What one came to, on one page."""
    found = load_found()
    survey = found.one(survey_id)
    sheets = survey_sheets(
        survey=survey, rows=found.rows(survey), courses=found.courses(found.top, survey), today=door.today(),
        organisation=get_organisation(session=door.session()).name, asset=asset,
    )  # fmt: skip
    try:
        content = to_one_page(sheets=sheets)
    except NoPrinter as reason:
        return door.done(url_for("surveys.show", survey_id=survey_id), str(reason), "error")
    return door.download(content, name=f"plan-known-{survey.quarter}.pdf", mime="application/pdf")


@bp.route("/surveys/new", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_SURVEYS, write=Act.RUN_SURVEYS)
def new() -> Response | tuple[str, int]:
    """Open this quarter's."""
    form = CampaignForm(request.form or None, last_day=door.today() + LASTS)
    if door.accepted(form, lambda: door.perform(commands.open_survey, wish=form.to_wish())):
        return door.done(url_for("surveys.show_list"), "It is open. Everybody finds it on the home page.")
    return door.page("surveys/new.html", form=form, fewest=FEWEST)


@bp.post("/surveys/<int:survey_id>/close")
@door.allow(write=Act.RUN_SURVEYS)
def close(survey_id: int) -> Response:
    """End it and count it."""
    closed = door.attempt(commands.close_survey, survey_id=survey_id)
    if closed is None:
        return door.done(url_for("surveys.show_list"))
    return door.done(url_for("surveys.show", survey_id=survey_id), "It is closed and counted.")


@bp.route("/surveys/<int:survey_id>/answer", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_SURVEY, write=Act.ANSWER_SURVEY)
def answer(survey_id: int) -> Response | tuple[str, int]:
    """The minute for the plan."""
    survey = queries.get_survey(session=door.session(), survey_id=survey_id)
    is_anonymous, name, last_day = survey.is_anonymous, survey.name, survey.last_day
    closed = _closed_because(survey)
    if closed and request.method == "GET":
        return door.done(url_for("surveys.show_list"), closed, "info")
    asked = _asked(survey)
    form = AnswerForm(request.form or None)
    form.offer(objectives=[(one.key, one.name) for one in asked.objectives])
    if door.accepted(form, lambda: door.perform(commands.answer, survey_id=survey_id, wish=form.to_wish())):
        return door.done(url_for("surveys.show_list"), "Thank you: that was your minute for the plan.")
    return door.page(
        "surveys/answer.html", form=form, asked=asked, name=name, last_day=last_day, is_anonymous=is_anonymous,
        fewest=FEWEST,
    )  # fmt: skip


def _closed_because(survey: Survey) -> str:
    """Why it cannot be answered any more; empty when it can."""
    person = door.actor().person or 0
    if survey.closed_at is not None or survey.last_day < door.today():
        return "This self-assessment is over."
    if queries.has_answered(session=door.session(), survey_id=survey.id, person_id=person):
        return "You have answered already. Thank you."
    return ""


def _asked(survey: Survey) -> queries.Asked:
    """What this reader is asked about."""
    actor = door.actor()
    panels = [one.unit_id for one in queries.list_panels(session=door.session(), survey_id=survey.id)]
    home = actor.home if actor.home is not None else min(actor.member_of, default=None)
    units = commands.plan_units(session=door.session())
    attainment = load(session=door.session(), question=Question(compared=False), now=door.now())
    panel = queries.find_panel(units=units, panels=panels, home=home)
    return queries.asked_of(attainment=attainment, panel=panel)


