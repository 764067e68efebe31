"""Rules 6, 7 and 8: one KPI in one period, over the year to date and at its end."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from hoshin.engine.calendars import FiscalCalendar, Frequency
from hoshin.engine.metrics import Aggregation, Asked, Judgement, Metric, Mode, Reading, judge_metric
from hoshin.engine.verdicts import Band, Direction, Verdict
from tests.engine.building import CALENDAR, LONG_AFTER, MAY, YEAR, aim, ask, day, metric, months, number, reading

SUM, AVERAGE, LAST, GIVEN = Aggregation
HIT, MISS, NO_DATA, NOT_DUE, NO_TARGET = (
    Verdict.HIT, Verdict.MISS, Verdict.NO_DATA, Verdict.NOT_DUE, Verdict.NO_TARGET,
)  # fmt: skip
QUARTERLY = {date(2026, 1, 1): reading("5", "5"), date(2026, 4, 1): reading("5", "4")}


def decide(one: Metric, asked: Asked) -> Judgement:
    return judge_metric(metric=one, asked=asked, calendar=CALENDAR)


def year_to_date(one: Metric, period: str = "2026-05", as_of: date = LONG_AFTER) -> Judgement:
    return decide(one, ask(CALENDAR.parse(text=period), Mode.YTD, as_of))


@pytest.mark.parametrize(
    ("as_of", "verdict"), [("2026-06-09", NOT_DUE), ("2026-06-10", HIT), ("2027-01-01", HIT), ("2026-05-31", NOT_DUE)]
)
def test_a_reading_entered_early_becomes_a_verdict_when_its_month_falls_due(as_of: str, verdict: Verdict) -> None:
    one = metric(readings={MAY.first: reading("5", "5")})
    found = decide(one, ask(as_of=day(as_of)))
    assert found.verdict is verdict
    assert found.actual == Decimal(5)  # shown even before


@pytest.mark.parametrize(
    ("period", "as_of", "verdict", "judged"),
    [
        ("2026-05", "2027-06-30", HIT, "2026-Q1"),  # a quarterly KPI in May is judged on Q1
        ("2026-06", "2027-06-30", MISS, "2026-Q2"),
        ("2026-06", "2026-07-09", HIT, "2026-Q1"),  # Q2 is not due yet
        ("2026-03", "2026-04-10", HIT, "2026-Q1"),
        ("2026-03", "2026-04-09", NOT_DUE, None),
        ("2026-02", "2027-06-30", NOT_DUE, None),  # no quarter of this cycle has ended: last year's does not count
    ],
)
def test_a_quarterly_kpi_asked_by_the_month(period: str, as_of: str, verdict: Verdict, judged: str | None) -> None:
    one = metric(readings=QUARTERLY, frequency=Frequency.QUARTER)
    found = decide(one, ask(CALENDAR.parse(text=period), as_of=day(as_of)))
    assert found.verdict is verdict
    assert (CALENDAR.code(period=found.period) if found.period else None) == judged


@pytest.mark.parametrize(("period", "verdict"), [("2026-11", NOT_DUE), ("2026-12", MISS), ("2026-Q4", MISS)])
def test_a_yearly_kpi_is_not_due_before_its_year_is_over(period: str, verdict: Verdict) -> None:
    one = metric(readings={YEAR.first: reading("5", "4")}, frequency=Frequency.YEAR)
    assert decide(one, ask(CALENDAR.parse(text=period))).verdict is verdict


def test_a_monthly_kpi_asked_by_the_quarter_takes_its_months_together() -> None:
    one = metric(readings=months(("1", "0"), ("1", "2"), ("1", "1")), aggregation=SUM)
    found = decide(one, ask(CALENDAR.parse(text="2026-Q1")))
    assert (found.verdict, found.actual, found.band) == (HIT, Fraction(3), Band(Fraction(3), None))
    assert decide(one, ask(CALENDAR.parse(text="2026-Q1"), as_of=day("2026-04-09"))).verdict is NOT_DUE


YEAR_TO_DATE = [
    # aggregation, months as (target, actual), verdict, actual, target, used, of
    (SUM, [("0.4", "0.1"), ("0.4", "0.7")], HIT, "0.8", "0.8", 2, 2),
    (SUM, [("10", "9"), ("10", "9"), ("10", "12")], HIT, "30", "30", 3, 3),
    (SUM, [("10", "9"), ("10", None), ("10", "11")], HIT, "20", "20", 2, 3),  # February stands out of both rows
    (SUM, [("10", "9"), (None, "50"), ("10", "10")], MISS, "19", "20", 2, 3),
    (AVERAGE, [("1", "1"), ("1", "0"), ("1", "1")], MISS, "2/3", "1", 3, 3),
    (AVERAGE, [("1/3", "0")], MISS, "0", "1/3", 1, 1),
    (LAST, [("5", "1"), ("6", "2"), ("7", "7")], HIT, "7", "7", 3, 3),
    (LAST, [("5", "1"), ("6", "6"), ("7", None)], HIT, "6", "6", 2, 3),
    (SUM, [("5", None), ("6", None)], NO_DATA, None, None, 0, 2),
    (SUM, [(None, "5"), (None, "6")], NO_TARGET, None, None, 0, 2),
    (SUM, [(None, "5"), ("6", None)], NO_DATA, None, None, 0, 2),
]


def exact(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


@pytest.mark.parametrize(("aggregation", "rows", "verdict", "actual", "target", "used", "of"), YEAR_TO_DATE)
def test_year_to_date(
    aggregation: Aggregation,
    rows: list[tuple[str | None, str | None]],
    verdict: Verdict,
    actual: str | None,
    target: str | None,
    used: int,
    of: int,
) -> None:
    periods = CALENDAR.periods(first=YEAR.first, last=YEAR.last, frequency=Frequency.MONTH)
    readings = {
        period.first: Reading(
            Band(exact(plan), None) if plan else None, exact(done), Band(exact(plan), None) if plan else None
        )
        for period, (plan, done) in zip(periods, rows, strict=False)
    }
    found = year_to_date(metric(readings=readings, aggregation=aggregation), f"2026-{len(rows):02}")
    assert (found.verdict, found.actual, found.used, found.of) == (verdict, exact(actual), used, of)
    assert found.band == (Band(exact(target), None) if target else None)


def test_year_to_date_says_four_of_five_months() -> None:
    one = metric(readings=months(("1", "1"), ("1", "1"), ("1", None), ("1", "1"), ("1", "1")), aggregation=SUM)
    found = year_to_date(one)
    assert (found.used, found.of, found.actual) == (4, 5, Fraction(4))


def test_year_to_date_takes_only_months_that_have_fallen_due() -> None:
    one = metric(readings=months(*[("1", "1")] * 5), aggregation=SUM)
    assert year_to_date(one, as_of=day("2026-06-09")).actual == Fraction(4)
    assert year_to_date(one, as_of=day("2026-02-01")).verdict is NOT_DUE


def test_an_average_is_exact_and_not_rounded_before_it_is_judged() -> None:
    rows = months(("0.3333", "0.3333"), ("0.3333", "0.3333"), ("0.3334", "0.3333"))
    found = year_to_date(metric(readings=rows, aggregation=AVERAGE), "2026-03")
    assert found.verdict is MISS  # 0.3333 against 1/3


def test_low_and_high_aggregate_separately() -> None:
    january = Reading(Band(number("1"), number("3")), number("2"))
    february = Reading(Band(number("2"), number("6")), number("7"))
    one = metric(readings={date(2026, 1, 1): january, date(2026, 2, 1): february}, aggregation=SUM)
    found = year_to_date(one, "2026-02")
    assert (found.band, found.actual, found.verdict) == (Band(Fraction(3), Fraction(9)), Fraction(9), HIT)


def given(ytd_target: str | None, ytd_actual: str | None) -> Reading:
    band = aim(ytd_target)
    return Reading(aim("5"), number("0"), aim("5"), band, number(ytd_actual), band)


GIVEN_ROWS = [
    # the typed year to date of January, February and March | verdict, used
    ([("5", "5"), ("5", "4"), ("5", "5")], HIT, 3),
    ([("5", "5"), ("5", "4"), ("5", None)], MISS, 2),  # March is left out, and said to be
    ([("5", "5"), ("5", None), (None, "9")], HIT, 1),
    ([("5", None), ("5", None), ("5", None)], NO_DATA, 0),
    ([(None, "5"), (None, "5"), (None, "5")], NO_TARGET, 0),
]


@pytest.mark.parametrize(("rows", "verdict", "used"), GIVEN_ROWS)
def test_a_given_year_to_date_is_typed_and_never_worked_out(
    rows: list[tuple[str | None, str | None]], verdict: Verdict, used: int
) -> None:
    readings = {date(2026, month, 1): given(*row) for month, row in enumerate(rows, 1)}
    found = year_to_date(metric(readings=readings, aggregation=GIVEN), "2026-03")
    assert (found.verdict, found.used, found.of) == (verdict, used, 3)


def test_in_the_first_period_of_a_year_the_figure_itself_is_its_year_to_date_unless_one_is_typed() -> None:
    plain = metric(readings={date(2026, 1, 1): reading("5", "5")}, aggregation=GIVEN)
    typed = metric(readings={date(2026, 1, 1): given("5", "5")}, aggregation=GIVEN)
    assert year_to_date(plain, "2026-01").verdict is HIT
    assert year_to_date(typed, "2026-01").verdict is HIT  # its own figure would miss


@pytest.mark.parametrize(("as_of", "verdict"), [("2027-01-09", NOT_DUE), ("2027-01-10", HIT)])
def test_year_end_waits_for_the_last_period(as_of: str, verdict: Verdict) -> None:
    one = metric(readings=months(*[("1", "1")] * 12), aggregation=SUM)
    whole = CALENDAR.parse(text="2026")
    assert decide(one, ask(whole, Mode.YEAR_END, day(as_of))).verdict is verdict


def test_a_target_amended_in_june_leaves_may_alone_and_the_first_agreement_is_remembered() -> None:
    may = reading("5", "4")
    june = Reading(band=aim("4"), actual=number("4"), first_band=aim("5"))
    one = metric(readings={MAY.first: may, date(2026, 6, 1): june}, aggregation=SUM)
    june_asked = decide(one, ask(CALENDAR.parse(text="2026-06")))
    assert decide(one, ask()).verdict is MISS
    assert (june_asked.verdict, june_asked.first) == (HIT, MISS)
    both = year_to_date(one, "2026-06")
    assert (both.verdict, both.first) == (MISS, MISS)  # 8 against 9, and against 10 as first agreed


def test_a_typed_year_to_date_remembers_its_first_agreement_too() -> None:
    lowered = Reading(ytd_band=aim("4"), ytd_actual=number("4"), ytd_first_band=aim("5"))
    dropped = Reading(ytd_actual=number("4"), ytd_first_band=aim("5"))
    for one, now in ((lowered, HIT), (dropped, NO_TARGET)):
        found = year_to_date(metric(readings={MAY.first: one}, aggregation=GIVEN))
        assert (found.verdict, found.first) == (now, MISS)


def test_a_dropped_target_still_counts_as_first_agreed() -> None:
    dropped = Reading(band=None, actual=number("4"), first_band=aim("5"))
    one = metric(readings={MAY.first: dropped}, aggregation=SUM)
    for found in (decide(one, ask()), year_to_date(one)):
        assert (found.verdict, found.first) == (NO_TARGET, MISS)


def test_the_fiscal_year_decides_what_a_quarter_is() -> None:
    october = FiscalCalendar(10)
    cycle = october.cycle_named(name="FY2026")
    one = metric(readings={date(2025, 10, 1): reading("0", "0", Direction.AT_MOST)}, frequency=Frequency.QUARTER)
    asked = ask(october.parse(text="2026-02"), cycle=cycle)
    found = judge_metric(metric=one, asked=asked, calendar=october)
    assert found.verdict is HIT
    assert found.period == october.parse(text="2026-Q1")
