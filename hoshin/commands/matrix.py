"""A matrix is edited where it stands: batches of cells and items, each answered for itself, the good ones saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import items
from hoshin.commands.actions import ActionWish, create_action
from hoshin.commands.kpis import KPIWish, create_kpi
from hoshin.commands.links import CorrelationWish, correlate_each
from hoshin.commands.objectives import ObjectiveWish, create_objective
from hoshin.commands.priorities import PriorityWish, create_priority
from hoshin.engine.plans import Kind, State
from hoshin.errors import Forbidden, HoshinError, Missing, Problem, Refused, Stale
from hoshin.model.base import TITLE
from hoshin.model.items import Item
from hoshin.model.kpis import KPIKind
from hoshin.model.links import Correlation
from hoshin.queries.items import find_named
from hoshin.queries.links import find_correlation, last_change

# ------------------------------------------------------------------ cells


@dataclass(frozen=True, slots=True)
class Theirs:
    """What somebody else saved in a cell meanwhile: strength 0 for no link, and who did it when, if known."""

    strength: int
    rationale: str
    version: int
    who: str = ""
    when: datetime | None = None


@dataclass(frozen=True, slots=True)
class CellOutcome:
    """What became of one cell: saved at a version (0: no link), or in conflict, or refused with a sentence."""

    wish: CorrelationWish
    version: int = 0
    theirs: Theirs | None = None
    refusal: str = ""


def save_cells(
    *, session: Session, wishes: Sequence[CorrelationWish], by: Actor, at: datetime
) -> list[CellOutcome]:
    """Set, change or take away many links; a cell that is refused or in conflict leaves the others saved.

    A wish that has been granted before, its answer having been lost on the way, is saved and no conflict.
    """
    found = correlate_each(session=session, wishes=wishes, by=by, at=at)
    return [_cell_outcome(session, wish, one) for wish, one in zip(wishes, found, strict=True)]


def _cell_outcome(session: Session, wish: CorrelationWish, found: Correlation | HoshinError | None) -> CellOutcome:
    if isinstance(found, Stale):
        stands = find_correlation(session=session, upper_id=wish.upper_id, lower_id=wish.lower_id)
        return _already(wish, stands) or CellOutcome(wish, theirs=_theirs(session, wish, stands))
    if isinstance(found, HoshinError):
        return CellOutcome(wish, refusal=_sentence(found))
    return CellOutcome(wish, version=found.version if found else 0)


def _already(wish: CorrelationWish, stands: Correlation | None) -> CellOutcome | None:
    if stands is None:
        return CellOutcome(wish) if wish.strength == 0 else None
    same = (stands.strength, stands.rationale) == (wish.strength, wish.rationale)
    return CellOutcome(wish, version=stands.version) if same else None


def _theirs(session: Session, wish: CorrelationWish, stands: Correlation | None) -> Theirs:
    line = last_change(session=session, upper_id=wish.upper_id, lower_id=wish.lower_id)
    who, when = (line.by_name, line.at) if line else ("", None)
    if stands is None:
        return Theirs(0, "", 0, who, when)
    return Theirs(stands.strength, stands.rationale, stands.version, who, when)


# ------------------------------------------------------------------ items


@dataclass(frozen=True, slots=True, kw_only=True)
class AddWish:
    """A new draft item; `key` is what the sender calls it, `after` the key or number of the one it follows.

    Without `after` it stands last; `kpi_kind` matters to KPIs only.
    """

    key: str
    kind: Kind
    name: str
    kpi_kind: KPIKind = KPIKind.RESULT
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameWish:
    """Another name for an item that was called `was` at that version."""

    key: str
    name: str
    was: str
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceWish:
    """An item right after another one of its list; an empty `after` puts it first."""

    key: str
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawWish:
    """A draft taken back."""

    key: str


ItemChange = AddWish | RenameWish | PlaceWish | WithdrawWish


class Fate(StrEnum):
    """What became of one change of an item."""

    SAVED = "saved"
    EXISTS = "exists"
    GONE = "gone"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """What became of one change: the item's number, version and name now, or a sentence."""

    key: str
    fate: Fate
    id: int | None = None
    version: int = 0
    name: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Which matrix is edited."""

    unit_id: int
    cycle_id: int


def change_items(
    *, session: Session, sheet: Sheet, wishes: Sequence[ItemChange], by: Actor, at: datetime
) -> list[ItemOutcome]:
    """Add, rename, place and take back items of a unit's matrix in the given order; each is answered for itself.

    Keys are the numbers of items, or the sender's own names for those that this batch adds.
    """
    require(actor=by, act=Act.WRITE_PLAN, subject=Subject(unit=sheet.unit_id))
    batch = _Batch(session, sheet, by, at)
    found = [batch.change(one) for one in wishes]
    batch.place_added()
    return found


class _Batch:
    """One batch at work: it remembers the numbers of what it has added."""

    def __init__(self, session: Session, sheet: Sheet, by: Actor, at: datetime) -> None:
        self.session, self.sheet, self.by, self.at = session, sheet, by, at
        self.numbers: dict[str, int] = {}
        self.added: list[tuple[int, int | None]] = []

    def place_added(self) -> None:
        """Put the new items where they belong, all at once: one by one, each would move all that follow it."""
        kinds = {self.session.get_one(Item, key).kind for key, _ in self.added}
        for kind in kinds:
            places = [one for one in self.added if self.session.get_one(Item, one[0]).kind is kind]
            items.place_all(session=self.session, places=places, by=self.by, at=self.at)
        self.added.clear()

    def change(self, wish: ItemChange) -> ItemOutcome:
        """Grant one wish inside a savepoint of its own."""
        if not isinstance(wish, AddWish):
            self.place_added()
        try:
            with self.session.begin_nested():
                return self._grant(wish)
        except Stale as stale:
            item = self.session.get(Item, self._number(wish.key) or 0)
            version = item.version if item else 0
            return ItemOutcome(wish.key, Fate.CONFLICT, self._number(wish.key), version, stale.theirs["Name"])
        except HoshinError as error:
            return ItemOutcome(wish.key, Fate.REFUSED, self._number(wish.key), sentence=_sentence(error))

    def _grant(self, wish: ItemChange) -> ItemOutcome:
        if isinstance(wish, AddWish):
            return self._add(wish)
        item = self._own(wish.key)
        common: dict[str, Any] = {"session": self.session, "item_id": item.id, "by": self.by, "at": self.at}
        if isinstance(wish, RenameWish):
            return self._saved(wish.key, items.rename(name=wish.name, was=wish.was, version=wish.version, **common))
        if isinstance(wish, PlaceWish):
            return self._saved(wish.key, items.place(after_id=self._number(wish.after), **common))
        items.withdraw(**common)
        return ItemOutcome(wish.key, Fate.GONE, common["item_id"])

    def _add(self, wish: AddWish) -> ItemOutcome:
        """A twin is taken for the same item: it is restored if it was archived as a draft, else named as there."""
        cycle_id = self.sheet.cycle_id if wish.kind in (Kind.PRIORITY, Kind.ACTION) else None
        twin = find_named(
            session=self.session, kind=wish.kind, unit_id=self.sheet.unit_id, name=wish.name, cycle_id=cycle_id
        )
        if twin is not None and twin.archived_at is None:
            return self._saved(wish.key, twin, Fate.EXISTS)
        if twin is not None and twin.state is State.DRAFT:
            item = items.restore(session=self.session, item_id=twin.id, by=self.by, at=self.at)
        else:
            item = _CREATE[wish.kind](self.session, self.sheet, wish, self.by, self.at)
        if self._number(wish.after) is not None:
            self.added.append((item.id, self._number(wish.after)))
        return self._saved(wish.key, item)

    def _saved(self, key: str, item: Item, fate: Fate = Fate.SAVED) -> ItemOutcome:
        self.numbers[key] = item.id
        return ItemOutcome(key, fate, item.id, item.version, item.name)

    def _number(self, key: str) -> int | None:
        if key in self.numbers:
            return self.numbers[key]
        return int(key) if key.isascii() and key.isdigit() and len(key) <= 10 else None

    def _own(self, key: str) -> Item:
        item = self.session.get(Item, self._number(key) or 0)
        if item is None:
            raise Missing("this item is no longer there")
        if item.unit_id != self.sheet.unit_id:
            raise Refused(Problem("this KPI is at home in another unit and is changed there"))
        return item


def _sentence(error: HoshinError) -> str:
    """What to tell; what the actor may not know of looks like what is not there."""
    if isinstance(error, Missing):
        return "this item is no longer there"
    if isinstance(error, Forbidden):
        return "you may not change this"
    return "; ".join(one.message for one in error.problems) if isinstance(error, Refused) else str(error)


def _check_name(wish: AddWish) -> None:
    if not wish.name or len(wish.name) > TITLE:
        raise Refused(Problem(f"a name has 1 to {TITLE} characters", field="name"))


def _create_objective(session: Session, sheet: Sheet, wish: AddWish, by: Actor, at: datetime) -> Item:
    _check_name(wish)
    new = ObjectiveWish(unit_id=sheet.unit_id, name=wish.name)
    return create_objective(session=session, wish=new, by=by, at=at)


def _create_priority(session: Session, sheet: Sheet, wish: AddWish, by: Actor, at: datetime) -> Item:
    _check_name(wish)
    new = PriorityWish(unit_id=sheet.unit_id, cycle_id=sheet.cycle_id, name=wish.name)
    return create_priority(session=session, wish=new, by=by, at=at)


def _create_action(session: Session, sheet: Sheet, wish: AddWish, by: Actor, at: datetime) -> Item:
    _check_name(wish)
    new = ActionWish(unit_id=sheet.unit_id, cycle_id=sheet.cycle_id, name=wish.name)
    return create_action(session=session, wish=new, by=by, at=at)


def _create_kpi(session: Session, sheet: Sheet, wish: AddWish, by: Actor, at: datetime) -> Item:
    _check_name(wish)
    new = KPIWish(unit_id=sheet.unit_id, cycle_id=sheet.cycle_id, name=wish.name, kpi_kind=wish.kpi_kind)
    return create_kpi(session=session, wish=new, by=by, at=at)


_CREATE: dict[Kind, Callable[[Session, Sheet, AddWish, Actor, datetime], Item]] = {
    Kind.OBJECTIVE: _create_objective,
    Kind.PRIORITY: _create_priority,
    Kind.ACTION: _create_action,
    Kind.KPI: _create_kpi,
}
