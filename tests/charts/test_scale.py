"""Nice ticks that hold every value."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hoshin.charts.scale import axis_of, tick_text


@pytest.mark.parametrize(
    "values",
    [
        [Decimal("0.1"), Decimal("0.8")],
        [Decimal(-5), Decimal(10)],
        [Decimal("99.90"), Decimal("99.95")],
        [Decimal(12345678), Decimal("99999999999999.9999")],
        [Decimal(7)],
        [Decimal(0)],
        [Decimal(-3), Decimal(-3)],
        [],
    ],
)
def test_the_axis_holds_all_values(values: list[Decimal]) -> None:
    """Between foot and head, in a handful of steps."""
    axis = axis_of(values=values)
    assert axis.low < axis.high
    assert all(axis.low <= value <= axis.high for value in values)
    assert 2 <= len(axis.ticks) <= 8
    assert all(0 <= axis.share(value=value) <= 1 for value in values)


def test_steps_are_nice() -> None:
    """One, two, two and a half or five times a power of ten."""
    assert axis_of(values=[Decimal(88), Decimal(97)]).ticks == (
        Decimal(88),
        Decimal(90),
        Decimal(92),
        Decimal(94),
        Decimal(96),
        Decimal(98),
    )
    assert axis_of(values=[Decimal(2), Decimal(100)]).low == 0


def test_ticks_are_exact_texts() -> None:
    """As many decimals as the step has, thousands apart, a true minus."""
    assert tick_text(value=Decimal("0.3"), step=Decimal("0.1")) == "0.3"
    assert tick_text(value=Decimal("2.5"), step=Decimal("2.5")) == "2.5"
    assert tick_text(value=Decimal(-5), step=Decimal(5)) == "−5"
    assert tick_text(value=Decimal(1200000), step=Decimal("2E+5")) == "1\u202f200\u202f000"
