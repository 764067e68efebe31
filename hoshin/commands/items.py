"""What is done alike with all four kinds of item: put in force, end, resume, archive, restore, reorder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, may, require
from hoshin.commands import agreed, closed, journal
from hoshin.commands.bands import agree
from hoshin.commands.cycles import whole_cycle
from hoshin.engine.plans import Kind, State
from hoshin.errors import Missing, Problem, Refused, Stale
from hoshin.model.base import TITLE
from hoshin.model.cycles import Cycle, CycleKPI, CycleState
from hoshin.model.items import Item, Objective
from hoshin.model.kpis import KPI
from hoshin.model.links import Deployment
from hoshin.model.people import Person
from hoshin.model.units import Unit
from hoshin.queries.items import AnyItem, find_named, get_item, last_position, list_items, subject_for
from hoshin.queries.kpis import list_readings
from hoshin.queries.links import list_deployments
from hoshin.queries.units import lock_plan

LABELS = {Kind.OBJECTIVE: "objective", Kind.PRIORITY: "priority", Kind.ACTION: "action", Kind.KPI: "KPI"}
PLURALS = {Kind.OBJECTIVE: "objectives", Kind.PRIORITY: "priorities", Kind.ACTION: "actions", Kind.KPI: "KPIs"}


STANDING = {
    "horizon_from": "First year", "horizon_to": "Last year", "due_on": "Due", "status": "Status",
    "progress": "Progress", "uom": "Unit of measure", "direction": "Good is", "tolerance": "Tolerance",
    "frequency": "Read every", "aggregation": "Year to date", "baseline": "Baseline", "kpi_kind": "Kind",
    "kpi_class": "Class", "valid_from": "Counts from", "valid_to": "Counts until",
}  # fmt: skip
"""What a stale form is told of besides name and description, as far as the item has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemWish:
    """What every item is asked for; `version` is the one the form was read at, None for something new."""

    unit_id: int
    name: str
    description: str = ""
    owner_id: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    version: int | None = None
    reason: str = ""


AnyWish = TypeVar("AnyWish", bound=ItemWish)


def check_wish(
    *, session: Session, wish: ItemWish, kind: Kind, cycle_id: int | None, item: Item | None
) -> list[Problem]:
    """Everything wrong with the shared part of a wish: unit, name, owner, dates."""
    problems = []
    unit = session.get(Unit, wish.unit_id)
    if unit is None or unit.archived_at is not None:
        problems.append(Problem("this unit is not there or archived", field="unit_id"))
    twin = find_named(session=session, kind=kind, unit_id=wish.unit_id, name=wish.name, cycle_id=cycle_id)
    if twin is not None and twin is not item:
        where = " (archived: restore it instead)" if twin.archived_at else ""
        problems.append(Problem(f"this unit already has a {LABELS[kind]} of that name{where}", field="name"))
    if wish.owner_id is not None and session.get(Person, wish.owner_id) is None:
        problems.append(Problem("there is no such person", field="owner_id"))
    if wish.valid_from and wish.valid_to and wish.valid_from > wish.valid_to:
        problems.append(Problem("this day lies before the first one", field="valid_to"))
    return problems


def refuse_stale(*, item: Item, version: int | None) -> None:
    """Raise Stale when somebody else saved the item after the form was read."""
    if version is not None and version != item.version:
        raise Stale(_standing(item))


def _standing(item: Item) -> dict[str, str]:
    """What stands now, by field, for whoever typed something else."""
    found = {"Name": item.name, "Description": item.description}
    for name, label in STANDING.items():
        value = getattr(item, name, None)
        if value is not None:
            found[label] = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return found


def check_edit(*, session: Session, by: Actor, item: Item, wish: ItemWish, cycle_id: int | None) -> list[Problem]:
    """Everything that an edit may not do: move the item, shift the days of what counts unseen, change what was agreed.

    Raises Forbidden when somebody who may not sign changes the days of an item in force.
    """
    problems = agreed.check_held(session=session, item=item, wish=wish)
    if wish.unit_id != item.unit_id:
        problems.append(Problem(f"this {LABELS[item.kind]} stays in its unit", field="unit_id"))
    if cycle_id != item.cycle_id:
        problems.append(Problem(f"this {LABELS[item.kind]} stays in its cycle", field="cycle_id"))
    if item.state is not State.DRAFT and (wish.valid_from, wish.valid_to) != (item.valid_from, item.valid_to):
        require(actor=by, act=Act.PUT_IN_FORCE, subject=Subject(unit=item.unit_id))
        if not wish.reason.strip():
            problems.append(Problem("this changes when it counts: say why", field="reason"))
    return problems


