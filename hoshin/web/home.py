"""The home page: one sentence for everybody, then what matters in the reader's role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, url_for

from hoshin.access.actions import Act
from hoshin.engine.columns import kinds_written
from hoshin.engine.plans import Kind
from hoshin.queries.attainment import Standing, describe_standing
from hoshin.queries.behind import keys_behind, newly_red, silent
from hoshin.queries.drill import Readable, find_readable
from hoshin.queries.home import list_my_actions, load_administration, my_kpis
from hoshin.queries.reviews import list_my_tasks
from hoshin.reports.attainment import level_chart, make_sheet
from hoshin.reports.home import first_steps, make_headline, my_units, named, period_note
from hoshin.reports.picture import ORGANISATION, By, Outline
from hoshin.reports.prose import as_line
from hoshin.web import door
from hoshin.web.addresses import item_address
from hoshin.web.attainment import NEWLY_RED, Stand, Told, stand
from hoshin.web.catchball import in_hand
from hoshin.web.countermeasure_context import own_rows
from hoshin.web.picture import asked_by, items_in, outline_of, picture_of
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
    asked = stand()
    known = door.organisation()
    vision = as_line(text=known.true_north) if known else ""
    if asked is None:
        return door.page("home/no_cycle.html", vision=vision, may_open=door.can(Act.OPEN_CYCLES))
    here = _Here.read(asked)
    own = _own_work(here) | {"balls": in_hand(), "answers": own_rows(), "in_the_way": waiting_rows()}
    own |= {"reviews": next_for_me(), "minute": waiting_address()}
    own["line"] = line_for(here.found.found, here.readable)
    return door.page("home/show.html", vision=vision, **_strategy(here, vision), **own)


@dataclass(frozen=True, slots=True)
class _Here:
    """What the page rests on: the counts, which KPIs turned red or wait for the reader, and the names of a few."""

    standing: Standing
    found: Told
    readable: Readable
    by: By
    outlined: Outline
    red: Sequence[int]
    units_red: Mapping[int, Sequence[int]]
    silent: Sequence[int]

    @classmethod
    def read(cls, asked: Stand) -> _Here:
        """All of it, for whoever reads the page."""
        standing, session, by = asked.standing, door.report_session(), asked_by()
        readable = find_readable(session=door.report_session(), actor=door.actor())
        red = newly_red(session=session, standing=standing)
        units_red = _red_of_units(standing, red, readable)
        person = door.actor().person
        mine = my_kpis(session=door.session(), person_id=person) if person is not None else frozenset()
        waiting = silent(session=session, standing=standing, kpi_ids=mine)
        outlined = outline_of(standing, by) if by is By.OBJECTIVES else None
        keys = {*named(keys=readable.cut(keys=red)), *waiting}
        keys.update(key for some in units_red.values() for key in named(keys=some))
        keys.update(items_in(outlined) if outlined else ())
        found = Told(asked.question, describe_standing(session=session, standing=standing, item_ids=keys))
        outlined = outlined or outline_of(standing, by, found)
        return cls(standing, found, readable, by, outlined, red, units_red, waiting)


def _red_of_units(standing: Standing, red: Sequence[int], readable: Readable) -> dict[int, list[int]]:
    """What turned red in the units that the reader heads, but for the top one, as far as she may open it."""
    found = {}
    for unit in door.actor().heads:
        inside = keys_behind(standing=standing, node=("unit", unit))
        if inside is not None:
            found[unit] = [key for key in red if key in inside and key in readable]
    return found


def _strategy(here: _Here, vision: str) -> dict[str, Any]:
    found, plan, report = here.found, here.found.found.plan, here.found.found.report
    sheet = make_sheet(
        plan=plan, report=report, before=found.found.before, known_at=found.found.known_at, readable=here.readable,
        only=dict.fromkeys([ORGANISATION, *here.outlined.shown()]),
    )  # fmt: skip
    return {
        "sheet": sheet,
        "headline": make_headline(plan=plan, report=report, red=here.red, readable=here.readable),
        "chart": level_chart(sheet=sheet, href=found.metrics_address),
        **picture_of(found, here.standing, sheet, here.by, here.outlined),
        "note": period_note(plan=plan, report=report),
        "steps": [
            {"label": one.label, "done": one.done, "href": url_for(one.place)}
            for one in first_steps(there=_kinds_written(here), report=report, vision=vision)
        ],
        "units": my_units(plan=plan, report=report, red=here.units_red),
        "acts_for": door.actor().acts_for,
        "metrics_href": found.metrics_address,
        "red_href": lambda node: url_for("attainment.metrics", node=node, only=NEWLY_RED, **found.words),
        "attainment_href": url_for("attainment.show", **found.words),
        "kpi_href": _kpi_address,
    }


def _kinds_written(here: _Here) -> frozenset[Kind]:
    return kinds_written(columns=here.standing.ground.columns)


def _kpi_address(key: int) -> str:
    return item_address(Kind.KPI, key)


def _own_work(here: _Here) -> dict[str, Any]:
    """The reader's own unfinished actions, and the KPIs that wait for a reading."""
    person = door.actor().person
    if person is None:
        return {"actions": [], "silent": [], "amendments": [], "tasks": []}
    actions = list_my_actions(session=door.session(), person_id=person, today=door.today())
    names = {one.key: one.name for one in here.found.found.plan.items}
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
        "silent": [{"name": names[key], "href": item_address(Kind.KPI, key)} for key in here.silent],
        "amendments": rows_in_hand(),
        "tasks": list_my_tasks(session=door.session(), person_id=person),
    }


def _is_late(due: date | None) -> bool:
    return due is not None and due < door.today()
