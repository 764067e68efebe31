"""Writes the whole plan as a tidy sheet; reading it into an empty database gives the same attainment at every node."""

from __future__ import annotations

import pickle
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any

from hoshin.engine.calendars import FiscalCalendar
from hoshin.engine.plans import Kind
from hoshin.engine.verdicts import Band, Direction, band_of
from hoshin.exchange.cells import guard_text
from hoshin.exchange.columns import COLUMNS, FIGURES, NOTES
from hoshin.exchange.words import NONE, OPEN
from hoshin.model.actions import Action
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item, Objective
from hoshin.model.kpis import KPI, Reading
from hoshin.model.links import Deployment
from hoshin.queries.exports import Book

ROOT = "/"
AT_ONCE = 300
"""How many KPIs' readings are held at once."""
ALWAYS = ("unit", "objective", "priority", "kpi", "period", "target", "actual")
Row = dict[str, Any]
Aims = tuple[Direction | None, Decimal | None]


class TidyTable:
    """Head and rows; of one cycle (by name) only what belongs to it. Figures are decimals, all else is text.

    The rows wait in a file of the system's, because only the last of them tells which columns the head needs.
    """

    def __init__(self, *, book: Book, cycle: str | None = None) -> None:
        self._spool = TemporaryFile()  # noqa: SIM115 - closed with the table
        used, self.number = set(ALWAYS), 0
        for row in _Export(book, cycle).rows():
            said = {name: cell for name, value in row.items() if (cell := _cell(value)) != ""}
            used.update(said)
            pickle.dump(said, self._spool)
            self.number += 1
        self.head = [name for name in COLUMNS if name in used]

    def __enter__(self) -> TidyTable:
        return self

    def __exit__(self, *_error: object) -> None:
        self._spool.close()

    def rows(self) -> Iterator[list[str | Decimal]]:
        """The rows, one by one."""
        self._spool.seek(0)
        for _ in range(self.number):
            said = pickle.load(self._spool)  # noqa: S301 - our own file, which nobody else can reach
            yield [said.get(name, "") for name in self.head]


def _cell(value: Any) -> str | Decimal:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, date):
        return value.isoformat()
    return guard_text(text=str(getattr(value, "value", value)))


