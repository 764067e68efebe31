"""Proposed amendments of targets: those that wait and those that were answered, and who agrees to each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.access.rules import Subject
from hoshin.access.scope import may_hold, readable_items
from hoshin.engine.hands import NOBODY, Court, Hand, Seat, hand_in, level_above
from hoshin.errors import Missing
from hoshin.model.kpis import KPI
from hoshin.model.people import Deputy
from hoshin.model.proposals import Proposal, ProposalState
from hoshin.queries.catchball import load_court, sponsors_of
from hoshin.queries.drill import readable_among
from hoshin.queries.kpis import subjects_of
from hoshin.queries.many import among


@dataclass(frozen=True, slots=True)
class Asked:
    """A proposal with its KPI and the seats of those who may agree to it."""

    proposal: Proposal
    kpi: KPI
    seats: tuple[Seat, ...]
    hand: Hand | None
    """How the reader may answer it; None when it is not hers to answer."""

    @property
    def waits(self) -> bool:
        """Whether nobody has answered it."""
        return self.proposal.state is ProposalState.PROPOSED

    @property
    def people(self) -> frozenset[int]:
        """Who may agree to it in her own name."""
        return people_in(seats=self.seats)


@dataclass(frozen=True, slots=True)
class Returned:
    """A proposal that was returned, and what its KPI is called."""

    proposal: Proposal
    kpi: str


def people_in(*, seats: Iterable[Seat]) -> frozenset[int]:
    """Everybody who sits in one of the seats in her own name."""
    return frozenset[int]().union(*(people for _, people in seats))


def get_proposal(*, session: Session, proposal_id: int, lock: bool = False) -> Proposal:
    """A proposal, held until the transaction ends when it is to be answered; raises Missing when there is none."""
    query = select(Proposal).where(Proposal.id == proposal_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).first()
    if found is None:
        raise Missing("there is no such proposal")
    return found


def waiting_of(*, session: Session, kpi_ids: Iterable[int]) -> dict[int, Proposal]:
    """The proposals that wait for an answer, by KPI."""
    query = select(Proposal).where(Proposal.kpi_id.in_(list(kpi_ids)), Proposal.state == ProposalState.PROPOSED)
    return {one.kpi_id: one for one in session.scalars(query)}


def levels_above(
    *, session: Session, kpis: Iterable[KPI], today: date, but: Mapping[int, frozenset[int]] | frozenset[int] = NOBODY
) -> dict[int, tuple[Seat, ...]]:
    """Who agrees to an amendment of each KPI, by its key; `but` are those who propose it, for all or for each KPI."""
    wanted = list(kpis)
    if not wanted:
        return {}
    without = but if isinstance(but, Mapping) else {one.id: but for one in wanted}
    court = load_court(session=session, today=today, units={one.unit_id for one in wanted})
    return _seats(session, court, wanted, without)


def _seats(
    session: Session, court: Court, kpis: Sequence[KPI], but: Mapping[int, frozenset[int]]
) -> dict[int, tuple[Seat, ...]]:
    sponsors = sponsors_of(session=session, source_ids=[one.id for one in kpis])
    return {
        one.id: level_above(
            court=court, unit=one.unit_id, sponsors=sponsors.get(one.id, NOBODY), but=but.get(one.id, NOBODY)
        )
        for one in kpis
    }


def list_stood_for(*, session: Session, person: int | None, today: date) -> dict[int, frozenset[int]]:
    """Whose deputy the person is on that day, by unit."""
    rows = session.execute(
        select(Deputy.unit_id, Deputy.head_id).where(
            Deputy.deputy_id == person, Deputy.valid_from <= today, Deputy.valid_to >= today
        )
    )
    found: dict[int, frozenset[int]] = {}
    for unit, head in rows:
        found[unit] = found.get(unit, NOBODY) | {head}
    return found


def list_asked(
    *,
    session: Session,
    actor: Actor,
    today: date,
    kpi_ids: Collection[int] | None = None,
    proposal_id: int | None = None,
    waiting: bool = False,
    at_hand: bool = False,
    court: Callable[[], Court] | None = None,
) -> list[Asked]:
    """The proposals whose KPI the actor may read or that are hers to answer, the waiting and the latest ones first.

    All of them, of some KPIs, one alone, only those that wait, or of these only those that may be in her hand
    (`at_hand`). `court` gives the court of that day where it is known already.
    """
    query = select(Proposal, KPI).join(KPI, KPI.id == Proposal.kpi_id)
    if kpi_ids is not None:
        query = query.where(among(session=session, column=Proposal.kpi_id, keys=kpi_ids))
    if proposal_id is not None:
        query = query.where(Proposal.id == proposal_id)
    if waiting or at_hand:
        query = query.where(Proposal.state == ProposalState.PROPOSED)
    if at_hand:
        query = query.where(may_hold(actor=actor, units=[KPI.unit_id], source=KPI.id))
    rows = [(one, kpi) for one, kpi in session.execute(query.order_by(Proposal.id.desc()))]
    if not rows:
        return []
    readable = readable_among(session=session, actor=actor, keys={kpi.id for _, kpi in rows})
    units = {kpi.unit_id for _, kpi in rows}
    sitting = court() if court else load_court(session=session, today=today, units=units)
    asked = _asked(session, actor, sitting, rows)
    found = [one for one in asked if one.hand is not None or one.kpi.id in readable]
    return sorted(found, key=lambda one: not one.waits)


def list_returned(*, session: Session, actor: Actor, since: datetime) -> list[Returned]:
    """The actor's own proposals that were returned since then, of KPIs that she may read, the latest first."""
    hers = or_(Proposal.proposed_by_id == actor.person, Proposal.principal_id == actor.person)
    query = select(Proposal, KPI.name).join(KPI, KPI.id == Proposal.kpi_id).where(hers, readable_items(actor=actor))
    query = query.where(Proposal.state == ProposalState.RETURNED, Proposal.answered_at >= since)
    return [Returned(one, name) for one, name in session.execute(query.order_by(Proposal.id.desc()))]


def _asked(session: Session, actor: Actor, court: Court, rows: Sequence[tuple[Proposal, KPI]]) -> list[Asked]:
    """Each with its seats: of one KPI at most one waits, the others are history and nobody's to answer."""
    waiting = {kpi.id: (one, kpi) for one, kpi in rows if one.state is ProposalState.PROPOSED}
    but = {key: one.proposers for key, (one, _) in waiting.items()}
    seats = _seats(session, court, [kpi for _, kpi in waiting.values()], but)
    found = []
    for one, kpi in rows:
        mine = seats.get(kpi.id, ()) if one.state is ProposalState.PROPOSED else ()
        may_answer = actor.person is not None and actor.person not in one.proposers
        hand = hand_in(court=court, seats=mine, person=actor.person or 0) if may_answer else None
        found.append(Asked(one, kpi, mine, hand))
    return found


def get_asked(*, session: Session, actor: Actor, today: date, proposal_id: int) -> Asked:
    """One proposal; raises Missing when there is none, or none that the actor may know of."""
    found = list_asked(session=session, actor=actor, today=today, proposal_id=proposal_id)
    if not found:
        raise Missing("there is no such proposal")
    return found[0]


def subject_of(*, asked: Asked) -> Subject:
    """What access needs to know of a proposal: it belongs to the KPI's people and to those who answer it."""
    known = subjects_of(kpis=[asked.kpi])[asked.kpi.id]
    return replace(known, responsible=known.responsible | asked.people | asked.proposal.proposers)
