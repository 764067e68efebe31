"""The working table of one import: what is there, what was found wrong, what became of each thing.

An import looks first and holds late: everything that it compares with is loaded while nobody waits. Before it changes
the plan itself it holds it, before it records figures it shares it with all who record others; either way it makes sure
that nobody has changed the plan since it looked.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import closed, journal
from hoshin.commands.import_wish import ImportOutcome, ImportWish, ItemKey
from hoshin.commands.progress import Progress, unwatched
from hoshin.errors import Problem
from hoshin.model.base import Base
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item
from hoshin.model.journal import JournalLine
from hoshin.model.links import Correlation, Deployment
from hoshin.model.units import Unit
from hoshin.queries.overtaken import Mark, plan_mark
from hoshin.queries.units import hold_plan, holds_plan, share_plan

MOST_NAMES = 80
COUNTED_ONLY = frozenset({"link", "KPI on a cycle's plan", "reading"})
"""What a file creates by the hundred: the summary counts it and names only what changes."""


class Overtaken(Exception):
    """Somebody has changed the plan since the import looked at it; nothing has been written yet."""


@dataclass(slots=True)
class Job:
    """One import on its way; the steps fill the tables from top to bottom."""

    session: Session
    wish: ImportWish
    by: Actor
    at: datetime
    report: Progress = unwatched
    outcome: ImportOutcome = field(default_factory=ImportOutcome)
    problems: list[Problem] = field(default_factory=list)
    units: dict[str, Unit] = field(default_factory=dict)
    new_units: set[int] = field(default_factory=set)
    cycles: dict[str, Cycle] = field(default_factory=dict)
    items: dict[ItemKey, Item] = field(default_factory=dict)
    links: dict[tuple[int, int], Correlation] = field(default_factory=dict)
    answers: dict[tuple[int, int], Deployment] = field(default_factory=dict)
    later: dict[tuple[str, str], datetime] = field(default_factory=dict)
    closed: dict[int | None, str] = field(default_factory=dict)
    looked: Mark = ()

    @property
    def reason(self) -> str:
        """Why everything here changes: the file."""
        return f"import of {self.wish.source}"

    def look(self) -> None:
        """Note what the plan looks like; what the session has loaded so far may be older, and is let go."""
        self.session.flush()
        self.session.expire_all()
        self.looked = plan_mark(session=self.session)

    def hold(self) -> None:
        """Before the plan changes: from here on nobody else changes it or records a figure. Raises Overtaken."""
        if not holds_plan(session=self.session):
            hold_plan(session=self.session)
            self._compare()

    def share(self) -> None:
        """Before figures are recorded: from here on nobody else changes the plan or locks a month. Raises Overtaken.

        Then the plan is let go again, so that who has shared it never waits to hold it.
        """
        if holds_plan(session=self.session):
            return
        with self.session.begin_nested():
            share_plan(session=self.session)
            self._compare()

    def _compare(self) -> None:
        if plan_mark(session=self.session) != self.looked:
            raise Overtaken

    def closed_with(self, cycle_id: int | None) -> str:
        """The sentence when that cycle is closed, else nothing; each is looked at once."""
        if cycle_id not in self.closed:
            self.closed[cycle_id] = closed.wrong_with(session=self.session, cycle_id=cycle_id)
        return self.closed[cycle_id]

    def wrong(self, place: Problem, message: str) -> None:
        """Note a problem at a place in the file."""
        self.problems.append(replace(place, message=message))

    def created(self, what: str, name: str, *, number: int = 1) -> None:
        """Count something new, or so many of it."""
        if number:
            self.outcome.created[what] += number
        if what not in COUNTED_ONLY:
            self.outcome.lines.append(f"create {what} “{short(name=name)}”")

    def changed(self, what: str, name: str, detail: str) -> None:
        """Count something changed, and say what."""
        self.outcome.changed[what] += 1
        self.outcome.lines.append(f"change {what} “{short(name=name)}”: {detail}")

    def left(self, what: str) -> None:
        """Count something that stood so already."""
        self.outcome.left[what] += 1

    def load_later(self) -> None:
        """When each thing was last changed after the moment this import speaks of; only a back-dated one finds any."""
        found = self.session.execute(
            select(JournalLine.subject, JournalLine.subject_id, func.max(JournalLine.at))
            .where(JournalLine.at > self.at)
            .group_by(JournalLine.subject, JournalLine.subject_id)
        )
        self.later = {(subject, key): at for subject, key, at in found}

    def update(self, thing: Base, values: dict[str, Any], *, what: str, name: str, place: Problem, unit: int) -> None:
        """Set what differs, with a journal line; refused where something later is known already."""
        new = {one: value for one, value in values.items() if getattr(thing, one) != value}
        if not new:
            self.left(what)
            return
        since = self.later.get((journal.subject_of(thing=thing), str(getattr(thing, "id", ""))))
        if since is not None:
            self.wrong(
                place, f"“{short(name=name)}” has been changed since, on {since:%Y-%m-%d}: import without --recorded-at"
            )
            return
        self.hold()
        told = ", ".join(
            f"{one.removesuffix('_id')} {plain(value=getattr(thing, one))} → {plain(value=v)}" for one, v in new.items()
        )
        with journal.changing(
            session=self.session, by=self.by, at=self.at, thing=thing, why=self.reason, unit=unit, name=name
        ):
            for one, value in new.items():
                setattr(thing, one, value)
        self.changed(what, name, told)


def short(*, name: str) -> str:
    """A name for a line of the summary: one line, not too long."""
    flat = " ".join(name.split())
    return flat if len(flat) <= MOST_NAMES else f"{flat[: MOST_NAMES - 1]}…"


def plain(*, value: object) -> str:
    """A value as the summary shows it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = f"{value.normalize():f}" if hasattr(value, "normalize") else str(getattr(value, "value", value))
    return short(name=text)
