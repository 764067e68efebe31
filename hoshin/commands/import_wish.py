"""What a file asks for, as one frozen wish made of every thing it names, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hoshin.engine.calendars import CycleSpan, FiscalCalendar, Period
from hoshin.engine.plans import Kind, Rotation
from hoshin.errors import Problem


class ItemKey(NamedTuple):
    """What makes an item the same: kind, unit path, name, and for priorities and actions the name of the cycle."""

    kind: Kind
    unit: str
    name: str
    cycle: str = ""


@dataclass(frozen=True, slots=True)
class PersonRef:
    """Somebody as a file names her; one of the two may be empty."""

    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitEntry:
    """A unit by its path; `values` holds only what the file says: kind, restricted, archived."""

    path: str
    values: Mapping[str, Any]
    place: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleEntry:
    """A fiscal year that the file speaks of."""

    span: CycleSpan
    rotation: Rotation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEntry:
    """An item and what the file says of it, by the names of the model; people are PersonRefs.

    `first` is the first cycle that speaks of it.
    """

    key: ItemKey
    values: Mapping[str, Any]
    first: CycleSpan | None
    place: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEntry:
    """Two items of one row; without a strength it is medium where it is new."""

    upper: ItemKey
    lower: ItemKey
    strength: int | None
    rationale: str | None
    place: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerEntry:
    """The priority (or action) that an objective answers, as written: unit path > name."""

    objective: ItemKey
    answers: str
    cycle: str
    values: Mapping[str, Any]
    place: Problem


class FigureEntry(NamedTuple):
    """The figures of one KPI for one period; `aims` holds a direction or tolerance that its own rows state,
    `first` what was first agreed where that was amended. A tuple, as there are a hundred thousand of them."""

    kpi: ItemKey
    period: Period
    values: Mapping[str, Any]
    aims: Mapping[str, Any]
    first: Mapping[str, Any]
    sheet: str
    row: int | None
    column: str

    @property
    def place(self) -> Problem:
        """Where it stands in the file."""
        return Problem("", sheet=self.sheet, row=self.row, column=self.column)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportWish:
    """Everything a file asks for. `settings` are those of the organisation, where the file states them."""

    source: str
    organisation: str
    calendar: FiscalCalendar
    settings: Mapping[str, Any] = field(default_factory=dict)
    units: Sequence[UnitEntry] = ()
    cycles: Sequence[CycleEntry] = ()
    items: Sequence[ItemEntry] = ()
    links: Sequence[LinkEntry] = ()
    answers: Sequence[AnswerEntry] = ()
    figures: Sequence[FigureEntry] = ()
    members: Sequence[tuple[ItemKey, str]] = ()
    notes: Sequence[str] = ()


@dataclass(slots=True)
class ImportOutcome:
    """What was created, changed and left, by kind of thing; a line for each change; what the reader should know."""

    created: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def changes_nothing(self) -> bool:
        """Whether everything stood so already."""
        return not self.created and not self.changed


def first_of(*spans: CycleSpan | None) -> CycleSpan | None:
    """The earliest of the cycles that are known."""
    return min((one for one in spans if one is not None), key=lambda one: one.first, default=None)
