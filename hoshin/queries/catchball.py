"""Balls: one of them with all that was offered, signed and said, lists of them, and whose hand each is in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, true, union
from sqlalchemy.orm import Session, aliased

from hoshin.access.actors import Actor
from hoshin.access.rules import Subject
from hoshin.access.scope import may_hold, readable_balls
from hoshin.engine.hands import NOBODY, Court, Match, find_hand
from hoshin.engine.plans import Kind
from hoshin.errors import Missing
from hoshin.model.catchball import Ball, Message, Offer, Signature
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item, Objective
from hoshin.model.links import Correlation, Deployment
from hoshin.model.people import Deputy, Grant, Person, Role
from hoshin.queries.many import among
from hoshin.queries.unit_lists import unit_tree


@dataclass(frozen=True, slots=True)
class Listed:
    """A ball in a list: between which units it is, what was thrown and what answers it."""

    ball: Ball
    cycle: str
    source_id: int
    source: str
    source_kind: Kind
    objective_id: int
    objective: str
    match: Match


def get_ball(*, session: Session, ball_id: int, lock: bool = False) -> Ball:
    """A ball, held until the transaction ends when it is to be played; raises Missing when there is none."""
    query = select(Ball).where(Ball.id == ball_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).first()
    if found is None:
        raise Missing("there is no such ball")
    return found


def find_ball(*, session: Session, deployment_id: int) -> Ball | None:
    """The ball of a deployment, or None."""
    return session.scalars(select(Ball).where(Ball.deployment_id == deployment_id)).first()


def list_offers(*, session: Session, ball_id: int) -> Sequence[Offer]:
    """Every offer of a ball, the first one first."""
    return session.scalars(select(Offer).where(Offer.ball_id == ball_id).order_by(Offer.number)).all()


def find_offer(*, session: Session, ball_id: int, number: int) -> Offer | None:
    """One offer, or None."""
    return session.scalars(select(Offer).where(Offer.ball_id == ball_id, Offer.number == number)).first()


def list_signatures(*, session: Session, offer_ids: Iterable[int]) -> Sequence[Signature]:
    """The signatures on these offers, the first one first."""
    wanted = select(Signature).where(Signature.offer_id.in_(list(offer_ids)))
    return session.scalars(wanted.order_by(Signature.id)).all()


def list_messages(*, session: Session, ball_id: int) -> Sequence[Message]:
    """The thread of a ball, the first line first."""
    return session.scalars(select(Message).where(Message.ball_id == ball_id).order_by(Message.place)).all()


def load_listed(*, session: Session, ball_id: int) -> Listed:
    """One ball with its two ends, whoever asks; raises Missing when there is none."""
    found = session.execute(_wanted().where(Ball.id == ball_id)).first()
    if found is None:
        raise Missing("there is no such ball")
    sponsors = sponsors_of(session=session, source_ids=[found.source_id])
    return _listed(found, sponsors)


def list_balls(
    *,
    session: Session,
    actor: Actor,
    cycle_id: int | None = None,
    held_by: datetime | None = None,
    at_hand: bool = False,
) -> list[Listed]:
    """The balls the actor may read, those that lie longest first, in two statements; of one cycle or of all.

    With `held_by` those alone that are in the same hand since then or longer; `at_hand` those that may be in hers.
    """
    readable = readable_balls(actor=actor, thrower=_THROWN.unit_id, catcher=_CAUGHT.unit_id, source=_THROWN.id)
    query = _wanted().where(readable)
    if cycle_id is not None:
        query = query.where(_THROWN.cycle_id == cycle_id)
    if held_by is not None:
        query = query.where(Ball.held_since <= held_by)
    if at_hand:
        units = (_THROWN.unit_id, _CAUGHT.unit_id)
        query = query.where(Ball.holder.is_not(None), may_hold(actor=actor, units=units, source=_THROWN.id))
    rows = session.execute(query.order_by(Ball.held_since, Ball.id)).all()
    sponsors = sponsors_of(session=session, source_ids=[row.source_id for row in rows])
    return [_listed(row, sponsors) for row in rows]


@dataclass(frozen=True, slots=True)
class InHand:
    """The balls in somebody's hand: those that lie longest, how many there are, and who heads what around them."""

    longest: list[Listed]
    total: int
    court: Court


