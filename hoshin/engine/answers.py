"""What an answer to a miss must close and what it did: the gap, the expected effects, the KPI before and since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hoshin.engine.misses import Mark, judged, row_of
from hoshin.engine.verdicts import Verdict

WHOLE = Decimal(100)
"""All shares of the root causes together never exceed this, in per cent."""


def gap(*, mark: Mark) -> Fraction:
    """How far the actual lies outside the band, never negative; 0 for a hit or without figures."""
    if mark.actual is None or mark.band is None:
        return Fraction(0)
    value = Fraction(mark.actual)
    below = Fraction(mark.band.low) - value if mark.band.low is not None else Fraction(0)
    above = value - Fraction(mark.band.high) if mark.band.high is not None else Fraction(0)
    return max(below, above, Fraction(0))


def toward(*, mark: Mark, effect: Decimal) -> Fraction:
    """How much of the gap an expected change of the KPI closes: its size in the good direction, negative otherwise."""
    if mark.actual is None or mark.band is None:
        return Fraction(0)
    is_below = mark.band.low is not None and Fraction(mark.actual) < Fraction(mark.band.low)
    return Fraction(effect) if is_below else -Fraction(effect)


def open_gap(*, mark: Mark, effects: Iterable[Decimal | None]) -> Fraction:
    """What of the gap the expected effects leave open; zero or less when they close it."""
    return gap(mark=mark) - sum((toward(mark=mark, effect=one) for one in effects if one is not None), Fraction(0))


@dataclass(frozen=True, slots=True)
class Check:
    """What became of the KPI: the mark that was answered, the latest since, their gaps, and the hits in a row now.

    `closed` is the share of the gap that is closed, not capped; None while nothing has been judged since.
    """

    before: Mark | None
    since: Mark | None
    gap_before: Fraction
    gap_since: Fraction
    hits: int
    closed: Fraction | None


def check_of(*, among: Sequence[Mark], opened_for: date) -> Check:
    """Compare the period that asked for the answer (its first day) with the latest judged one after it."""
    before = next((one for one in among if one.period.first == opened_for), None)
    later = [one for one in judged(among=among) if one.period.first > opened_for]
    since = later[-1] if later else None
    was = gap(mark=before) if before else Fraction(0)
    now = gap(mark=since) if since else Fraction(0)
    closed = (was - now) / was if since is not None and was else None
    return Check(before, since, was, now, len(row_of(verdict=Verdict.HIT, among=among)), closed)
