"""A closed cycle stays as it was closed: whatever would write into it is refused with one sentence."""

from __future__ import annotations

from sqlalchemy.orm import Session

from hoshin.errors import Problem, Refused
from hoshin.model.cycles import Cycle, CycleState


def sentence(*, name: str) -> str:
    """Why nothing changes."""
    return f"{name} is closed: what belongs to it stays as it is"


def wrong_with(*, session: Session, cycle_id: int | None) -> str:
    """The sentence when that cycle is closed, else nothing."""
    cycle = session.get(Cycle, cycle_id) if cycle_id is not None else None
    return sentence(name=cycle.name) if cycle is not None and cycle.state is CycleState.CLOSED else ""


def refuse_closed(*, session: Session, cycle_id: int | None) -> None:
    """Raise Refused when that cycle is closed."""
    wrong = wrong_with(session=session, cycle_id=cycle_id)
    if wrong:
        raise Refused(Problem(wrong))
