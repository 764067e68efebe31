"""Folds the rows of a tidy sheet into one wish: every thing once, every contradiction named with both rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from hoshin.commands.import_wish import (
    AnswerEntry,
    CycleEntry,
    FigureEntry,
    ImportWish,
    ItemEntry,
    ItemKey,
    LinkEntry,
    UnitEntry,
    first_of,
)
from hoshin.engine.calendars import CycleSpan, FiscalCalendar, Frequency, NamedBy, Period
from hoshin.engine.plans import LINKED_KINDS, Kind
from hoshin.errors import Problem, Refused
from hoshin.exchange.columns import FIGURES, FIRST, SETTINGS
from hoshin.exchange.facts import ALWAYS, Facts
from hoshin.exchange.maps import MapCalendar, SheetMap
from hoshin.exchange.rows import Line, Rows
from hoshin.exchange.sheets import Sheet
from hoshin.exchange.words import UNIT_SEPARATOR

KINDS = (Kind.OBJECTIVE, Kind.PRIORITY, Kind.ACTION, Kind.KPI)
OF_SUBJECT = {
    "owner": "owner", "description": "description", "state": "state", "valid_from": "valid_from",
    "valid_to": "valid_to", "end_reason": "end_reason", "archived": "archived",
}  # fmt: skip
OF_KIND: Mapping[Kind, Mapping[str, str]] = {
    Kind.OBJECTIVE: {"sponsor": "sponsor", "horizon_from": "horizon_from", "horizon_to": "horizon_to"},
    Kind.PRIORITY: {},
    Kind.ACTION: {"status": "status", "due": "due_on", "progress": "progress", "helpers": "helpers"},
    Kind.KPI: {
        "reporter": "reporter", "uom": "uom", "direction": "direction", "tolerance": "tolerance",
        "aggregation": "aggregation", "baseline": "baseline", "class": "kpi_class", "kind": "kpi_kind",
    },
}  # fmt: skip
OF_ANSWER = {"answers_state": "state", "answers_from": "valid_from", "answers_to": "valid_to"}
OF_UNIT = {"unit_kind": "kind", "restricted": "restricted"}
AIMS = ("direction", "tolerance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the file itself does not say: its name, the organisation's calendar (None: there is none yet), the day,
    the name a new organisation would get (`named` when somebody chose it) and the cycle of rows without a period."""

    source: str
    today: date
    calendar: FiscalCalendar | None = None
    organisation: str = ""
    named: bool = False
    cycle: str = ""


def read_wish(*, sheets: Sequence[Sheet], using: SheetMap, context: Context) -> ImportWish:
    """Everything the sheets ask for; raises Refused with every problem found."""
    problems: list[Problem] = []
    notes: list[str] = []
    rows = Rows(sheets=sheets, using=using, problems=problems, notes=notes)
    if problems:
        raise Refused.because(problems)
    lines = list(rows)
    settings = _settings(lines, problems)
    calendar = _calendar(settings, using.calendar or MapCalendar(), context)
    tidy = _Tidy(using, context, calendar, problems, has_periods=rows.has("period"))
    tidy.take_all([line for line in lines if line.is_whole])
    if problems:
        raise Refused.because(_in_order(problems, sheets))
    return tidy.wish(settings, notes)


def _in_order(problems: Sequence[Problem], sheets: Sequence[Sheet]) -> list[Problem]:
    order = {sheet.name: place for place, sheet in enumerate(sheets)}
    return sorted(problems, key=lambda one: (order.get(one.sheet, 0), one.row or 0))


def _settings(lines: Sequence[Line], problems: list[Problem]) -> dict[str, Any]:
    facts = Facts(problems)
    for line in lines:
        for name in SETTINGS:
            if name in line.values:
                facts.add("settings", name, line.values[name], line.at(name))
    found = facts.of("settings")
    if "time_zone" in found:
        try:
            ZoneInfo(found["time_zone"])
        except (ValueError, OSError, LookupError):
            place = facts.place("settings", "time_zone") or Problem("")
            problems.append(
                Problem("there is no such time zone", sheet=place.sheet, row=place.row, column=place.column)
            )
    return found


