"""What a year may miss by the thousand: counted by the database, and as much of it named as somebody reads."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, true
from sqlalchemy.orm import Session, aliased

from hoshin.engine.attainment import NodeKey
from hoshin.engine.catchball import BallState
from hoshin.engine.plans import State
from hoshin.engine.steps import Handed, Thing
from hoshin.engine.verdicts import Verdict
from hoshin.model.actions import Action
from hoshin.model.catchball import Ball
from hoshin.model.countermeasures import AnswerState, Countermeasure
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item
from hoshin.model.links import Deployment
from hoshin.queries.attainment import Attainment
from hoshin.queries.beside import kpis_with
from hoshin.queries.drill import list_named
from hoshin.queries.many import among
from hoshin.queries.schedules import FINISHED
from hoshin.queries.unit_lists import UnitLine

_THROWN, _CAUGHT = aliased(Item, flat=True, name="thrown"), aliased(Item, flat=True, name="caught")
_AGREED = and_(Deployment.state == State.ACTIVE, or_(Ball.id.is_(None), Ball.state == BallState.AGREED))


@dataclass(frozen=True, slots=True)
class Some:
    """The first things of a list, and how many more there are."""

    rows: list[Any]
    more: int


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of some units in a cycle, for whoever may read `readable`; `units` are all there are.

    Each names `most` things at most, None being all, in one statement, and counts the others in another.
    """

    session: Session
    cycle: Cycle
    units: Mapping[int, UnitLine]
    inside: frozenset[int]
    readable: Container[int]
    most: int | None

    def handed(self, *, now: datetime) -> tuple[int, Some]:
        """How much was handed down or up across the units and is agreed, and what is not yet (Handed)."""
        across = or_(self._in(_THROWN.unit_id), self._in(_CAUGHT.unit_id))
        stands = or_(Ball.id.is_(None), Ball.state != BallState.WITHDRAWN)
        handed = _handed(self.cycle).outerjoin(Ball, Ball.deployment_id == Deployment.id).where(across, stands)
        many = func.count(Deployment.id)
        agreed, total = self.session.execute(handed.with_only_columns(many.filter(_AGREED), many)).one()
        ordered = handed.where(not_(_AGREED)).order_by(
            _THROWN.unit_id, _THROWN.position, _THROWN.id, _CAUGHT.unit_id, Deployment.id
        )
        rows = [] if self.most == 0 else [*self.session.execute(ordered.limit(self.most))]
        return agreed, Some([self._handed_row(row, now) for row in rows], total - agreed - len(rows))

    def overdue(self, *, today: date) -> Some:
        """The actions in force whose day has passed, the earliest first (Thing)."""
        query = (
            select(Action.id, Action.id, Action.name)
            .where(Action.cycle_id == self.cycle.id, self._in(Action.unit_id), Action.state == State.ACTIVE)
            .where(Action.archived_at.is_(None), Action.status.not_in(FINISHED), Action.due_on < today)
            .order_by(Action.due_on, Action.id)
        )
        return self._things(query, of=Action.id)

    def unanswered(self) -> Some:
        """The open countermeasures of this cycle's misses whose short form is not written, the oldest first (Thing)."""
        said = (Countermeasure.gap, Countermeasure.cause, Countermeasure.action)
        lacking = (Countermeasure.doer_id.is_(None), Countermeasure.due_on.is_(None), *(one == "" for one in said))
        query = (
            select(Countermeasure.id, Item.id, Item.name)
            .join(Item, Item.id == Countermeasure.kpi_id)
            .where(Countermeasure.state != AnswerState.CLOSED, self._in(Item.unit_id), or_(*lacking))
            .where(Countermeasure.opened_for.between(self.cycle.first_day, self.cycle.last_day))
            .order_by(Countermeasure.opened_at, Countermeasure.id)
        )
        return self._things(query, of=Countermeasure.id)

    def unread(self, *, attainment: Attainment, node: NodeKey) -> Some:
        """The KPIs of the unit and all below it that are due and were not read, in the order of the plan (Thing)."""
        if attainment.figures is None:
            return self._judged(attainment, node)
        unit = None if node[0] == "organisation" else int(node[1])
        silent = kpis_with(figures=attainment.figures, verdict=Verdict.NO_DATA, unit=unit)
        named = list_named(session=self.session, keys=silent, most=self.most) if self.most != 0 else []
        return Some([Thing(key, self._name(key, name)) for key, name in named], len(silent) - len(named))

    def _judged(self, attainment: Attainment, node: NodeKey) -> Some:
        """The same where every KPI was judged by itself."""
        judged, names = attainment.report.judgements, {one.key: one.name for one in attainment.plan.items}
        silent = [
            key for key in attainment.report.metrics_of(node=node) if judged[key].verdict is Verdict.NO_DATA
        ]
        named = silent[: self.most]
        return Some([Thing(key, self._name(key, names[key])) for key in named], len(silent) - len(named))

    def _in(self, unit: Any) -> ColumnElement[bool]:
        """Whether the column holds one of the units inside: the fewer keys are told, theirs or those of the others."""
        outside = self.units.keys() - self.inside
        if len(outside) >= len(self.inside):
            return among(session=self.session, column=unit, keys=self.inside)
        return not_(among(session=self.session, column=unit, keys=outside)) if outside else true()

    def _first(self, query: Select[*tuple[Any, ...]], *, of: Any) -> Some:
        if self.most is None:
            return Some([*self.session.execute(query)], 0)
        total = self.session.scalar(query.order_by(None).with_only_columns(func.count(of))) or 0
        rows = [*self.session.execute(query.limit(self.most))] if self.most else []
        return Some(rows, total - len(rows))

    def _things(self, query: Select[*tuple[Any, ...]], *, of: Any) -> Some:
        found = self._first(query, of=of)
        return Some([Thing(key, self._name(item, name)) for key, item, name in found.rows], found.more)

    def _name(self, key: int, name: str) -> str:
        return name if key in self.readable else ""

    def _handed_row(self, row: Any, now: datetime) -> Handed:
        unit = self.units[row.catcher].name
        said = _said(row.at, row.round, row.held_since, now) if row.ball is not None else ""
        return Handed(row.id, self._name(row.source, row.name), unit, row.ball, said)


