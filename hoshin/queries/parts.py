"""Parts of a plan in a fixed number of statements: what one unit's sheets rest on, and what stands above some items."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Select, or_, select, union
from sqlalchemy.orm import Session

from hoshin.engine import plans
from hoshin.engine.columns import Columns, D, L
from hoshin.engine.plans import Kind
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item
from hoshin.model.links import Correlation, Deployment
from hoshin.model.people import Person
from hoshin.queries.plans import (
    DEPLOYMENTS,
    ITEMS,
    LINKS,
    SETTINGS,
    Facts,
    Tables,
    bare_metric,
    build_plan,
    lines_after,
    some_metrics,
)
from hoshin.queries.unit_lists import with_units

ITEM, LINK, DEPLOYMENT = Item.__table__.c, Correlation.__table__.c, Deployment.__table__.c
Keys = Collection[int]


def load_unit_part(*, session: Session, cycle: Cycle, unit_id: int, busy: Keys = ()) -> plans.Plan:
    """Everything of one unit, what is linked or deployed to it, the metrics it shares, and all units.

    So the rules say the same of the unit's items, its shared KPIs and the unit itself as in the whole plan; of other
    items they do not. Of the people in `busy` every action in the organisation is there.
    """
    tables = with_units(session=session)
    own = _keys(tables.add_items(session=session, query=ITEMS.where(ITEM.unit_id == unit_id)))
    inside = select(ITEM.id).where(ITEM.unit_id == unit_id)
    touching = _touching(LINKS, LINK.upper_id, LINK.lower_id, inside)
    links = tables.add(session=session, subject="correlation", query=touching)
    touching = _touching(DEPLOYMENTS, DEPLOYMENT.source_id, DEPLOYMENT.objective_id, inside)
    deployments = tables.add(session=session, subject="deployment", query=touching)
    far = _ends(links, "upper_id", "lower_id") | _ends(deployments, "source_id", "objective_id")
    _add_items(session, tables, far - own, busy)
    around = [one for one in far - own if one in tables.rows[Kind.KPI.value]]
    through = [one for one in far - own if one in tables.rows[Kind.ACTION.value]]
    further = LINKS.where(or_(LINK.lower_id.in_(around), LINK.upper_id.in_(through)))
    links = tables.add(session=session, subject="correlation", query=further)
    _add_items(session, tables, _ends(links, "upper_id", "lower_id") - far - own)
    _in_order(tables, "correlation", "deployment")
    return _plan(session, cycle, tables)


def load_above(
    *,
    session: Session,
    cycle: Cycle,
    columns: Columns,
    item_ids: Keys,
    known_at: datetime | None = None,
    person_ids: Keys = (),
) -> plans.Plan:
    """The items and everything that they serve, up to the vision, whatever is in force; and all units.

    As they were known at the moment, when one is given, which must be that of the columns. The people are the owners
    of these items and those named.
    """
    tables = with_units(session=session)
    keys = above(columns=columns, item_ids=item_ids)
    _add_items(session, tables, keys)
    tables.add(session=session, subject="correlation", query=LINKS.where(LINK.lower_id.in_(keys)))
    tables.add(session=session, subject="deployment", query=DEPLOYMENTS.where(DEPLOYMENT.objective_id.in_(keys)))
    _take_back(session, tables, known_at, keys, "correlation", "deployment")
    _in_order(tables, "correlation", "deployment")
    return _plan(session, cycle, tables, known_at, person_ids)


def load_items_alone(
    *, session: Session, cycle: Cycle, known_at: datetime | None = None, item_ids: Keys = ()
) -> plans.Plan:
    """All units and these items, without links or people, as they stand or as they were known at the moment."""
    tables, wanted = with_units(session=session), list(item_ids)
    if wanted:
        tables.add_items(session=session, query=ITEMS.where(ITEM.id.in_(wanted)))
    if known_at is not None:
        mine = {str(one) for one in wanted}
        lines = lines_after(session=session, known_at=known_at)
        tables.undo(lines=(one for one in lines if one[0] in WITH_UNITS or (one[0] in set(Kind) and one[1] in mine)))
    metrics = some_metrics(session=session, tables=tables, cycle=cycle, known_at=known_at) if wanted else {}
    return build_plan(session=session, cycle=cycle, tables=tables, metrics=metrics, people={})


WITH_UNITS = frozenset({*SETTINGS, "unit"})


def load_names(
    *, session: Session, cycle: Cycle, known_at: datetime | None, item_ids: Keys, person_ids: Keys = ()
) -> plans.Plan:
    """All units, these items, the names of their owners and of these people, without links or readings.

    As they were known at the moment, when one is given.
    """
    tables = with_units(session=session)
    _add_items(session, tables, item_ids)
    _take_back(session, tables, known_at, item_ids)
    metrics = {key: bare_metric(row=row) for key, row in tables.rows[Kind.KPI.value].items()}
    return build_plan(
        session=session, cycle=cycle, tables=tables, metrics=metrics, people=_owners(session, tables, person_ids)
    )


def _take_back(session: Session, tables: Tables, known_at: datetime | None, item_ids: Keys, *more: str) -> None:
    """Undo what the journal says of units, these items and whatever `more` names since the moment, if there is one."""
    if known_at is None:
        return
    mine, whole = {str(one) for one in item_ids}, {*WITH_UNITS, *more}
    lines = lines_after(session=session, known_at=known_at)
    tables.undo(lines=[one for one in lines if one[0] in whole or (one[0] in set(Kind) and one[1] in mine)])


def above(*, columns: Columns, item_ids: Keys) -> set[int]:
    """The keys of the items and of all they serve, directly or not."""
    found: set[int] = set()
    reached = set(item_ids)
    while reached:
        found |= reached
        mine = np.array(sorted(reached), np.int64)
        up = columns.links[np.isin(columns.links[:, L.LOWER], mine), L.UPPER].tolist()
        up += columns.deployments[np.isin(columns.deployments[:, D.OBJECTIVE], mine), D.SOURCE].tolist()
        reached = set(up) - found
    return found


def _touching(rows: Select[Any], upper: Any, lower: Any, inside: Select[Any]) -> Any:
    """The rows with one end inside, by way of the index of each end."""
    return union(rows.where(upper.in_(inside)), rows.where(lower.in_(inside)))


def _keys(rows: Collection[Facts]) -> set[int]:
    return {row["id"] for row in rows}


def _ends(rows: Collection[Facts], upper: str, lower: str) -> set[int]:
    return {row[end] for row in rows for end in (upper, lower)}


def _add_items(session: Session, tables: Tables, keys: Keys, busy: Keys = ()) -> None:
    named = ITEM.id.in_(list(keys))
    theirs = (ITEM.kind == Kind.ACTION) & ITEM.owner_id.in_(list(busy))
    tables.add_items(session=session, query=ITEMS.where(or_(named, theirs) if busy else named))


def _in_order(tables: Tables, *subjects: str) -> None:
    """By key, as the whole plan is read."""
    for subject in subjects:
        tables.rows[subject] = dict(sorted(tables.rows[subject].items()))


def _plan(
    session: Session, cycle: Cycle, tables: Tables, known_at: datetime | None = None, person_ids: Keys = ()
) -> plans.Plan:
    return build_plan(
        session=session,
        cycle=cycle,
        tables=tables,
        metrics=some_metrics(session=session, tables=tables, cycle=cycle, known_at=known_at),
        people=_owners(session, tables, person_ids),
    )


def _owners(session: Session, tables: Tables, person_ids: Keys = ()) -> dict[int, str]:
    owners = {row["owner_id"] for kind in Kind for row in tables.rows[kind.value].values()} | {*person_ids}
    names = select(Person.id, Person.name).where(Person.id.in_(one for one in owners if one is not None))
    return dict(session.execute(names).all())
