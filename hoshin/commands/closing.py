"""A year is closed: each item is kept, changed or ended for a reason, saved as chosen, and carried out all at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import bulk, closed, items, journal
from hoshin.commands.closing_carry import carry_over
from hoshin.commands.cycles import ensure_cycle
from hoshin.engine.calendars import FiscalCalendar, Frequency, add_months
from hoshin.engine.closing import Fate, TargetRule
from hoshin.engine.figures import checked_figure
from hoshin.engine.plans import Kind, State
from hoshin.engine.verdicts import Direction
from hoshin.errors import Problem, Refused, Stale
from hoshin.model.base import TITLE
from hoshin.model.closing import ClosingChoice
from hoshin.model.cycles import Cycle, CycleState, MonthLock
from hoshin.model.items import Item
from hoshin.model.kpis import KPI
from hoshin.queries.attainment import today_in
from hoshin.queries.closing import last_actuals, list_choices, list_to_decide
from hoshin.queries.cycles import find_cycle, get_cycle, list_locks
from hoshin.queries.items import find_named
from hoshin.queries.unit_lists import list_units, names_of
from hoshin.queries.units import get_organisation, lock_plan, top_unit

MOST_NAMED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceWish:
    """What should become of one item, and why; a fate of None takes the choice back.

    `version` is that of the choice when the form was read (0: there was none, None: do not compare).
    """

    item_id: int
    fate: Fate | None
    reason: str = ""
    wording: str = ""
    targets: TargetRule = TargetRule.EMPTY
    ramp_to: Decimal | None = None
    version: int | None = None


def field_of(*, item_id: int, name: str) -> str:
    """The name of a form's field about one item: fate, reason, wording, targets or ramp."""
    return f"{name}-{item_id}"


def choose(*, session: Session, cycle: str, wishes: Sequence[ChoiceWish], by: Actor, at: datetime) -> int:
    """Save choices, all or none; gives how many changed. Raises Refused with the problem of each, Stale, Forbidden."""
    lock_plan(session=session)
    found = get_cycle(session=session, name=cycle)
    closed.refuse_closed(session=session, cycle_id=found.id)
    desk = _Desk(session, found, by, at, {one.item_id for one in wishes})
    problems = [problem for wish in wishes for problem in desk.problems(wish)]
    if problems:
        raise Refused.because(problems)
    return sum(desk.save(wish) for wish in wishes)


