"""Every node of the organisation with its name and counts, one after another, for lists of all that there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter

from sqlalchemy import String, select, type_coerce
from sqlalchemy.orm import Session

from hoshin.engine.attainment import SEPARATOR, Node, Report, depth_first
from hoshin.engine.counts import Counts
from hoshin.engine.plans import Kind
from hoshin.model.items import Item
from hoshin.queries.attainment import Attainment, Standing, describe_standing
from hoshin.queries.nodes import owners, tree_of
from hoshin.queries.plans import lines_after
from hoshin.queries.unit_plans import people_names

Named = tuple[int, int, int, str]
"""The unit of an item by its place in the tree, the item's position, its key and its name."""


def list_nodes(*, session: Session, standing: Standing) -> tuple[Report, Iterator[Node]]:
    """The report of the levels and units alone, and every node in the order of a whole report; nodes have no members.

    Of the plan only the names are read, each item's in one row: a plan made of all would take most of the time. They
    are read when the first node is asked for, in a fixed number of statements.
    """
    found = describe_standing(session=session, standing=standing, item_ids=())
    return found.report, _nodes(session, standing, found)


def _nodes(session: Session, standing: Standing, found: Attainment) -> Iterator[Node]:
    few = list(found.report.nodes.values())  # neither items nor owners are among them
    yield from (one for one in few if one.kind != "class")
    paths = {one.key[1]: one.unit for one in few if one.kind == "unit-own"}
    ordered = depth_first(units=found.plan.units)
    named = _named_items(session, standing, {unit.key: place for place, unit in enumerate(ordered)})
    for kind in Kind:
        for key, place, name, counts, first in _counted(standing, kind, named.get(kind.value, [])):
            unit = paths[ordered[place].key]
            yield Node((kind.value, key), name, SEPARATOR.join((unit, name)) if unit else name, unit, counts, first, 0)
    yield from _owner_nodes(session, standing, found)
    yield from (one for one in few if one.kind == "class")


def _named_items(session: Session, standing: Standing, place: Mapping[int, int]) -> dict[str, list[Named]]:
    """All items by kind as they were known, unit by unit down the tree, in each one's order."""
    of, known_at = Item.__table__.c, standing.known_at
    query = select(of.id, type_coerce(of.kind, String), of.unit_id, of.position, of.name)
    rows = {row[0]: tuple(row) for row in session.execute(query)}
    for subject, key, before in lines_after(session=session, known_at=known_at) if known_at else ():
        if subject in set(Kind):
            rows.pop(int(key), None)
            if before is not None:
                rows[int(key)] = (int(key), subject, before["unit_id"], before["position"], before["name"])
    found: dict[str, list[Named]] = {}
    for key, kind, unit, position, name in rows.values():
        found.setdefault(kind, []).append((place[unit], position, key, name))
    for some in found.values():
        some.sort(key=itemgetter(0, 1, 2))
    return found


def _counted(
    standing: Standing, kind: Kind, named: list[Named]
) -> Iterator[tuple[int, int, str, Counts, Counts]]:
    """Those of the items that the question counts: the key, the unit's place, the name, the counts now and at first."""
    figures = standing.figures
    now = figures.now.every(kind=kind.value)
    first = now if figures.first is figures.now else figures.first.every(kind=kind.value)
    for place, _, key, name in named:
        counts = now.get(key)
        if counts is not None and (kind is not Kind.KPI or counts.total):
            yield key, place, name, counts, first[key]


def _owner_nodes(session: Session, standing: Standing, found: Attainment) -> Iterator[Node]:
    names, top = people_names(session=session), tree_of(units=found.plan.units).top
    figures = standing.figures
    now, first = figures.now.every(kind="owner"), figures.first.every(kind="owner")
    for key in owners(session=session, standing=standing, unit=top):
        name = names[key]
        yield Node(("owner", key), name, name, None, now[key], first[key], 0)
