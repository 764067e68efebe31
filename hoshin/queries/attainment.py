"""Attainment for whoever asks: which cycle and period are meant, and the report with what it rests on."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hoshin.engine.attainment import Report, attain, describe, describe_part
from hoshin.engine.calendars import FIRST_YEAR, LAST_YEAR, FiscalCalendar, Frequency, Period
from hoshin.engine.columns import ended_kpis
from hoshin.engine.counts import Counts
from hoshin.engine.metrics import Asked, Mode
from hoshin.engine.plans import Plan
from hoshin.errors import Missing, Problem, Refused
from hoshin.model.cycles import Cycle
from hoshin.model.units import Organisation
from hoshin.queries.cycles import find_cycle, find_cycle_on, nearest_cycle
from hoshin.queries.figures import Figures, count, count_judged
from hoshin.queries.grounds import Ground, get_ground
from hoshin.queries.parts import load_above, load_items_alone, load_names, load_unit_part
from hoshin.queries.plans import load_plan
from hoshin.queries.units import get_organisation


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks, as typed; everything left out has a default (see `load`)."""

    cycle: str | None = None
    period: str | None = None
    mode: Mode = Mode.PERIOD
    as_of: date | None = None
    known_at: datetime | None = None
    latest: bool = False
    """Without a cycle, take the one of the latest due month, as pages do (rule 8), not the one that holds the day."""
    compared: bool = True
    """Whether the report of the period before is wanted too; sheets that show no trend do without."""
    counted: bool = False
    """Whether counts are all that is wanted, without the single metrics behind them: a large plan is read sooner."""
    kpis: bool = True
    """Whether, of what is counted, each KPI is wanted as a node of its own."""


@dataclass(frozen=True, slots=True)
class Attainment:
    """The report for the question, the plan it was made from, and the report of the period before within the cycle."""

    cycle: Cycle
    plan: Plan
    report: Report
    before: Report | None
    known_at: datetime | None = None
    figures: Figures | None = None
    """The counts that the report was described by, with how each single KPI was counted; None where all were judged."""

    @property
    def asked(self) -> Asked:
        """The question with every default filled in."""
        return self.report.asked

    @property
    def period_label(self) -> str:
        """The period as people say it."""
        return self.plan.calendar.label(period=self.asked.period)


def load(*, session: Session, question: Question, now: datetime) -> Attainment:
    """Answer the question.

    Defaults: as of today in the organisation's time zone; the cycle that holds that day (or the one of the period
    asked, or the nearest before it); its latest due month, or its first month when none is due yet; mode period;
    everything recorded until now, or until the end of a past as-of day; of a closed cycle, until it was closed.
    Raises Missing for an unknown cycle, Refused for a period that is none or lies outside the cycle.
    """
    organisation = get_organisation(session=session)
    question, cycle, period = _resolved(session, organisation, question, now)
    known_at, as_of = question.known_at, question.as_of or date.max
    if question.counted:
        with suppress(OverflowError):  # figures too large to be added up in columns are added up one by one
            return _counted(session, cycle, question, period)
    plan = load_plan(session=session, cycle=cycle, known_at=known_at)
    asked = _asked(plan.calendar, cycle, period, question.mode, as_of)
    earlier = _earlier(plan.calendar, asked) if question.compared else None
    before = attain(plan=plan, asked=earlier) if earlier else None
    return Attainment(cycle, plan, attain(plan=plan, asked=asked), before, known_at)


def load_part(*, session: Session, question: Question, now: datetime, item_ids: Collection[int] = ()) -> Attainment:
    """The same answer with nothing of the plan but its units and these items, whose KPIs are judged one by one.

    The counts at every unit, class and level, and at these items, are those of the whole organisation. Links, people
    and how many metrics were ended are left out. A fixed number of statements; at most some thousand items.
    """
    organisation = get_organisation(session=session)
    asked_for, cycle, period = _resolved(session, organisation, question, now)
    known_at, as_of = asked_for.known_at, asked_for.as_of or date.max
    ground = get_ground(session=session, known_at=known_at)
    asked = _asked(ground.calendar, cycle, period, question.mode, as_of)
    try:
        found = count(session=session, ground=ground, cycle=cycle, asked=asked)
    except OverflowError:
        return load(session=session, question=replace(question, counted=False), now=now)
    plan = load_items_alone(session=session, cycle=cycle, known_at=known_at, item_ids=item_ids)
    report = describe_part(plan=plan, asked=asked, now=found.now, first=found.first)
    return Attainment(cycle, plan, report, None, known_at, found)


