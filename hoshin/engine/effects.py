"""Does the plan add up: how much of a KPI's gap its actions explain, and the targets that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Effect:
    """What an action is expected to add to a KPI, in the KPI's unit (negative where less is better), and from when."""

    amount: Decimal
    starts: date


def covered(*, effects: Sequence[Effect], baseline: Decimal | None, target: Decimal | None) -> Fraction | None:
    """The share of the gap from baseline to target that the effects explain; more than all of it is shown as such.

    None when there is no gap to speak of: baseline or target missing, or the two equal.
    """
    if baseline is None or target is None or baseline == target:
        return None
    return sum((Fraction(one.amount) for one in effects), Fraction(0)) / (Fraction(target) - Fraction(baseline))


def targets_from_effects(
    *, effects: Sequence[Effect], baseline: Decimal, periods: Sequence[date]
) -> dict[date, Decimal]:
    """The targets of the periods (last days): the baseline, plus every effect that has started by then. Exact."""
    return {
        last: baseline + sum((one.amount for one in effects if one.starts <= last), Decimal(0)) for last in periods
    }
