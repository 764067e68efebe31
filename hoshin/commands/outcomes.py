"""What became of the cells of one save: how many stand, what is wrong with the others, what is amended or proposed."""

from __future__ import annotations

from dataclasses import dataclass, field

from hoshin.engine.calendars import Period
from hoshin.errors import Problem, Refused


@dataclass(frozen=True, slots=True)
class Amendment:
    """One agreed target that changes: which, and what it said before and says now, as texts."""

    kpi_id: int
    period: Period
    name: str
    before: str
    after: str


@dataclass(slots=True)
class Outcome:
    """What became of the cells: how many were saved or stood so already, and what is wrong with the others.

    `stale` are those of the problems where somebody else saved first, `unreasoned` those where only the reason is
    missing; `amendments` lists every agreed target that changes, or would once a reason is given. `proposed` names
    the cells that were put before the level above and stand as they were until it agrees; `asks` whether any would be.
    """

    saved: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    stale: list[Problem] = field(default_factory=list)
    unreasoned: list[Problem] = field(default_factory=list)
    amendments: list[Amendment] = field(default_factory=list)
    proposed: list[Problem] = field(default_factory=list)
    asks: set[str] = field(default_factory=set)


class NotRecorded(Refused):
    """Cells of one form that cannot all be saved; none was, and `outcome` says what is wrong with which."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(*outcome.problems)
        self.outcome = outcome