class _Desk:
    """The items that can be decided, and what has been chosen so far."""

    def __init__(
        self, session: Session, cycle: Cycle, by: Actor, at: datetime, wished: Collection[int] | None = None
    ) -> None:
        self.session, self.cycle, self.by, self.at = session, cycle, by, at
        found = list_to_decide(session=session, cycle=cycle, item_ids=wished)
        self.items = {one.id: one for one in found}
        self.choices = list_choices(session=session, cycle_id=cycle.id, lock=True)
        kpis = [one.id for one in self.items.values() if one.kind is Kind.KPI]
        self.actuals = last_actuals(session=session, cycle=cycle, kpi_ids=kpis)

    def problems(self, wish: ChoiceWish) -> list[Problem]:
        item = self.items.get(wish.item_id)
        if item is None:
            field = field_of(item_id=wish.item_id, name="fate")
            return [Problem("this does not wait for a word any more", field=field)]
        require(actor=self.by, act=Act.CHOOSE_CLOSING, subject=Subject(unit=item.unit_id))
        self._refuse_stale(wish, item)
        if wish.fate is None:
            return []
        wrong = {"reason": _wrong_reason(wish), "wording": self._wrong_wording(wish, item)}
        wrong["ramp"] = self._wrong_ramp(wish, item)
        return [
            Problem(text, field=field_of(item_id=item.id, name=name)) for name, text in wrong.items() if text
        ]

    def _refuse_stale(self, wish: ChoiceWish, item: Item) -> None:
        known = self.choices.get(item.id)
        if wish.version is not None and wish.version != (known.version if known else 0):
            said = f"{known.fate.value}: {known.reason}" if known else "not decided"
            raise Stale({item.name: said})

    def _wrong_wording(self, wish: ChoiceWish, item: Item) -> str:
        if not wish.wording or wish.fate is not Fate.CHANGE or wish.wording == item.name:
            return ""
        if len(wish.wording) > TITLE:
            return f"at most {TITLE} characters"
        lives_on = item.cycle_id is None
        twin = find_named(session=self.session, kind=item.kind, unit_id=item.unit_id, name=wish.wording)
        return f"this unit already has a {items.LABELS[item.kind]} of that name" if lives_on and twin else ""

    def _wrong_ramp(self, wish: ChoiceWish, item: Item) -> str:
        if wish.targets is not TargetRule.RAMP or not isinstance(item, KPI) or wish.fate is Fate.END:
            return ""
        if item.direction in (None, Direction.BETWEEN):
            return "a ramp leads to one figure; this KPI has no single target"
        if item.id not in self.actuals:
            return f"there is no actual of {self.cycle.name} to start from"
        if wish.ramp_to is None:
            return "say where the ramp leads to"
        try:
            checked_figure(value=wish.ramp_to)
        except ValueError as error:
            return str(error)
        return ""

    def save(self, wish: ChoiceWish) -> bool:
        """Write, change or take back one choice; whether anything changed."""
        item, known = self.items[wish.item_id], self.choices.get(wish.item_id)
        if wish.fate is None:
            if known is not None:
                journal.removed(
                    session=self.session, by=self.by, at=self.at, thing=known, unit=item.unit_id, name=item.name
                )
            return known is not None
        values = _values(wish, item)
        if known is None:
            known = ClosingChoice(
                cycle_id=self.cycle.id, item_id=item.id, chosen_by=self.by.name[:TITLE], chosen_at=self.at, **values
            )
            journal.created(
                session=self.session, by=self.by, at=self.at, thing=known, unit=item.unit_id, name=item.name,
                why=wish.reason,
            )  # fmt: skip
            return True
        return self._rewrite(known, item, values)

    def _rewrite(self, known: ClosingChoice, item: Item, values: Mapping[str, object]) -> bool:
        if all(getattr(known, name) == value for name, value in values.items()):
            return False
        with journal.changing(
            session=self.session, by=self.by, at=self.at, thing=known, unit=item.unit_id, name=item.name,
            why=str(values["reason"]),
        ):  # fmt: skip
            for name, value in values.items():
                setattr(known, name, value)
            known.chosen_by, known.chosen_at = self.by.name[:TITLE], self.at
        return True


def _wrong_reason(wish: ChoiceWish) -> str:
    if wish.reason.strip():
        return ""
    said = {Fate.KEEP: "say why it is kept", Fate.CHANGE: "say what changes and why", Fate.END: "say why it ends"}
    return said[wish.fate or Fate.KEEP]


def _values(wish: ChoiceWish, item: Item) -> dict[str, object]:
    """What of the wish can mean something: a new wording for a change, targets for a KPI that goes on."""
    goes_on = isinstance(item, KPI) and wish.fate is not Fate.END
    targets = wish.targets if goes_on else TargetRule.EMPTY
    return {
        "fate": wish.fate,
        "reason": wish.reason.strip(),
        "wording": wish.wording if wish.fate is Fate.CHANGE and wish.wording != item.name else "",
        "targets": targets,
        "ramp_to": wish.ramp_to if targets is TargetRule.RAMP else None,
    }


# ------------------------------------------------------------------ closing


def closable_on(*, cycle: Cycle, calendar: FiscalCalendar) -> date:
    """The first day on which the cycle can be closed: when its last figures have fallen due."""
    last = list(calendar.periods(first=cycle.first_day, last=cycle.last_day, frequency=Frequency.MONTH))[-1]
    return calendar.due_on(period=last)


def close_cycle(
    *, session: Session, name: str, confirmed: bool, version: int | None, by: Actor, at: datetime
) -> Cycle:
    """Close a cycle whose items are all decided, and open the next one with what goes on; gives the next one.

    Everything happens in this transaction or nothing. Raises Refused when something is not decided or the year is
    not over, Stale when the cycle was changed meanwhile.
    """
    lock_plan(session=session)
    require(actor=by, act=Act.CLOSE_CYCLE, subject=Subject(unit=top_unit(session=session).id))
    cycle = get_cycle(session=session, name=name)
    _refuse_unclosable(session, cycle, confirmed, version, at)
    _refuse_undecided(session, cycle)
    following = _following(session, cycle, by, at)
    _drop_drafts(session, cycle, by, at)
    carry_over(session=session, cycle=cycle, following=following, by=by, at=at)
    _lock_months(session, cycle, by, at)
    with journal.changing(session=session, by=by, at=at, thing=cycle, verb="closed"):
        cycle.state, cycle.closed_at, cycle.closed_by = CycleState.CLOSED, at, by.name[:TITLE]
    return following


