"""Search: items, units and people that the reader may see."""

from __future__ import annotations

from flask import Blueprint, url_for

from hoshin.access.actions import Act
from hoshin.engine.plans import Kind
from hoshin.queries.search import search
from hoshin.queries.unit_lists import list_units, names_of
from hoshin.web import door
from hoshin.web.addresses import item_address
from hoshin.web.paging import cut

bp = Blueprint("search", __name__)

LABELS = {"kpi": "KPI"}


@bp.get("/search")
@door.allow(read=Act.READ_HOME)
def show() -> tuple[str, int]:
    """Whatever holds the words."""
    text = door.text_arg("q")
    names = names_of(units=list_units(session=door.session()), archived=True)
    found = search(session=door.session(), actor=door.actor(), text=text)
    rows, page = cut(rows=found.hits)
    return door.page(
        "search/show.html",
        q=text,
        is_cut=found.is_cut,
        rows=[
            {
                "kind": LABELS.get(one.kind, one.kind.capitalize()),
                "name": one.name,
                "href": _address(one.kind, one.key),
                "detail": one.detail,
                "unit": names.get(one.unit_id or 0, ""),
            }
            for one in rows
        ],
        page=page,
    )


def _address(kind: str, key: int) -> str:
    if kind == "unit":
        return url_for("units.show", unit_id=key)
    return url_for("people.show", person_id=key) if kind == "person" else item_address(Kind(kind), key)