class _Export:
    """The working table of one export."""

    def __init__(self, book: Book, cycle: str | None) -> None:
        self.book = book
        self.calendar: FiscalCalendar = book.organisation.calendar
        self.cycles = [one for one in book.cycles if cycle is None or one.name == cycle]
        self.code = {one.id: one.name.removeprefix("FY") for one in book.cycles}
        self.kept = {one.id: one for one in book.items.values() if self._is_kept(one)}
        self.uppers: dict[int, list[Item]] = defaultdict(list)
        for link in book.links:
            if link.upper_id in self.kept and link.lower_id in self.kept:
                self.uppers[link.lower_id].append(self.kept[link.upper_id])
        self.tables: dict[int, list[Reading]] = {}

    def _is_kept(self, item: Item) -> bool:
        if item.cycle_id is not None:
            return any(one.id == item.cycle_id for one in self.cycles)
        whole = len(self.cycles) == len(self.book.cycles)
        return whole or item.kind is not Kind.KPI or any((one.id, item.id) in self.book.members for one in self.cycles)

    def _cycle_of(self, day: date) -> Cycle | None:
        return next((one for one in self.cycles if one.first_day <= day <= one.last_day), None)

    def rows(self) -> Iterator[Row]:
        yield self._settings()
        yield from self._units()
        for cycle in self.cycles:
            yield {"period": self.code[cycle.id], "rotation": cycle.rotation}
        for kind in Kind:
            if kind is not Kind.KPI:
                yield from (self._item(one) for one in self.kept.values() if one.kind is kind)
        for kpi in self._kpis():
            yield self._item(kpi)
        yield from self._links()
        yield from self._answers()
        for kpi in self._kpis():
            yield from self._readings(kpi)

    def _kpis(self) -> Iterator[KPI]:
        """The KPIs, each with its readings at hand."""
        kpis = [one for one in self.kept.values() if isinstance(one, KPI)]
        for first in range(0, len(kpis), AT_ONCE):
            some = kpis[first : first + AT_ONCE]
            self.tables = {one.id: [] for one in some}
            for reading in self.book.readings_of(kpis=[one.id for one in some]):
                if self._cycle_of(reading.period) is not None:
                    self.tables[reading.kpi_id].append(reading)
            yield from some
        self.tables = {}

    # ------------------------------------------------------------ the frame

    def _settings(self) -> Row:
        known = self.book.organisation
        return {
            "organisation": known.name,
            "time_zone": known.time_zone,
            "starts": f"{known.fiscal_start_month:02d}-01",
            "named_by": known.named_by,
            "due_days": known.due_days,
            "least_strength": known.least_strength,
        }

    def _units(self) -> Iterator[Row]:
        for one in self.book.units:
            if one.parent_id is not None:
                yield {
                    "unit": self.book.paths[one.id],
                    "unit_kind": one.kind,
                    "restricted": one.restricted,
                    "archived": one.archived_at is not None,
                }

    # ------------------------------------------------------------ items

    def _place(self, item: Item) -> Row:
        """What names an item: its unit, its own column, and its cycle."""
        row: Row = {"unit": self.book.paths[item.unit_id], item.kind.value: item.name}
        if item.cycle_id is not None:
            row["period"] = self.code[item.cycle_id]
        return row

    def _item(self, item: Item) -> Row:
        return {
            **self._place(item),
            "owner": self._person(item.owner_id),
            "description": item.description,
            "state": item.state,
            "valid_from": item.valid_from or OPEN,
            "valid_to": item.valid_to or OPEN,
            "end_reason": item.end_reason,
            "archived": item.archived_at is not None,
            **_OF_KIND[item.kind](self, item),
        }

    def _person(self, key: int | None) -> str:
        person = self.book.people.get(key or 0)
        if person is None:
            return ""
        return f"{person.name} <{person.email}>" if person.email else person.name

    def _of_objective(self, item: Item) -> Row:
        assert isinstance(item, Objective)  # noqa: S101 - its kind says so
        return {
            "sponsor": self._person(item.sponsor_id),
            "horizon_from": item.horizon_from,
            "horizon_to": item.horizon_to,
        }

    def _of_priority(self, _item: Item) -> Row:
        return {}

    def _of_action(self, item: Item) -> Row:
        assert isinstance(item, Action)  # noqa: S101 - its kind says so
        helpers = [self._person(one) for one in self.book.helpers.get(item.id, ())]
        return {"status": item.status, "due": item.due_on, "progress": item.progress, "helpers": "; ".join(helpers)}

    def _of_kpi(self, item: Item) -> Row:
        assert isinstance(item, KPI)  # noqa: S101 - its kind says so
        others = any(self._aims(item, one)[1] != item.tolerance for one in self.tables[item.id])
        return {
            **self._judged(item),
            "direction": item.direction or NONE,
            "tolerance": item.tolerance if item.tolerance is not None or not others else Decimal(0),
            "reporter": self._person(item.reporter_id),
            "aggregation": item.aggregation,
            "baseline": item.baseline,
            "kind": item.kpi_kind,
        }

    @staticmethod
    def _judged(kpi: KPI) -> Row:
        return {"uom": kpi.uom, "frequency": kpi.frequency, "class": kpi.kpi_class}

    # ------------------------------------------------------------ links

    def _links(self) -> Iterator[Row]:
        for link in self.book.links:
            if link.upper_id not in self.kept or link.lower_id not in self.kept:
                continue
            upper, lower = self.kept[link.upper_id], self.kept[link.lower_id]
            row = {**self._place(lower), **self._place(upper)}
            if isinstance(lower, KPI):
                row |= self._home(lower, upper.unit_id)
                row["on_plan"] = "no"  # the rows of its readings say on which plans it is
            yield row | {"strength": link.strength, "rationale": link.rationale}

    def _home(self, kpi: KPI, unit: int) -> Row:
        return {} if kpi.unit_id == unit else {"kpi_unit": self.book.paths[kpi.unit_id] or ROOT}

    def _answers(self) -> Iterator[Row]:
        for one in self.book.deployments:
            source, objective = self.kept.get(one.source_id), self.kept.get(one.objective_id)
            if source is None or objective is None or not self._carries(source):
                continue
            yield {
                **self._place(objective),
                "period": self.code[source.cycle_id or 0],
                "answers": f"{self.book.paths[source.unit_id]} > {source.name}".strip(),
                **self._answer(one),
            }

    def _carries(self, source: Item) -> bool:
        """Whether the cycle's rotation lets this kind of item be answered; others count for nothing."""
        cycle = next((one for one in self.cycles if one.id == source.cycle_id), None)
        return cycle is not None and cycle.rotation.value == source.kind.value

    @staticmethod
    def _answer(one: Deployment) -> Row:
        return {
            "answers_state": one.state,
            "answers_from": one.valid_from or OPEN,
            "answers_to": one.valid_to or OPEN,
        }

    # ------------------------------------------------------------ figures

    def _readings(self, kpi: KPI) -> Iterator[Row]:
        """A row for each reading, and an empty one for each cycle that the KPI belongs to without any."""
        read: set[int] = set()
        for reading in self.tables[kpi.id]:
            cycle = self._cycle_of(reading.period)
            if cycle is None:
                continue
            read.add(cycle.id)
            direction, tolerance = self._aims(kpi, reading)
            yield {
                **self._line(kpi, cycle, reading.period),
                "direction": direction or NONE,
                "tolerance": tolerance,
                **{name: getattr(reading, name) for name in (*FIGURES, *NOTES)},
                **_first(reading, direction, ""),
                **_first(reading, direction, "ytd_"),
            }
        for cycle in self.cycles:
            if (cycle.id, kpi.id) in self.book.members and cycle.id not in read:
                yield self._line(kpi, cycle, cycle.first_day)

    def _line(self, kpi: KPI, cycle: Cycle, day: date) -> Row:
        """What every row of a KPI says, with the first priority and objective above it in that cycle."""
        period = self.calendar.period_of(day=day, frequency=kpi.frequency)
        row: Row = {**self._place(kpi), "period": self.calendar.code(period=period), **self._judged(kpi)}
        row["owner"] = self._person(kpi.owner_id)
        if (cycle.id, kpi.id) not in self.book.members:
            row["on_plan"] = "no"
        above = self._above(kpi, cycle)
        if above:
            row |= {"unit": self.book.paths[above[0].unit_id], **self._home(kpi, above[0].unit_id)}
            row |= {one.kind.value: one.name for one in above}
        return row

    def _above(self, kpi: KPI, cycle: Cycle) -> list[Item]:
        """The first priority of the cycle that the KPI proves, with the first objective above it; else an objective."""
        for one in self.uppers[kpi.id]:
            if one.kind is Kind.PRIORITY and one.cycle_id == cycle.id:
                over = [upper for upper in self.uppers[one.id] if upper.kind is Kind.OBJECTIVE]
                return [one, *over[:1]]
        return [one for one in self.uppers[kpi.id] if one.kind is Kind.OBJECTIVE][:1]

    def _aims(self, kpi: KPI, reading: Reading) -> Aims:
        """The direction and tolerance by which the reading's bands came about: its KPI's, unless these have changed."""
        known = reading.as_reading()
        wide = [reading.band_high - reading.target] if None not in (reading.band_high, reading.target) else []  # type: ignore[operator]
        tried: list[Aims] = [(kpi.direction, kpi.tolerance), (None, None)]
        tried += [(one, kpi.tolerance) for one in Direction]
        tried += [(Direction.EXACTLY, one) for one in wide if one >= 0]
        for direction, tolerance in tried:
            if known.band == _band(reading, "", direction, tolerance) and known.ytd_band == _band(
                reading, "ytd_", direction, tolerance
            ):
                return direction, tolerance
        return kpi.direction, kpi.tolerance


