"""The history of an item as ready text: who changed what, from which value to which, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hoshin.model.journal import JournalLine

LABELS = {
    "name": "Name", "description": "Description", "owner_id": "Owner", "sponsor_id": "Sponsor",
    "reporter_id": "Reporter", "helpers": "Helpers", "state": "State", "valid_from": "Counts from",
    "valid_to": "Counts until", "end_reason": "Reason", "archived_at": "Archived", "horizon_from": "First year",
    "horizon_to": "Last year", "due_on": "Due", "status": "Status", "progress": "Progress", "uom": "Unit of measure",
    "direction": "Direction", "tolerance": "Tolerance", "frequency": "Frequency", "aggregation": "Aggregation",
    "baseline": "Baseline", "kpi_kind": "Kind", "kpi_class": "Class", "unit_id": "Unit", "position": "Place",
    "gap": "Gap", "cause": "Cause", "action": "Action", "doer_id": "Who", "title": "Title", "worked": "It worked",
    "outcome": "At the end",
}  # fmt: skip
PEOPLE = frozenset({"owner_id", "sponsor_id", "reporter_id", "helpers", "doer_id"})
LONGEST = 160


@dataclass(frozen=True, slots=True)
class Change:
    """One field: its label, what stood, what stands."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of history; `at` is in the organisation's time zone."""

    at: datetime
    by: str
    on_behalf_of: str
    verb: str
    why: str
    changes: tuple[Change, ...]


def history(*, lines: Sequence[JournalLine], people: Mapping[int, str], time_zone: str) -> list[Line]:
    """The lines of one item's journal, in the order given."""
    zone = ZoneInfo(time_zone)
    return [
        Line(
            at=one.at.astimezone(zone),
            by=one.by_name,
            on_behalf_of=one.on_behalf_of,
            verb=one.verb,
            why=one.why,
            changes=tuple(_changes(one, people)),
        )
        for one in lines
    ]


def _changes(line: JournalLine, people: Mapping[int, str]) -> list[Change]:
    if line.before is None or line.after is None:
        return []
    return [
        Change(label, _said(name, line.before.get(name), people), _said(name, line.after.get(name), people))
        for name, label in LABELS.items()
        if line.before.get(name) != line.after.get(name)
    ]


def _said(name: str, value: Any, people: Mapping[int, str]) -> str:
    if name in PEOPLE:
        keys = value if isinstance(value, list) else [value]
        return ", ".join(people.get(one, "somebody") for one in keys if one is not None) or "–"
    text = "–" if value in (None, "") else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
