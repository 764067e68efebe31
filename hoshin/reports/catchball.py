"""Balls as people read them: where each lies and since when, what each round changed, and what was agreed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hoshin.commands.balls import AGREED, ANSWERED, REMINDED, Content
from hoshin.engine.calendars import MONTH_NAMES
from hoshin.engine.catchball import OPEN, BallState, Side
from hoshin.engine.hands import Court, Match, find_head_of_both, people_of
from hoshin.model.catchball import Message, Offer, Signature
from hoshin.queries.catchball import Listed
from hoshin.reports.render import day

SIGNS = {
    BallState.DRAFT: "○", BallState.THROWN: "→", BallState.RETURNED: "⇄", BallState.AGREED: "✓",
    BallState.ESCALATED: "↑", BallState.WITHDRAWN: "–", BallState.REOPENED: "↻",
}  # fmt: skip
SIDES = {Side.THROWER: "throws", Side.CATCHER: "answers", Side.SUPERIOR: "stands above both"}
SAID = {
    "thrown": ("→", "threw the ball"), "signed": ("✓", "signed"), AGREED: ("✓", "signed: both sides agree"),
    ANSWERED: ("✓", "accepted and sent the plan along"), "returned": ("⇄", "returned it with a counter-offer"),
    "recorded": ("✎", "recorded what was agreed in conversation"), "commented": ("“", "said"),
    "escalated": ("↑", "took it to the superior"), "settled": ("⇄", "made an offer to both sides"),
    "withdrawn": ("–", "withdrew it"), "reopened": ("↻", "reopened what was agreed"), REMINDED: ("!", "reminded"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names:
    """What units and people are called, and the time zone of the organisation."""

    units: Mapping[int, str]
    people: Mapping[int, str]
    zone: str = "UTC"

    def here(self, instant: datetime) -> datetime:
        """The instant on the organisation’s clocks."""
        return instant.astimezone(ZoneInfo(self.zone))

    def person(self, key: int | None) -> str:
        """Somebody’s name, or that nobody is named."""
        return self.people.get(key, "nobody yet") if key is not None else "nobody yet"


@dataclass(frozen=True, slots=True)
class BallRow:
    """One ball in a list; `days` in hand is None when it is in nobody’s, `late` when its holder was due to answer."""

    id: int
    state: str
    sign: str
    source: str
    objective: str
    thrower: str
    catcher: str
    holder: str
    days: int | None
    round: int
    cycle: str
    is_amendment: bool
    late: bool


@dataclass(frozen=True, slots=True)
class BallMark:
    """A ball named beside what it is about."""

    id: int
    state: str
    sign: str


def ball_row(*, listed: Listed, names: Names, court: Court, now: datetime, patience: int) -> BallRow:
    """The ball as a list shows it; `patience` is after how many days it counts as late."""
    ball = listed.ball
    days = (now - ball.held_since).days if ball.held_since else None
    return BallRow(
        id=ball.id,
        state=ball.state.value,
        sign=SIGNS[ball.state],
        source=listed.source,
        objective=listed.objective,
        thrower=names.units.get(listed.match.thrower, ""),
        catcher=names.units.get(listed.match.catcher, ""),
        holder=holder_text(side=ball.holder, match=listed.match, names=names, court=court),
        days=days,
        round=ball.round,
        cycle=listed.cycle,
        is_amendment=bool(ball.agreed) and ball.state in OPEN,
        late=days is not None and days >= patience,
    )


def holder_text(*, side: Side | None, match: Match, names: Names, court: Court) -> str:
    """Whose hand a ball is in: the unit, and who plays for it."""
    if side is None:
        return ""
    who = ", ".join(sorted(names.person(one) for one in people_of(court=court, match=match, side=side)))
    place = "Superior" if side is Side.SUPERIOR else names.units.get(match.unit(side=side), "")
    return f"{place}: {who or 'nobody heads it'}"


def one_heads_both(
    *, match: Match, names: Names, court: Court, signatures: Sequence[Signature], reader: int | None
) -> str:
    """Who signs for which side where one person heads both units, said to the reader; empty in any other case."""
    head = find_head_of_both(court=court, match=match)
    if head is None:
        return ""
    others = people_of(court=court, match=match, side=Side.CATCHER) - {head}
    signed = [one.side for one in signatures]
    left = [side for side in (Side.THROWER, Side.CATCHER) if side not in signed]
    where = names.units.get(match.unit(side=left[0]), "") if len(left) == 1 else "one of them"
    who = "You head" if reader == head else f"{names.person(head)} heads"
    rule = f"{who} both units, and nobody signs for both sides"
    if not others:
        return f"{rule}: somebody has to stand above who can. Name a head there, or a sponsor of the objective."
    stands = " or ".join(sorted(names.person(one) for one in others))
    them = "you, the next superior, sign" if reader in others else f"{stands}, the next superior, signs"
    return f"{rule}: {them} for {where}."


def days_text(*, days: int | None) -> str:
    """How long a ball has been in one hand."""
    if days is None:
        return "–"
    return "today" if days == 0 else "1 day" if days == 1 else f"{days} days"


# ---------------------------------------------------------------- what changed


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of two offers side by side."""

    label: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        """Whether the two differ."""
        return self.before != self.after


