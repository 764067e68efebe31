"""Folds the rows of a tidy sheet into one wish: every thing once, every contradiction named with both rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from hoshin.commands.import_wish import (
    AnswerEntry,
    CycleEntry,
    ImportWish,
    ItemEntry,
    ItemKey,
    LinkEntry,
    UnitEntry,
    first_of,
)
from hoshin.commands.progress import Progress, unwatched
from hoshin.engine.calendars import CycleSpan, FiscalCalendar, Frequency, NamedBy
from hoshin.engine.plans import LINKED_KINDS, Kind
from hoshin.errors import Problem, Refused
from hoshin.exchange.columns import FIGURES, SETTINGS
from hoshin.exchange.facts import ALWAYS, Fact, Facts, Standing
from hoshin.exchange.maps import MapCalendar, SheetMap
from hoshin.exchange.moments import Clock, Moment, Moments
from hoshin.exchange.readings import OF_READING, FileReadings
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
_OF_ITEM = {
    (kind, is_subject): {**columns, **(OF_SUBJECT if is_subject else {})}
    for kind, columns in OF_KIND.items()
    for is_subject in (True, False)
}
_KIND_OF = {column: kind for kind, columns in OF_KIND.items() for column in columns}
STEP = 2_000
"""How many rows are read between two words about them."""
_OF_READING = frozenset(OF_READING)
OF_ANSWER = {"answers_state": "state", "answers_from": "valid_from", "answers_to": "valid_to"}
OF_UNIT = {"unit_kind": "kind", "restricted": "restricted"}


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


def read_wish(
    *, sheets: Sequence[Sheet], using: SheetMap, context: Context, report: Progress = unwatched
) -> ImportWish:
    """Everything the sheets ask for; raises Refused with every problem found. `report` is told how far it is."""
    problems: list[Problem] = []
    notes: list[str] = []
    rows = Rows(sheets=sheets, using=using, problems=problems, notes=notes)
    if problems:
        raise Refused.because(problems)
    lines = list(_watched(rows, len(rows), "reading", report))
    settings = _settings(lines if any(map(rows.has, SETTINGS)) else (), problems)
    calendar = _calendar(settings, using.calendar or MapCalendar(), context)
    tidy = _Tidy(using, context, calendar, problems, has_periods=rows.has("period"))
    tidy.take_all(lines, report)
    if problems:
        raise Refused.because(_in_order(problems, sheets))
    wish = tidy.wish(settings, notes)
    _let_go(lines)
    return wish


def _let_go(lines: Iterable[Line]) -> None:
    """Part what the rows told from what was made of it: else each holds the other, and both the whole sheet."""
    for line in lines:
        line.told.said.clear()


def _watched(lines: Iterable[Line], number: int, what: str, report: Progress) -> Iterator[Line]:
    for place, line in enumerate(lines):
        if place % STEP == 0:
            report(what=what, done=place, of=number)
        yield line


def _in_order(problems: Sequence[Problem], sheets: Sequence[Sheet]) -> list[Problem]:
    order = {sheet.name: place for place, sheet in enumerate(sheets)}
    return sorted(problems, key=lambda one: (order.get(one.sheet, 0), one.row or 0))


def _settings(lines: Sequence[Line], problems: list[Problem]) -> dict[str, Any]:
    facts = Facts(problems)
    for line in lines:
        said = line.told.values
        if not said.keys().isdisjoint(SETTINGS):
            for name in SETTINGS:
                if name in said:
                    facts.add("settings", name, said[name], line.at(name))
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


@dataclass(slots=True)
class _Said:
    """What a row came to: the next row that tells the same at such a moment only renews the ranks of the facts."""

    kpi: ItemKey | None
    periods: dict[int, int]
    facts: list[tuple[Fact, Any, str]]
    standing: Standing

    def renew(self, line: Line, rank: date) -> bool:
        """Say it again for this row; False where some other row has said otherwise meanwhile."""
        if not self.standing.holds_all:
            return self._renew_each(Standing(rank, line.at, holds_all=False))
        if self.standing.rank < rank:
            self.standing.rank, self.standing.at = rank, line.at
        return True

    def _renew_each(self, standing: Standing) -> bool:
        for fact, value, column in self.facts:
            if fact.standing.rank < standing.rank:
                fact.follow(value, column, standing)
            elif fact.standing.rank == standing.rank and fact.value != value:
                return False
        return True


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
        self.readings = FileReadings(facts=self.facts)
        self.members: dict[tuple[ItemKey, str], None] = {}
        self.apart: list[str] = []
        self.places: dict[ItemKey, Problem] = {}
        self.mapped_frequency = using.calendar.frequency if using.calendar else None
        default = self._default_cycle(has_periods)
        self.moments = Moments(calendar=calendar, mapped=self.mapped_frequency, default=default)
        self.frequencies: dict[ItemKey, Frequency] = {}
        self.ranked: list[tuple[Fact, Any, str]] = []
        self.standing = Standing(ALWAYS, lambda _column: Problem(""))

    def _default_cycle(self, has_periods: bool) -> CycleSpan | None:
        """The cycle of a row without a period: the one asked for; without any period column the one of today."""
        if self.context.cycle:
            try:
                return self.calendar.cycle_named(name=self.context.cycle)
            except ValueError as error:
                raise Refused(Problem(str(error), field="cycle")) from error
        return None if has_periods else self.calendar.cycle_of(day=self.context.today)

    def take_all(self, lines: Iterable[Line], report: Progress) -> None:
        """Take every row that could be read; a KPI's frequency may stand in a later row than its figures."""
        whole = [line for line in lines if line.is_whole]
        for told in {id(line.told): line.told for line in whole}.values():
            if "kpi" in told.values and "frequency" in told.values:
                self.frequencies.setdefault(self._kpi_key(told.values), told.values["frequency"])
        for line in _watched(whole, len(whole), "checking", report):
            self._take(line)

    def _take(self, line: Line) -> None:
        moment = self._moment(line)
        if moment.wrong:
            self.problems.append(line.at("period", moment.wrong))
            return
        said: _Said | None = line.told.said.get(moment.group)
        if said is None or not said.renew(line, moment.rank):
            said = self._say(line, moment)
        if said is not None and said.kpi is not None and moment.period is not None:
            self.readings.take(line, said.kpi, said.periods, moment.period, moment.number)

    def _say(self, line: Line, moment: Moment) -> _Said | None:
        """Note all that the row says but its reading; kept where the row is in order."""
        before, self.ranked = len(self.problems) + len(self.apart), []
        self.standing = Standing(moment.rank, line.at)
        cycle = moment.cycle
        if cycle is not None:
            self.cycles[cycle.name] = cycle
        for column in ("unit", "kpi_unit"):
            self._note_units(line, column)
        keys = self._keys(line, cycle)
        if not keys:
            self._take_frame(line, cycle)
            return None
        self._take_items(line, keys, moment)
        self._take_links(line, keys)
        self._take_answers(line, keys, cycle)
        if Kind.KPI in keys:
            self._take_kpi(line, keys[Kind.KPI], moment)
        elif any(name in line.figures for name in FIGURES):
            name = next(name for name in FIGURES if name in line.figures)
            self.problems.append(line.at("kpi", f"this row has a figure ({name}) but names no KPI"))
        kpi = keys.get(Kind.KPI)
        said = _Said(kpi, self.readings.of(kpi) if kpi else {}, self.ranked, self.standing)
        if len(self.problems) + len(self.apart) == before:
            line.told.said[moment.group] = said
        return said

    # ------------------------------------------------------------ when

    def _moment(self, line: Line) -> Moment:
        clock: Clock | None = line.told.clock
        if clock is None:
            clock = line.told.clock = self._clock(line.told.values)
        return clock[line.figures.get("period"), not _OF_READING.isdisjoint(line.figures)]

    def _clock(self, told: Mapping[str, Any]) -> Clock:
        frequency = self.mapped_frequency
        if frequency is None and "kpi" in told:
            frequency = told.get("frequency") or self.frequencies.get(self._kpi_key(told))
        return self.moments.clock(frequency=frequency, names_kpi="kpi" in told)

    # ------------------------------------------------------------ what

    def _note_units(self, line: Line, column: str) -> None:
        names = line.told.values.get(column, "").split(UNIT_SEPARATOR)
        for depth in range(1, len(names) + 1):
            path = UNIT_SEPARATOR.join(names[:depth])
            if path not in self.units:
                self.units[path] = line.at(column)

    def _kpi_key(self, told: Mapping[str, Any]) -> ItemKey:
        return ItemKey(Kind.KPI, told.get("kpi_unit", told.get("unit", "")), told["kpi"])

    def _keys(self, line: Line, cycle: CycleSpan | None) -> dict[Kind, ItemKey]:
        keys: dict[Kind, ItemKey] = {}
        for kind in KINDS:
            if kind.value not in line.told.values:
                continue
            of_cycle = kind in (Kind.PRIORITY, Kind.ACTION)
            if of_cycle and cycle is None:
                self.problems.append(
                    line.at(kind.value, f"a {kind.value} belongs to a cycle: give a period, or name one with --cycle")
                )
                continue
            name = cycle.name if of_cycle and cycle else ""
            told = line.told.values
            unit = told.get("unit", "")
            keys[kind] = self._kpi_key(told) if kind is Kind.KPI else ItemKey(kind, unit, told[kind.value], name)
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

    def _take_items(self, line: Line, keys: Mapping[Kind, ItemKey], moment: Moment) -> None:
        subject, told = keys[max(keys, key=KINDS.index)], line.told.values
        for kind, key in keys.items():
            known = self.items.get(key)
            self.items[key] = first_of(known, moment.cycle)
            if key not in self.places:
                self.places[key] = line.at(kind.value)
            columns = _OF_ITEM[kind, key is subject]
            for column, value in told.items():
                if column in columns:
                    self._say_fact(key, columns[column], value, column)
        for column in told:
            of = _KIND_OF.get(column)
            if of is not None and of not in keys:
                self.problems.append(line.at(column, f"this row names no {of.value} that it could speak of"))

    def _say_fact(self, key: ItemKey, name: str, value: Any, column: str) -> None:
        """What the row at hand says of an item; a later period may say otherwise."""
        fact = self.facts.say(key, name, value, column, self.standing)
        self.ranked.append((fact, value, column))

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

    def _take_kpi(self, line: Line, kpi: ItemKey, moment: Moment) -> None:
        """The plans that the KPI is on, and how often it is read."""
        if moment.cycle is not None and line.told.values.get("on_plan", True):
            self.members[kpi, moment.cycle.name] = None
        if moment.form is not None:
            column = "frequency" if "frequency" in line.told.values else "period"
            self.facts.say(kpi, "frequency", moment.form, column, Standing(ALWAYS, line.at))

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
            figures=self.readings.entries(),
            members=list(self.members),
            notes=[*notes, *self.apart],
        )  # fmt: skip

    def _link(self, pair: tuple[ItemKey, ItemKey], place: Problem) -> LinkEntry:
        said = self.facts.of(pair)
        in_passing = [one for one in (9, 3, 1) if self.facts.of((pair, one))]
        strength = said.get("strength", next(iter(in_passing), None))
        return LinkEntry(upper=pair[0], lower=pair[1], strength=strength, rationale=said.get("rationale"), place=place)
