"""A reading's verdict as two letters beside it in the database, so that a report need not judge it again (rule 13)."""

from __future__ import annotations

from decimal import Decimal

from hoshin.engine.metrics import Reading
from hoshin.engine.verdicts import Band, Verdict, judge

LETTERS = {Verdict.HIT: "h", Verdict.MISS: "m", Verdict.NO_DATA: "d", Verdict.NO_TARGET: "t"}
"""What is not due has no letter: whether a period is due is decided when it is asked for."""


def status_of(*, reading: Reading) -> str:
    """The letter of the verdict once the period is due, and that of the verdict against the target first agreed."""
    now = judge(due=True, band=reading.band, actual=reading.actual)
    first = judge(due=True, band=reading.first_band, actual=reading.actual)
    return LETTERS[now] + LETTERS[first]


def status_as_agreed(*, band: Band | None, actual: Decimal | None) -> str:
    """The same of a reading whose band is still the one first agreed: both verdicts are one."""
    return LETTERS[judge(due=True, band=band, actual=actual)] * 2