def _first(reading: Reading, direction: Direction | None, prefix: str) -> Row:
    """The plan of the period, or of its typed year to date, as first agreed, where it is another one now."""
    names = ("first_low", "first_high", "band_low", "band_high")
    low, high, *now = (getattr(reading, f"{prefix}{name}") for name in names)
    if [low, high] == now or (low, high) == (None, None):
        return {}
    if direction is Direction.BETWEEN:
        return {f"first_{prefix}low": low, f"first_{prefix}high": high}
    if low is not None and high is not None:
        return {f"first_{prefix}target": (low + high) / 2}
    return {f"first_{prefix}target": low if low is not None else high}


def _band(reading: Reading, prefix: str, direction: Direction | None, tolerance: Decimal | None) -> Band | None:
    target, low, high = (getattr(reading, f"{prefix}{name}") for name in ("target", "low", "high"))
    return band_of(direction=direction, target=target, low=low, high=high, tolerance=tolerance)


_OF_KIND: Mapping[Kind, Callable[[_Export, Item], Row]] = {
    Kind.OBJECTIVE: _Export._of_objective,  # noqa: SLF001 - the table of this module's own methods
    Kind.PRIORITY: _Export._of_priority,  # noqa: SLF001
    Kind.ACTION: _Export._of_action,  # noqa: SLF001
    Kind.KPI: _Export._of_kpi,  # noqa: SLF001
}
