"""Rounds of blind scoring, one's own scores, and those of everybody once a round is closed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.errors import Missing, Refused
from hoshin.model.people import Person
from hoshin.model.scorings import Score, Scoring

Pair = tuple[int, int]


def latest_scoring(*, session: Session, unit_id: int, cycle_id: int) -> Scoring | None:
    """The last round of the unit's matrix, or None."""
    query = select(Scoring).where(Scoring.unit_id == unit_id, Scoring.cycle_id == cycle_id)
    return session.scalars(query.order_by(Scoring.id.desc()).limit(1)).first()


def get_scoring(*, session: Session, scoring_id: int) -> Scoring:
    """A round; raises Missing when there is none."""
    found = session.get(Scoring, scoring_id)
    if found is None:
        raise Missing("there is no such round")
    return found


def own_scores(*, session: Session, scoring_id: int, person_id: int) -> dict[Pair, Score]:
    """What one person has scored in the round, by pair."""
    query = select(Score).where(Score.scoring_id == scoring_id, Score.person_id == person_id)
    return {(one.upper_id, one.lower_id): one for one in session.scalars(query)}


def scorers(*, session: Session, scoring_id: int) -> Sequence[str]:
    """The names of those who have scored anything, not what."""
    query = select(Person.name).where(Person.id.in_(select(Score.person_id).where(Score.scoring_id == scoring_id)))
    return session.scalars(query.order_by(Person.name)).all()


def closed_scores(*, session: Session, scoring: Scoring) -> Mapping[Pair, list[int]]:
    """Everybody's scores by pair; Refused while the round is open, so that nobody sees them before."""
    if scoring.closed_at is None:
        raise Refused("this round is open: scores are shown when it is closed")
    found: dict[Pair, list[int]] = defaultdict(list)
    query = select(Score.upper_id, Score.lower_id, Score.strength).where(Score.scoring_id == scoring.id)
    for upper, lower, strength in session.execute(query):
        found[upper, lower].append(strength)
    return found
