"""Many new rows at once: the journal lines and the checks are those of one, the statements are few."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import journal
from hoshin.engine.plans import Kind
from hoshin.errors import Problem
from hoshin.model.base import Base, facts
from hoshin.model.items import Item
from hoshin.model.rows import insert_objects, reserve_keys
from hoshin.queries.items import names_of
from hoshin.queries.links import edges_downwards

Row = TypeVar("Row", bound=Base)
FEW = 20
"""So many new rows the session adds as it adds one; more go past it."""


def add_rows(
    *,
    session: Session,
    rows: Sequence[Row],
    by: Actor,
    at: datetime,
    why: str = "",
    unit: Callable[[Row], int | None] = lambda _row: None,
    name: Callable[[Row], str] = lambda _row: "",
    held: bool = True,
) -> None:
    """Add new rows, flushed, each with its journal line; the caller has checked them.

    Where they are not `held` the session need not know them afterwards.
    """
    _add(session, rows, held)
    lines = []
    for row in rows:
        after, home, word = facts(of=row), unit(row), journal.subject_of(thing=row)
        home = home if home is not None else journal.unit_of(thing=row)
        said = name(row) or str(after.get("name", ""))
        line = journal.line(
            by=by, at=at, verb="created", subject=word, subject_id=str(after.get("id", "")), name=said, unit=home,
            before=None, after=after, why=why,
        )  # fmt: skip
        lines.append(line)
    journal.write_all(session=session, lines=lines)


def _add(session: Session, rows: Sequence[Base], held: bool) -> None:
    """Into the database, those of one class together; rows that know their key need not learn it one by one."""
    session.flush()
    of_class: dict[type[Base], list[Base]] = defaultdict(list)
    for row in rows:
        of_class[type(row)].append(row)
    for model, some in of_class.items():
        new = [one for one in some if getattr(one, "id", 0) is None]
        keys = reserve_keys(session=session, model=model, number=len(new)) if new else ()
        for row, key in zip(new, keys, strict=True):
            setattr(row, "id", key)  # noqa: B010 - not every table has one
        if len(some) > FEW:
            insert_objects(session=session, things=some, held=held)
        else:
            session.add_all(some)
            session.flush()


def add_items(*, session: Session, items: Sequence[Item], by: Actor, at: datetime, why: str = "") -> None:
    """Add new items, each at the end of its unit's list of that kind."""
    last: dict[tuple[Kind, int], int] = defaultdict(int)
    counted = select(Item.kind, Item.unit_id, func.max(Item.position)).group_by(Item.kind, Item.unit_id)
    with session.no_autoflush:
        last.update({(kind, unit): place for kind, unit, place in session.execute(counted)})
    for item in items:
        last[item.kind, item.unit_id] += 1
        item.position = last[item.kind, item.unit_id]
    add_rows(session=session, rows=items, by=by, at=at, why=why)


def circle_problems(*, session: Session) -> list[Problem]:
    """The circle that the plan's links close, as a problem that names the items along it; empty when there is none."""
    session.flush()
    try:
        TopologicalSorter(edges_downwards(session=session)).prepare()
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        names = names_of(session=session, item_ids=circle)
        return [Problem("these links would close a circle: " + " → ".join(names[one] for one in circle))]
    return []