@dataclass(frozen=True, slots=True)
class Standing:
    """The answer as counts alone, now and for the period before, with how every KPI was counted; nothing has a name."""

    cycle: Cycle
    ground: Ground
    figures: Figures
    before: Figures | None
    known_at: datetime | None = None

    @property
    def asked(self) -> Asked:
        """The question with every default filled in."""
        return self.figures.asked


def load_standing(*, session: Session, question: Question, now: datetime) -> Standing:
    """Answer the question with counts alone; the defaults and errors are those of `load`."""
    organisation = get_organisation(session=session)
    asked_for, cycle, period = _resolved(session, organisation, question, now)
    known_at, as_of = asked_for.known_at, asked_for.as_of or date.max
    ground = get_ground(session=session, known_at=known_at)
    asked = _asked(ground.calendar, cycle, period, question.mode, as_of)
    earlier = _earlier(ground.calendar, asked) if question.compared else None
    try:
        counted = [count(session=session, ground=ground, cycle=cycle, asked=one) for one in (asked, earlier) if one]
    except OverflowError:  # figures too large to be added up in columns are added up one by one
        plan = load_plan(session=session, cycle=cycle, known_at=known_at)
        counted = [
            count_judged(session=session, ground=ground, cycle=cycle, asked=one,
                         judgements=attain(plan=plan, asked=one).judgements)
            for one in (asked, earlier) if one
        ]  # fmt: skip
    return Standing(cycle, ground, counted[0], counted[1] if earlier else None, known_at)


def describe_standing(
    *, session: Session, standing: Standing, item_ids: Collection[int], person_ids: Collection[int] = ()
) -> Attainment:
    """The standing with names: those of all units, of these items, their owners and these people; no link, no reading.

    So its KPIs have no judgements; how each was counted, the standing knows. Its counts are those of the whole.
    """
    plan = load_names(
        session=session, cycle=standing.cycle, known_at=standing.known_at, item_ids=item_ids, person_ids=person_ids
    )
    found = described(standing=standing, plan=plan)
    report, before = found.report, found.before
    return replace(
        found, report=replace(report, judgements={}), before=replace(before, judgements={}) if before else None
    )


def judge_standing(
    *, session: Session, standing: Standing, item_ids: Collection[int], person_ids: Collection[int] = ()
) -> Attainment:
    """The standing with these items, whatever they serve up to the vision, and the judgement of each KPI among them."""
    plan = load_above(
        session=session, cycle=standing.cycle, columns=standing.ground.columns, item_ids=item_ids,
        known_at=standing.known_at, person_ids=person_ids,
    )  # fmt: skip
    return described(standing=standing, plan=plan)


def month_by_month(*, session: Session, standing: Standing) -> list[tuple[Period, Counts]]:
    """The organisation in each month of the cycle that has fallen due, up to the month asked for; else no counts."""
    ground, asked = standing.ground, standing.asked
    found = []
    for one in ground.calendar.periods(first=asked.cycle.first, last=asked.cycle.last, frequency=Frequency.MONTH):
        counts = Counts()
        if ground.calendar.is_due(period=one, as_of=asked.as_of) and one.last <= asked.period.last:
            month = Asked(asked.cycle, one, Mode.PERIOD, asked.as_of)
            figures = count(session=session, ground=ground, cycle=standing.cycle, asked=month)
            counts = figures.counts(kind="organisation")
        found.append((one, counts))
    return found


