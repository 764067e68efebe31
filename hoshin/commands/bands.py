"""What the targets of a reading mean: the band that decides, whether it was agreed, and whether a change amends it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Protocol

from hoshin.engine.figures import checked_figure, show_figure
from hoshin.engine.plans import State
from hoshin.engine.verdicts import Band, Direction, band_of
from hoshin.model.kpis import KPI, Figures

PERIOD_TARGETS = ("target", "low", "high")
YEAR_TARGETS = ("ytd_target", "ytd_low", "ytd_high")
TARGETS = (*PERIOD_TARGETS, *YEAR_TARGETS)
PLANNED = (*TARGETS, "stretch")
NOTES = ("note", "plan_note")
"""The line beside the actual, and that beside the plan."""
RECORDED = ("actual", "ytd_actual", *NOTES)
FIGURES = (*PLANNED, *RECORDED)
BANDS = (
    "band_low", "band_high", "first_low", "first_high",
    "ytd_band_low", "ytd_band_high", "ytd_first_low", "ytd_first_high",
)  # fmt: skip


class Aimed(Protocol):
    """A KPI, as far as its targets mean anything by it."""

    @property
    def direction(self) -> Direction | None:
        """Which side of its target it wants to be on."""

    @property
    def tolerance(self) -> Decimal | None:
        """How far from its target an exact one may lie."""


Value = Decimal | str | None
Values = Mapping[str, Value]


def amends(*, kpi: KPI, reading: Figures | None, changed: Iterable[str]) -> bool:
    """Whether an agreed target changes: the KPI is no draft, and what changes stood before or made up a band.

    A target that was dropped counts as agreed for ever, so that it cannot come back unseen as another one.
    """
    if kpi.state is State.DRAFT or reading is None:
        return False
    of_period, of_year = _agreed(reading, ""), _agreed(reading, "ytd_")
    return any(
        name in TARGETS and (getattr(reading, name) is not None or (of_year if name in YEAR_TARGETS else of_period))
        for name in changed
    )


def derive(*, kpi: Aimed, reading: Figures, changed: Iterable[str], agreed: bool) -> None:
    """Set the bands of the targets that changed; another change leaves them as they were agreed.

    What was first agreed stays when something had been agreed.
    """
    names, typed = set(changed), {name: getattr(reading, name) for name in TARGETS}
    for prefix, targets in (("", PERIOD_TARGETS), ("ytd_", YEAR_TARGETS)):
        if names.isdisjoint(targets):
            continue
        stays = agreed and _agreed(reading, prefix)
        low, high = _bounds(_band(kpi, typed, prefix))
        setattr(reading, f"{prefix}band_low", low)
        setattr(reading, f"{prefix}band_high", high)
        if not stays:
            setattr(reading, f"{prefix}first_low", low)
            setattr(reading, f"{prefix}first_high", high)


def agree(*, reading: Figures) -> None:
    """What stands now is what was first agreed."""
    reading.first_low, reading.first_high = reading.band_low, reading.band_high
    reading.ytd_first_low, reading.ytd_first_high = reading.ytd_band_low, reading.ytd_band_high


def unstorable(*, kpi: Aimed, reading: Figures | None, changed: Values) -> str:
    """What is wrong with figures, or with the band they make up, that cannot be stored exactly; empty when nothing."""
    try:
        for value in changed.values():
            if isinstance(value, Decimal):
                checked_figure(value=value)
        typed = {name: changed.get(name, standing(reading=reading, name=name)) for name in TARGETS}
        for band in (_band(kpi, typed, ""), _band(kpi, typed, "ytd_")):
            _check_band(band)
    except ValueError as error:
        return str(error)
    return ""


def standing(*, reading: Figures | None, name: str) -> Value:
    """What the field says now; a reading that is not there yet is empty."""
    empty = "" if name in NOTES else None
    value: Value = empty if reading is None else getattr(reading, name)
    return value


def is_agreed(*, reading: Figures) -> bool:
    """Whether the period or its typed year to date has, or ever had, a target that decides."""
    return _agreed(reading, "") or _agreed(reading, "ytd_")


def _agreed(reading: Figures, prefix: str) -> bool:
    kept = ("band_low", "band_high", "first_low", "first_high")
    return any(getattr(reading, f"{prefix}{name}") is not None for name in kept)


def _band(kpi: Aimed, typed: Mapping[str, Any], prefix: str) -> Band | None:
    return band_of(
        direction=kpi.direction,
        target=typed[f"{prefix}target"],
        low=typed[f"{prefix}low"],
        high=typed[f"{prefix}high"],
        tolerance=kpi.tolerance,
    )


def _bounds(band: Band | None) -> tuple[Any, Any]:
    return (band.low, band.high) if band else (None, None)


def _check_band(band: Band | None) -> None:
    for bound in _bounds(band):
        if bound is not None:
            checked_figure(value=bound)


def plain(*, values: Values) -> dict[str, Any]:
    """The values as the journal keeps them."""
    return {name: shown(value=value) for name, value in values.items()}


def said(*, name: str) -> str:
    """What people call the field."""
    return name.replace("ytd_", "year to date ").replace("_", " ")


def shown(*, value: Value) -> str:
    """The value as text, without trailing zeros."""
    return show_figure(value=value) if isinstance(value, Decimal) else (value or "")


def now_says(*, reading: Figures | None, name: str) -> str:
    """What the field says now, as text."""
    return shown(value=standing(reading=reading, name=name))
