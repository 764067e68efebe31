"""The reviews of a cycle, narrowed down and some at a time, so that the list costs no more than what it shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, func, not_, or_, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.access.scope import readable_units
from hoshin.engine.cadence import ReviewKind
from hoshin.model.reviews import Review, ReviewState
from hoshin.queries.many import among

AT_ONCE = 1000
"""So many reviews are read at a time where all are wanted."""
ORDER = (Review.planned_on, Review.begins, Review.unit_id, Review.id)


class Part(StrEnum):
    """What of a cycle's reviews: those to come or still to be held, those that lie behind, or all of them."""

    COMING = "coming"
    PAST = "past"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Wished:
    """The reviews of a cycle, of a unit and a kind (None for any); `today` parts those that lie behind."""

    cycle_id: int
    today: date
    unit: int | None = None
    kind: ReviewKind | None = None
    part: Part = Part.ALL


def count_reviews(*, session: Session, actor: Actor, wish: Wished) -> int:
    """How many there are of units that the actor may read."""
    return session.scalar(select(func.count(Review.id)).where(*_conditions(actor, wish))) or 0


def page_reviews(*, session: Session, actor: Actor, wish: Wished, offset: int, most: int) -> Sequence[Review]:
    """At most so many of them by day, on a day the units in the order of their keys; the past from its end."""
    order = [one.desc() for one in ORDER] if wish.part is Part.PAST else list(ORDER)
    query = select(Review).where(*_conditions(actor, wish)).order_by(*order)
    return session.scalars(query.offset(offset or None).limit(most)).all()


def each_reviews(*, session: Session, actor: Actor, wish: Wished) -> Iterator[Sequence[Review]]:
    """All of them by day, some at a time."""
    keys = session.scalars(select(Review.id).where(*_conditions(actor, wish)).order_by(*ORDER)).all()
    for first in range(0, len(keys), AT_ONCE):
        some = among(session=session, column=Review.id, keys=keys[first : first + AT_ONCE])
        yield session.scalars(select(Review).where(some).order_by(*ORDER)).all()


def _conditions(actor: Actor, wish: Wished) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        readable_units(actor=actor, unit=Review.unit_id), Review.cycle_id == wish.cycle_id
    ]  # fmt: skip
    if wish.unit is not None:
        found.append(Review.unit_id == wish.unit)
    if wish.kind is not None:
        found.append(Review.kind == wish.kind)
    coming = or_(Review.planned_on >= wish.today, Review.state == ReviewState.PLANNED)
    parts = {Part.COMING: [coming], Part.PAST: [not_(coming)], Part.ALL: []}
    return [*found, *parts[wish.part]]
