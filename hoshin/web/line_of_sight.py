"""My line of sight: each of my actions and KPIs, and which objective it serves."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import shorten
from typing import Any

from flask import Blueprint, url_for

from hoshin.access.actions import Act
from hoshin.engine.band_text import show_band
from hoshin.engine.figures import show_figure
from hoshin.engine.metrics import Judgement, KPIClass
from hoshin.engine.plans import Kind, State
from hoshin.errors import Missing
from hoshin.model.items import Item
from hoshin.model.kpis import KPI
from hoshin.queries.attainment import Attainment
from hoshin.queries.line_of_sight import Sight, load_own, load_sights
from hoshin.queries.people import get_person
from hoshin.queries.unit_lists import list_units, paths_of
from hoshin.queries.units import top_unit
from hoshin.reports.prose import as_line
from hoshin.web import door
from hoshin.web.addresses import WORDS, item_address
from hoshin.web.plan_context import chosen_cycle, item_attainment

bp = Blueprint("line_of_sight", __name__)


@dataclass(frozen=True, slots=True)
class Path:
    """One way up, ready for the drawing; an orphan's way ends before the vision."""

    nodes: tuple[dict[str, Any], ...]
    is_orphan: bool
    said: str


@dataclass(frozen=True, slots=True)
class Card:
    """One item of the person's."""

    item: Item
    href: str
    unit: str
    verdict: str
    figures: str
    is_draft: bool
    is_daily: bool
    paths: tuple[Path, ...]


@bp.get("/line-of-sight")
@door.allow(read=Act.READ_STRATEGY)
def show_mine() -> tuple[str, int]:
    """What is mine."""
    return _page(door.actor().person or 0, door.actor().name, True)


@bp.get("/people/<int:person_id>/line-of-sight")
@door.allow(read=Act.READ_ITEM)
def show(person_id: int) -> tuple[str, int]:
    """What is somebody's, as far as the reader may know."""
    person = get_person(session=door.session(), person_id=person_id)
    return _page(person.id, person.name, person.id == door.actor().person)


def _page(person_id: int, name: str, is_mine: bool) -> tuple[str, int]:
    cycle = chosen_cycle()
    if cycle is None:
        raise Missing("no planning cycle has been opened yet")
    own = load_own(session=door.session(), actor=door.actor(), person_id=person_id, cycle=cycle)
    attainment = item_attainment(own.keys, cycle)
    found = load_sights(session=door.session(), actor=door.actor(), own=own, attainment=attainment)
    making = _Cards(attainment)
    actions, kpis = [making.card(one) for one in found.actions], [making.card(one) for one in found.kpis]
    return door.page(
        "line_of_sight/show.html",
        name=name,
        is_mine=is_mine,
        cycle=cycle,
        period=attainment.period_label,
        today=door.today(),
        actions=actions,
        kpis=kpis,
        orphans=_orphans([*actions, *kpis]),
        progress=lambda one: url_for("actions.progress", item_id=one.id),
    )


class _Cards:
    """Makes cards; knows the top unit, whose objectives answer to the vision itself."""

    def __init__(self, attainment: Attainment) -> None:
        self.attainment = attainment
        units = list_units(session=door.session())
        self.top = top_unit(session=door.session())
        self.units = {key: path or self.top.name for key, path in paths_of(units=units).items()}
        known = door.organisation()
        self.vision = shorten(as_line(text=known.true_north), 140, placeholder=" …") if known else ""

    def card(self, sight: Sight) -> Card:
        """One item with its figures and its ways up."""
        item = sight.item
        judged = self.attainment.report.judgements.get(item.id)
        return Card(
            item=item,
            href=item_address(item.kind, item.id),
            unit=self.units[item.unit_id],
            verdict=judged.verdict.value if judged else "",
            figures=_figures(judged) if judged else "",
            is_draft=item.state is State.DRAFT,
            is_daily=_is_daily(item),
            paths=tuple(self.path(one) for one in sight.paths),
        )

    def path(self, steps: tuple[tuple[Any, int | None], ...]) -> Path:
        """The nodes above the item, the vision last when the way leads there."""
        nodes = [
            {
                "kind": WORDS[far.kind],
                "name": far.name,
                "href": item_address(far.kind, far.id) if far.readable else None,
                "strength": strength,
                "restricted": not far.readable,
            }
            for far, strength in steps
        ]
        last = steps[-1][0]
        arrives = last.kind is Kind.OBJECTIVE and last.unit_id == self.top.id
        if arrives:
            vision = self.vision or "True North, not written yet"
            nodes.append({"kind": "Vision", "name": vision, "href": "/vision", "strength": None, "restricted": False})
        return Path(tuple(nodes), not arrives, _way(nodes))


def _orphans(cards: list[Card]) -> list[str]:
    """The names of what serves nothing: drafts and daily management are none."""
    return [
        one.item.name
        for one in cards
        if not one.is_draft and not one.is_daily and all(path.is_orphan for path in one.paths)
    ]


def _way(nodes: list[dict[str, Any]]) -> str:
    """Another way in a few words: where it leads, and by which first step."""
    names = [
        one["name"] if not one["restricted"] else "something restricted" for one in nodes if one["kind"] != "Vision"
    ]
    return f"Another way up, to {names[-1]}" + (f", by way of {names[1]}" if len(names) > 2 else "")


def _is_daily(item: Item) -> bool:
    return isinstance(item, KPI) and item.kpi_class is KPIClass.FUNDAMENTAL


def _figures(judged: Judgement) -> str:
    actual, plan = show_figure(value=judged.actual), show_band(band=judged.band)
    return f"{actual or 'nothing recorded'} against {plan or 'no target'}"
