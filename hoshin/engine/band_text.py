"""A target in words of a few signs: ≥ 95, ≤ 3, 10–20, = 5."""

from __future__ import annotations

from hoshin.engine.figures import show_figure
from hoshin.engine.verdicts import Band


def show_band(*, band: Band | None) -> str:
    """The band as people write it; empty for none."""
    if band is None or (band.low is None and band.high is None):
        return ""
    low, high = show_figure(value=band.low), show_figure(value=band.high)
    if band.high is None:
        return f"≥ {low}"
    if band.low is None:
        return f"≤ {high}"
    return f"= {low}" if low == high else f"{low} to {high}"


def show_plan(*, band: Band | None) -> str:
    """The band without its sign, for rows whose direction is said elsewhere: 95, 10–20; empty for none."""
    if band is None:
        return ""
    bounds = [show_figure(value=one) for one in (band.low, band.high) if one is not None]
    return "–".join(dict.fromkeys(bounds))
