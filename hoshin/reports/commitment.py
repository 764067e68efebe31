"""Leadership commitment in the open: one row of facts a person, by name; no score and no ranking."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from statistics import median
from zoneinfo import ZoneInfo

from hoshin.model.promises import Promise
from hoshin.model.reviews import Presence
from hoshin.model.roadblocks import Roadblock
from hoshin.queries.commitment import Facts

CSV_HEAD = (
    "person", "sponsors", "reviews noted at", "present", "excused", "absent", "roadblocks removed", "median days",
    "roadblocks open", "oldest open, days", "promised", "given", "withdrawn", "overdue",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """One promise as ready text; `sign` and `word` say where it stands."""

    id: int
    text: str
    person: str
    objective_id: int
    objective: str
    promised_on: date
    due_on: date | None
    ended_on: date | None
    sign: str
    word: str
    note: str
    is_open: bool
    version: int


@dataclass(frozen=True, slots=True)
class LeaderRow:
    """What one person did: the objectives she sponsors, and counts."""

    id: int
    name: str
    title: str
    objectives: tuple[tuple[int, str], ...]
    present: int
    excused: int
    absent: int
    removed: int
    days: str
    open: int
    oldest: int
    promised: int
    given: int
    withdrawn: int
    overdue: int

    @property
    def noted(self) -> int:
        """At how many held reviews it was noted whether she was there."""
        return self.present + self.excused + self.absent


def leaders(*, facts: Facts, first: date, last: date, today: date, zone: str) -> list[LeaderRow]:
    """The rows of a cycle (its first and last day). Roadblocks count as removed in the cycle; open ones are today's."""
    there: dict[int, Counter[Presence]] = defaultdict(Counter)
    for person, presence in facts.attendances:
        there[person][presence] += 1
    rows = []
    for one in facts.people:
        removed, open_days = _roadblocks(facts.roadblocks, one.id, (first, last), today, zone)
        mine = [promise for promise, _ in facts.promises if promise.person_id == one.id]
        rows.append(
            LeaderRow(
                id=one.id, name=one.name, title=one.title,
                objectives=tuple((each.id, each.name) for each in facts.objectives if each.sponsor_id == one.id),
                present=there[one.id][Presence.PRESENT], excused=there[one.id][Presence.EXCUSED],
                absent=there[one.id][Presence.ABSENT], removed=len(removed), days=_median(removed),
                open=len(open_days), oldest=max(open_days, default=0), promised=len(mine),
                given=sum(each.given_on is not None for each in mine),
                withdrawn=sum(each.withdrawn_on is not None for each in mine),
                overdue=sum(_is_overdue(each, today) for each in mine),
            )
        )  # fmt: skip
    return rows


def _roadblocks(
    found: Sequence[Roadblock], person: int, span: tuple[date, date], today: date, zone: str
) -> tuple[list[int], list[int]]:
    """After how many days the person's roadblocks were removed in the span, and how old her open ones are."""
    removed, waiting = [], []
    for one in (each for each in found if person in (each.owner_id, each.resolved_by_id)):
        raised = _day(one.raised_at, zone)
        if one.resolved_at is None:
            waiting.append((today - raised).days)
        elif one.resolved_by_id in (person, None) and span[0] <= _day(one.resolved_at, zone) <= span[1]:
            removed.append((_day(one.resolved_at, zone) - raised).days)
    return removed, waiting


def _day(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


def _median(days: Sequence[int]) -> str:
    if not days:
        return ""
    middle = median([Fraction(one) for one in days])
    return f"{middle.numerator}" if middle.denominator == 1 else f"{middle.numerator // 2}.5"


def _is_overdue(promise: Promise, today: date) -> bool:
    is_open = promise.given_on is None and promise.withdrawn_on is None
    return is_open and promise.due_on is not None and promise.due_on < today


def promise_rows(*, facts: Facts, names: Mapping[int, str], today: date) -> list[PromiseRow]:
    """Every promise, open ones first."""
    rows = [
        promise_row(promise=one, objective=(objective.id, objective.name), names=names, today=today)
        for one, objective in facts.promises
    ]
    return sorted(rows, key=lambda one: not one.is_open)


def promise_row(*, promise: Promise, objective: tuple[int, str], names: Mapping[int, str], today: date) -> PromiseRow:
    """One promise as ready text."""
    sign, word = "○", "open"
    if promise.given_on:
        sign, word = "✓", "given"
    elif promise.withdrawn_on:
        sign, word = "–", "withdrawn"
    elif _is_overdue(promise, today):
        sign, word = "✗", "overdue"
    return PromiseRow(
        id=promise.id, text=promise.text, person=names.get(promise.person_id, ""), objective_id=objective[0],
        objective=objective[1], promised_on=promise.promised_on, due_on=promise.due_on,
        ended_on=promise.given_on or promise.withdrawn_on, sign=sign, word=word, note=promise.note,
        is_open=promise.given_on is None and promise.withdrawn_on is None, version=promise.version,
    )  # fmt: skip


def csv_rows(*, rows: Sequence[LeaderRow]) -> list[tuple[object, ...]]:
    """The rows under CSV_HEAD."""
    return [
        (
            one.name, "; ".join(name for _, name in one.objectives), one.noted, one.present, one.excused, one.absent,
            one.removed, one.days, one.open, one.oldest, one.promised, one.given, one.withdrawn, one.overdue,
        )
        for one in rows
    ]  # fmt: skip