def load_in_hand(*, session: Session, actor: Actor, today: date, most: int) -> InHand:
    """What is in the actor's hand of all there is, in a fixed number of statements; at most so many are listed."""
    sponsored = sponsored_by(session=session, person_id=actor.person)
    rows = _perhaps_in_hand(session, actor, sponsored)
    if not rows:
        return InHand([], 0, Court({}, {}))  # as for most people, who head nothing
    units = {unit for row in rows for unit in (row.thrower, row.catcher)}
    court = load_court(session=session, today=today, units=units)
    hers = frozenset({actor.person}) if actor.person is not None else NOBODY
    keys = [
        row.id for row in rows
        if find_hand(court=court, match=Match(row.thrower, row.catcher, hers if row.source in sponsored else NOBODY),
                     side=row.holder, person=actor.person or 0)
    ]  # fmt: skip
    return InHand(_list_these(session, keys[:most]), len(keys), court)


def _perhaps_in_hand(session: Session, actor: Actor, sponsored: Collection[int]) -> Sequence[Any]:
    """Those that may be, the longest first: there are thousands above whoever heads a large part of the company."""
    above = actor.heads_above | actor.leads_above
    if not above and not sponsored:
        return []
    units = [among(session=session, column=one, keys=above) for one in (_THROWN.unit_id, _CAUGHT.unit_id)]
    hers = among(session=session, column=_THROWN.id, keys=sponsored)
    if not actor.reads_openly:  # a sponsor from outside, who may be let in as an auditor
        hers &= readable_balls(actor=actor, thrower=_THROWN.unit_id, catcher=_CAUGHT.unit_id, source=_THROWN.id)
    columns = (
        Ball.id, Ball.holder, _THROWN.unit_id.label("thrower"), _CAUGHT.unit_id.label("catcher"),
        _THROWN.id.label("source"),
    )  # fmt: skip
    query = _wanted().with_only_columns(*columns).where(Ball.holder.is_not(None), or_(*units, hers))
    return session.execute(query.order_by(Ball.held_since, Ball.id)).all()


def _list_these(session: Session, keys: Collection[int]) -> list[Listed]:
    rows = session.execute(_wanted().where(Ball.id.in_(keys)).order_by(Ball.held_since, Ball.id)).all()
    sponsors = sponsors_of(session=session, source_ids=[row.source_id for row in rows])
    return [_listed(row, sponsors) for row in rows]


def sponsored_by(*, session: Session, person_id: int | None) -> frozenset[int]:
    """The items that serve an objective which the person sponsors, directly or through a priority; one statement.

    Nothing once she has left.
    """
    if person_id is None:
        return frozenset()
    first, second = aliased(Correlation), aliased(Correlation)
    goals = select(Objective.id).join(Person, Person.id == Objective.sponsor_id)
    goals = goals.where(Person.id == person_id, Person.deactivated_at.is_(None))
    direct = select(first.lower_id).where(first.upper_id.in_(goals))
    through = select(second.lower_id).join(first, first.lower_id == second.upper_id).where(first.upper_id.in_(goals))
    return frozenset(session.scalars(union(direct, through)))


def has_balls(*, session: Session, actor: Actor) -> bool:
    """Whether there is a ball that the actor may read."""
    readable = readable_balls(actor=actor, thrower=_THROWN.unit_id, catcher=_CAUGHT.unit_id, source=_THROWN.id)
    return session.scalar(_wanted().where(readable).with_only_columns(Ball.id).limit(1)) is not None


def balls_of(*, session: Session, actor: Actor, deployment_ids: Iterable[int]) -> dict[int, Ball]:
    """The balls of these deployments that the actor may read, by deployment."""
    readable = readable_balls(actor=actor, thrower=_THROWN.unit_id, catcher=_CAUGHT.unit_id, source=_THROWN.id)
    found = session.execute(_wanted().where(readable, Ball.deployment_id.in_(list(deployment_ids))))
    return {row.Ball.deployment_id: row.Ball for row in found}


_THROWN = aliased(Item, flat=True, name="thrown")
_CAUGHT = aliased(Item, flat=True, name="caught")


