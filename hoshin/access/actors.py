"""Who is asking: one person's rights on one day, worked out once from roles, deputies and the unit tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from hoshin.model.people import Role

NOWHERE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """The rights of whoever acts, as sets of unit keys; `acts_for` names the head a deputy stands in for."""

    person: int | None = None
    name: str = ""
    member_of: frozenset[int] = NOWHERE
    heads: frozenset[int] = NOWHERE
    heads_above: frozenset[int] = NOWHERE
    leads: frozenset[int] = NOWHERE
    leads_above: frozenset[int] = NOWHERE
    facilitates: frozenset[int] = NOWHERE
    audits: frozenset[int] = NOWHERE
    restricted: frozenset[int] = NOWHERE
    home: int | None = None
    administers: bool = False
    is_system: bool = False
    acts_for: Mapping[int, str] = field(default_factory=dict)

    @property
    def reads_openly(self) -> bool:
        """Belongs to the organisation, and so reads every plan in force that is not restricted."""
        return bool(self.member_of | self.heads | self.leads | self.facilitates)

    @property
    def reads_always(self) -> frozenset[int]:
        """The units read even when they are restricted."""
        return self.member_of | self.heads_above | self.leads_above | self.facilitates | self.audits

    @property
    def reads_drafts(self) -> frozenset[int]:
        """The units whose drafts are read: one's own and those one facilitates."""
        return self.member_of | self.heads | self.leads | self.facilitates


NOBODY = Actor()


def system_actor(*, name: str) -> Actor:
    """The shell or a job: may do everything, and is named as such in the journal."""
    return Actor(name=name, is_system=True)


@dataclass(frozen=True, slots=True)
class UnitFact:
    """What access needs to know of a unit."""

    key: int
    parent: int | None
    restricted: bool


@dataclass(frozen=True, slots=True)
class GrantFact:
    """One role on one unit, from a day to a day, ends included."""

    role: Role
    unit: int
    first: date | None = None
    last: date | None = None

    def holds(self, *, today: date) -> bool:
        """Whether the grant is valid today."""
        return (self.first is None or self.first <= today) and (self.last is None or today <= self.last)


@dataclass(frozen=True, slots=True)
class DeputyFact:
    """A unit headed for somebody else, with her name; only the ones valid today."""

    unit: int
    head: str


class UnitTree:
    """The units as access sees them; made once for however many people."""

    def __init__(self, *, units: Sequence[UnitFact]) -> None:
        self._children: dict[int | None, list[int]] = defaultdict(list)
        for unit in units:
            self._children[unit.parent].append(unit.key)
        self.restricted = self.below(tops={one.key for one in units if one.restricted})

    def below(self, *, tops: Iterable[int]) -> frozenset[int]:
        """The units themselves and everything below them."""
        found: set[int] = set()
        waiting = list(tops)
        while waiting:
            unit = waiting.pop()
            if unit not in found:
                found.add(unit)
                waiting.extend(self._children[unit])
        return frozenset(found)


def build_actor(
    *,
    person: int,
    name: str,
    home: int | None,
    grants: Iterable[GrantFact],
    deputies: Sequence[DeputyFact],
    tree: UnitTree,
    today: date,
) -> Actor:
    """The actor that these facts describe on that day."""
    by_role: dict[Role, set[int]] = defaultdict(set)
    for grant in grants:
        if grant.holds(today=today):
            by_role[grant.role].add(grant.unit)
    heads = by_role[Role.HEAD] | {one.unit for one in deputies}
    employed = heads | by_role[Role.STAFF] | by_role[Role.EXECUTIVE]
    at_home = {home} if home is not None and employed else set()
    return Actor(
        person=person,
        name=name,
        member_of=frozenset(employed | at_home),
        heads=frozenset(heads),
        heads_above=tree.below(tops=heads),
        leads=frozenset(by_role[Role.EXECUTIVE]),
        leads_above=tree.below(tops=by_role[Role.EXECUTIVE]),
        facilitates=tree.below(tops=by_role[Role.FACILITATOR]),
        audits=tree.below(tops=by_role[Role.AUDITOR]),
        restricted=tree.restricted,
        home=home,
        administers=bool(by_role[Role.ADMINISTRATOR]),
        acts_for={one.unit: one.head for one in deputies if one.unit not in by_role[Role.HEAD]},
    )
