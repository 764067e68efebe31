"""What goes on into the next cycle when one is closed: drafts with their links and answers, KPIs with their targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import cast

from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import balls, items, journal
from hoshin.commands.bands import PLANNED
from hoshin.commands.cycles import put_on_plan
from hoshin.commands.readings import CellWish, record_cells
from hoshin.engine.calendars import FiscalCalendar, Frequency, Period
from hoshin.engine.closing import Fate, Goals, TargetRule, next_goals
from hoshin.engine.plans import Kind, State
from hoshin.engine.rollup import find_circle
from hoshin.errors import Problem, Refused
from hoshin.model.actions import Action, ActionHelper, Status
from hoshin.model.closing import ClosingChoice
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item, Objective, Priority
from hoshin.model.kpis import KPI, Reading
from hoshin.model.links import Correlation, Deployment
from hoshin.model.schedules import ActionBlocker
from hoshin.queries.closing import answers_to, last_actuals, links_between, list_decided, readings_in
from hoshin.queries.items import find_named
from hoshin.queries.links import edges_downwards, find_correlation, find_deployment
from hoshin.queries.schedules import FINISHED, load_waits
from hoshin.queries.unit_plans import helpers_by_action
from hoshin.queries.units import get_organisation


def carry_over(
    *, session: Session, cycle: Cycle, following: Cycle, by: Actor, at: datetime
) -> None:
    """Do what was chosen; the caller has checked that everything is decided and holds the plan.

    Doing it a second time, after the cycle was opened again, adds only what is not there yet.
    """
    decided = list_decided(session=session, cycle_id=cycle.id)
    carrying = _Carrying(session, cycle, following, by, at)
    for choice, item in decided:
        carrying.carry(choice, item)
    carrying.link()
    carrying.hand_down()
    carrying.plan_targets([(choice, item) for choice, item in decided if isinstance(item, KPI)])
    session.flush()


@dataclass
class _Carrying:
    session: Session
    cycle: Cycle
    following: Cycle
    by: Actor
    at: datetime
    became: dict[int, Item] = field(default_factory=dict)
    """What goes on, by the key it had: a new draft for what belongs to one cycle, else the item itself."""

    def __post_init__(self) -> None:
        self.calendar: FiscalCalendar = get_organisation(session=self.session).calendar

    # ------------------------------------------------------------ one item

    def carry(self, choice: ClosingChoice, item: Item) -> None:
        """End the item, or let it go on."""
        if choice.fate is Fate.END:
            self._end(item, choice.reason)
        elif item.cycle_id is None:
            self._live_on(choice, item)
        else:
            self._copy(choice, item)

    def _end(self, item: Item, reason: str) -> None:
        """With the cycle's last day; a draft that never came into force leaves the lists instead."""
        if item.state is State.ENDED or item.archived_at is not None:
            return
        verb = "archived" if item.state is State.DRAFT else "ended"
        with journal.changing(session=self.session, by=self.by, at=self.at, thing=item, verb=verb, why=reason):
            if item.state is State.DRAFT:
                item.archived_at = self.at
                return
            last = self.cycle.last_day
            item.state, item.end_reason = State.ENDED, reason
            item.valid_to = min(item.valid_to or last, last)

    def _live_on(self, choice: ClosingChoice, item: Item) -> None:
        """Objectives and KPIs outlive cycles: the same item, perhaps under a new name."""
        self.became[item.id] = item
        choice.carried_id = item.id
        if choice.wording and choice.wording != item.name:
            twin = find_named(session=self.session, kind=item.kind, unit_id=item.unit_id, name=choice.wording)
            if twin is not None:
                raise Refused(Problem(f"“{choice.wording}” stands in this unit already: word “{item.name}” otherwise"))
            with journal.changing(
                session=self.session, by=self.by, at=self.at, thing=item, verb="renamed", why=choice.reason
            ):
                item.name = choice.wording
        if isinstance(item, KPI):
            put_on_plan(session=self.session, cycle_id=self.following.id, kpi_id=item.id, at=self.at)

    def _copy(self, choice: ClosingChoice, item: Item) -> None:
        """A draft of the next cycle; what stands there under that name already is taken instead."""
        name = choice.wording or item.name
        twin = find_named(
            session=self.session, kind=item.kind, unit_id=item.unit_id, name=name, cycle_id=self.following.id
        )
        known = self.session.get(Item, choice.carried_id) if choice.carried_id is not None else None
        if twin is None and (known is None or known.archived_at is not None):
            twin = self._draft(item, name)
            items.add(
                session=self.session, item=twin, wish=self._wish(item, name, choice.reason), by=self.by, at=self.at
            )
            self._copy_helpers(item, twin)
        found = cast(Item, twin or known)
        if found.archived_at is not None:
            raise Refused(Problem(f"“{name}” is archived in {self.following.name}: restore it, or word it otherwise"))
        choice.carried_id = found.id
        self.became[item.id] = found

    def _draft(self, item: Item, name: str) -> Item:
        kept = {"unit_id": item.unit_id, "cycle_id": self.following.id, "name": name}
        if not isinstance(item, Action):
            return Priority(kind=Kind.PRIORITY, **kept)
        goes_on = item.status not in FINISHED
        due = item.due_on if item.due_on and self._lies_ahead(item.due_on) else None
        return Action(
            kind=Kind.ACTION, **kept, due_on=due, status=item.status if goes_on else Status.OPEN,
            progress=item.progress if goes_on else 0,
        )  # fmt: skip

    def _lies_ahead(self, day: date) -> bool:
        return self.following.first_day <= day <= self.following.last_day

    def _wish(self, item: Item, name: str, reason: str) -> items.ItemWish:
        return items.ItemWish(
            unit_id=item.unit_id, name=name, description=item.description, owner_id=item.owner_id,
            valid_from=self.following.first_day, valid_to=self.following.last_day, reason=reason,
        )  # fmt: skip

    def _copy_helpers(self, item: Item, twin: Item) -> None:
        if isinstance(item, Action):
            helpers = helpers_by_action(session=self.session, action_ids=[item.id]).get(item.id, [])
            self.session.add_all(ActionHelper(action_id=twin.id, person_id=one) for one in helpers)
            self.session.flush()

    # ------------------------------------------------------------ between items

    def link(self) -> None:
        """The correlations of what goes on, and what actions wait for; what stands already is left alone."""
        edges = edges_downwards(session=self.session)
        for one in links_between(session=self.session, item_ids=list(self.became)):
            upper, lower = self.became[one.upper_id], self.became[one.lower_id]
            same = (upper.id, lower.id) == (one.upper_id, one.lower_id)
            if same or find_correlation(session=self.session, upper_id=upper.id, lower_id=lower.id):
                continue
            if find_circle(children=edges, upper=upper.id, lower=lower.id) is None:
                edges.setdefault(upper.id, []).append(lower.id)
                self._link(one, upper, lower)
        self._wait()

    def _link(self, old: Correlation, upper: Item, lower: Item) -> None:
        made = Correlation(
            upper_id=upper.id, lower_id=lower.id, strength=old.strength, rationale=old.rationale
        )  # fmt: skip
        name = f"{upper.name} × {lower.name}"
        journal.created(session=self.session, by=self.by, at=self.at, thing=made, unit=upper.unit_id, name=name)

    def _wait(self) -> None:
        waits = load_waits(session=self.session)
        for action, blockers in list(waits.items()):
            for blocker in blockers:
                if action in self.became and blocker in self.became:
                    pair = {"action_id": self.became[action].id, "blocker_id": self.became[blocker].id}
                    if self.session.get(ActionBlocker, tuple(pair.values())) is None:
                        self.session.add(ActionBlocker(**pair))
        self.session.flush()

    def hand_down(self) -> None:
        """What was handed down is a draft again, in a cycle with catchball a ball in nobody's hand."""
        sources = [key for key, item in self.became.items() if item.id != key]
        for one in answers_to(session=self.session, source_ids=sources):
            source = self.became[one.source_id]
            objective = self.session.get_one(Objective, one.objective_id)
            if objective.state is State.ENDED or objective.archived_at is not None:
                continue
            if find_deployment(session=self.session, source_id=source.id, objective_id=objective.id) is None:
                self._answer(source, objective)

    def _answer(self, source: Item, objective: Objective) -> None:
        made = Deployment(source_id=source.id, objective_id=objective.id, state=State.DRAFT)
        name, unit = f"{source.name} × {objective.name}", objective.unit_id
        journal.created(session=self.session, by=self.by, at=self.at, thing=made, unit=unit, name=name)
        if self.following.catchball:
            balls.new_ball(
                session=self.session, deployment=made, unit=unit, name=name, by=self.by, at=self.at
            )  # fmt: skip

    # ------------------------------------------------------------ targets

    def plan_targets(self, chosen: Iterable[tuple[ClosingChoice, KPI]]) -> None:
        """The targets of the next cycle as they were chosen, where there is none yet."""
        wanted = {item.id: (choice, item) for choice, item in chosen if choice.targets is not TargetRule.EMPTY}
        old = readings_in(session=self.session, cycle=self.cycle, kpi_ids=wanted)
        new = readings_in(session=self.session, cycle=self.following, kpi_ids=wanted)
        actuals = last_actuals(session=self.session, cycle=self.cycle, kpi_ids=wanted)
        cells: list[CellWish] = []
        for key, (choice, kpi) in wanted.items():
            if any(_goals(one) for one in new.get(key, [])):
                continue
            goals = next_goals(
                rule=choice.targets, old={one.period: _goals(one) for one in old.get(key, [])},
                periods=self._periods(kpi.frequency), last_actual=actuals.get(key), ramp_to=choice.ramp_to,
            )  # fmt: skip
            cells += [CellWish(kpi_id=key, period=day, values=goal) for day, goal in goals.items()]
        if cells:
            self._save(cells, wanted)

    def _periods(self, frequency: Frequency) -> list[tuple[Period, Period]]:
        old, new = (
            list(self.calendar.periods(first=one.first_day, last=one.last_day, frequency=frequency))
            for one in (self.cycle, self.following)
        )
        return list(zip(old, new, strict=True))

    def _save(self, cells: list[CellWish], wanted: Mapping[int, tuple[ClosingChoice, KPI]]) -> None:
        both = replace(self.by, is_system=True)  # who closes the whole plans for units that she does not head
        outcome = record_cells(
            session=self.session, cells=cells, by=both, at=self.at, reason=f"{self.cycle.name} was closed"
        )
        if outcome.problems:
            first = outcome.problems[0]
            raise Refused(Problem(f"the targets of {self.following.name}: {first.message}"))


def _goals(reading: Reading) -> Goals:
    return {name: value for name in PLANNED if (value := getattr(reading, name)) is not None}
