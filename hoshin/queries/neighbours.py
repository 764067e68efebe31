"""What stands around one item: the links up and down, who answers whom, its paths up and its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.engine.cascade import edges_up, lines_of_sight
from hoshin.engine.plans import State
from hoshin.model.items import Item
from hoshin.model.journal import JournalLine
from hoshin.model.links import Correlation
from hoshin.queries.attainment import Attainment
from hoshin.queries.links import list_correlations, list_deployments
from hoshin.queries.unit_plans import Far, load_far

MOST_PATHS = 12


@dataclass(frozen=True, slots=True)
class Linked:
    """The other end of one correlation."""

    far: Far
    strength: int
    rationale: str
    effect: Decimal | None = None
    effect_from: date | None = None


@dataclass(frozen=True, slots=True)
class Answering:
    """The other end of one deployment."""

    id: int
    far: Far
    state: State


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What the item serves and what serves it, what it answers and who answers it."""

    up: tuple[Linked, ...]
    down: tuple[Linked, ...]
    answers: tuple[Answering, ...]
    answered_by: tuple[Answering, ...]


def load_neighbours(*, session: Session, actor: Actor, item: Item) -> Neighbours:
    """Both ends of everything that touches the item, in three statements."""
    links = list_correlations(session=session, item_ids=[item.id])
    deployments = list_deployments(session=session, item_ids=[item.id])
    ends = {end for one in links for end in (one.upper_id, one.lower_id)}
    ends |= {end for one in deployments for end in (one.source_id, one.objective_id)}
    far = load_far(session=session, actor=actor, item_ids=ends)
    return Neighbours(
        up=tuple(_linked(one, far[one.upper_id]) for one in links if one.lower_id == item.id),
        down=tuple(_linked(one, far[one.lower_id]) for one in links if one.upper_id == item.id),
        answers=tuple(
            Answering(one.id, far[one.source_id], one.state) for one in deployments if one.objective_id == item.id
        ),
        answered_by=tuple(
            Answering(one.id, far[one.objective_id], one.state) for one in deployments if one.source_id == item.id
        ),
    )


def _linked(link: Correlation, far: Far) -> Linked:
    return Linked(far, link.strength, link.rationale, link.effect, link.effect_from)


@dataclass(frozen=True, slots=True)
class PathNode:
    """One item on a path, with the strength of its link to the next one up."""

    far: Far
    strength: int | None


def load_paths(
    *, session: Session, actor: Actor, item_id: int, attainment: Attainment
) -> list[tuple[PathNode, ...]]:
    """Every path from the item up, lowest first, for the question of the attainment; one statement."""
    parents = edges_up(plan=attainment.plan, asked=attainment.asked)
    paths = lines_of_sight(parents=parents, item=item_id, most=MOST_PATHS)
    far = load_far(session=session, actor=actor, item_ids={step.item for path in paths for step in path})
    return [tuple(PathNode(far[step.item], step.strength) for step in path) for path in paths]


def list_history(*, session: Session, item: Item, most: int = 40) -> Sequence[JournalLine]:
    """What the journal says of the item, the latest first."""
    query = select(JournalLine).where(JournalLine.subject == item.kind.value, JournalLine.subject_id == str(item.id))
    return session.scalars(query.order_by(JournalLine.id.desc()).limit(most)).all()
