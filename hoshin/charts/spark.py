"""A sparkline: the plan dashed, the actuals as a line with the last one marked, small enough for a table cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from hoshin.charts.palette import PALETTE, Palette
from hoshin.charts.signs import Sign, sign_of

_PAD = 3.0


@dataclass(frozen=True, slots=True)
class Spark:
    """Two SVG paths ("" for none) and the last actual point, if there is one; `said` is it in words."""

    width: float
    height: float
    plan: str
    actual: str
    last: tuple[float, float] | None
    sign: Sign
    said: str
    palette: Palette = field(default=PALETTE)


def spark(
    *,
    plan: Sequence[Decimal | None],
    actual: Sequence[Decimal | None],
    verdict: str = "not_due",
    said: str = "",
    width: float = 84.0,
    height: float = 22.0,
) -> Spark:
    """Draw both rows over the same periods (equal lengths, oldest first); `verdict` is that of the last actual."""
    known = [value for value in (*plan, *actual) if value is not None]
    low, high = (min(known), max(known)) if known else (Decimal(0), Decimal(1))
    points = [
        _points(values=row, low=low, high=high, width=width, height=height) for row in (tuple(plan), tuple(actual))
    ]
    drawn = [point for point in points[1] if point is not None]
    return Spark(
        width, height, path_of(points=points[0]), path_of(points=points[1]), drawn[-1] if drawn else None,
        sign_of(verdict=verdict), said,
    )  # fmt: skip


def _points(
    *, values: tuple[Decimal | None, ...], low: Decimal, high: Decimal, width: float, height: float
) -> list[tuple[float, float] | None]:
    across = (width - 2 * _PAD) / max(1, len(values) - 1)
    span = high - low
    return [
        None
        if value is None
        else (
            round(_PAD + index * across, 2),
            round(height - _PAD - (float((value - low) / span) if span else 0.5) * (height - 2 * _PAD), 2),
        )
        for index, value in enumerate(values)
    ]


def path_of(*, points: Sequence[tuple[float, float] | None]) -> str:
    """An SVG path through the points that breaks where one is missing; "" without points."""
    parts: list[str] = []
    pen = "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        parts.append(f"{pen}{point[0]:g} {point[1]:g}")
        pen = "L"
    return " ".join(parts)
