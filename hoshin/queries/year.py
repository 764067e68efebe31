"""What the seven steps of a year are derived from, for one unit and all below it, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased, with_polymorphic

from hoshin.engine.attainment import NodeKey
from hoshin.engine.cadence import ReviewKind
from hoshin.engine.calendars import Frequency
from hoshin.engine.catchball import BallState
from hoshin.engine.plans import Kind, State
from hoshin.engine.steps import Handed, Piece, Thing, YearFacts
from hoshin.engine.verdicts import Verdict
from hoshin.model.actions import Action
from hoshin.model.catchball import Ball
from hoshin.model.countermeasures import AnswerState, Countermeasure
from hoshin.model.cycles import Cycle, CycleState
from hoshin.model.items import Item, Objective, Priority
from hoshin.model.links import Correlation, Deployment
from hoshin.model.reviews import Review, ReviewState
from hoshin.model.units import Organisation, Unit
from hoshin.queries.attainment import Attainment
from hoshin.queries.beside import kpis_with
from hoshin.queries.closing import count_undecided
from hoshin.queries.drill import list_named
from hoshin.queries.schedules import FINISHED
from hoshin.queries.units import list_units


@dataclass(frozen=True, slots=True)
class YearQuestion:
    """Whose year it is (None: the top unit’s), in which cycle, when, and which items whoever asks may read."""

    organisation: Organisation
    unit_id: int | None
    today: date
    now: datetime
    attainment: Attainment
    readable: Container[int]

    @property
    def cycle(self) -> Cycle:
        """The cycle, which the attainment was asked for."""
        return self.attainment.cycle


def load_year(*, session: Session, question: YearQuestion) -> YearFacts:
    """The facts of the seven steps; counts are the truth, names only those that may be read."""
    return _Loading(session, question).facts()


def units_below(*, units: Iterable[Unit], unit_id: int) -> frozenset[int]:
    """The unit and everything below it that is not archived; parents come before their children."""
    inside = {unit_id}
    for one in units:
        if one.parent_id in inside and one.archived_at is None:
            inside.add(one.id)
    return frozenset(inside)


class _Loading:
    def __init__(self, session: Session, question: YearQuestion) -> None:
        self.session, self.asked, self.cycle = session, question, question.cycle
        units = list_units(session=session)
        self.units = {one.id: one.name for one in units}
        self.unit = next(one for one in units if question.unit_id in (None, one.id))
        self.inside = units_below(units=units, unit_id=self.unit.id)
        self.is_top = self.unit.parent_id is None
        self.day = min(max(question.today, self.cycle.first_day), self.cycle.last_day)
        self.organisation = question.organisation

    def facts(self) -> YearFacts:
        handed, answering = self._handed()
        objectives, priorities = self._pieces(answering)
        cycle, found = self.cycle, self.asked.attainment
        months = self._months_due()
        return YearFacts(
            cycle=cycle.name,
            has_vision=bool(self.organisation.true_north.strip()),
            has_state=bool(self.organisation.current_state.strip()),
            objectives=objectives,
            priorities=priorities,
            hands_down=len(self.inside) > 1,
            handed=handed,
            begun=cycle.first_day <= self.asked.today,
            over=months == 12,
            closed=cycle.state is CycleState.CLOSED,
            months=months,
            period=found.period_label,
            undecided=count_undecided(session=self.session, cycle=cycle, unit_ids=self.inside) if months == 12 else 0,
            **self._execution(months),
            **self._reviews(),
        )

    def _months_due(self) -> int:
        calendar = self.organisation.calendar
        months = calendar.periods(first=self.cycle.first_day, last=self.cycle.last_day, frequency=Frequency.MONTH)
        return sum(calendar.is_due(period=one, as_of=self.asked.today) for one in months)

    def _name(self, key: int, name: str) -> str:
        return name if key in self.asked.readable else ""

    # ------------------------------------------------------------ the plan

    def _pieces(self, answering: Collection[int]) -> tuple[list[Piece], list[Piece]]:
        """The unit's objectives and priorities; drafts that answer somebody are the fourth step's business."""
        rows = self._rows()
        objectives = [one for one in rows if one.kind is Kind.OBJECTIVE and one.id not in answering]
        priorities = [one for one in rows if one.kind is Kind.PRIORITY]
        lasting = {one.id for one in priorities if one.life.in_force(on=self.day)}
        served = self._served(lasting)
        wanted = [self._piece(one, one.id in served) for one in objectives if self._is_wanted(one)]
        return wanted, [self._piece(one, True) for one in priorities if self._is_wanted(one)]

    def _rows(self) -> Sequence[Item]:
        both = with_polymorphic(Item, [Objective, Priority])
        of_the_cycle = or_(both.kind == Kind.OBJECTIVE, (both.kind == Kind.PRIORITY) & (both.cycle_id == self.cycle.id))
        query = select(both).where(both.unit_id == self.unit.id, both.archived_at.is_(None), of_the_cycle)
        return self.session.scalars(query.order_by(both.position, both.id)).all()

    def _is_wanted(self, item: Item) -> bool:
        """In force in the cycle, or a draft of a cycle that is still being written."""
        if item.state is State.DRAFT:
            return self.cycle.state is not CycleState.CLOSED
        return item.life.in_force(on=self.day)

    def _piece(self, item: Item, served: bool) -> Piece:
        backed = not self.is_top or not isinstance(item, Objective) or item.sponsor_id is not None
        return Piece(item.id, self._name(item.id, item.name), item.state is State.DRAFT, served, backed)

    def _served(self, priorities: Collection[int]) -> frozenset[int]:
        query = select(Correlation.upper_id).where(Correlation.lower_id.in_(priorities))
        return frozenset(self.session.scalars(query))

    def _handed(self) -> tuple[list[Handed], frozenset[int]]:
        """What was handed down or up across the units inside, and the objectives that answer it."""
        thrown, caught = aliased(Item, flat=True), aliased(Item, flat=True)
        query = (
            select(
                Deployment.id, Deployment.state, Ball.id, Ball.state, Ball.round, Ball.held_since,
                thrown.id, thrown.name, thrown.unit_id, caught.id, caught.unit_id,
            )
            .join(thrown, thrown.id == Deployment.source_id)
            .join(caught, caught.id == Deployment.objective_id)
            .outerjoin(Ball, Ball.deployment_id == Deployment.id)
            .where(thrown.cycle_id == self.cycle.id, thrown.archived_at.is_(None), caught.archived_at.is_(None))
            .where(thrown.state != State.ENDED, Deployment.state != State.ENDED)
            .order_by(thrown.unit_id, thrown.position, thrown.id, caught.unit_id, Deployment.id)
        )
        handed, answering = [], set()
        rows: Iterable[Any] = self.session.execute(query)
        for key, state, ball, at, played, since, source, name, thrower, objective, catcher in rows:
            answering.add(objective)
            if (thrower in self.inside or catcher in self.inside) and at is not BallState.WITHDRAWN:
                agreed = state is State.ACTIVE and (ball is None or at is BallState.AGREED)
                called, unit = self._name(source, name), self.units.get(catcher, "")
                handed.append(Handed(key, called, unit, agreed, ball, self._said(at, played, since) if ball else ""))
        return handed, frozenset(answering)

    def _said(self, state: BallState, played: int, since: datetime | None) -> str:
        """Where the ball is: its state, its round, and how long it has been in somebody’s hand."""
        days = (self.asked.now - since).days if since else None
        held = "" if days is None else f", {days} day{'' if days == 1 else 's'} in hand"
        return f"{state.value}, round {played}{held}" if played else state.value

    # ------------------------------------------------------------ the year as it runs

    def _execution(self, months: int) -> dict[str, Any]:
        report = self.asked.attainment.report
        node = ("organisation", 0) if self.is_top else ("unit", self.unit.id)
        there = report.nodes.get(node)
        silent = self._silent(node) if there and months else []
        return {
            "metrics": there.counts.total if there else 0,
            "unread": [Thing(key, self._name(key, name)) for key, name in silent],
            "overdue": self._overdue(),
            "unanswered": self._unanswered(),
        }

    def _silent(self, node: NodeKey) -> list[tuple[int, str]]:
        """The keys and names of the KPIs of the unit and all below it that were not read, in the order of the plan."""
        found = self.asked.attainment
        if found.figures is None:
            names = {one.key: one.name for one in found.plan.items}
            keys, judged = found.report.metrics_of(node=node), found.report.judgements
            return [(key, names[key]) for key in keys if judged[key].verdict is Verdict.NO_DATA]
        keys = kpis_with(figures=found.figures, verdict=Verdict.NO_DATA, unit=None if self.is_top else self.unit.id)
        return list_named(session=self.session, keys=keys)

    def _overdue(self) -> list[Thing]:
        query = (
            select(Action.id, Action.name)
            .where(Action.cycle_id == self.cycle.id, Action.unit_id.in_(self.inside), Action.state == State.ACTIVE)
            .where(Action.archived_at.is_(None), Action.status.not_in(FINISHED), Action.due_on < self.asked.today)
            .order_by(Action.due_on, Action.id)
        )
        return [Thing(key, self._name(key, name)) for key, name in self.session.execute(query)]

    def _unanswered(self) -> list[Thing]:
        """The open countermeasures of this cycle's misses whose short form is not written."""
        said = (Countermeasure.gap, Countermeasure.cause, Countermeasure.action)
        lacking = (Countermeasure.doer_id.is_(None), Countermeasure.due_on.is_(None), *(one == "" for one in said))
        query = (
            select(Countermeasure.id, Item.id, Item.name)
            .join(Item, Item.id == Countermeasure.kpi_id)
            .where(Countermeasure.state != AnswerState.CLOSED, Item.unit_id.in_(self.inside), or_(*lacking))
            .where(Countermeasure.opened_for.between(self.cycle.first_day, self.cycle.last_day))
            .order_by(Countermeasure.opened_at, Countermeasure.id)
        )
        return [Thing(key, self._name(kpi, name)) for key, kpi, name in self.session.execute(query)]

    def _reviews(self) -> dict[str, Any]:
        query = select(Review).where(Review.cycle_id == self.cycle.id, Review.unit_id == self.unit.id)
        rows = self.session.scalars(query.order_by(Review.planned_on, Review.id)).all()
        kept = [one for one in rows if one.state is not ReviewState.CANCELLED]
        monthly, annual = _of(kept, ReviewKind.MONTHLY), _of(kept, ReviewKind.ANNUAL)
        return {
            "monthly_planned": len(monthly), "monthly_held": _held(monthly), "monthly_late": self._late(monthly),
            "annual_planned": len(annual), "annual_held": _held(annual), "annual_late": self._late(annual),
        }  # fmt: skip

    def _late(self, reviews: Sequence[Review]) -> list[Thing]:
        calendar = self.organisation.calendar
        late = [one for one in reviews if one.state is ReviewState.PLANNED and one.planned_on < self.asked.today]
        found = []
        for one in late:
            monthly = one.kind is ReviewKind.MONTHLY
            frequency = Frequency.MONTH if monthly else Frequency.YEAR
            period = calendar.label(period=calendar.period_of(day=one.first_day, frequency=frequency))
            found.append(Thing(one.id, f"The {'monthly' if monthly else 'annual'} review of {period}"))
        return found


def _of(reviews: Sequence[Review], kind: ReviewKind) -> list[Review]:
    return [one for one in reviews if one.kind is kind]


def _held(reviews: Sequence[Review]) -> int:
    return sum(one.state is ReviewState.HELD for one in reviews)
