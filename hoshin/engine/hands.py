"""Whose hand a ball is in: who may play and sign for each side, and who stands above both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hoshin.engine.catchball import Side

NOBODY: frozenset[int] = frozenset()

Seat = tuple[int | None, frozenset[int]]
"""A unit with those who sit there; a sponsor sits in no unit."""


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
    return hand_in(court=court, seats=list(_seats(court, match, side)), person=person)


def hand_in(*, court: Court, seats: Sequence[Seat], person: int) -> Hand | None:
    """How this person sits in one of these seats, in her own name or as a deputy; None for not at all."""
    if any(person in heads for _, heads in seats):
        return Hand(person, person)
    for unit, heads in seats:
        stands_for = court.deputies.get(unit, {}).get(person, NOBODY) & heads if unit is not None else NOBODY
        if stands_for:
            return Hand(person, min(stands_for))
    return None


def level_above(
    *, court: Court, unit: int, sponsors: frozenset[int], but: frozenset[int] = NOBODY
) -> tuple[Seat, ...]:
    """Who agrees when the unit changes what it had agreed to: never one of those who propose it (`but`).

    The head above; where the unit's own head sits there too, the next one; at the top the sponsor or another
    executive. Where nobody stands above, another head of the unit itself; empty when there is none either.
    """
    own = court.heads.get(unit, NOBODY)
    for one in court.upwards(unit=court.parents.get(unit)):
        if heads := court.heads.get(one, NOBODY) - own - but:
            return ((one, heads),)
    return tuple((place, people) for place, people in ((None, sponsors - but), (unit, own - but)) if people)


def find_head_of_both(*, court: Court, match: Match) -> int | None:
    """Who alone heads both units, so that somebody else signs for one of them; None where two people do."""
    thrower, catcher = (court.heads.get(one, NOBODY) for one in (match.thrower, match.catcher))
    return min(thrower) if thrower == catcher and len(thrower) == 1 else None


def people_of(*, court: Court, match: Match, side: Side) -> frozenset[int]:
    """Everybody who signs for the side in her own name."""
    return frozenset().union(*(heads for _, heads in _seats(court, match, side)))


def _seats(court: Court, match: Match, side: Side) -> Iterator[Seat]:
    """The units whose heads play for the side, with those heads; a sponsor sits in no unit."""
    if side is Side.SUPERIOR:
        yield from _superior(court, match)
        return
    unit = match.unit(side=side)
    own, theirs = court.heads.get(unit, NOBODY), court.heads.get(match.unit(side=side.other), NOBODY)
    if own:
        yield unit, own
    if not own or find_head_of_both(court=court, match=match) is not None:
        yield from _next_above(court, match, court.parents.get(unit), own | theirs)


def _superior(court: Court, match: Match) -> Iterator[Seat]:
    """The first unit strictly above both whose head is neither of the two; at the top the sponsor."""
    above_thrower = list(court.upwards(unit=court.parents.get(match.thrower)))
    above_catcher = set(court.upwards(unit=court.parents.get(match.catcher)))
    common = next((one for one in above_thrower if one in above_catcher), None)
    parties = court.heads.get(match.thrower, NOBODY) | court.heads.get(match.catcher, NOBODY)
    yield from _next_above(court, match, common, parties)


def _next_above(
    court: Court, match: Match, start: int | None, but: frozenset[int]
) -> Iterator[Seat]:
    for unit in court.upwards(unit=start):
        if court.heads.get(unit, NOBODY) - but:
            yield unit, court.heads[unit] - but
            return
    if match.sponsors - but:
        yield None, match.sponsors - but