def check_cycle(*, session: Session, cycle_id: int) -> list[Problem]:
    """Whether something new may stand on the plan of that cycle."""
    cycle = session.get(Cycle, cycle_id)
    if cycle is None:
        return [Problem("this cycle has not been opened", field="cycle_id")]
    return [Problem(f"{cycle.name} is closed", field="cycle_id")] if cycle.state is CycleState.CLOSED else []


def within_cycle(*, session: Session, wish: AnyWish, cycle_id: int | None) -> AnyWish:
    """The wish, with the cycle's first and last day where it names none."""
    if cycle_id is None:
        return wish
    first, last = whole_cycle(cycle=session.get_one(Cycle, cycle_id))
    return replace(wish, valid_from=wish.valid_from or first, valid_to=wish.valid_to or last)


def from_cycle(*, session: Session, wish: AnyWish, cycle_id: int | None) -> AnyWish:
    """The wish, with the cycle's first day where it names none, and an open end."""
    if cycle_id is None or wish.valid_from is not None:
        return wish
    first = session.get_one(Cycle, cycle_id).first_day
    return replace(wish, valid_from=min(first, wish.valid_to) if wish.valid_to else first)


def add(*, session: Session, item: Item, wish: ItemWish, by: Actor, at: datetime) -> None:
    """Put a new item at the end of its list, as a draft; the caller has checked it."""
    item.position = last_position(session=session, kind=item.kind, unit_id=item.unit_id) + 1
    item.state = State.DRAFT
    assign(item=item, wish=wish)
    try:
        journal.created(session=session, by=by, at=at, thing=item, why=wish.reason)
    except IntegrityError as error:
        if "uq_items_name" not in str(error.orig):
            raise
        raise Refused(Problem(f"this unit already has a {LABELS[item.kind]} of that name", field="name")) from error


def assign(*, item: Item, wish: ItemWish) -> None:
    """Carry the shared part of a wish over."""
    item.name, item.description, item.owner_id = wish.name, wish.description, wish.owner_id
    item.valid_from, item.valid_to = wish.valid_from, wish.valid_to


def writable(*, session: Session, item_id: int, by: Actor, kind: type[AnyItem], act: Act = Act.WRITE_PLAN) -> AnyItem:
    """The item of that class as it stands once everybody before is done; raises Missing or Forbidden.

    The plan is held: who asked for the version that a form was read at must not be overtaken before saving.
    """
    lock_plan(session=session)
    item = get_item(session=session, actor=by, item_id=item_id, kind=kind)
    require(actor=by, act=act, subject=subject_for(session=session, item=item))
    closed.refuse_closed(session=session, cycle_id=item.cycle_id)
    return item


def put_in_force(*, session: Session, item_id: int, by: Actor, at: datetime) -> Item:
    """A draft becomes active: from now on it counts. Draft deployments of an objective become active with it."""
    item = writable(session=session, item_id=item_id, by=by, kind=Item, act=Act.PUT_IN_FORCE)
    if item.state is not State.DRAFT:
        raise Refused(Problem(f"this {LABELS[item.kind]} is {item.state.value} already"))
    if isinstance(item, Objective) and not by.is_system:
        agreed.refuse_unagreed(session=session, item=item)
    with journal.changing(session=session, by=by, at=at, thing=item, verb="put in force"):
        item.state = State.ACTIVE
    if isinstance(item, KPI):
        _agree_targets(session, item)
    if isinstance(item, Objective):
        found = list_deployments(session=session, item_ids=[item.id])
        waiting = agreed.unagreed_deployments(session=session, deployment_ids=[one.id for one in found])
        for one in found:
            if one.objective_id == item.id and one.state is State.DRAFT and one.id not in waiting:
                _activate(session, one, item, by, at)
    return item


