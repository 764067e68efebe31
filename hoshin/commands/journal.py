"""Writes the journal line that stands beside every change, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.model.base import TITLE, Base, facts, table_of
from hoshin.model.items import Item
from hoshin.model.journal import JournalLine
from hoshin.model.prepared import Prepared
from hoshin.model.rows import insert_rows, reserve_keys
from hoshin.model.units import Unit


def subject_of(*, thing: Base) -> str:
    """The word under which the journal keeps a row: objective, kpi, unit, correlation …"""
    return thing.kind.value if isinstance(thing, Item) else type(thing).__name__.lower()


def write(
    *,
    session: Session,
    by: Actor,
    at: datetime,
    verb: str,
    thing: Base,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    unit: int | None = None,
    why: str = "",
    name: str = "",
    subject_id: str = "",
) -> JournalLine:
    """One line: `before` None for something new, `after` None for something taken away."""
    unit = unit if unit is not None else unit_of(thing=thing)
    known = after or before or {}
    said = line(
        by=by, at=at, verb=verb, subject=subject_of(thing=thing), subject_id=subject_id or str(known.get("id", "")),
        name=name or str(known.get("name", "")), unit=unit, before=before, after=after, why=why,
    )  # fmt: skip
    written = JournalLine(**said)
    session.add(written)
    return written


def line(
    *,
    by: Actor,
    at: datetime,
    verb: str,
    subject: str,
    subject_id: str,
    name: str,
    unit: int | None,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    why: str,
) -> dict[str, Any]:
    """The columns of one line, for `write_all`."""
    return {
        "at": at,
        "by_id": by.person,
        "by_name": by.name[:TITLE],
        "on_behalf_of": by.acts_for.get(unit, "")[:TITLE] if unit is not None else "",
        "verb": verb,
        "subject": subject,
        "subject_id": subject_id,
        "subject_name": name[:TITLE],
        "unit_id": unit,
        "before": before,
        "after": after,
        "why": why,
    }


_JOURNAL = table_of(model=JournalLine)
_INSERT = Prepared(
    statement=lambda _: insert(_JOURNAL).returning(_JOURNAL.c.id),
    names=[one.name for one in _JOURNAL.columns if one.name != "id"],
)


def write_all(*, session: Session, lines: Sequence[dict[str, Any]]) -> Sequence[int]:
    """Many lines in few statements, and one in one; gives their keys in the same order."""
    if not lines:
        return ()
    if len(lines) == 1:
        session.flush()
        return [key for (key,) in _INSERT.ask(connection=session.connection(), row=lines[0])]
    keys = reserve_keys(session=session, model=JournalLine, number=len(lines))
    rows = ([key, *one.values()] for key, one in zip(keys, lines, strict=True))
    insert_rows(session=session, model=JournalLine, names=("id", *lines[0]), rows=rows)
    return keys


def unit_of(*, thing: Base) -> int | None:
    """The unit that a row belongs to where the row itself says it."""
    if isinstance(thing, Unit):
        return thing.id
    return thing.unit_id if isinstance(thing, Item) else None


def created(
    *, session: Session, by: Actor, at: datetime, thing: Base, unit: int | None = None, why: str = "", name: str = ""
) -> None:
    """Add a new row to the session and journal it."""
    session.add(thing)
    session.flush()
    write(
        session=session, by=by, at=at, verb="created", thing=thing, before=None, after=facts(of=thing),
        unit=unit, why=why, name=name,
    )  # fmt: skip


def all_created(
    *, session: Session, by: Actor, at: datetime, things: Sequence[Base], unit: Callable[[Any], int],
    name: Callable[[Any], str],
) -> None:
    """Add many new rows to the session at once and journal each: of which unit, under which name."""
    session.add_all(things)
    session.flush()
    for thing in things:
        write(
            session=session, by=by, at=at, verb="created", thing=thing, before=None, after=facts(of=thing),
            unit=unit(thing), name=name(thing),
        )  # fmt: skip


def removed(
    *, session: Session, by: Actor, at: datetime, thing: Base, unit: int | None = None, why: str = "", name: str = ""
) -> None:
    """Take a row out of the plan; the journal keeps all of it."""
    write(
        session=session, by=by, at=at, verb="removed", thing=thing, before=facts(of=thing), after=None,
        unit=unit, why=why, name=name,
    )  # fmt: skip
    session.delete(thing)
    session.flush()


@contextmanager
def changing(
    *,
    session: Session,
    by: Actor,
    at: datetime,
    thing: Base,
    verb: str = "changed",
    unit: int | None = None,
    why: str = "",
    name: str = "",
    beside: Callable[[], dict[str, Any]] = dict,
) -> Iterator[None]:
    """Journal what the block changes on the row, counting its version up; nothing is written when nothing changes.

    `beside` tells what else is the row's though another table holds it, such as the helpers of an action.
    """
    before = facts(of=thing) | beside()
    yield
    after = facts(of=thing) | beside()
    if after == before:
        return
    if isinstance(getattr(thing, "version", None), int):
        setattr(thing, "version", before["version"] + 1)  # noqa: B010 - not every table has one
        after = facts(of=thing) | beside()
    session.flush()
    write(
        session=session, by=by, at=at, verb=verb, thing=thing, before=before, after=after,
        unit=unit, why=why, name=name,
    )  # fmt: skip
