"""What several rows say of the same thing, folded into one; two that contradict each other are both named."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from hoshin.errors import Problem

ALWAYS = date.max
"""The rank of what a row without a period says: it speaks of the thing itself, whatever the period."""


@dataclass(slots=True, eq=False)
class Standing:
    """The rank of what a row says, and how to say where, by column; `holds_all` while no other row's word counts."""

    rank: date
    at: Callable[[str], Problem]
    holds_all: bool = True


@dataclass(slots=True, eq=False)
class Fact:
    """What holds so far, in which column that was said, and by a row of which standing."""

    value: Any
    column: str
    standing: Standing

    def place(self) -> Problem:
        """Where that was said."""
        return self.standing.at(self.column)

    def follow(self, value: Any, column: str, standing: Standing) -> None:
        """From here on another row's word counts."""
        self.standing.holds_all = False
        self.value, self.column, self.standing = value, column, standing


class Facts:
    """One table of facts by thing and name; a later rank wins, within one rank all rows must agree."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.table: dict[Hashable, dict[str, Fact]] = {}

    def add(self, thing: Hashable, name: str, value: Any, place: Problem) -> None:
        """Note what a row says of the thing itself; `place` names sheet, row and column."""
        self.say(thing, name, value, place.column, Standing(ALWAYS, lambda _column: place))

    def say(self, thing: Hashable, name: str, value: Any, column: str, standing: Standing) -> Fact:
        """Note what a row of such standing says in that column. Gives what holds now."""
        facts = self.table.setdefault(thing, {})
        known = facts.get(name)
        if known is None:
            known = facts[name] = Fact(value, column, standing)
        elif known.standing.rank < standing.rank:
            known.follow(value, column, standing)
        else:
            standing.holds_all &= known.standing is standing
            if known.standing.rank == standing.rank and known.value != value:
                place = standing.at(column)
                self.problems.append(replace(place, message=self._contradiction(known, value, place)))
        return known

    @staticmethod
    def _contradiction(known: Fact, value: Any, place: Problem) -> str:
        before = known.place()
        where = f"row {before.row}"
        if before.sheet != place.sheet:
            where = f"sheet {before.sheet}, {where}"
        return f"{_shown(value)} contradicts {_shown(known.value)} in {where}"

    def of(self, thing: Hashable) -> dict[str, Any]:
        """What is said of the thing, by name."""
        return {name: one.value for name, one in self.table.get(thing, {}).items()}

    def place(self, thing: Hashable, name: str) -> Problem | None:
        """Where that was said."""
        found = self.table.get(thing, {}).get(name)
        return found.place() if found else None


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, Decimal):
        return f"“{value.normalize():f}”"
    text = value.value if isinstance(value, StrEnum) else str(getattr(value, "name", "") or value)
    return f"“{text[:60]}”"
