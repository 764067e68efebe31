"""The figures of a file: each KPI and period once, whatever number of rows says them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hoshin.commands.import_wish import FigureEntry, ItemKey
from hoshin.engine.calendars import Period
from hoshin.errors import Problem
from hoshin.exchange.columns import FIGURES, FIRST, NOTES
from hoshin.exchange.facts import Facts
from hoshin.exchange.rows import Line

OF_READING = (*FIGURES, *NOTES)
_FIRST = frozenset(FIRST)
_NOTHING: Mapping[str, Any] = {}


class FileReadings:
    """Takes the rows of readings one by one; those of which several rows speak are compared fact by fact."""

    def __init__(self, *, facts: Facts) -> None:
        self.facts = facts
        self.found: list[FigureEntry] = []
        self.several: dict[int, FigureEntry] = {}
        self.places: dict[ItemKey, dict[int, int]] = {}

    def of(self, kpi: ItemKey) -> dict[int, int]:
        """Where the readings of a KPI stand among those found, by the number of their period."""
        return self.places.setdefault(kpi, {})

    def take(self, line: Line, kpi: ItemKey, of_kpi: dict[int, int], period: Period, number: int) -> None:
        """Note what the row says of the KPI in the period of that number."""
        entry = _entry(line, kpi, period)
        place = of_kpi.get(number)
        if place is None:
            of_kpi[number] = len(self.found)
            self.found.append(entry)
            return
        known = self.found[place]
        if place not in self.several:
            self.several[place] = known
            self._compare(known, lambda _name: known.place)
        self._compare(entry, line.at)

    def _compare(self, entry: FigureEntry, place: Callable[[str], Problem]) -> None:
        for part, said in (("", entry.values), ("aims", entry.aims), ("first", entry.first)):
            for name, value in said.items():
                column = f"first_{name}" if part == "first" else name
                self.facts.add((entry.kpi, entry.period, part), name, value, place(column))

    def entries(self) -> list[FigureEntry]:
        """Every reading, in the order in which the file first speaks of it."""
        for place, entry in self.several.items():
            key = entry.kpi, entry.period
            values, aims, first = (self.facts.of((*key, part)) for part in ("", "aims", "first"))
            self.found[place] = entry._replace(values=values, aims=aims, first=first)
        return self.found


def _entry(line: Line, kpi: ItemKey, period: Period) -> FigureEntry:
    values, first = line.figures, _NOTHING
    values.pop("period", None)
    if not _FIRST.isdisjoint(values):
        first = {name.removeprefix("first_"): values[name] for name in FIRST if name in values}
        values = {name: values[name] for name in OF_READING if name in values}
    head = line.head(next(iter(values), "kpi"))
    return FigureEntry(kpi, period, values, line.told.aims, first, line.sheet.name, line.number, head)
