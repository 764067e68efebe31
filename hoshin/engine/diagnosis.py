"""The president's diagnosis: its areas and phases, and what the scores come to.

The president visits each unit once a year to find out how it works, not only what it achieved (Akao, Hoshin Kanri,
1991; Jackson, Corporate Diagnosis, 1996). The first ten areas supplied are those in which the Deming Prize examined
a company; the eleventh asks for customers and suppliers. Each is looked at through Scan, Plan, Do, Check and Act.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction

LOWEST, HIGHEST = 1, 5


class Phase(StrEnum):
    """The five phases through which an area is looked at."""

    SCAN = "scan"
    PLAN = "plan"
    DO = "do"
    CHECK = "check"
    ACT = "act"


LEVELS = {
    1: "not begun",
    2: "here and there",
    3: "in most places",
    4: "everywhere",
    5: "everywhere, and still improving",
}
"""What a score means."""

AREAS = (
    ("Policy and objectives", "Are the objectives clear, few, and carried down to every level?"),
    ("Organisation and responsibility", "Does everybody know what is theirs, and do units work together?"),
    ("Education and its spread", "Are people taught what they need to improve their own work, and do they use it?"),
    ("Information and its use", "Do figures from outside and inside arrive in time, and does somebody act on them?"),
    ("Analysis", "Are important problems chosen by data and taken down to their causes?"),
    ("Standards", "Are standards set, followed, and revised when a better way is known?"),
    ("Control of daily work", "Is what is normal visible, and is what is not answered at once?"),
    ("Assurance of quality", "Is quality built in from design to delivery rather than inspected?"),
    ("Results", "Do quality, delivery, cost, safety and spirit show what was achieved, and what was not?"),
    ("Plans for the future", "Are the weak points known, and does the next plan begin from them?"),
    ("Customers and suppliers", "Is it known what customers need and think, and do suppliers improve with us?"),
)
"""The eleven areas of the template as supplied: name, and the question that opens the talk."""


def mean(*, scores: Iterable[int | None]) -> Fraction | None:
    """The exact mean of the scores that were given, or None without any."""
    known = [one for one in scores if one is not None]
    return Fraction(sum(known), len(known)) if known else None


def change(*, now: Fraction | None, before: Fraction | None) -> Fraction | None:
    """How much higher the mean is now; None when one of the two is not known."""
    return None if now is None or before is None else now - before