def described(*, standing: Standing, plan: Plan) -> Attainment:
    """The standing as the attainment of a part of its plan."""
    asked = standing.asked
    ended = ended_kpis(columns=standing.ground.columns, cycle=asked.cycle, as_of=asked.as_of)

    def report(found: Figures) -> Report:
        one = describe_part(plan=plan, asked=found.asked, now=found.now, first=found.first)
        return replace(one, ended=ended)

    before = report(standing.before) if standing.before else None
    return Attainment(standing.cycle, plan, report(standing.figures), before, standing.known_at, standing.figures)


def load_unit(*, session: Session, cycle: Cycle, unit_id: int, now: datetime, busy: Collection[int] = ()) -> Attainment:
    """Attainment in the cycle at its latest due month, for the sheets of one unit.

    Plan and judgements are those of queries.parts, the counts at its nodes those of the whole organisation.
    """
    ground = _present(session, cycle)
    if ground is None:
        return load(session=session, question=Question(cycle=cycle.name, compared=False), now=now)
    plan = load_unit_part(session=session, cycle=cycle, unit_id=unit_id, busy=busy)
    return _described(session, ground, cycle, plan, now)


def load_items(*, session: Session, cycle: Cycle, item_ids: Collection[int], now: datetime) -> Attainment:
    """The same for some items and everything that they serve."""
    ground = _present(session, cycle)
    if ground is None:
        return load(session=session, question=Question(cycle=cycle.name, compared=False), now=now)
    plan = load_above(session=session, cycle=cycle, columns=ground.columns, item_ids=item_ids)
    return _described(session, ground, cycle, plan, now)


def _resolved(
    session: Session, organisation: Organisation, question: Question, now: datetime
) -> tuple[Question, Cycle, Period | None]:
    """The question with its days filled in, its cycle and the period that was asked for, None being the default."""
    today = today_in(organisation=organisation, now=now)
    as_of = _sensible(question.as_of or today)
    calendar = organisation.calendar
    period = _parse(calendar, question.period)
    day = calendar.latest_due(as_of=as_of).first if question.latest else as_of
    cycle = _cycle(session, question.cycle, period, day)
    known_at = question.known_at
    if known_at is None and as_of < today:
        known_at = end_of_day(organisation=organisation, day=as_of)
    return replace(question, known_at=_until_closed(cycle, known_at), as_of=as_of), cycle, period


def _present(session: Session, cycle: Cycle) -> Ground | None:
    """The structure as it stands, None for a closed cycle, which is read as it was."""
    if _until_closed(cycle, None) is not None:
        return None
    return get_ground(session=session)


def _described(session: Session, ground: Ground, cycle: Cycle, plan: Plan, now: datetime) -> Attainment:
    today = today_in(organisation=get_organisation(session=session), now=now)
    asked = _asked(plan.calendar, cycle, None, Mode.PERIOD, _sensible(today))
    found = count(session=session, ground=ground, cycle=cycle, asked=asked)
    return Attainment(cycle, plan, describe_part(plan=plan, asked=asked, now=found.now, first=found.first), None)


def _counted(
    session: Session, cycle: Cycle, question: Question, period: Period | None
) -> Attainment:
    """The same from the verdicts that stand beside the readings, counted on columns (see queries.figures)."""
    known_at, as_of = question.known_at, question.as_of
    ground = get_ground(session=session, known_at=known_at)
    asked = _asked(ground.calendar, cycle, period, question.mode, as_of or date.max)
    plan = load_plan(session=session, cycle=cycle, known_at=known_at, figures=False)

    def report(one: Asked) -> Report:
        found = count(session=session, ground=ground, cycle=cycle, asked=one)
        return describe(plan=plan, asked=one, now=found.now, first=found.first, kpis=question.kpis)

    earlier = _earlier(plan.calendar, asked) if question.compared else None
    return Attainment(cycle, plan, report(asked), report(earlier) if earlier else None, known_at)


def _asked(calendar: FiscalCalendar, cycle: Cycle, period: Period | None, mode: Mode, as_of: date) -> Asked:
    """The question with its period, which must lie within the cycle."""
    asked = Asked(cycle.span, _period_in(calendar, cycle, period, mode, as_of), mode, as_of)
    _check_inside(asked)
    return asked


