"""Who answers for an item of a matrix, who supports it: one is responsible, and naming another moves the part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import items, journal
from hoshin.errors import Forbidden, HoshinError
from hoshin.model.actions import Action, ActionHelper
from hoshin.model.items import Item, Objective
from hoshin.model.kpis import KPI
from hoshin.model.people import Person
from hoshin.queries.items import helpers_of
from hoshin.queries.journal import last_line_about


class Part(StrEnum):
    """What somebody has to do with an item."""

    RESPONSIBLE = "responsible"
    SUPPORTS = "supports"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartWish:
    """Somebody's part in an item; `was` is the part when it was read, `owner_id` who was responsible then.

    `was` None compares with nothing: what a file or a plain form says is taken as it is.
    """

    item_id: int
    person_id: int
    part: Part
    was: Part | None = None
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Who is responsible for an item now, and who supports it: helpers, a sponsor, or a KPI's reporter."""

    owner_id: int | None
    supports: tuple[int, ...] = ()

    def part_of(self, *, person_id: int) -> Part:
        """The part of one person; being responsible outweighs supporting."""
        if person_id == self.owner_id:
            return Part.RESPONSIBLE
        return Part.SUPPORTS if person_id in self.supports else Part.NONE


@dataclass(frozen=True, slots=True)
class PartOutcome:
    """What became of one wish: how the item stands now, that somebody else changed it first, or why it is refused."""

    wish: PartWish
    standing: Standing
    in_conflict: bool = False
    who: str = ""
    when: datetime | None = None
    refusal: str = ""


def name_parts(*, session: Session, wishes: Sequence[PartWish], by: Actor, at: datetime) -> list[PartOutcome]:
    """Name who is responsible and who supports; a wish that is refused or in conflict leaves the others saved.

    Whoever becomes responsible takes the part from the one who was; a wish that has been granted before is saved.
    """
    return [_grant(session, wish, by, at) for wish in wishes]


def _grant(session: Session, wish: PartWish, by: Actor, at: datetime) -> PartOutcome:
    try:
        item = items.writable(session=session, item_id=wish.item_id, by=by, kind=Item)
    except HoshinError as error:
        return PartOutcome(wish, Standing(None), refusal=_sentence(error))
    now = standing_of(session=session, item=item)
    if now.part_of(person_id=wish.person_id) is wish.part:
        return PartOutcome(wish, now)
    if _is_overtaken(wish, now):
        line = last_line_about(session=session, subject=journal.subject_of(thing=item), subject_id=str(item.id))
        return PartOutcome(wish, now, True, *((line.by_name, line.at) if line else ("", None)))
    wrong = _wrong(session, item, wish)
    if wrong:
        return PartOutcome(wish, now, refusal=wrong)
    _assign(session, item, wish, by, at)
    return PartOutcome(wish, standing_of(session=session, item=item))


def _sentence(error: HoshinError) -> str:
    """What to tell; what the actor may not know of looks like what is not there."""
    return "you may not change this" if isinstance(error, Forbidden) else "this item is no longer there"


def _is_overtaken(wish: PartWish, now: Standing) -> bool:
    """Whether somebody else has changed this person's part, or who is responsible, since the wish was made."""
    if wish.was is None:
        return False
    moves = Part.RESPONSIBLE in (wish.part, wish.was)
    return now.part_of(person_id=wish.person_id) is not wish.was or (moves and now.owner_id != wish.owner_id)


def _wrong(session: Session, item: Item, wish: PartWish) -> str:
    if item.archived_at is not None:
        return "what is archived is not changed: restore it first"
    if wish.part is Part.NONE:
        return ""
    person = session.get(Person, wish.person_id)
    if person is None or person.deactivated_at is not None:
        return "this person is not there or has left"
    if wish.part is Part.SUPPORTS and not isinstance(item, (Objective, Action, KPI)):
        return "one person answers for a priority; who supports it stands with its actions"
    return ""


def standing_of(*, session: Session, item: Item) -> Standing:
    """Who has which part in an item now."""
    if isinstance(item, Action):
        return Standing(item.owner_id, tuple(helpers_of(session=session, action_id=item.id)))
    return Standing(item.owner_id, tuple(one for one in (_seconded(item),) if one is not None))


def _seconded(item: Item) -> int | None:
    """Who sponsors an objective, or reports a KPI."""
    if isinstance(item, Objective):
        return item.sponsor_id
    return item.reporter_id if isinstance(item, KPI) else None


def _assign(session: Session, item: Item, wish: PartWish, by: Actor, at: datetime) -> None:
    def beside() -> dict[str, Any]:
        return {"helpers": list(helpers_of(session=session, action_id=item.id))} if isinstance(item, Action) else {}

    verbs = {Part.RESPONSIBLE: "made responsible", Part.SUPPORTS: "support named", Part.NONE: "part taken back"}
    with journal.changing(session=session, by=by, at=at, thing=item, verb=verbs[wish.part], beside=beside):
        if wish.part is Part.RESPONSIBLE:
            item.owner_id = wish.person_id
        elif item.owner_id == wish.person_id:
            item.owner_id = None
        _support(session, item, wish)


def _support(session: Session, item: Item, wish: PartWish) -> None:
    """Who is responsible does not also help; an objective has one sponsor and a KPI one reporter."""
    supports = wish.part is Part.SUPPORTS
    if isinstance(item, Action):
        session.execute(
            delete(ActionHelper).where(ActionHelper.action_id == item.id, ActionHelper.person_id == wish.person_id)
        )
        if supports:
            session.add(ActionHelper(action_id=item.id, person_id=wish.person_id))
        session.flush()
    elif wish.part is not Part.RESPONSIBLE and (supports or _seconded(item) == wish.person_id):
        person = wish.person_id if supports else None
        if isinstance(item, Objective):
            item.sponsor_id = person
        elif isinstance(item, KPI):
            item.reporter_id = person