def _wanted() -> Select[Ball, str, int, str, Kind, int, int, str, int]:
    return (
        select(
            Ball,
            Cycle.name.label("cycle"),
            _THROWN.id.label("source_id"),
            _THROWN.name.label("source"),
            _THROWN.kind.label("kind"),
            _THROWN.unit_id.label("thrower"),
            _CAUGHT.id.label("objective_id"),
            _CAUGHT.name.label("objective"),
            _CAUGHT.unit_id.label("catcher"),
        )
        .join(Deployment, Deployment.id == Ball.deployment_id)
        .join(_THROWN, _THROWN.id == Deployment.source_id)
        .join(_CAUGHT, _CAUGHT.id == Deployment.objective_id)
        .join(Cycle, Cycle.id == _THROWN.cycle_id)
    )


def _listed(row: Any, sponsors: Mapping[int, frozenset[int]]) -> Listed:
    return Listed(
        ball=row.Ball,
        cycle=row.cycle,
        source_id=row.source_id,
        source=row.source,
        source_kind=row.kind,
        objective_id=row.objective_id,
        objective=row.objective,
        match=Match(row.thrower, row.catcher, sponsors.get(row.source_id, frozenset())),
    )


def sponsors_of(*, session: Session, source_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Who sponsors an objective that the item serves, directly or through a priority, by item."""
    wanted = list(source_ids)
    if not wanted:
        return {}
    first, second = aliased(Correlation), aliased(Correlation)
    rows = session.execute(
        select(first.lower_id, Objective.sponsor_id)
        .join(second, second.lower_id == first.upper_id, isouter=True)
        .join(Objective, or_(Objective.id == first.upper_id, Objective.id == second.upper_id))
        .join(Person, Person.id == Objective.sponsor_id)
        .where(first.lower_id.in_(wanted), Person.deactivated_at.is_(None), Objective.sponsor_id.is_not(None))
    )
    found: dict[int, set[int]] = defaultdict(set)
    for item, sponsor in rows:
        found[item].add(sponsor or 0)
    return {item: frozenset(people) for item, people in found.items()}


def load_court(*, session: Session, today: date, units: Collection[int] | None = None) -> Court:
    """The tree of units with everybody who heads or leads one on that day, and their deputies, in two statements more.

    With `units` only who heads these or a unit above one of them.
    """
    of_grants: ColumnElement[bool] = true()
    of_deputies: ColumnElement[bool] = true()
    parents = {one.id: one.parent_id for one in unit_tree(session=session).values()}
    if units is not None:
        wanted = {one for unit in units for one in Court(parents, {}).upwards(unit=unit)}
        of_grants = among(session=session, column=Grant.unit_id, keys=wanted)
        of_deputies = among(session=session, column=Deputy.unit_id, keys=wanted)
    return Court(parents, _heads(session, today, of_grants), _deputies(session, today, of_deputies))


def _heads(session: Session, today: date, wanted: ColumnElement[bool]) -> dict[int, frozenset[int]]:
    rows = session.execute(
        select(Grant.unit_id, Grant.person_id)
        .join(Person, Person.id == Grant.person_id)
        .where(Grant.role.in_((Role.HEAD, Role.EXECUTIVE)), Person.deactivated_at.is_(None), wanted)
        .where(or_(Grant.valid_from.is_(None), Grant.valid_from <= today))
        .where(or_(Grant.valid_to.is_(None), Grant.valid_to >= today))
    )
    heads: dict[int, set[int]] = defaultdict(set)
    for unit, person in rows:
        heads[unit].add(person)
    return {unit: frozenset(people) for unit, people in heads.items()}


def _deputies(
    session: Session, today: date, wanted: ColumnElement[bool]
) -> dict[int, dict[int, frozenset[int]]]:
    """Per unit, whom each deputy stands in for; whether that one still heads the unit is the court's to say."""
    rows = session.execute(
        select(Deputy.unit_id, Deputy.deputy_id, Deputy.head_id)
        .join(Person, Person.id == Deputy.deputy_id)
        .where(Deputy.valid_from <= today, Deputy.valid_to >= today, Person.deactivated_at.is_(None), wanted)
    )
    found: dict[int, dict[int, frozenset[int]]] = defaultdict(dict)
    for unit, deputy, head in rows:
        found[unit][deputy] = found[unit].get(deputy, frozenset()) | {head}
    return found


def subject_of(*, match: Match) -> Subject:
    """What access needs to know of a ball: drafts lie on it, and both units have a side."""
    return Subject(unit=match.catcher, draft=True, responsible=match.sponsors, other_sides=frozenset({match.thrower}))
