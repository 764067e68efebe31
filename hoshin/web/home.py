"""The home page: one sentence for everybody, then what matters in the reader's role."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, url_for

from hoshin.access.actions import Act
from hoshin.engine.plans import Kind
from hoshin.engine.verdicts import Verdict
from hoshin.queries.home import list_my_actions, load_administration, my_kpis
from hoshin.queries.reviews import list_my_tasks
from hoshin.reports.attainment import level_chart
from hoshin.reports.home import first_steps, make_headline, my_units, period_note
from hoshin.reports.prose import as_line
from hoshin.web import door
from hoshin.web.addresses import item_address
from hoshin.web.attainment import Answer, answer
from hoshin.web.catchball import inbox
from hoshin.web.countermeasure_context import own_rows
from hoshin.web.picture import picture_of
from hoshin.web.proposals import rows_in_hand
from hoshin.web.reviews import next_for_me
from hoshin.web.roadblocks import waiting_rows
from hoshin.web.surveys import waiting_address
from hoshin.web.year import line_for

bp = Blueprint("home", __name__)


@bp.get("/")
@door.allow(read=Act.READ_HOME)
def show() -> tuple[str, int]:
    """Where the organisation stands, and what waits for whoever reads this."""
    if not door.can(Act.READ_STRATEGY):
        return door.page("home/administration.html", numbers=load_administration(session=door.session()))
    found = answer()
    known = door.organisation()
    vision = as_line(text=known.true_north) if known else ""
    if found is None:
        return door.page("home/no_cycle.html", vision=vision, may_open=door.can(Act.OPEN_CYCLES))
    own = _own_work(found) | {"balls": inbox(), "answers": own_rows(), "in_the_way": waiting_rows()}
    own |= {"reviews": next_for_me(), "minute": waiting_address()}
    own["line"] = line_for(found.found, found.readable)
    return door.page("home/show.html", vision=vision, **_strategy(found, vision), **own)


def _strategy(found: Answer, vision: str) -> dict[str, Any]:
    plan, report, before = found.found.plan, found.found.report, found.found.before
    sheet = found.sheet()
    return {
        "sheet": sheet,
        "headline": make_headline(plan=plan, report=report, before=before, readable=found.readable),
        "chart": level_chart(sheet=sheet, href=found.metrics_address),
        **picture_of(found, sheet),
        "note": period_note(plan=plan, report=report),
        "steps": [
            {"label": one.label, "done": one.done, "href": url_for(one.place)}
            for one in first_steps(plan=plan, report=report, vision=vision)
        ],
        "units": my_units(plan=plan, report=report, before=before, heads=door.actor().heads, readable=found.readable),
        "acts_for": door.actor().acts_for,
        "metrics_href": found.metrics_address,
        "attainment_href": url_for("attainment.show", **found.words),
        "kpi_href": _kpi_address,
    }


def _kpi_address(key: int) -> str:
    return item_address(Kind.KPI, key)


def _own_work(found: Answer) -> dict[str, Any]:
    """The reader's own unfinished actions, and the KPIs that wait for a reading."""
    person = door.actor().person
    if person is None:
        return {"actions": [], "silent": [], "amendments": [], "tasks": []}
    actions = list_my_actions(session=door.session(), person_id=person, today=door.today())
    mine, report = my_kpis(session=door.session(), person_id=person), found.found.report
    names = {one.key: one.name for one in found.found.plan.items}
    return {
        "actions": [
            {
                "name": one.name,
                "href": item_address(Kind.ACTION, one.id),
                "status": one.status,
                "due": one.due_on,
                "late": _is_late(one.due_on),
            }
            for one in actions
        ],
        "silent": [
            {"name": names[key], "href": item_address(Kind.KPI, key)}
            for key in report.order
            if key in mine and report.judgements[key].verdict is Verdict.NO_DATA
        ],
        "amendments": rows_in_hand(),
        "tasks": list_my_tasks(session=door.session(), person_id=person),
    }


def _is_late(due: date | None) -> bool:
    return due is not None and due < door.today()