def trend(*, attainment: Attainment) -> list[Report]:
    """The reports of the cycle's due months up to the asked period, oldest first, from the plan already loaded."""
    asked = attainment.asked
    months = attainment.plan.calendar.periods(
        first=asked.cycle.first, last=asked.period.last, frequency=Frequency.MONTH
    )
    due = [one for one in months if attainment.plan.calendar.is_due(period=one, as_of=asked.as_of)]
    return [attain(plan=attainment.plan, asked=Asked(asked.cycle, one, Mode.PERIOD, asked.as_of)) for one in due]


def today_in(*, organisation: Organisation, now: datetime) -> date:
    """The organisation's calendar day at that instant."""
    return now.astimezone(ZoneInfo(organisation.time_zone)).date()


def end_of_day(*, organisation: Organisation, day: date) -> datetime:
    """The last instant of the day in the organisation's time zone, in UTC."""
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(organisation.time_zone))
    return midnight.astimezone(UTC) - timedelta(microseconds=1)


def default_period(*, calendar: FiscalCalendar, cycle: Cycle, as_of: date, mode: Mode = Mode.PERIOD) -> Period:
    """The cycle's latest due month (its first when none is due); the whole year in mode year-end."""
    if mode is Mode.YEAR_END:
        return calendar.period_of(day=cycle.first_day, frequency=Frequency.YEAR)
    latest = calendar.latest_due(as_of=as_of)
    return calendar.period_of(day=min(max(latest.first, cycle.first_day), cycle.last_day), frequency=Frequency.MONTH)


def _period_in(calendar: FiscalCalendar, cycle: Cycle, asked: Period | None, mode: Mode, as_of: date) -> Period:
    """The period asked for or its default; at year end it is always the year."""
    if asked is None or (mode is Mode.YEAR_END and asked.first >= cycle.first_day and asked.last <= cycle.last_day):
        return default_period(calendar=calendar, cycle=cycle, as_of=as_of, mode=mode)
    return asked


def _until_closed(cycle: Cycle, known_at: datetime | None) -> datetime | None:
    """A closed cycle is read as it was known just before: what changes later in shared things leaves it alone."""
    if cycle.closed_at is None:
        return known_at
    before = cycle.closed_at - timedelta(microseconds=1)
    return before if known_at is None else min(known_at, before)


def _sensible(as_of: date) -> date:
    if not FIRST_YEAR <= as_of.year <= LAST_YEAR:
        raise Refused(Problem(f"choose a day between {FIRST_YEAR} and {LAST_YEAR}", field="as_of"))
    return as_of


def _parse(calendar: FiscalCalendar, text: str | None) -> Period | None:
    if text is None or not text.strip():
        return None
    try:
        return calendar.parse(text=text)
    except ValueError as error:
        raise Refused(Problem(str(error), field="period")) from error


def _cycle(session: Session, name: str | None, period: Period | None, day: date) -> Cycle:
    if name is not None and name.strip():
        wanted = name.strip()[:20]
        found = find_cycle(session=session, name=wanted) if wanted.isascii() and wanted.isalnum() else None
    else:
        day = period.first if period else day
        found = find_cycle_on(session=session, day=day) if period else nearest_cycle(session=session, day=day)
        wanted = f"that holds {day}"
    if found is None:
        raise Missing(f"there is no cycle {wanted}")
    return found


def _check_inside(asked: Asked) -> None:
    if not (asked.cycle.first <= asked.period.first and asked.period.last <= asked.cycle.last):
        raise Refused(Problem(f"the period lies outside {asked.cycle.name}", field="period"))


def earlier_question(*, calendar: FiscalCalendar, asked: Asked) -> Asked | None:
    """The same question of the period before; None at the start of a cycle and for a whole year."""
    return _earlier(calendar, asked)


def _earlier(calendar: FiscalCalendar, asked: Asked) -> Asked | None:
    """The period before, for the trend; None at the start of a cycle and for a whole year."""
    if asked.mode is Mode.YEAR_END or asked.period.first == asked.cycle.first:
        return None
    day = asked.period.first - timedelta(days=1)
    earlier = calendar.period_of(day=day, frequency=asked.period.frequency)
    return Asked(asked.cycle, earlier, asked.mode, asked.as_of)
