"""A unit keeps the layout in which its X-matrix opens, and the organisation what the arms are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import journal
from hoshin.errors import Problem, Refused, Stale
from hoshin.model.units import Glyphs, Organisation, Preset, Unit
from hoshin.queries.units import get_organisation, get_unit, lock_plan

LONGEST_LABEL = 40
"""A label stands inside the drawing: longer ones would not fit beside the vision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookWish:
    """The signs of the strengths, and what each arm is called, by its word; an empty label gives our own back."""

    glyphs: Glyphs
    labels: Mapping[str, str]
    version: int | None


def keep_layout(*, session: Session, unit_id: int, preset: Preset, by: Actor, at: datetime) -> Unit:
    """From now on the unit's matrix opens in this layout."""
    unit = get_unit(session=session, actor=by, unit_id=unit_id)
    require(actor=by, act=Act.WRITE_PLAN, subject=Subject(unit=unit.id))
    lock_plan(session=session)
    with journal.changing(session=session, by=by, at=at, thing=unit, verb="laid out"):
        unit.preset = preset
    return unit


def change_look(*, session: Session, wish: LookWish, by: Actor, at: datetime) -> Organisation:
    """Draw every X-matrix with the organisation's own signs and labels."""
    require(actor=by, act=Act.MANAGE_SETTINGS)
    lock_plan(session=session)
    known = get_organisation(session=session)
    if wish.version != known.version:
        theirs = {word.replace("_", " ").capitalize(): label for word, label in known.arm_labels.items()}
        raise Stale(theirs={"Signs": known.glyphs.value, **theirs})
    long = [word for word, label in wish.labels.items() if len(label) > LONGEST_LABEL]
    if long:
        raise Refused.because([Problem(f"at most {LONGEST_LABEL} characters", field=word) for word in long])
    with journal.changing(session=session, by=by, at=at, thing=known, verb="changed the look"):
        known.glyphs = wish.glyphs
        known.arm_labels = {word: label for word, label in wish.labels.items() if label}
    return known
