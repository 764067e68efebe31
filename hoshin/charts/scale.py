"""A value axis: nice decimal ticks, exact until the moment they become coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Axis:
    """From the lowest tick to the highest, with the ticks between."""

    ticks: tuple[Decimal, ...]
    step: Decimal

    @property
    def low(self) -> Decimal:
        """The value at the foot of the axis."""
        return self.ticks[0]

    @property
    def high(self) -> Decimal:
        """The value at its head; always above `low`."""
        return self.ticks[-1]

    def share(self, *, value: Decimal) -> float:
        """How far up the axis a value lies: 0 at the foot, 1 at the head."""
        return float((value - self.low) / (self.high - self.low))


def axis_of(*, values: Sequence[Decimal], count: int = 5) -> Axis:
    """An axis of about so many steps that holds all the values; 0 is taken in when it lies near. No values: 0 to 1."""
    low, high = (min(values), max(values)) if values else (Decimal(0), Decimal(1))
    if low == high:
        low, high = (low - abs(low) / 10, high + abs(high) / 10) if low else (Decimal(0), Decimal(1))
    if 0 < low <= high - low:
        low = Decimal(0)
    if high < 0 and -high <= high - low:
        high = Decimal(0)
    step = _step(rough=(high - low) / count)
    first, last = (low / step).to_integral_value("ROUND_FLOOR"), (high / step).to_integral_value("ROUND_CEILING")
    return Axis(tuple((first + index) * step for index in range(int(last - first) + 1)), step)


def _step(*, rough: Decimal) -> Decimal:
    power = Decimal(10) ** rough.adjusted()
    return next(step * power for step in _STEPS if step * power >= rough)


def tick_text(*, value: Decimal, step: Decimal) -> str:
    """A tick with as many decimals as its step needs, thousands apart, a true minus."""
    exponent = step.normalize().as_tuple().exponent
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return f"{value:,.{places}f}".replace("-", "−").replace(",", "\u202f")
