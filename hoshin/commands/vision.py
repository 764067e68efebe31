"""The vision and the assessment of the current state, at the centre of every matrix."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands import journal
from hoshin.errors import Stale
from hoshin.model.units import Organisation
from hoshin.queries.units import get_organisation, lock_plan, top_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionWish:
    """True North and current state, as Markdown; `version` is the one the form was read at."""

    true_north: str
    current_state: str
    version: int | None
    why: str = ""


def write_vision(*, session: Session, wish: VisionWish, by: Actor, at: datetime) -> Organisation:
    """Write both texts. The journal keeps them under the top unit: they are strategy, not administration."""
    require(actor=by, act=Act.WRITE_VISION)
    lock_plan(session=session)
    known = get_organisation(session=session)
    if wish.version != known.version:
        raise Stale(theirs={"True North": known.true_north, "Current state": known.current_state})
    top = top_unit(session=session)
    with journal.changing(
        session=session, by=by, at=at, thing=known, verb="wrote the vision", unit=top.id, why=wish.why
    ):
        known.true_north, known.current_state = wish.true_north, wish.current_state
    return known