def _refuse_unclosable(session: Session, cycle: Cycle, confirmed: bool, version: int | None, at: datetime) -> None:
    closed.refuse_closed(session=session, cycle_id=cycle.id)
    if version is not None and version != cycle.version:
        raise Stale({"State": cycle.state.value})
    organisation = get_organisation(session=session)
    day = closable_on(cycle=cycle, calendar=organisation.calendar)
    if today_in(organisation=organisation, now=at) < day:
        raise Refused(Problem(f"{cycle.name} can be closed from {day} on, when its last figures have fallen due"))
    if not confirmed:
        raise Refused(Problem("tick that you have read what closing does", field="confirmed"))


def _refuse_undecided(session: Session, cycle: Cycle) -> None:
    """Drafts need no word: what nobody has agreed to leaves the lists with the year."""
    choices = list_choices(session=session, cycle_id=cycle.id, lock=True)
    waiting = [one for one in list_to_decide(session=session, cycle=cycle) if one.id not in choices]
    open_ones = [one for one in waiting if one.state is not State.DRAFT]
    if not open_ones:
        return
    names = names_of(units=list_units(session=session), archived=True)
    counts = Counter(names.get(one.unit_id, "") for one in open_ones)
    named = [f"{name} ({number})" for name, number in counts.most_common(MOST_NAMED)]
    more = f" and {len(counts) - MOST_NAMED} more units" if len(counts) > MOST_NAMED else ""
    waits = "item waits" if len(open_ones) == 1 else "items wait"
    raise Refused(Problem(f"{len(open_ones)} {waits} for a word, keep, change or end: {', '.join(named)}{more}"))


def _drop_drafts(session: Session, cycle: Cycle, by: Actor, at: datetime) -> None:
    desk = _Desk(session, cycle, by, at)
    for one in desk.items.values():
        if one.id not in desk.choices:
            desk.save(ChoiceWish(item_id=one.id, fate=Fate.END, reason="a draft that nobody agreed to"))


def _lock_months(session: Session, cycle: Cycle, by: Actor, at: datetime) -> None:
    """Every month of every unit, so that grids show that nothing is typed there any more."""
    names = {one.id: one.name for one in list_units(session=session) if one.archived_at is None}
    months = [add_months(day=cycle.first_day, months=place) for place in range(12)]
    there = {(one.unit_id, one.month) for one in list_locks(session=session, first=months[0], last=months[-1])}
    rows = [
        MonthLock(unit_id=unit, month=month, locked_at=at, locked_by=by.name[:TITLE])
        for unit in names
        for month in months
        if (unit, month) not in there
    ]
    bulk.add_rows(
        session=session, rows=rows, by=by, at=at, why=f"{cycle.name} was closed", unit=lambda one: one.unit_id,
        name=lambda one: f"{names[one.unit_id]}, {one.month:%Y-%m}"[:TITLE],
    )  # fmt: skip


def _following(session: Session, cycle: Cycle, by: Actor, at: datetime) -> Cycle:
    """The next cycle: as it stands, or opened now with the settings of the one that is closed."""
    organisation = get_organisation(session=session)
    span = organisation.calendar.next_cycle(cycle=cycle.span)
    found = find_cycle(session=session, name=span.name)
    if found is not None:
        if found.state is CycleState.CLOSED:
            raise Refused(Problem(f"{found.name}, which follows, is closed already: nothing can go on into it"))
        return found
    made = ensure_cycle(session=session, span=span, by=by, at=at)
    with journal.changing(session=session, by=by, at=at, thing=made):
        made.catchball, made.rotation = cycle.catchball, cycle.rotation
        if span.first > today_in(organisation=organisation, now=at):
            made.state = CycleState.PLANNING
    return made