def differences(*, before: Offer | Content | None, after: Offer | Content, names: Names) -> list[Difference]:
    """Two offers line by line: the words and days, what was thrown, and each item of the plan that answers."""
    left, right = (_lines(before, names) if before else {}), _lines(after, names)
    return [
        Difference(label, left.get(key, ("", ""))[1], right.get(key, ("", ""))[1])
        for key, label in {
            **{key: text[0] for key, text in left.items()},
            **{k: t[0] for k, t in right.items()},
        }.items()
        if left.get(key, ("", ""))[1] or right.get(key, ("", ""))[1]
    ]


def _lines(offer: Offer | Content, names: Names) -> dict[str, tuple[str, str]]:
    """Label and text by key, in the order of a reader."""
    lines = {
        "wording": ("Wording", offer.wording),
        "rationale": ("Why", offer.rationale),
        "target": ("Target", offer.target),
        "from": ("From", day(offer.valid_from)),
        "until": ("Until", day(offer.valid_to)),
        "resources": ("Resources", offer.resources),
        "source": ("What was thrown", _source_text(offer.source)),
        "described": ("Described as", offer.source.get("description") or ""),
    }
    for fact in offer.package:
        lines[f"item {fact['id']}"] = (KINDS[fact["kind"]], item_text(fact=fact, names=names))
    for change in offer.changes:
        lines[f"change {change['id']}"] = (f"Amendment of “{change['was']}”", change_text(change=change))
    return lines


KINDS = {"priority": "Priority", "action": "Action", "kpi": "KPI", "objective": "Objective"}


def _source_text(fact: Mapping[str, Any]) -> str:
    dates = _span(fact)
    due = f", due {day(date.fromisoformat(fact['due']))}" if fact.get("due") else ""
    return f"{fact.get('name', '')}{f' ({dates})' if dates else ''}{due}"


def item_text(*, fact: Mapping[str, Any], names: Names) -> str:
    """One item of a package: its name, owner, days, and for a KPI the year’s targets."""
    parts = [fact["name"], names.person(fact.get("owner"))]
    if fact.get("due"):
        parts.append(f"due {day(date.fromisoformat(fact['due']))}")
    if fact["kind"] == "kpi":
        parts.append(targets_text(fact=fact))
    return " · ".join(one for one in parts if one)