def _calendar(settings: Mapping[str, Any], mapped: MapCalendar, context: Context) -> FiscalCalendar:
    """The organisation's own calendar, which file and map may not contradict; for a new one what they say.

    Raises Refused where they do: no period could be read then.
    """
    own = MapCalendar(None, settings.get("starts"), settings.get("named_by"))
    month = mapped.starts_month or own.starts_month
    named_by = mapped.named_by or own.named_by
    stated = FiscalCalendar(month or 1, named_by or NamedBy.END, settings.get("due_days", FiscalCalendar().due_days))
    known = context.calendar or stated
    for one, name in ((mapped, "the map"), (own, context.source)):
        if one.contradicts(calendar=known):
            against = "the organisation's calendar" if context.calendar else "the map"
            starts, by = f"{known.starts_month:02d}-01", known.named_by.value
            raise Refused(
                f"the calendar of {name} contradicts {against}, whose years start {starts}, named by their {by}"
            )
    return known


class _Tidy:
    """The working table of one file."""

    def __init__(
        self, using: SheetMap, context: Context, calendar: FiscalCalendar, problems: list[Problem], *, has_periods: bool
    ) -> None:
        self.using, self.context, self.calendar, self.problems = using, context, calendar, problems
        self.facts = Facts(problems)
        self.units: dict[str, Problem] = {"": Problem("")}
        self.cycles: dict[str, CycleSpan] = {}
        self.items: dict[ItemKey, CycleSpan | None] = {}
        self.links: dict[tuple[ItemKey, ItemKey], Problem] = {}
        self.answers: dict[tuple[ItemKey, str, str], Problem] = {}
        self.figures: dict[tuple[ItemKey, Period], Problem] = {}
        self.members: dict[tuple[ItemKey, str], None] = {}
        self.apart: list[str] = []
        self.places: dict[ItemKey, Problem] = {}
        self.default = self._default_cycle(has_periods)
        self.mapped_frequency = using.calendar.frequency if using.calendar else None
        self.frequencies: dict[ItemKey, Frequency] = {}

    def _default_cycle(self, has_periods: bool) -> CycleSpan | None:
        """The cycle of a row without a period: the one asked for; without any period column the one of today."""
        if self.context.cycle:
            try:
                return self.calendar.cycle_named(name=self.context.cycle)
            except ValueError as error:
                raise Refused(Problem(str(error), field="cycle")) from error
        return None if has_periods else self.calendar.cycle_of(day=self.context.today)

    def take_all(self, lines: Sequence[Line]) -> None:
        for line in lines:
            if "kpi" in line.values and "frequency" in line.values:
                self.frequencies.setdefault(self._kpi_key(line), line.values["frequency"])
        for line in lines:
            self._take(line)

    def _take(self, line: Line) -> None:
        values = line.values
        try:
            cycle, period = self._when(line)
        except ValueError as error:
            self.problems.append(line.at("period", str(error)))
            return
        if cycle is not None:
            self.cycles[cycle.name] = cycle
        for column in ("unit", "kpi_unit"):
            self._note_units(line, column)
        keys = self._keys(line, cycle)
        if not keys:
            self._take_frame(line, cycle)
            return
        self._take_items(line, keys, cycle, period)
        self._take_links(line, keys)
        self._take_answers(line, keys, cycle)
        if Kind.KPI in keys:
            self._take_figures(line, keys[Kind.KPI], cycle, period)
        elif any(name in values for name in FIGURES):
            name = next(name for name in FIGURES if name in values)
            self.problems.append(line.at("kpi", f"this row has a figure ({name}) but names no KPI"))

    # ------------------------------------------------------------ when

    def _when(self, line: Line) -> tuple[CycleSpan | None, Period | None]:
        """The cycle of a row and, where it speaks of a KPI, the period; ValueError says what is wrong."""
        text = line.values.get("period")
        frequency = self._frequency(line)
        if text is None:
            return self._whole_cycle(line, frequency)
        text = text.removesuffix(" 00:00:00")
        period = self.calendar.parse(text=text)
        is_day = text.count("-") == 2
        cycle = self.calendar.cycle_of(day=period.first)
        if "kpi" not in line.values:
            return cycle, None
        if is_day:
            day = date.fromisoformat(text)
            return cycle, self.calendar.period_of(day=day, frequency=frequency or Frequency.MONTH)
        if frequency is not None and frequency is not period.frequency:
            if not self._has_figures(line):
                return cycle, None  # it speaks of the cycle only
            told = "the map says" if self.mapped_frequency else "this KPI is read by the"
            raise ValueError(f"“{text}” is a {period.frequency.value}; {told} {frequency.value}")
        return cycle, period

    def _frequency(self, line: Line) -> Frequency | None:
        if self.mapped_frequency is not None or "kpi" not in line.values:
            return self.mapped_frequency
        found: Frequency | None = line.values.get("frequency") or self.frequencies.get(self._kpi_key(line))
        return found

    def _whole_cycle(self, line: Line, frequency: Frequency | None) -> tuple[CycleSpan | None, Period | None]:
        if not self._has_figures(line):
            return self.default, None
        if self.default is None:
            raise ValueError("a figure needs a period; or name the cycle of such rows with --cycle")
        if frequency not in (None, Frequency.YEAR):
            raise ValueError(f"the figure of a KPI that is read by the {frequency.value} needs a period")
        return self.default, self.calendar.period_of(day=self.default.first, frequency=Frequency.YEAR)

    @staticmethod
    def _has_figures(line: Line) -> bool:
        return any(name in line.values for name in (*FIGURES, "note"))

    # ------------------------------------------------------------ what

    def _note_units(self, line: Line, column: str) -> None:
        names = line.values.get(column, "").split(UNIT_SEPARATOR)
        for depth in range(1, len(names) + 1):
            path = UNIT_SEPARATOR.join(names[:depth])
            if path not in self.units:
                self.units[path] = line.at(column)

    def _kpi_key(self, line: Line) -> ItemKey:
        home = line.values.get("kpi_unit", line.values.get("unit", ""))
        return ItemKey(Kind.KPI, home, line.values["kpi"])

    def _keys(self, line: Line, cycle: CycleSpan | None) -> dict[Kind, ItemKey]:
        keys: dict[Kind, ItemKey] = {}
        for kind in KINDS:
            if kind.value not in line.values:
                continue
            of_cycle = kind in (Kind.PRIORITY, Kind.ACTION)
            if of_cycle and cycle is None:
                self.problems.append(
                    line.at(kind.value, f"a {kind.value} belongs to a cycle: give a period, or name one with --cycle")
                )
                continue
            name = cycle.name if of_cycle and cycle else ""
            unit = line.values.get("unit", "")
            keys[kind] = self._kpi_key(line) if kind is Kind.KPI else ItemKey(kind, unit, line.values[kind.value], name)
        return keys

    def _take_frame(self, line: Line, cycle: CycleSpan | None) -> None:
        """A row that names no item: it may state a unit, a cycle's rotation, or the settings of the organisation."""
        if any(kind.value in line.values for kind in KINDS):
            return  # a problem has been noted
        values = dict(line.values)
        if "unit" in values:
            for column, name in {**OF_UNIT, "archived": "archived"}.items():
                if column in values:
                    self.facts.add(("unit", values["unit"]), name, values.pop(column), line.at(column))
            values.pop("unit")
        if "rotation" in values and cycle is not None:
            self.facts.add(("cycle", cycle.name), "rotation", values.pop("rotation"), line.at("rotation"))
            values.pop("period", None)
        for name in values:
            if name not in SETTINGS:
                self.problems.append(line.at("kpi", "this row names no KPI, and nothing else that it could speak of"))
                return

    def _take_items(
        self, line: Line, keys: Mapping[Kind, ItemKey], cycle: CycleSpan | None, period: Period | None
    ) -> None:
        subject = keys[max(keys, key=KINDS.index)]
        rank = period.last if period and "period" in line.values else ALWAYS
        for kind, key in keys.items():
            known = self.items.get(key)
            self.items[key] = first_of(known, cycle)
            self.places.setdefault(key, line.at(kind.value))
            columns = {**OF_KIND[kind], **(OF_SUBJECT if key is subject else {})}
            for column, name in columns.items():
                if column in line.values:
                    self.facts.add(key, name, line.values[column], line.at(column), rank)
        for kind in KINDS:
            for column in OF_KIND[kind]:
                if column in line.values and kind not in keys:
                    self.problems.append(line.at(column, f"this row names no {kind.value} that it could speak of"))

    def _take_links(self, line: Line, keys: Mapping[Kind, ItemKey]) -> None:
        """Objective to priority to KPI, the KPI straight to the objective where there is no priority; an action
        stands between priority and KPI. The strength is that of the links to what stands lowest in the row."""
        present = [kind for kind in KINDS if kind in keys]
        for upper in present:
            for lower in present:
                direct = not (upper is Kind.OBJECTIVE and lower is Kind.KPI and Kind.PRIORITY in keys)
                if (upper, lower) in LINKED_KINDS and direct:
                    self._take_link(line, (keys[upper], keys[lower]), is_lowest=lower is present[-1])
        if Kind.OBJECTIVE in keys and Kind.ACTION in keys and Kind.PRIORITY not in keys:
            self.apart.append(f"row {line.number}: an action is linked to an objective through a priority only")

    def _take_link(self, line: Line, pair: tuple[ItemKey, ItemKey], *, is_lowest: bool) -> None:
        self.links.setdefault(pair, line.at(pair[1].kind.value))
        if "rationale" in line.values and is_lowest:
            self.facts.add(pair, "rationale", line.values["rationale"], line.at("rationale"))
        if "strength" not in line.values:
            return
        strength = line.values["strength"]
        if is_lowest:
            self.facts.add(pair, "strength", strength, line.at("strength"))
        else:  # said in passing: the strongest counts where no row says it of this very link
            self.facts.add((pair, strength), "in passing", strength, line.at("strength"))

    def _take_answers(self, line: Line, keys: Mapping[Kind, ItemKey], cycle: CycleSpan | None) -> None:
        if "answers" not in line.values:
            return
        if Kind.OBJECTIVE not in keys:
            self.problems.append(line.at("answers", "this row names no objective that could answer"))
            return
        if cycle is None:
            told = "an answer belongs to the priority's cycle: give a period, or name one with --cycle"
            self.problems.append(line.at("answers", told))
            return
        answer = (keys[Kind.OBJECTIVE], line.values["answers"], cycle.name)
        self.answers.setdefault(answer, line.at("answers"))
        for column, name in OF_ANSWER.items():
            if column in line.values:
                self.facts.add(answer, name, line.values[column], line.at(column))

    def _take_figures(self, line: Line, kpi: ItemKey, cycle: CycleSpan | None, period: Period | None) -> None:
        if cycle is not None and line.values.get("on_plan", True):
            self.members[kpi, cycle.name] = None
        form = self.mapped_frequency or self._frequency(line)
        if form is None and period is not None and line.values.get("period", "").count("-") != 2:
            form = period.frequency
        if form is not None:
            self.facts.add(kpi, "frequency", form, line.at("frequency" if "frequency" in line.values else "period"))
        if period is None:
            return
        column = next((name for name in (*FIGURES, "note") if name in line.values), "kpi")
        self.figures.setdefault((kpi, period), line.at(column))
        for thing, columns in (
            ((kpi, period), (*FIGURES, "note")),
            ((kpi, period, "aims"), AIMS),
            ((kpi, period, "first"), FIRST),
        ):
            for name in columns:
                if name in line.values:
                    self.facts.add(thing, name.removeprefix("first_"), line.values[name], line.at(name))

    # ------------------------------------------------------------ the wish

    def wish(self, settings: Mapping[str, Any], notes: Sequence[str]) -> ImportWish:
        return ImportWish(
            source=self.context.source,
            organisation=(
                self.context.organisation
                if self.context.named
                else str(settings.get("organisation", self.context.organisation))
            ),
            calendar=self.calendar,
            settings=settings,
            units=[
                UnitEntry(path=path, values=self.facts.of(("unit", path)), place=place)
                for path, place in self.units.items()
            ],
            cycles=[
                CycleEntry(span=span, rotation=self.facts.of(("cycle", span.name)).get("rotation"))
                for span in sorted(self.cycles.values(), key=lambda one: one.first)
            ],
            items=[
                ItemEntry(key=key, values=self.facts.of(key), first=first, place=self.places[key])
                for key, first in self.items.items()
            ],
            links=[self._link(pair, place) for pair, place in self.links.items()],
            answers=[
                AnswerEntry(
                    objective=key[0], answers=key[1], cycle=key[2], values=self.facts.of(key), place=place
                )
                for key, place in self.answers.items()
            ],
            figures=[
                FigureEntry(
                    kpi=key, period=period, values=self.facts.of((key, period)),
                    aims=self.facts.of((key, period, "aims")), first=self.facts.of((key, period, "first")), place=place,
                )
                for (key, period), place in self.figures.items()
            ],
            members=list(self.members),
            notes=[*notes, *self.apart],
        )  # fmt: skip

    def _link(self, pair: tuple[ItemKey, ItemKey], place: Problem) -> LinkEntry:
        said = self.facts.of(pair)
        in_passing = [one for one in (9, 3, 1) if self.facts.of((pair, one))]
        strength = said.get("strength", next(iter(in_passing), None))
        return LinkEntry(upper=pair[0], lower=pair[1], strength=strength, rationale=said.get("rationale"), place=place)
