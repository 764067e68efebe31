"""The cascade: the tree of the whole organisation from the vision down, of a large one a part at a time."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.engine.plans import Kind
from hoshin.errors import Missing
from hoshin.exchange.tables import spool_csv
from hoshin.queries.cascade import Part, find_part
from hoshin.queries.cycles import list_cycles
from hoshin.queries.drill import readable_among
from hoshin.queries.unit_lists import list_units
from hoshin.queries.units import get_unit, top_unit
from hoshin.reports.cascade import CSV_HEAD, Cascade, above_of, cascade, cascade_part, csv_rows
from hoshin.reports.prose import as_line
from hoshin.web import door
from hoshin.web.addresses import item_address
from hoshin.web.attainment import Answer, answer, asked_question
from hoshin.web.paging import here_with
from hoshin.web.plan_context import unit_switch
from hoshin.web.plans import own_unit

bp = Blueprint("cascade", __name__)


@bp.get("/cascade")
@door.allow(read=Act.READ_STRATEGY)
def show() -> Response | tuple[str, int]:
    """The tree, with attainment at each node."""
    if not list_cycles(session=door.session()):
        return door.page("attainment/no_cycle.html")
    if request.args.get("format") == "csv":
        return _csv()
    unit_id, item_id = door.key_arg("unit_id"), door.key_arg("item")
    if unit_id is None and item_id is None:
        unit_id = own_unit()
    if unit_id is not None:
        get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    question = asked_question()
    part = find_part(session=door.session(), question=question, now=door.now(), item_id=item_id, unit_id=unit_id)
    if part is None:
        found, tree = _whole()
        return _page(found, tree, {"part": False, "begins": "", "above": ()})
    keys = [one.key for one in part.attainment.plan.items]
    readable = readable_among(session=door.session(), actor=door.actor(), keys=keys)
    found = Answer(question, part.attainment, readable)
    return _page(found, cascade_part(part=part, readable=readable), _around(part, readable, unit_id))


def _around(part: Part, readable: frozenset[int], unit_id: int | None) -> dict[str, Any]:
    """Where a part begins, and the ways out of it."""
    units, top = list_units(session=door.session()), top_unit(session=door.session())
    unit = next((one for one in units if one.id == unit_id), top)
    return {
        "part": True,
        "begins": unit.name if unit_id not in (None, top.id) else "",
        "above": above_of(part=part, readable=readable),
        "opened": _opened,
        "from_top": None if unit_id == top.id else url_for("cascade.show", unit_id=top.id),
        "units": unit_switch(units, unit, part.attainment.cycle),
        "unit": unit,
    }


def _opened(key: int) -> str:
    """This question with what stands below one item."""
    kept = {name: value for name, value in request.args.items() if name not in ("unit_id", "item")}
    return f"{url_for('cascade.show')}?{urlencode({**kept, 'item': key})}"


def _csv() -> Response:
    """The whole of it, whatever a page shows."""
    found = _everything()
    rows = csv_rows(plan=found.found.plan, report=found.found.report, readable=found.readable)
    written = spool_csv(head=CSV_HEAD, rows=rows)
    return door.download(written, name=f"cascade-{found.found.asked.cycle.name}.csv", mime="text/csv")


def _everything() -> Answer:
    found = answer(counted=True, compared=False)
    if found is None:
        raise Missing("there is no cycle yet")
    return found


def _whole() -> tuple[Answer, Cascade]:
    found = _everything()
    return found, cascade(plan=found.found.plan, report=found.found.report, readable=found.readable)


def _page(found: Answer, tree: Cascade, around: dict[str, Any]) -> tuple[str, int]:
    cycle, known = found.found.asked.cycle.name, door.organisation()
    return door.page(
        "cascade/show.html",
        tree=tree,
        vision=as_line(text=known.true_north) if known else "",
        whole=found.found.report.organisation.counts,
        cycle=cycle,
        cycles=[
            {"label": one.name, "href": here_with(cycle=one.name), "current": one.name == cycle}
            for one in list_cycles(session=door.session())
        ],
        period_label=found.found.period_label,
        address=_address,
        metrics=found.metrics_address,
        csv=here_with(format="csv"),
        **around,
    )


def _address(kind: str, key: int) -> str:
    return item_address(Kind(kind), key)
