"""The cascade: the tree of the whole organisation from the vision down."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.engine.plans import Kind
from hoshin.exchange.tables import to_csv
from hoshin.queries.cycles import list_cycles
from hoshin.reports.cascade import CSV_HEAD, cascade, csv_rows
from hoshin.reports.prose import as_line
from hoshin.web import door
from hoshin.web.addresses import item_address
from hoshin.web.attainment import answer
from hoshin.web.paging import here_with

bp = Blueprint("cascade", __name__)


@bp.get("/cascade")
@door.allow(read=Act.READ_STRATEGY)
def show() -> Response | tuple[str, int]:
    """The tree, with attainment at each node."""
    found = answer()
    if found is None:
        return door.page("attainment/no_cycle.html")
    tree = cascade(plan=found.found.plan, report=found.found.report, readable=found.readable)
    cycle = found.found.asked.cycle.name
    if request.args.get("format") == "csv":
        written = to_csv(head=CSV_HEAD, rows=csv_rows(tree=tree))
        return door.download(written, name=f"cascade-{cycle}.csv", mime="text/csv")
    known = door.organisation()
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
    )


def _address(kind: str, key: int) -> str:
    return item_address(Kind(kind), key)
