"""Whose hand a ball is in: who may play and sign for each side, and who stands above both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hoshin.engine.catchball import Side

NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Court:
    """The tree of units with their heads on one day; `deputies` holds per unit whom each deputy stands in for."""

    parents: Mapping[int, int | None]
    heads: Mapping[int, frozenset[int]]
    deputies: Mapping[int, Mapping[int, frozenset[int]]] = field(default_factory=dict)

    def upwards(self, *, unit: int | None) -> Iterator[int]:
        """The unit and everything above it."""
        while unit is not None:
            yield unit
            unit = self.parents.get(unit)


@dataclass(frozen=True, slots=True)
class Match:
    """The two units of a ball, and the sponsors of the objectives that the thrown item serves."""

    thrower: int
    catcher: int
    sponsors: frozenset[int] = NOBODY

    def unit(self, *, side: Side) -> int:
        """The unit of one of the two sides."""
        return self.thrower if side is Side.THROWER else self.catcher


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who may play for a side, and for whom: the same person, unless she is a deputy."""

    person: int
    principal: int

    @property
    def people(self) -> frozenset[int]:
        """Both of them: none of them may have signed for the other side."""
        return frozenset({self.person, self.principal})


def find_hand(*, court: Court, match: Match, side: Side, person: int) -> Hand | None:
    """How this person may play for the side: as its head, as the head's deputy, or standing in; None for not at all."""
    seats = list(_seats(court, match, side))
    if any(person in heads for _, heads in seats):
        return Hand(person, person)
    for unit, heads in seats:
        stands_for = court.deputies.get(unit, {}).get(person, NOBODY) & heads if unit is not None else NOBODY
        if stands_for:
            return Hand(person, min(stands_for))
    return None


def people_of(*, court: Court, match: Match, side: Side) -> frozenset[int]:
    """Everybody who signs for the side in her own name."""
    return frozenset().union(*(heads for _, heads in _seats(court, match, side)))


def _seats(court: Court, match: Match, side: Side) -> Iterator[tuple[int | None, frozenset[int]]]:
    """The units whose heads play for the side, with those heads; a sponsor sits in no unit."""
    if side is Side.SUPERIOR:
        yield from _superior(court, match)
        return
    unit = match.unit(side=side)
    own, theirs = court.heads.get(unit, NOBODY), court.heads.get(match.unit(side=side.other), NOBODY)
    if own:
        yield unit, own
    if not own or (own == theirs and len(own) == 1):
        yield from _next_above(court, match, court.parents.get(unit), own | theirs)


def _superior(court: Court, match: Match) -> Iterator[tuple[int | None, frozenset[int]]]:
    """The first unit strictly above both whose head is neither of the two; at the top the sponsor."""
    above_thrower = list(court.upwards(unit=court.parents.get(match.thrower)))
    above_catcher = set(court.upwards(unit=court.parents.get(match.catcher)))
    common = next((one for one in above_thrower if one in above_catcher), None)
    parties = court.heads.get(match.thrower, NOBODY) | court.heads.get(match.catcher, NOBODY)
    yield from _next_above(court, match, common, parties)


def _next_above(
    court: Court, match: Match, start: int | None, but: frozenset[int]
) -> Iterator[tuple[int | None, frozenset[int]]]:
    for unit in court.upwards(unit=start):
        if court.heads.get(unit, NOBODY) - but:
            yield unit, court.heads[unit] - but
            return
    if match.sponsors - but:
        yield None, match.sponsors - but
