"""The trend: points where their values are, shapes that tell, targets drawn as steps."""

from __future__ import annotations

from decimal import Decimal

from hoshin.charts.text import width
from hoshin.charts.trend import Trend, TrendPoint, trend

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def point(
    n: int, low: Decimal | None, high: Decimal | None, actual: Decimal | None, verdict: str, amended: bool = False
) -> TrendPoint:
    return TrendPoint(MONTHS[n % 12], low, high, actual, verdict, year=str(2025 + n // 12), amended=amended)


def drawn(*points: TrendPoint) -> Trend:
    return trend(key="t", title="Lead time", points=points)


def test_a_point_on_its_target_lies_on_the_line() -> None:
    """Equal is a hit, and looks like one."""
    chart = drawn(
        point(0, Decimal("0.8"), None, Decimal("0.8"), "hit"), point(1, Decimal("0.8"), None, Decimal("0.7"), "miss")
    )
    assert f" {chart.dots[0].y:g} " in f"{chart.bounds[0].replace('L', ' ').replace('M', ' ')} "
    assert chart.dots[1].y > chart.dots[0].y


def test_shape_as_well_as_colour_tells_the_verdict() -> None:
    """Disc, cross, triangle, ring."""
    verdicts = ("hit", "miss", "amber", "not due")
    chart = drawn(*(point(n, Decimal(1), None, Decimal(n), verdict) for n, verdict in enumerate(verdicts)))
    assert [dot.shape for dot in chart.dots] == ["disc", "cross", "triangle", "ring"]
    assert len({dot.sign.mid for dot in chart.dots}) == 4


def test_a_missing_actual_breaks_the_line() -> None:
    """No line is drawn over a month without data."""
    chart = drawn(*(point(n, Decimal(1), None, None if n == 2 else Decimal(n), "hit") for n in range(5)))
    assert chart.actual.count("M") == 2
    assert len(chart.dots) == 4


def test_the_zone_covers_what_hits() -> None:
    """At least: up to the top; at most: down to the foot; between: neither."""
    top, foot = 26.0, 280.0
    for low, high, ends in ((Decimal(5), None, {top}), (None, Decimal(5), {foot}), (Decimal(2), Decimal(5), set())):
        chart = drawn(point(0, low, high, Decimal(1), "miss"), point(1, low, high, Decimal(9), "miss"))
        numbers = {float(part.split()[1]) for part in chart.zones[0][1:].rstrip(" Z").split(" L")}
        assert numbers & {top, foot} == ends
        assert len(chart.bounds) == (2 if low is not None and high is not None else 1)


def test_a_gap_in_the_plan_is_a_gap_in_the_zone() -> None:
    """Months without target have none."""
    chart = drawn(*(point(n, None if n == 1 else Decimal(3), None, Decimal(3), "hit") for n in range(3)))
    assert len(chart.zones) == 2
    assert len(chart.bounds) == 2


def test_an_amended_target_is_flagged_where_it_begins() -> None:
    """At the left edge of its month, on the new line."""
    chart = drawn(
        point(0, Decimal(1), None, Decimal(1), "hit"), point(1, Decimal(2), None, Decimal(2), "hit", amended=True)
    )
    assert len(chart.flags) == 1
    assert chart.dots[0].x < chart.flags[0].x < chart.dots[1].x
    assert chart.flags[0].y == chart.dots[1].y


def test_everything_stays_inside_with_sixty_months_and_labels_do_not_touch() -> None:
    """As many labels as fit, the last month always among them."""
    chart = drawn(*(point(n, Decimal("99999999999999.9999"), None, Decimal(-n), "miss") for n in range(60)))
    left, top, across, down = chart.plot
    for dot in chart.dots:
        assert left <= dot.x <= left + across
        assert top <= dot.y <= top + down
    for one, other in zip(chart.periods, chart.periods[1:], strict=False):
        assert other.at - one.at > width(text=one.label, size=11)
    assert chart.periods[-1].at == chart.dots[-1].x
    assert [tick.label for tick in chart.years] == ["2025", "2026", "2027", "2028", "2029"]
    assert all(width(text=tick.label, size=11) < left for tick in chart.values)


def test_no_points_make_an_empty_chart() -> None:
    """A KPI without any period is no error."""
    chart = drawn()
    assert (chart.dots, chart.zones, chart.actual) == ((), (), "")


def test_reviews_and_what_else_happened_stand_side_by_side_and_are_explained() -> None:
    """A month may have both; each mark says what it is, and only what is there is in the legend."""
    both = TrendPoint(
        "Jan", Decimal(1), None, Decimal(1), "hit", year="2026",
        events=("countermeasure opened",),
        reviews=("monthly review held on 12 February 2026, decided: a second shift",),
    )  # fmt: skip
    chart = drawn(both, point(13, Decimal(1), None, Decimal(2), "hit"))
    [review], [event] = chart.reviews, chart.events
    assert "Jan 2026: monthly review held on 12 February 2026, decided: a second shift" in review.said
    assert event.x - review.x > 8, "they do not cover each other"
    assert {"review", "event"} <= {shape for _, shape, _ in chart.legend}
    assert not drawn(point(0, Decimal(1), None, Decimal(2), "hit")).reviews
