"""Reads a MAP.toml: whose columns stand for ours, what their words mean, and which calendar their periods follow."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hoshin.engine.calendars import FiscalCalendar, Frequency, NamedBy
from hoshin.engine.verdicts import Direction
from hoshin.errors import Problem, Refused
from hoshin.exchange.cells import clean_text
from hoshin.exchange.columns import COLUMNS

PERIODS = ("year", "quarter", "month", "date")
KEYS: Mapping[str, frozenset[str] | None] = {
    "columns": frozenset(COLUMNS),
    "directions": None,
    "values": frozenset({"missing", "thousands", "decimal"}),
    "calendar": frozenset({"period", "starts", "named_by"}),
}


@dataclass(frozen=True, slots=True)
class MapCalendar:
    """The calendar a map names; what it leaves out is None."""

    period: str | None = None
    starts_month: int | None = None
    named_by: NamedBy | None = None

    @property
    def frequency(self) -> Frequency | None:
        """What the form of the periods says of the KPIs' frequency; a date says nothing."""
        return Frequency(self.period) if self.period and self.period != "date" else None

    def contradicts(self, *, calendar: FiscalCalendar) -> bool:
        """Whether the organisation's calendar is another one."""
        other_month = self.starts_month is not None and self.starts_month != calendar.starts_month
        # a year that starts in January ends in the year it starts in: both names are the same
        names_matter = calendar.starts_month != 1
        return other_month or (names_matter and self.named_by is not None and self.named_by is not calendar.named_by)


@dataclass(frozen=True, slots=True)
class SheetMap:
    """How to read somebody's sheet; the empty map reads ours."""

    columns: Mapping[str, str] = field(default_factory=dict)
    directions: Mapping[str, Direction] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    thousands: str = ""
    decimal: str = "."
    calendar: MapCalendar | None = None
    given: bool = False


def read_map(*, name: str, content: bytes) -> SheetMap:
    """The map in a TOML file; raises Refused with every problem, unknown keys among them."""
    try:
        parsed = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Refused(Problem("the map is not UTF-8", sheet=name)) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Refused(Problem(f"the map is not TOML: {error}", sheet=name)) from error
    reader = _Reader(name, parsed)
    found = reader.read()
    if reader.problems:
        raise Refused.because(reader.problems)
    return found


class _Reader:
    def __init__(self, name: str, parsed: Mapping[str, Any]) -> None:
        self.name, self.parsed = name, parsed
        self.problems: list[Problem] = []

    def wrong(self, key: str, message: str) -> None:
        self.problems.append(Problem(message, sheet=self.name, column=key))

    def read(self) -> SheetMap:
        for key, value in self.parsed.items():
            if key not in KEYS:
                self.wrong(f"[{key}]", f"a map has no such part; it may have {', '.join(KEYS)}")
            elif not isinstance(value, dict):
                self.wrong(key, f"write [{key}] and its lines below it")
        values = self.table("values")
        return SheetMap(
            columns=self.columns(),
            directions=self.directions(),
            missing=frozenset(self.words("missing", values.get("missing", []))),
            thousands=self.sign("thousands", values.get("thousands", "")),
            decimal=self.sign("decimal", values.get("decimal", ".")) or ".",
            calendar=self.calendar(),
            given=True,
        )

    def table(self, key: str) -> Mapping[str, Any]:
        value = self.parsed.get(key, {})
        if not isinstance(value, dict):
            return {}
        allowed = KEYS[key]
        for one in value:
            if allowed is not None and one not in allowed:
                self.wrong(f"[{key}] {one}", f"there is no such line; it may be {', '.join(sorted(allowed))}")
        return value

    def text(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            self.wrong(key, "write text in quotes")
            return ""
        try:
            return clean_text(text=value)
        except ValueError as error:
            self.wrong(key, str(error))
            return ""

    def columns(self) -> dict[str, str]:
        return {
            ours: self.text(f"[columns] {ours}", theirs)
            for ours, theirs in self.table("columns").items()
            if ours in COLUMNS
        }

    def directions(self) -> dict[str, Direction]:
        found = {}
        for theirs, ours in self.table("directions").items():
            try:
                found[clean_text(text=theirs)] = Direction(ours)
            except (ValueError, TypeError):
                self.wrong(f"[directions] {theirs[:40]}", "it must mean at least, at most, between or exactly")
        return found

    def words(self, key: str, value: object) -> list[str]:
        if not isinstance(value, list):
            self.wrong(f"[values] {key}", 'write a list such as ["", "NA"]')
            return []
        return [self.text(f"[values] {key}", one) for one in value]

    def sign(self, key: str, value: object) -> str:
        if isinstance(value, str) and len(value) <= 1 and not value.isdigit() and value not in ("-", "+", "%"):
            return value
        self.wrong(f"[values] {key}", "write one sign, such as ','")
        return ""

    def calendar(self) -> MapCalendar | None:
        if not isinstance(self.parsed.get("calendar"), dict):
            return None
        lines = self.table("calendar")
        period, starts, named_by = lines.get("period"), lines.get("starts"), lines.get("named_by")
        if period is not None and period not in PERIODS:
            self.wrong("[calendar] period", f"it must be one of {', '.join(PERIODS)}")
            period = None
        month = re.fullmatch(r"(0[1-9]|1[0-2])-01", starts) if isinstance(starts, str) else None
        if starts is not None and month is None:
            self.wrong("[calendar] starts", 'a fiscal year starts on the first of a month: write it like "10-01"')
        if named_by is not None and named_by not in tuple(NamedBy):
            self.wrong("[calendar] named_by", "it must be end or start")
            named_by = None
        return MapCalendar(
            period=period,
            starts_month=int(month[1]) if month else None,
            named_by=NamedBy(named_by) if named_by is not None else None,
        )
