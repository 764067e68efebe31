"""Journal lines as ready text: who, for whom, when, what, each field before and after, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hoshin.engine.calendars import MONTH_NAMES
from hoshin.engine.plans import Kind
from hoshin.model.journal import JournalLine
from hoshin.queries.journal import Names
from hoshin.reports.history import LABELS
from hoshin.reports.render import instant

CSV_HEAD = ("when", "who", "on behalf of", "what was done", "kind", "name", "unit", "changes", "why")
QUIET = frozenset({"id", "version", "kind", "position", "journal_id", "recorded_at", "founded_at", "amended"})
DERIVED = ("band_", "first_", "ytd_band_", "ytd_first_")
ITEMS = ("upper_id", "lower_id", "source_id", "objective_id", "kpi_id")
PEOPLE = ("owner_id", "sponsor_id", "reporter_id", "person_id", "head_id", "deputy_id", "helpers")
UNITS = ("unit_id", "home_unit_id", "parent_id")
STRATEGY = frozenset({"true_north", "current_state"})
LONGEST = 160
PERIOD = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Change:
    """One field; something new has no `before`, something taken away no `after`."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal; `kind` and `item` are those of the item it is about, when there is a page for it."""

    when: str
    who: str
    on_behalf_of: str
    verb: str
    subject: str
    kind: str
    name: str
    unit: str
    item: int | None
    changes: tuple[Change, ...]
    why: str

    @property
    def changes_text(self) -> str:
        """The changes in one cell."""
        return "; ".join(f"{one.label}: {one.before or '–'} → {one.after or '–'}" for one in self.changes)


def entries(
    *, lines: Sequence[JournalLine], names: Names, units: Mapping[int, str], time_zone: str, strategy: bool = True
) -> list[Entry]:
    """The lines in the order given, times in the organisation's zone, keys as names.

    Without `strategy` (for an administrator) the words of the vision are left out.
    """
    telling = _Telling(names, units, ZoneInfo(time_zone), frozenset() if strategy else STRATEGY)
    return [telling.entry(one) for one in lines]


class _Telling:
    """What all lines of one page share."""

    def __init__(self, names: Names, units: Mapping[int, str], zone: ZoneInfo, hidden: frozenset[str]) -> None:
        self.zone, self.hidden = zone, hidden
        self.tables: dict[str, Mapping[int, str]] = {
            **dict.fromkeys(ITEMS, names.items),
            **dict.fromkeys(PEOPLE, names.people),
            **dict.fromkeys(UNITS, units),
            "cycle_id": names.cycles,
        }
        self.units = units

    def entry(self, line: JournalLine) -> Entry:
        subject = Kind.KPI.value if line.subject in ("reading", "cyclekpi") else line.subject
        is_item = subject in {one.value for one in Kind} and line.subject_id.isdigit()
        return Entry(
            when=instant(line.at.astimezone(self.zone)),
            who=line.by_name,
            on_behalf_of=line.on_behalf_of,
            verb=line.verb,
            subject=line.subject,
            kind=subject,
            name=line.subject_name,
            unit=self.units.get(line.unit_id or 0, ""),
            item=int(line.subject_id) if is_item else None,
            changes=tuple(self.changes(line.before or {}, line.after or {})),
            why=line.why,
        )

    def changes(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
        """Field by field; figures are kept by the first day of their period, each with fields of its own."""
        periods = [one for one in sorted({*before, *after}) if PERIOD.fullmatch(one)]
        if periods:
            return [
                Change(f"{_month(one)} {change.label[:1].lower()}{change.label[1:]}", change.before, change.after)
                for one in periods
                for change in self.changes(before.get(one) or {}, after.get(one) or {})
            ]
        fields = [
            one
            for one in dict.fromkeys([*before, *after])
            if one not in QUIET and one not in self.hidden and not one.startswith(DERIVED)
        ]
        told = [Change(_label(one), self.said(one, before.get(one)), self.said(one, after.get(one))) for one in fields]
        return [one for one in told if one.before != one.after]

    def said(self, field: str, value: Any) -> str:
        if value is None or value in ("", [], {}):
            return ""
        if isinstance(value, dict):
            return ", ".join(f"{key}: {one}" for key, one in value.items())
        table = self.tables.get(field)
        if table is not None:
            keys = value if isinstance(value, list) else [value]
            return ", ".join(table.get(one, f"number {one}") for one in keys)
        if field.endswith("_at") and isinstance(value, str):
            return instant(datetime.fromisoformat(value).astimezone(self.zone))
        text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _month(first_day: str) -> str:
    day = date.fromisoformat(first_day)
    return f"{MONTH_NAMES[day.month - 1]} {day.year}"


def _label(field: str) -> str:
    return LABELS.get(field) or field.removesuffix("_id").replace("_", " ").capitalize()


def csv_rows(*, found: Sequence[Entry]) -> list[Sequence[object]]:
    """One row under CSV_HEAD for each line."""
    return [
        (one.when, one.who, one.on_behalf_of, one.verb, one.subject, one.name, one.unit, one.changes_text, one.why)
        for one in found
    ]
