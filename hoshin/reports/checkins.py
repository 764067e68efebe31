"""Check-ins as ready text: what a new one is prefilled with, and the week of a unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hoshin.engine.calendars import MONTH_NAMES
from hoshin.engine.figures import parse_figure, show_figure
from hoshin.model.checkins import CheckIn
from hoshin.model.journal import JournalLine
from hoshin.queries.checkins import Since
from hoshin.reports.render import day


@dataclass(frozen=True, slots=True)
class Entry:
    """What one person or team said, or that nothing was said (`at` None)."""

    name: str
    progress: str = ""
    roadblocks: str = ""
    next: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """A unit's week: who checked in, and the names of who has not."""

    entries: tuple[Entry, ...]
    missing: tuple[str, ...]

    @property
    def said(self) -> str:
        """How many of how many, in words."""
        written, total = len(self.entries), len(self.entries) + len(self.missing)
        return f"{written} of {total} checked in" if total else "nobody is at home here"


def prefilled(*, since: Since) -> dict[str, str]:
    """The three lines as the data would write them, for correcting; only the last word on each item."""
    done: dict[str, str] = {}
    for line in since.lines:
        done[f"{line.subject}{line.subject_id}"] = _progress(line, since.names)
    coming = [f"{one.name} (due {day(one.due_on)})" for one in since.coming]
    return {
        "progress": "\n".join(one for one in done.values() if one),
        "roadblocks": "\n".join(since.roadblocks),
        "next": "\n".join(coming),
    }


def _progress(line: JournalLine, names: Mapping[int, str]) -> str:
    name = names.get(int(line.subject_id), line.subject_name)
    if line.subject == "reading":
        said = [_reading(period, values) for period, values in sorted((line.after or {}).items())]
        told = ", ".join(one for one in said if one)
        return f"{name}: {told}" if told else ""
    after = line.after or {}
    note = f": {line.why}" if line.why else ""
    return f"{name}, {after.get('status', '')}, {after.get('progress', 0)} %{note}"


def _reading(period: str, values: Any) -> str:
    actual = values.get("actual") if isinstance(values, dict) else None
    if actual is None:
        return ""
    month = date.fromisoformat(period)
    return f"{MONTH_NAMES[month.month - 1]} {month.year} {show_figure(value=parse_figure(text=str(actual)))}"


def week_of_unit(
    *, checkins: Sequence[CheckIn], expected: Mapping[int, str], people: Mapping[int, str], team: str | None
) -> Week:
    """The unit's week; with `team` (its name) the team checks in as one.

    Whoever said something is listed in any case.
    """
    entries = tuple(
        Entry(
            name=people.get(one.person_id or 0, team or "The team"),
            progress=one.progress,
            roadblocks=one.roadblocks,
            next=one.next,
            by=one.by_name,
            at=one.at,
        )
        for one in checkins
    )
    written = {one.person_id for one in checkins}
    if team is not None:
        return Week(entries, () if None in written else (team,))
    return Week(entries, tuple(name for key, name in expected.items() if key not in written))
