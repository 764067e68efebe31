"""When a row speaks: its cycle and its period, found once for all rows that say them alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from hoshin.engine.calendars import CycleSpan, FiscalCalendar, Frequency, Period
from hoshin.exchange.facts import ALWAYS

NO_CYCLE = "a figure needs a period; or name the cycle of such rows with --cycle"


class Asked(NamedTuple):
    """What decides when a row speaks: its period as written, the KPI's frequency, and what else it holds."""

    text: str | None
    frequency: Frequency | None
    names_kpi: bool
    has_figures: bool


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """The cycle and period of a row; `wrong` says why there are none.

    `rank` is that of what the row says of its item, `form` the frequency that its period betrays. Rows of one `group`
    differ in period and rank at most, those of one `number` speak of the same period.
    """

    cycle: CycleSpan | None = None
    period: Period | None = None
    rank: date = ALWAYS
    form: Frequency | None = None
    group: int = 0
    number: int = 0
    wrong: str = ""


class Clock(dict[tuple[str | None, bool], Moment]):
    """The moments of rows that speak alike, by their period as written and whether they have figures; found once."""

    def __init__(self, find: Callable[[str | None, bool], Moment]) -> None:
        super().__init__()
        self.find = find

    def __missing__(self, asked: tuple[str | None, bool]) -> Moment:
        self[asked] = found = self.find(*asked)
        return found


class Moments:
    """The moments of one file."""

    def __init__(self, *, calendar: FiscalCalendar, mapped: Frequency | None, default: CycleSpan | None) -> None:
        self.calendar, self.mapped, self.default = calendar, mapped, default
        self.clocks: dict[tuple[Frequency | None, bool], Clock] = {}
        self.groups: dict[object, int] = {}
        self.numbers: dict[Period | None, int] = {}

    def clock(self, *, frequency: Frequency | None, names_kpi: bool) -> Clock:
        """That of rows which name a KPI of that frequency, or none."""

        def find(text: str | None, has_figures: bool) -> Moment:
            try:
                return self._made(Asked(text, frequency, names_kpi, has_figures))
            except ValueError as error:
                return Moment(wrong=str(error))

        return self.clocks.setdefault((frequency, names_kpi), Clock(find))

    def _made(self, asked: Asked) -> Moment:
        cycle, period = self._when(asked)
        rank = period.last if period and asked.text is not None else ALWAYS
        form = asked.frequency
        if form is None and period is not None and (asked.text or "").count("-") != 2:
            form = period.frequency
        alike = (cycle, period is None, asked.text is None, form, asked.has_figures)
        group = self.groups.setdefault(alike, len(self.groups))
        return Moment(cycle, period, rank, form, group, self.numbers.setdefault(period, len(self.numbers)))

    def _when(self, asked: Asked) -> tuple[CycleSpan | None, Period | None]:
        """The cycle and, where the row speaks of a KPI, the period; ValueError says what is wrong."""
        if asked.text is None:
            return self._whole_cycle(asked)
        text = asked.text.removesuffix(" 00:00:00")
        period = self.calendar.parse(text=text)
        cycle = self.calendar.cycle_of(day=period.first)
        if not asked.names_kpi:
            return cycle, None
        if text.count("-") == 2:
            day = date.fromisoformat(text)
            return cycle, self.calendar.period_of(day=day, frequency=asked.frequency or Frequency.MONTH)
        if asked.frequency is not None and asked.frequency is not period.frequency:
            if not asked.has_figures:
                return cycle, None  # it speaks of the cycle only
            told = "the map says" if self.mapped else "this KPI is read by the"
            raise ValueError(f"“{text}” is a {period.frequency.value}; {told} {asked.frequency.value}")
        return cycle, period

    def _whole_cycle(self, asked: Asked) -> tuple[CycleSpan | None, Period | None]:
        if not asked.has_figures:
            return self.default, None
        if self.default is None:
            raise ValueError(NO_CYCLE)
        if asked.frequency not in (None, Frequency.YEAR):
            raise ValueError(f"the figure of a KPI that is read by the {asked.frequency.value} needs a period")
        return self.default, self.calendar.period_of(day=self.default.first, frequency=Frequency.YEAR)