def put_all_in_force(
    *, session: Session, unit_id: int, item_ids: Sequence[int], by: Actor, at: datetime
) -> list[Item]:
    """The drafts that the signer has seen become active, those of the unit; what is in catchball stays a draft.

    Returns what is in force now, in the order given; what somebody else has signed or archived since is left out.
    """
    require(actor=by, act=Act.PUT_IN_FORCE, subject=Subject(unit=unit_id))
    made: list[Item] = []
    for item_id in dict.fromkeys(item_ids):
        item = get_item(session=session, actor=by, item_id=item_id, kind=Item)
        if item.unit_id != unit_id or item.state is not State.DRAFT or item.archived_at is not None:
            continue
        if not agreed.is_unagreed(session=session, item=item):
            made.append(put_in_force(session=session, item_id=item.id, by=by, at=at))
    return made


def _agree_targets(session: Session, kpi: KPI) -> None:
    """What stands when a KPI comes into force is what was first agreed."""
    for reading in list_readings(session=session, kpi_ids=[kpi.id]):
        agree(reading=reading)
    session.flush()


def _activate(session: Session, deployment: Deployment, objective: Item, by: Actor, at: datetime) -> None:
    with journal.changing(
        session=session,
        by=by,
        at=at,
        thing=deployment,
        verb="put in force",
        unit=objective.unit_id,
        name=objective.name,
    ):
        deployment.state = State.ACTIVE


def end(*, session: Session, item_id: int, reason: str, on: date, by: Actor, at: datetime) -> Item:
    """End an item with the given last day: earlier periods keep it, the reason is kept for all to see."""
    item = writable(session=session, item_id=item_id, by=by, kind=Item, act=Act.PUT_IN_FORCE)
    if not reason.strip():
        raise Refused(Problem("say why it ends", field="reason"))
    if item.state is not State.ACTIVE:
        raise Refused(Problem(f"only what is in force can be ended; this {LABELS[item.kind]} is {item.state.value}"))
    if item.valid_from and on < item.valid_from:
        raise Refused(Problem("it cannot end before it began", field="on"))
    agreed.refuse_ending(session=session, item=item, by=by)
    with journal.changing(session=session, by=by, at=at, thing=item, verb="ended", why=reason):
        item.state, item.valid_to, item.end_reason = State.ENDED, on, reason
    agreed.reopen_changed(session=session, source=item, by=by, at=at)
    return item


def resume(*, session: Session, item_id: int, reason: str, by: Actor, at: datetime) -> Item:
    """Bring an ended item back into force; the months between count again."""
    item = writable(session=session, item_id=item_id, by=by, kind=Item, act=Act.PUT_IN_FORCE)
    if item.state is not State.ENDED:
        raise Refused(Problem(f"this {LABELS[item.kind]} has not ended"))
    if not reason.strip():
        raise Refused(Problem("say why it goes on", field="reason"))
    with journal.changing(session=session, by=by, at=at, thing=item, verb="resumed", why=reason):
        item.state, item.valid_to, item.end_reason, item.archived_at = State.ACTIVE, None, "", None
    agreed.reopen_changed(session=session, source=item, by=by, at=at)
    return item


def archive(*, session: Session, item_id: int, by: Actor, at: datetime) -> Item:
    """Take a draft or an ended item out of the lists; it can be restored, and past periods keep counting it."""
    item = writable(session=session, item_id=item_id, by=by, kind=Item)
    if item.state is State.ACTIVE:
        raise Refused(Problem(f"this {LABELS[item.kind]} is in force: end it first, with a reason"))
    with journal.changing(session=session, by=by, at=at, thing=item, verb="archived"):
        item.archived_at = at
    return item


def restore(*, session: Session, item_id: int, by: Actor, at: datetime) -> Item:
    """Bring an archived item back into the lists, as it was."""
    item = writable(session=session, item_id=item_id, by=by, kind=Item)
    with journal.changing(session=session, by=by, at=at, thing=item, verb="restored"):
        item.archived_at = None
    return item


