"""A proposed amendment of targets is put, agreed to by the level above, returned with a reason, or withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands import journal
from hoshin.commands.bands import said
from hoshin.commands.countermeasures_open import THE_FIGURES, open_due
from hoshin.commands.outcomes import NotRecorded, Outcome
from hoshin.commands.readings import CellWish, record_cells
from hoshin.engine.figures import parse_figure, show_figure
from hoshin.engine.metrics import Aggregation
from hoshin.errors import Missing, Problem, Refused
from hoshin.model.kpis import KPI, Reading
from hoshin.model.people import Person
from hoshin.model.proposals import Proposal, ProposalState
from hoshin.queries.attainment import today_in
from hoshin.queries.kpis import list_readings
from hoshin.queries.proposals import Asked, get_asked, get_proposal, subject_of
from hoshin.queries.unit_plans import people_names
from hoshin.queries.units import share_plan

ANSWERED = {
    ProposalState.AGREED: "it has been agreed already",
    ProposalState.RETURNED: "it has been returned already",
    ProposalState.WITHDRAWN: "it was withdrawn",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalWish:
    """Other targets of one KPI, and why; no period that ends before `first` takes part."""

    cells: Sequence[CellWish]
    reason: str
    first: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerWish:
    """What is said to the proposal as it read at that version."""

    version: int | None
    text: str = ""


def propose(*, session: Session, wish: ProposalWish, by: Actor, at: datetime) -> Outcome:
    """Put other targets than the agreed ones before the level above; where nobody stands there, the head amends alone.

    Raises NotRecorded, and nothing is proposed, when one of the cells cannot be.
    """
    if not wish.reason.strip():
        raise Refused(Problem("say why", field="reason"))
    if not wish.cells:
        raise Refused(Problem("write at least one other target"))
    outcome = record_cells(
        session=session, cells=wish.cells, by=by, at=at, reason=wish.reason, first=wish.first, proposes=True
    )
    if outcome.problems:
        raise NotRecorded(outcome)
    if outcome.saved:
        open_due(session=session, by=THE_FIGURES, at=at, kpi_ids={one.kpi_id for one in wish.cells})
    return outcome


def agree(*, session: Session, proposal_id: int, wish: AnswerWish, by: Actor, at: datetime) -> Proposal:
    """The level above agrees: from now on the proposed targets count, with a badge that names both."""
    found = _held(session, proposal_id, by, at)
    _refuse_other(found, wish)
    row, kpi = found.proposal, found.kpi
    named = _signer(session, found, by)
    _refuse_moved(session, row)
    both, reason = replace(by, is_system=True, name=named), f"{row.reason} (proposed by {_proposer(row)})"
    _redefine(session, kpi, row, reason, both, at)
    outcome = record_cells(
        session=session, cells=_cells(row), by=both, at=at, reason=reason, revise=row.revises, agreed_to=row
    )
    if outcome.problems:
        raise Refused.because(outcome.problems)
    _answer(session, found, ProposalState.AGREED, wish.text, by, at)
    open_due(session=session, by=THE_FIGURES, at=at, kpi_ids=[kpi.id])
    return row


def return_proposal(*, session: Session, proposal_id: int, wish: AnswerWish, by: Actor, at: datetime) -> Proposal:
    """The level above does not agree, and says why; the agreed targets stay."""
    found = _held(session, proposal_id, by, at)
    _refuse_other(found, wish)
    if not wish.text.strip():
        raise Refused(Problem("say why", field="text"))
    return _answer(session, found, ProposalState.RETURNED, wish.text, by, at)


def withdraw(*, session: Session, proposal_id: int, wish: AnswerWish, by: Actor, at: datetime) -> Proposal:
    """Whoever proposed it takes it back; the agreed targets stay."""
    found = _held(session, proposal_id, by, at, act=Act.PROPOSE_AMENDMENT)
    if by.person not in found.proposal.proposers:
        raise Refused(Problem("only who proposed it can withdraw it"))
    return _answer(session, found, ProposalState.WITHDRAWN, wish.text, by, at)


def _held(session: Session, proposal_id: int, by: Actor, at: datetime, act: Act = Act.ANSWER_AMENDMENT) -> Asked:
    """The waiting proposal, held until the transaction ends as its KPI is: two who answer at once take turns."""
    organisation = share_plan(session=session)
    kpi_id = get_proposal(session=session, proposal_id=proposal_id).kpi_id
    session.execute(select(KPI.id).where(KPI.id == kpi_id).with_for_update(key_share=True))
    get_proposal(session=session, proposal_id=proposal_id, lock=True)
    today = today_in(organisation=organisation, now=at)
    found = get_asked(session=session, actor=by, today=today, proposal_id=proposal_id)
    require(actor=by, act=act, subject=subject_of(asked=found))
    if not found.waits:
        raise Refused(Problem(ANSWERED[found.proposal.state]))
    return found


def _refuse_other(found: Asked, wish: AnswerWish) -> None:
    row = found.proposal
    if found.hand is None:
        raise Refused(Problem("it is not yours to answer: the level above does, and never who proposed it"))
    if wish.version != row.version:
        raise Refused(Problem("more has been proposed since you read it: look at it again"))


def _refuse_moved(session: Session, row: Proposal) -> None:
    """Raise Refused when one of the agreed targets is another one by now."""
    known = {one.period: one for one in list_readings(session=session, kpi_ids=[row.kpi_id], fresh=True)}
    now = session.get_one(KPI, row.kpi_id, populate_existing=True).aggregation.value
    for cell in row.cells:
        if not cell["period"]:
            if cell["before"]["aggregation"] != now:
                raise Refused(Problem(f"its year to date is taken as {now} by now: return it"))
            continue
        reading = known.get(date.fromisoformat(cell["period"]))
        for name, before in cell["before"].items():
            if _shown(reading, name) != before:
                now = f"{said(name=name)} {_shown(reading, name) or 'none'}"
                raise Refused(Problem(f"the agreed {now} of {cell['period'][:7]} is another one by now: return it"))


def _shown(reading: Reading | None, name: str) -> str:
    value = getattr(reading, name) if reading is not None else None
    return show_figure(value=value) if isinstance(value, Decimal) else ""


def _cells(row: Proposal) -> list[CellWish]:
    return [
        CellWish(
            kpi_id=row.kpi_id,
            period=date.fromisoformat(cell["period"]),
            values={name: parse_figure(text=text) if text else None for name, text in cell["after"].items()},
            place=Problem("", field=cell["period"][:7]),
        )
        for cell in row.cells
        if cell["period"]
    ]


def _redefine(session: Session, kpi: KPI, row: Proposal, reason: str, by: Actor, at: datetime) -> None:
    """Let the year be taken together as it was proposed, where that was."""
    wanted = next((one["after"]["aggregation"] for one in row.cells if not one["period"]), "")
    if wanted:
        with journal.changing(session=session, by=by, at=at, thing=kpi, verb="amended", why=reason):
            kpi.aggregation = Aggregation(wanted)


def _signer(session: Session, found: Asked, by: Actor) -> str:
    """Who agrees, and for whom where a deputy does."""
    if found.hand is None:
        raise Missing("nobody answers it")
    if found.hand.person == found.hand.principal:
        return by.name
    return f"{by.name} for {session.get_one(Person, found.hand.principal).name}"


def _proposer(row: Proposal) -> str:
    return f"{row.proposed_by} for {row.proposed_for}" if row.proposed_for else row.proposed_by


def _answer(session: Session, found: Asked, state: ProposalState, text: str, by: Actor, at: datetime) -> Proposal:
    row, kpi = found.proposal, found.kpi
    with journal.changing(
        session=session, by=by, at=at, thing=row, verb=state.value, unit=kpi.unit_id, name=kpi.name, why=text.strip()
    ):
        row.state, row.answer, row.answered_at, row.answered_by = state, text.strip(), at, by.name
        if found.hand is not None and found.hand.person != found.hand.principal:
            row.answered_for = people_names(session=session)[found.hand.principal]
    return row
