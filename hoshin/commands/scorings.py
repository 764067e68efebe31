"""A round of blind scoring is opened, scored by each alone, closed; what it leads to is settled as correlations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import journal
from hoshin.engine.plans import LINKED_KINDS
from hoshin.engine.scorings import SCALE
from hoshin.errors import Problem, Refused, Stale
from hoshin.model.base import facts
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item
from hoshin.model.scorings import Score, Scoring
from hoshin.queries.scorings import Pair, get_scoring, latest_scoring, own_scores
from hoshin.queries.units import get_unit, lock_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoresWish:
    """What one person thinks of the pairs: 9, 3, 1, 0 for no link, None to leave a pair out again."""

    scoring_id: int
    scores: Mapping[Pair, int | None]


def open_scoring(*, session: Session, unit_id: int, cycle_id: int, by: Actor, at: datetime) -> Scoring:
    """Begin a round; a matrix has one open round at a time."""
    unit = get_unit(session=session, actor=by, unit_id=unit_id)
    require(actor=by, act=Act.RUN_SCORING, subject=Subject(unit=unit.id))
    lock_plan(session=session)
    if session.get(Cycle, cycle_id) is None:
        raise Refused("this cycle has not been opened")
    before = latest_scoring(session=session, unit_id=unit.id, cycle_id=cycle_id)
    if before is not None and before.closed_at is None:
        raise Refused("a round is open already")
    made = Scoring(unit_id=unit.id, cycle_id=cycle_id, opened_at=at)
    journal.created(session=session, by=by, at=at, thing=made, unit=unit.id, name=unit.name)
    return made


def save_scores(*, session: Session, wish: ScoresWish, by: Actor, at: datetime) -> int:
    """Keep what the actor thinks, over what they thought before; gives how many pairs they have scored.

    The journal says that somebody scored, never what: whoever reads it would not score blindly.
    """
    scoring = get_scoring(session=session, scoring_id=wish.scoring_id)
    require(actor=by, act=Act.SCORE, subject=Subject(unit=scoring.unit_id))
    if by.person is None:
        raise Refused("a person scores, not the shell")
    if scoring.closed_at is not None:
        raise Refused("this round is closed: nothing was saved")
    _check(session, scoring, wish)
    mine = own_scores(session=session, scoring_id=scoring.id, person_id=by.person)
    for pair, strength in wish.scores.items():
        _keep(session, scoring, by.person, pair, mine, strength)
    session.flush()
    journal.write(
        session=session, by=by, at=at, verb="scored", thing=scoring, before=facts(of=scoring),
        after=facts(of=scoring), unit=scoring.unit_id,
    )  # fmt: skip
    return len(mine)


def _keep(
    session: Session, scoring: Scoring, person: int, pair: Pair, mine: dict[Pair, Score], strength: int | None
) -> None:
    known = mine.get(pair)
    if strength is None:
        if known is not None:
            session.delete(mine.pop(pair))
    elif known is not None:
        known.strength = strength
    else:
        mine[pair] = Score(
            scoring_id=scoring.id, person_id=person, upper_id=pair[0], lower_id=pair[1], strength=strength
        )
        session.add(mine[pair])


def _check(session: Session, scoring: Scoring, wish: ScoresWish) -> None:
    """Only pairs of the unit's own matrix, and only strengths of the scale."""
    ends = {end for pair in wish.scores for end in pair}
    items = {one: session.get(Item, one) for one in ends}
    for (upper, lower), strength in wish.scores.items():
        above, below = items[upper], items[lower]
        if above is None or below is None or (above.kind, below.kind) not in LINKED_KINDS:
            raise Refused(Problem("this pair is no longer on the matrix"))
        if above.unit_id != scoring.unit_id:
            raise Refused(Problem("this pair stands on another unit's matrix"))
        if strength is not None and strength not in SCALE:
            raise Refused(Problem("a score is 9, 3, 1 or 0"))


def close_scoring(*, session: Session, scoring_id: int, version: int | None, by: Actor, at: datetime) -> Scoring:
    """End a round: from now on medians and disagreement are shown, and nobody scores any more."""
    scoring = get_scoring(session=session, scoring_id=scoring_id)
    require(actor=by, act=Act.RUN_SCORING, subject=Subject(unit=scoring.unit_id))
    if version is not None and version != scoring.version:
        raise Stale({"Round": "closed" if scoring.closed_at else "open"})
    if scoring.closed_at is not None:
        raise Refused("this round is closed already")
    with journal.changing(session=session, by=by, at=at, thing=scoring, verb="closed", unit=scoring.unit_id):
        scoring.closed_at = at
    return scoring