def targets_text(*, fact: Mapping[str, Any]) -> str:
    """The targets of a KPI in words: the same all year, or month by month."""
    known = [(date.fromisoformat(row[0]), _target(row)) for row in fact.get("targets", ())]
    if not known:
        return "no target yet"
    direction, uom = fact.get("direction") or "", fact.get("uom") or ""
    if len({text for _, text in known}) == 1:
        first, last = _month(known[0][0]), _month(known[-1][0])
        said = f"{known[0][1]} in {first}" if first == last else f"{known[0][1]} from {first} to {last}"
    else:
        said = ", ".join(f"{_month(first)} {text}" for first, text in known)
    return " ".join(one for one in (direction, uom and f"({uom})", said) if one)


def _target(row: Sequence[str | None]) -> str:
    _, target, low, high = row
    return target if target is not None else f"{low or '…'} to {high or '…'}"


def change_text(*, change: Mapping[str, Any]) -> str:
    """What is to become of an item that was agreed before."""
    if change.get("out"):
        return "taken out: it ends when both have signed"
    parts = [f"called “{change['name']}”"] if change.get("name") else []
    known = [(date.fromisoformat(first), " to ".join(target)) for first, *target in change.get("targets", ())]
    if len({text for _, text in known}) == 1:
        parts.append(f"target {known[0][1]} from {_month(known[0][0])}")
    elif known:
        parts.append("targets " + ", ".join(f"{_month(first)} {text}" for first, text in known))
    return ", ".join(parts)


def _month(first: date) -> str:
    return f"{MONTH_NAMES[first.month - 1][:3]} {first.year}"


def _span(fact: Mapping[str, Any]) -> str:
    ends = [day(date.fromisoformat(fact[key])) if fact.get(key) else "" for key in ("from", "until")]
    return f"{ends[0] or '…'} to {ends[1] or '…'}" if any(ends) else ""


# ---------------------------------------------------------------- the thread


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """One line of the thread, with what the offer made by it changed."""

    sign: str
    said: str
    who: str
    unit: str
    at: datetime
    text: str
    round: int
    number: int
    changed: Sequence[Difference] = field(default_factory=tuple)
    is_comment: bool = False


def thread(*, messages: Iterable[Message], offers: Sequence[Offer], match: Match, names: Names) -> list[ThreadLine]:
    """Everything that was said and done, the first line first."""
    by_number = {one.number: one for one in offers}
    seen, lines = set[int](), []
    for one in messages:
        new = by_number.get(one.number) if one.number not in seen and one.verb in _OFFERING else None
        changed: tuple[Difference, ...] = ()
        if new is not None:
            seen.add(new.number)
            found = differences(before=by_number.get(new.number - 1), after=new, names=names)
            changed = tuple(row for row in found if row.changed)
        lines.append(_line(one, match, names, changed))
    return lines


_OFFERING = frozenset({"thrown", ANSWERED, "returned", "recorded", "settled"})


def _line(message: Message, match: Match, names: Names, changed: Sequence[Difference]) -> ThreadLine:
    sign, said = SAID[message.verb]
    party = message.side in (Side.THROWER, Side.CATCHER) and message.side is not None
    return ThreadLine(
        sign=sign,
        said=said,
        who=with_deputy(name=message.person_name, head=message.on_behalf_of),
        unit=names.units.get(match.unit(side=message.side), "") if party and message.side else "",
        at=names.here(message.at),
        text=message.text,
        round=message.round,
        number=message.number,
        changed=changed,
        is_comment=message.verb == "commented",
    )


def with_deputy(*, name: str, head: str) -> str:
    """Who did it, and for whom."""
    return f"{name} for {head}" if head else name


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature as the record shows it."""

    unit: str
    who: str
    at: datetime


def signed(*, signatures: Iterable[Signature], match: Match, names: Names) -> list[Signed]:
    """The signatures in the order of the two sides."""
    rows = sorted(signatures, key=lambda one: list(Side).index(one.side))
    return [
        Signed(
            names.units.get(match.unit(side=one.side), ""),
            with_deputy(name=one.person_name, head=one.on_behalf_of),
            names.here(one.at),
        )
        for one in rows
    ]
