"""Countermeasures: the list, one of them with its check, and its A3 on the page and on paper."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.commands.countermeasures import why_not_close
from hoshin.commands.countermeasures_promote import promote_step
from hoshin.exchange.tables import to_csv
from hoshin.forms.countermeasures import CountermeasureFilterForm
from hoshin.forms.fields import choices_of
from hoshin.queries.countermeasures import Answer, Narrowed, count_answers, list_changes, list_narrowed
from hoshin.queries.unit_lists import list_units, names_of
from hoshin.queries.units import get_organisation
from hoshin.reports.a3 import a3
from hoshin.reports.countermeasures import AnswerRow, View, answer_row, standing
from hoshin.reports.history import history
from hoshin.reports.papers import a3_sheets
from hoshin.reports.pdf import NoPrinter, asset, to_one_page
from hoshin.web import door
from hoshin.web.choosing import offer_names
from hoshin.web.countermeasure_context import load_facts, readable, rows_of, view_now
from hoshin.web.paging import here_with, page_of

bp = Blueprint("countermeasures", __name__)

CSV_HEAD = ("KPI", "unit", "owner", "occasion", "state", "written", "opened for", "opened on", "days", "steps",
            "latest verdict", "check")  # fmt: skip


@bp.get("/countermeasures")
@door.allow(read=Act.READ_STRATEGY)
def show_list() -> Response | tuple[str, int]:
    """The countermeasures, narrowed down by unit, owner and state; the open ones unless asked otherwise."""
    view, session, actor = view_now(), door.session(), door.actor()
    wish = Narrowed(door.key_arg("unit"), door.key_arg("owner"), door.text_arg("state", "open"))
    if request.args.get("format") == "csv":
        rows = [_csv_row(one) for one in rows_of(list_narrowed(session=session, actor=actor, wish=wish), view)]
        return door.download(to_csv(head=CSV_HEAD, rows=rows), name="countermeasures.csv", mime="text/csv")
    page = page_of(total=count_answers(session=session, actor=actor, wish=wish))
    shown = list_narrowed(
        session=session, actor=actor, wish=wish, offset=page.offset, most=page.last - page.offset
    )
    form = CountermeasureFilterForm(request.args)
    form.unit.choices = choices_of(names=names_of(units=list_units(session=door.session())), empty="Any unit")
    offer_names(form.owner, chosen=door.key_arg("owner"), empty="Anybody")
    return door.page(
        "countermeasures/show_list.html", form=form, rows=rows_of(shown, view), page=page, csv=here_with(format="csv"),
        is_default=not any(request.args.get(name) for name in ("unit", "owner", "state")),
    )  # fmt: skip


def _csv_row(one: AnswerRow) -> tuple[object, ...]:
    return (
        one.kpi, one.unit, one.owner, one.occasion, one.state, "yes" if one.is_written else "no", one.opened_for,
        one.opened_on, one.days, one.steps, one.standing.verdict.value, one.standing.said,
    )  # fmt: skip


@bp.get("/countermeasures/<int:countermeasure_id>")
@door.allow(read=Act.READ_ITEM)
def show(countermeasure_id: int) -> tuple[str, int]:
    """One countermeasure: the four lines, what it has grown to, and what it did to the KPI."""
    view = view_now()
    facts = load_facts(readable(countermeasure_id), view)
    answer = facts.answer
    found, kpi = answer.countermeasure, answer.kpi
    return door.page(
        "countermeasures/show.html",
        one=found,
        kpi=kpi,
        row=answer_row(answer=answer, marks=facts.marks, steps=(len(facts.steps), 0), view=view),
        sheet=a3(facts=facts, view=view),
        standing=standing(answer=answer, marks=facts.marks, view=view),
        people=view.people,
        waiting=why_not_close(session=door.session(), answer=answer, at=door.now()) if found.is_open else "",
        writes=door.can(Act.WRITE_COUNTERMEASURE, answer.subject),
        plans=door.can(Act.WRITE_PLAN, Subject(unit=kpi.unit_id)),
        lines=_history(answer, view),
    )


def _history(answer: Answer, view: View) -> list[object]:
    if not door.can(Act.READ_JOURNAL, Subject(unit=answer.kpi.unit_id)):
        return []
    lines = list_changes(session=door.session(), countermeasure_id=answer.countermeasure.id)
    return list(history(lines=lines, people=dict(view.people), time_zone=view.time_zone))


@bp.post("/countermeasures/<int:countermeasure_id>/steps/<int:step_id>/promote")
@door.allow(write=Act.WRITE_COUNTERMEASURE)
def promote(countermeasure_id: int, step_id: int) -> Response:
    """Put a step on the matrix as an action."""
    back = url_for("countermeasures.show", countermeasure_id=countermeasure_id, _anchor="plan")
    made = door.attempt(promote_step, countermeasure_id=countermeasure_id, step_id=step_id)
    if made is None:
        return door.done(back)
    return door.done(back, "The step stands on the matrix as a draft action. Put it in force on the unit’s plan.")


@bp.get("/countermeasures/<int:countermeasure_id>/a3")
@door.allow(read=Act.READ_ITEM)
def show_a3(countermeasure_id: int) -> tuple[str, int]:
    """The A3 on the page."""
    view = view_now()
    facts = load_facts(readable(countermeasure_id), view)
    return door.page(
        "countermeasures/a3.html",
        one=facts.answer.countermeasure,
        sheet=a3(facts=facts, view=view),
        writes=door.can(Act.WRITE_COUNTERMEASURE, facts.answer.subject),
    )


@bp.get("/countermeasures/<int:countermeasure_id>/a3.pdf")
@door.allow(read=Act.READ_ITEM)
def print_a3(countermeasure_id: int) -> Response:
    """The A3 on one page of paper."""
    view = view_now()
    facts = load_facts(readable(countermeasure_id), view)
    sheet = a3(facts=facts, view=view)
    known = get_organisation(session=door.session())
    try:
        content = to_one_page(
            sheets=a3_sheets(sheet=sheet, organisation=known.name, today=door.today(), asset=asset)
        )
    except NoPrinter as reason:
        back = url_for("countermeasures.show_a3", countermeasure_id=countermeasure_id)
        return door.done(back, str(reason), "error")
    return door.download(content, name=f"a3-{countermeasure_id}.pdf", mime="application/pdf")
