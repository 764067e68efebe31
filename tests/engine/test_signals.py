"""Colours on top of verdicts, and whether the plan adds up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from hoshin.engine.effects import Effect, covered, targets_from_effects
from hoshin.engine.signals import Light, Scheme, light
from hoshin.engine.verdicts import Band, Verdict, judge


@pytest.mark.parametrize(
    ("low", "high", "actual", "scheme", "expected"),
    [
        ("100", None, "100", Scheme.THREE, Light.HIT),
        ("100", None, "95", Scheme.BINARY, Light.MISS),
        ("100", None, "95", Scheme.THREE, Light.AMBER),
        ("100", None, "94.9999", Scheme.THREE, Light.MISS),
        (None, "100", "105", Scheme.THREE, Light.AMBER),
        (None, "0", "0.0001", Scheme.THREE, Light.MISS),
        ("-100", None, "-105", Scheme.THREE, Light.AMBER),
        ("10", "20", "20.5", Scheme.THREE, Light.AMBER),
        ("10", None, None, Scheme.THREE, Light.NONE),
    ],
)
def test_a_light(low: str | None, high: str | None, actual: str | None, scheme: Scheme, expected: Light) -> None:
    band = Band(Decimal(low) if low else None, Decimal(high) if high else None)
    value = Decimal(actual) if actual else None
    verdict = judge(due=True, band=band, actual=value)
    found = light(verdict=verdict, band=band, actual=value, scheme=scheme, within_percent=5)
    assert found is expected
    assert (found is Light.HIT) is (verdict is Verdict.HIT), "amber is never half a hit"


def test_the_plan_covers_sixty_per_cent_of_the_gap() -> None:
    effects = [Effect(Decimal(-2), date(2026, 3, 1)), Effect(Decimal(-1), date(2026, 6, 1))]
    assert covered(effects=effects, baseline=Decimal(12), target=Decimal(7)) == Fraction(3, 5)
    assert covered(effects=effects, baseline=Decimal(7), target=Decimal(7)) is None
    assert covered(effects=[], baseline=None, target=Decimal(7)) is None


def test_targets_follow_the_dates_of_the_effects() -> None:
    effects = [Effect(Decimal(-2), date(2026, 3, 1)), Effect(Decimal("-0.5"), date(2026, 4, 15))]
    months = [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    found = targets_from_effects(effects=effects, baseline=Decimal(12), periods=months)
    assert list(found.values()) == [Decimal(12), Decimal(10), Decimal("9.5")]
