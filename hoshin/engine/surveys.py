"""The self-assessment: what one person answers, and what the answers of several come to, in sums that can be added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from hoshin.engine.recall import Words, agreement, find_named

Word = TypeVar("Word", bound=StrEnum)

MOST_LINES = 5
"""How many priorities somebody may name."""
HIGHEST = 10
"""How gladly customers recommend, from 0 to this."""
PROMOTES, PASSIVE = 9, 7
"""From which answer on a customer would recommend, and from which she would at least not advise against it."""


class Served(StrEnum):
    """The objective somebody says her work serves, held against the links of the plan."""

    LINKED = "linked"
    ELSEWHERE = "elsewhere"
    UNLINKED = "unlinked"
    UNKNOWN = "unknown"


class Satisfied(StrEnum):
    """Whether customers are satisfied."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    UNKNOWN = "unknown"


class Recommends(StrEnum):
    """What kind of answer it is to whether customers would recommend us."""

    PROMOTER = "promoter"
    PASSIVE = "passive"
    DETRACTOR = "detractor"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person says; `recommend` is None where she cannot tell."""

    lines: tuple[str, ...]
    served: Served
    satisfied: Satisfied
    recommend: int | None


@dataclass(frozen=True, slots=True)
class Tally:
    """What answers come to. `named` of `real` priorities were named, over all people; `shared` of `chances` agree.

    `things` are the different things named, `priorities` the real ones that were asked for.
    """

    people: int = 0
    named: int = 0
    real: int = 0
    shared: int = 0
    chances: int = 0
    things: frozenset[str] = frozenset()
    priorities: frozenset[int] = frozenset()
    served: Mapping[Served, int] = field(default_factory=dict)
    satisfied: Mapping[Satisfied, int] = field(default_factory=dict)
    recommends: Mapping[Recommends, int] = field(default_factory=dict)


def served(*, said: int | None, linked: Iterable[int], works: bool) -> Served:
    """Hold the objective somebody chose against those her work is linked to; `works`: whether she has any work."""
    if said is None:
        return Served.UNKNOWN
    actual = frozenset(linked)
    if not works or not actual:
        return Served.UNLINKED
    return Served.LINKED if said in actual else Served.ELSEWHERE


def recommends(*, score: int | None) -> Recommends:
    """Promoters give 9 or 10, passive ones 7 or 8, all below are detractors."""
    if score is None:
        return Recommends.UNKNOWN
    if score >= PROMOTES:
        return Recommends.PROMOTER
    return Recommends.PASSIVE if score >= PASSIVE else Recommends.DETRACTOR


def tally(*, answers: Sequence[Answer], real: Mapping[int, Words]) -> Tally:
    """Count the answers of people who were asked for the same priorities; `real` holds the words of each."""
    named = [find_named(lines=one.lines, real=real) for one in answers]
    agreed = agreement(named=named)
    return Tally(
        people=len(answers),
        named=sum(len(one.real) for one in named),
        real=len(real) * len(answers),
        shared=agreed.shared,
        chances=agreed.chances,
        things=agreed.things,
        priorities=frozenset(real),
        served=Counter(one.served for one in answers),
        satisfied=Counter(one.satisfied for one in answers),
        recommends=Counter(recommends(score=one.recommend) for one in answers),
    )


def pooled(*, tallies: Iterable[Tally]) -> Tally:
    """Several of them as one: sums are added, different things and priorities joined."""
    found = list(tallies)
    return Tally(
        people=sum(one.people for one in found),
        named=sum(one.named for one in found),
        real=sum(one.real for one in found),
        shared=sum(one.shared for one in found),
        chances=sum(one.chances for one in found),
        things=frozenset[str]().union(*(one.things for one in found)),
        priorities=frozenset[int]().union(*(one.priorities for one in found)),
        served=_added([one.served for one in found]),
        satisfied=_added([one.satisfied for one in found]),
        recommends=_added([one.recommends for one in found]),
    )


def _added(counts: Sequence[Mapping[Word, int]]) -> dict[Word, int]:
    whole: Counter[Word] = Counter()
    for one in counts:
        whole.update(one)
    return dict(whole)


def share(*, part: int, whole: int) -> Fraction | None:
    """A part of a whole; None where there is nothing to divide by, never 0 %."""
    return Fraction(part, whole) if whole else None


def net_promoters(*, counts: Mapping[Recommends, int]) -> int | None:
    """The promoters' share less the detractors', in points from -100 to 100, half to even; None without an opinion."""
    promoters, detractors = counts.get(Recommends.PROMOTER, 0), counts.get(Recommends.DETRACTOR, 0)
    whole = promoters + detractors + counts.get(Recommends.PASSIVE, 0)
    return round(Fraction(100 * (promoters - detractors), whole)) if whole else None
