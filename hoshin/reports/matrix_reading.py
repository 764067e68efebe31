"""How an X-matrix is read: what a filter lights up, how items support each other, and what the check warns of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from hoshin.charts.signs import TRIANGLE, grades_of
from hoshin.engine.checks import Finding, Rule
from hoshin.engine.plans import Kind
from hoshin.errors import Problem, Refused

STATUSES: Mapping[str, str] = {
    "hit": "hit", "miss": "missed", "no_data": "no data", "not_due": "not due", "no_target": "without target",
    "open": "open", "in_progress": "in progress", "done": "done", "blocked": "blocked", "cancelled": "cancelled",
    "draft": "draft", "warned": "marked by the check",
}  # fmt: skip
"""What a status filter may ask for, in words: verdicts of KPIs, how actions stand, drafts, and what is marked."""

STRENGTHS: Mapping[int, str] = {9: "strong only", 3: "medium and strong"}

ORPHAN, WEAK, OVERLOADED = "Orphaned", "Weak", "Overloaded"
_GROUPS: Mapping[Rule, str] = {
    **dict.fromkeys((Rule.ORPHAN_OBJECTIVE, Rule.ORPHAN_PRIORITY, Rule.ORPHAN_KPI, Rule.ORPHAN_ACTION), ORPHAN),
    **dict.fromkeys((Rule.MANY_OBJECTIVES, Rule.MANY_PRIORITIES, Rule.MANY_ACTIONS), OVERLOADED),
    **dict.fromkeys((Rule.FULL_CORNER, Rule.ONE_OWNER), OVERLOADED),
}
"""How the rules of the check are grouped on the sheet; every other rule says that something is weak."""

Place = TypeVar("Place", bound=Hashable)
Pair = tuple[int, int, int]
"""A link: the upper item, the lower one, and its strength."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a reader filters by: somebody's items, a status, links of at least a strength; empty means everything."""

    owner: int | None = None
    status: str = ""
    strength: int = 0

    @property
    def is_any(self) -> bool:
        """Whether anything is filtered at all."""
        return self.owner is not None or bool(self.status) or bool(self.strength)


EVERYTHING = Chosen()
"""No filter."""


def read_chosen(*, owner: int | None, status: str, strength: str) -> Chosen:
    """The filter out of what an address says; Refused for words that are no choice."""
    problems = []
    if status and status not in STATUSES:
        problems.append(Problem(f"choose one of {', '.join(STATUSES)}", field="status"))
    if strength and strength not in {str(one) for one in STRENGTHS}:
        problems.append(Problem("choose 9 or 3, or leave it out", field="strength"))
    if problems:
        raise Refused.because(problems)
    return Chosen(owner, status, int(strength or 0))


@dataclass(frozen=True, slots=True)
class Lit:
    """What stays bright under a filter; the rest steps back. None: everything is bright."""

    items: frozenset[int] | None = None
    links: frozenset[tuple[int, int]] | None = None

    def dims(self, item: int) -> bool:
        """Whether the item steps back."""
        return self.items is not None and item not in self.items

    def dims_link(self, upper: int, lower: int) -> bool:
        """Whether the link steps back."""
        return self.links is not None and (upper, lower) not in self.links


def lit(
    *,
    chosen: Chosen,
    owners: Mapping[int, Sequence[int]],
    statuses: Mapping[int, Sequence[str]],
    links: Iterable[Pair],
) -> Lit:
    """The items that match, with the links of the asked strength at them and what those lead to.

    A filter by strength alone matches the items that such a link joins.
    """
    if not chosen.is_any:
        return Lit()
    strong = [(upper, lower) for upper, lower, strength in links if strength >= chosen.strength]
    found = {
        item
        for item, words in statuses.items()
        if (chosen.owner is None or chosen.owner in owners.get(item, ()))
        and (not chosen.status or chosen.status in words)
    }
    joined = [pair for pair in strong if pair[0] in found or pair[1] in found]
    ends = {end for pair in joined for end in pair}
    by_strength_alone = chosen.owner is None and not chosen.status
    return Lit(frozenset(ends if by_strength_alone else found | ends), frozenset(joined))


@dataclass(slots=True)
class Support:
    """The links of one item on the sheet: how often each strength supports it from below, and serves above."""

    below: dict[int, int] = field(default_factory=lambda: dict.fromkeys((9, 3, 1), 0))
    above: dict[int, int] = field(default_factory=lambda: dict.fromkeys((9, 3, 1), 0))

    @property
    def total(self) -> int:
        """All strengths added up."""
        return sum(strength * count for part in (self.below, self.above) for strength, count in part.items())

    def said(self, *, glyphs: str = TRIANGLE) -> str:
        """The sums in words: “supported 12 (● 1, ○ 1), serves 9 (● 1)”."""
        parts = (("supported", self.below), ("serves", self.above))
        return ", ".join(f"{word} {_sum(part)}{_counted(part, glyphs)}" for word, part in parts if _sum(part))


def _sum(part: Mapping[int, int]) -> int:
    return sum(strength * count for strength, count in part.items())


def _counted(part: Mapping[int, int], glyphs: str) -> str:
    grades = grades_of(glyphs=glyphs)
    return f" ({', '.join(f'{grades[strength].glyph} {count}' for strength, count in part.items() if count)})"


def support(*, links: Iterable[Pair]) -> Mapping[int, Support]:
    """The sums for every item that a link touches."""
    found: dict[int, Support] = defaultdict(Support)
    for upper, lower, strength in links:
        found[upper].below[strength] += 1
        found[lower].above[strength] += 1
    return found


@dataclass(frozen=True, slots=True)
class Warnings:
    """Why something is marked, by where it stands: an item, an owner, an arm (one kind) or a corner (two kinds)."""

    items: Mapping[int, str]
    owners: Mapping[int, str]
    arms: Mapping[Kind, str]
    corners: Mapping[frozenset[Kind], str]
    unit: tuple[str, ...]


def warnings_of(*, findings: Sequence[Finding], unit_id: int) -> Warnings:
    """The findings of the check at their places on the sheet of the unit."""
    items: dict[int, list[str]] = defaultdict(list)
    owners: dict[int, list[str]] = defaultdict(list)
    arms: dict[Kind, list[str]] = defaultdict(list)
    corners: dict[frozenset[Kind], list[str]] = defaultdict(list)
    for one in findings:
        if one.kind == "owner":
            owners[one.key].append(sentence(finding=one))
        elif one.kind != "unit":
            items[one.key].append(sentence(finding=one))
        elif one.key == unit_id and len(one.arms) == 1:
            arms[one.arms[0]].append(sentence(finding=one))
        elif one.key == unit_id:
            corners[frozenset(one.arms)].append(sentence(finding=one))
    whole = [reason for part in (arms, corners) for reasons in part.values() for reason in reasons]
    return Warnings(_joined(items), _joined(owners), _joined(arms), _joined(corners), tuple(whole))


def _joined(reasons: Mapping[Place, Sequence[str]]) -> dict[Place, str]:
    return {place: ". ".join(said) for place, said in reasons.items()}


def sentence(*, finding: Finding) -> str:
    """One finding in a line: “Orphaned: carries out no priority (HK104)”."""
    group = _GROUPS.get(finding.rule, WEAK)
    return f"{group}: {finding.message} ({finding.rule.value})"
