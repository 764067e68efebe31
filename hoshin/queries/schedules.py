"""What actions wait for, and the rules by which they come again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from hoshin.access.actors import Actor
from hoshin.access.scope import readable_items
from hoshin.engine.plans import State
from hoshin.engine.recurrence import Rule
from hoshin.model.actions import Action, Status
from hoshin.model.items import Item
from hoshin.model.schedules import ActionBlocker, Occurrence, Recurrence

FINISHED = (Status.DONE, Status.CANCELLED)


@dataclass(frozen=True, slots=True)
class Blocker:
    """An action that another one waits for; without its name when the reader may not see it."""

    id: int
    name: str
    status: Status
    readable: bool

    @property
    def is_finished(self) -> bool:
        """Whether nothing waits for it any more."""
        return self.status in FINISHED


def blockers_of(*, session: Session, actor: Actor, action_ids: Iterable[int]) -> dict[int, list[Blocker]]:
    """What each of the actions waits for, finished or not, in one statement."""
    query = (
        select(ActionBlocker.action_id, Action.id, Action.name, Action.status, readable_items(actor=actor))
        .join(Action, Action.id == ActionBlocker.blocker_id)
        .where(ActionBlocker.action_id.in_(list(action_ids)))
        .order_by(ActionBlocker.action_id, Action.due_on, Action.id)
    )
    found: dict[int, list[Blocker]] = defaultdict(list)
    for action, key, name, status, readable in session.execute(query):
        found[action].append(Blocker(key, name if readable else "something restricted", status, bool(readable)))
    return found


def blocker_ids(*, session: Session, action_id: int) -> list[int]:
    """The keys of what an action waits for."""
    query = select(ActionBlocker.blocker_id).where(ActionBlocker.action_id == action_id)
    return list(session.scalars(query.order_by(ActionBlocker.blocker_id)))


def load_waits(*, session: Session) -> dict[int, list[int]]:
    """Every action that waits, with what it waits for; the whole table, for finding circles."""
    found: dict[int, list[int]] = defaultdict(list)
    for action, blocker in session.execute(select(ActionBlocker.action_id, ActionBlocker.blocker_id)):
        found[action].append(blocker)
    return found


def list_possible_blockers(*, session: Session, actor: Actor, action: Action) -> Sequence[Action]:
    """The other actions of the cycle that the actor may read, those of the same unit first."""
    query = (
        select(Action)
        .where(readable_items(actor=actor), Action.cycle_id == action.cycle_id, Action.id != action.id)
        .where(Action.archived_at.is_(None))
        .order_by(Action.unit_id != action.unit_id, Action.unit_id, Action.position, Action.id)
    )
    return session.scalars(query).all()


@dataclass(frozen=True, slots=True)
class Coming:
    """An action with the rule by which it comes again."""

    occurrence: Occurrence
    recurrence: Recurrence

    @property
    def rule(self) -> Rule:
        """The rule as the engine reads it."""
        row = self.recurrence
        return Rule(row.every, row.step, row.first_due, row.until)


def find_coming(*, session: Session, action_id: int, lock: bool = False) -> Coming | None:
    """The rule of an action, or None; `lock` holds the rule until the transaction ends."""
    occurrence = session.get(Occurrence, action_id)
    if occurrence is None:
        return None
    query = select(Recurrence).where(Recurrence.id == occurrence.recurrence_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return Coming(occurrence, session.scalars(query).one())


def last_number(*, session: Session, recurrence_id: int) -> int:
    """The number of its latest action; 0 when there is none."""
    query = select(func.max(Occurrence.number)).where(Occurrence.recurrence_id == recurrence_id)
    return session.scalar(query) or 0


def list_followed(*, session: Session, today: date) -> Sequence[int]:
    """The latest action of every rule that goes on, where it is finished or has fallen due: what the next follows."""
    later = aliased(Occurrence)
    query = (
        select(Occurrence.action_id)
        .join(Recurrence, Recurrence.id == Occurrence.recurrence_id)
        .join(Action, Action.id == Occurrence.action_id)
        .outerjoin(
            later, and_(later.recurrence_id == Occurrence.recurrence_id, later.number > Occurrence.number)
        )
        .where(later.action_id.is_(None), Recurrence.stopped.is_(False))
        .where(Action.state == State.ACTIVE, Action.archived_at.is_(None))
        .where(or_(Action.status.in_(FINISHED), Action.due_on <= today))
        .order_by(Occurrence.action_id)
    )
    return session.scalars(query).all()


def repeating(*, session: Session, action_ids: Iterable[int]) -> dict[int, Recurrence]:
    """The rules of those of the actions that come again, in one statement."""
    query = (
        select(Occurrence.action_id, Recurrence)
        .join(Recurrence, Recurrence.id == Occurrence.recurrence_id)
        .where(Occurrence.action_id.in_(list(action_ids)), Recurrence.stopped.is_(False))
    )
    return dict(session.execute(query).all())


def list_upper(*, session: Session, item_ids: Iterable[int]) -> dict[int, tuple[str, int | None]]:
    """Name and cycle of the items."""
    rows = session.execute(select(Item.id, Item.name, Item.cycle_id).where(Item.id.in_(list(item_ids))))
    return {key: (name, cycle) for key, name, cycle in rows}