def rename(
    *, session: Session, item_id: int, name: str, was: str, version: int | None, by: Actor, at: datetime
) -> Item:
    """Give an item another name; raises Stale when somebody else has renamed it since it was called `was`.

    Other changes since, a new place in the list for instance, are no conflict.
    """
    item = writable(session=session, item_id=item_id, by=by, kind=Item)
    if version != item.version and item.name not in (was, name):
        raise Stale({"Name": item.name})
    wrong = _wrong_name(name)
    twin = find_named(session=session, kind=item.kind, unit_id=item.unit_id, name=name, cycle_id=item.cycle_id)
    if twin is not None and twin is not item:
        wrong = f"this unit already has a {LABELS[item.kind]} of that name"
    if wrong:
        raise Refused(Problem(wrong, field="name"))
    agreed.refuse_renaming(session=session, item=item, name=name)
    with journal.changing(session=session, by=by, at=at, thing=item, verb="renamed"):
        item.name = name
    agreed.reopen_changed(session=session, source=item, by=by, at=at)
    return item


def _wrong_name(name: str) -> str:
    if not name:
        return "please write a name"
    return f"at most {TITLE} characters" if len(name) > TITLE else ""


def move(*, session: Session, item_id: int, steps: int, by: Actor, at: datetime) -> Item:
    """Move an item up (negative) or down among its unit's items of the same kind and cycle."""
    item = writable(session=session, item_id=item_id, by=by, kind=Item)
    siblings = _siblings(session, item, by)
    here = siblings.index(item) if item in siblings else 0
    there = min(max(here + steps, 0), len(siblings) - 1)
    siblings.insert(there, siblings.pop(here))
    _renumber(session, siblings, by, at)
    return item


def place(*, session: Session, item_id: int, after_id: int | None, by: Actor, at: datetime) -> Item:
    """Put an item right after another one of its list; None, or one that is not in it, puts it first."""
    place_all(session=session, places=[(item_id, after_id)], by=by, at=at)
    return session.get_one(Item, item_id)


def place_all(*, session: Session, places: Sequence[tuple[int, int | None]], by: Actor, at: datetime) -> None:
    """Put items of one list right after others of it, one after the other, as (item, after) says; see `place`."""
    if not places:
        return
    siblings = _siblings(session, writable(session=session, item_id=places[0][0], by=by, kind=Item), by)
    for item_id, after_id in places:
        item = next((one for one in siblings if one.id == item_id), None)
        if item is None:
            raise Missing("this item is not in the list")
        siblings.remove(item)
        there = next((index + 1 for index, one in enumerate(siblings) if one.id == after_id), 0)
        siblings.insert(there, item)
    _renumber(session, siblings, by, at)


def _siblings(session: Session, item: Item, by: Actor) -> list[Item]:
    return [
        one
        for one in list_items(session=session, actor=by, kind=Item, unit_id=item.unit_id)
        if one.kind is item.kind and one.cycle_id == item.cycle_id
    ]


def _renumber(session: Session, siblings: Sequence[Item], by: Actor, at: datetime) -> None:
    for number, one in enumerate(siblings, start=1):
        with journal.changing(session=session, by=by, at=at, thing=one, verb="reordered"):
            one.position = number


def withdraw(*, session: Session, item_id: int, by: Actor, at: datetime) -> Item | None:
    """Take back a draft that was written by mistake; None when it is gone.

    What something else already rests on (a link, an answer, a reading) is archived instead, as is anything whose
    removal the database refuses.
    """
    item = writable(session=session, item_id=item_id, by=by, kind=Item)
    if item.state is not State.DRAFT:
        raise Refused(Problem(f"this {LABELS[item.kind]} is {item.state.value} and can no longer be taken back"))
    try:
        with session.begin_nested():
            session.execute(delete(CycleKPI).where(CycleKPI.kpi_id == item.id))
            journal.removed(session=session, by=by, at=at, thing=item)
        return None
    except IntegrityError:
        session.refresh(item)
    return archive(session=session, item_id=item_id, by=by, at=at)


def may_sign(*, by: Actor, unit_id: int) -> bool:
    """Whether what the actor writes in that unit can be in force at once."""
    return may(actor=by, act=Act.PUT_IN_FORCE, subject=Subject(unit=unit_id))