def answering(*, session: Session, cycle: Cycle, unit_id: int) -> frozenset[int]:
    """The objectives of the unit that answer what was handed to it in the cycle."""
    query = _handed(cycle).where(_CAUGHT.unit_id == unit_id).with_only_columns(_CAUGHT.id)
    return frozenset(session.scalars(query))


def _handed(cycle: Cycle) -> Select[*tuple[Any, ...]]:
    """What was handed to another unit in the cycle and has not ended; a ball may be joined to it."""
    return (
        select(
            Deployment.id, Ball.id.label("ball"), Ball.state.label("at"), Ball.round, Ball.held_since,
            _THROWN.id.label("source"), _THROWN.name, _CAUGHT.unit_id.label("catcher"),
        )
        .select_from(Deployment)
        .join(_THROWN, _THROWN.id == Deployment.source_id)
        .join(_CAUGHT, _CAUGHT.id == Deployment.objective_id)
        .where(_THROWN.cycle_id == cycle.id, _THROWN.archived_at.is_(None), _CAUGHT.archived_at.is_(None))
        .where(_THROWN.state != State.ENDED, Deployment.state != State.ENDED)
    )  # fmt: skip


def _said(state: BallState, played: int, since: datetime | None, now: datetime) -> str:
    """Where the ball is: its state, its round, and how long it has been in somebody’s hand."""
    days = (now - since).days if since else None
    held = "" if days is None else f", {days} day{'' if days == 1 else 's'} in hand"
    return f"{state.value}, round {played}{held}" if played else state.value
