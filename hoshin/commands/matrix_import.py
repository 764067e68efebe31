"""Carries out what somebody changed in a matrix's workbook: all of it in one transaction, or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands.links import CorrelationWish
from hoshin.commands.matrix import (
    AddWish,
    CellOutcome,
    Fate,
    ItemOutcome,
    PlaceWish,
    RenameWish,
    Sheet,
    change_items,
    save_cells,
)
from hoshin.commands.owners import Part, PartOutcome, PartWish, name_parts
from hoshin.errors import Problem, Refused
from hoshin.model.items import Item
from hoshin.queries.items import list_items
from hoshin.queries.people import list_people


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in the workbook something stands, for messages."""

    sheet: str
    row: int
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """An item to add or to rename, and where it was written."""

    wish: AddWish | RenameWish
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRow:
    """A cell that was changed: the keys of its upper and lower item (numbers, or keys of added ones), was and is.

    `why` is the reason that stood, `rationale` the one that stands now. `version` is the link's when the workbook was
    written, 0 for none.
    """

    upper: str
    lower: str
    was: int
    strength: int
    rationale: str
    why: str
    version: int
    said: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """A cell of the owner grid that was changed: somebody's part in an item, as it was shown and as it is written.

    `item` is a number or the key of an added item, `person` a number or "" where only a `name` was written. `was` and
    `owner` are what the part is compared with, see `PartWish`; `owner` is "" when nobody was responsible.
    """

    item: str
    person: str
    name: str
    part: Part
    was: Part | None
    owner: str
    shown: Part
    said: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """An item that was moved in its arm: it follows `after` now, "" for nothing; `before` is the order there was.

    The keys are numbers or keys of added items, `name` and `after_name` what people call the two.
    """

    key: str
    after: str
    before: tuple[int, ...]
    name: str
    after_name: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixImportWish:
    """Everything that was changed in a workbook of one unit's matrix."""

    unit_id: int
    cycle_id: int
    items: Sequence[ItemRow] = ()
    cells: Sequence[CellRow] = ()
    orders: Sequence[OrderRow] = ()
    parts: Sequence[PartRow] = ()


def import_matrix(*, session: Session, wish: MatrixImportWish, by: Actor, at: datetime) -> int:
    """Add, rename, link, move and name owners as the workbook says; gives how many changes were made.

    Raises Refused with every problem, each with its sheet, row and column: a conflict with what somebody else saved
    since is one of them. The caller must then roll back, and may do so anyway after a look.
    """
    require(actor=by, act=Act.WRITE_PLAN, subject=Subject(unit=wish.unit_id))
    sheet = Sheet(wish.unit_id, wish.cycle_id)
    work = _Import(session, sheet, by, at)
    count = work.items(wish.items) + work.cells(wish.cells) + work.orders(wish.orders) + work.parts(wish.parts)
    if work.problems:
        raise Refused.because(sorted(work.problems, key=lambda one: (one.row or 0, one.column)))
    return count


class _Import:
    """One workbook at work: the numbers of what it has added, and every problem so far."""

    def __init__(self, session: Session, sheet: Sheet, by: Actor, at: datetime) -> None:
        self.session, self.sheet, self.by, self.at = session, sheet, by, at
        self.numbers: dict[str, int] = {}
        self.problems: list[Problem] = []

    def items(self, rows: Sequence[ItemRow]) -> int:
        """Add and rename."""
        found = change_items(
            session=self.session, sheet=self.sheet, wishes=[one.wish for one in rows], by=self.by, at=self.at
        )
        self.numbers |= {one.key: one.id for one in found if one.id is not None}
        pairs = zip(rows, found, strict=True)
        self.problems += [one for row, outcome in pairs if (one := _item_problem(row, outcome)) is not None]
        return len(found)

    def cells(self, rows: Sequence[CellRow]) -> int:
        """Link, of what could be added."""
        known = [one for one in rows if _number(one.upper, self.numbers) and _number(one.lower, self.numbers)]
        wishes = [_cell(one, self.numbers) for one in known]
        found = save_cells(session=self.session, wishes=wishes, by=self.by, at=self.at)
        pairs = zip(known, found, strict=True)
        self.problems += [one for row, outcome in pairs if (one := _cell_problem(row, outcome)) is not None]
        return len(found)

    def orders(self, rows: Sequence[OrderRow]) -> int:
        """Put items where they stand in the workbook, unless somebody else has moved them meanwhile."""
        listed = list_items(session=self.session, actor=self.by, kind=Item, unit_id=self.sheet.unit_id) if rows else ()
        places = {one.id: at for at, one in enumerate(listed)}
        for row in rows:
            still = [one for one in row.before if one in places]
            if still != sorted(still, key=places.__getitem__):
                self.problems.append(_at(row.place, "somebody else has changed the order of these items since"))
        if self.problems:
            return 0
        wishes = [PlaceWish(key=self._key(one.key), after=self._key(one.after)) for one in rows]
        found = change_items(session=self.session, sheet=self.sheet, wishes=wishes, by=self.by, at=self.at)
        refused = [(row, one) for row, one in zip(rows, found, strict=True) if one.fate is Fate.REFUSED]
        self.problems += [_at(row.place, one.sentence) for row, one in refused]
        return len(found)

    def _key(self, key: str) -> str:
        """The number of an item that this workbook has added."""
        return str(self.numbers.get(key, key))

    def parts(self, rows: Sequence[PartRow]) -> int:
        """Name who is responsible and who supports."""
        named = self._people([one.name for one in rows if not one.person])
        wishes = [(row, wish) for row in rows if (wish := self._wish(row, named)) is not None]
        found = name_parts(session=self.session, wishes=[wish for _, wish in wishes], by=self.by, at=self.at)
        pairs = zip((row for row, _ in wishes), found, strict=True)
        self.problems += [one for row, outcome in pairs if (one := _part_problem(row, outcome)) is not None]
        return len(found)

    def _people(self, names: Sequence[str]) -> Mapping[str, Sequence[int]]:
        """The people of each name; nothing is asked when nobody was named."""
        found: dict[str, list[int]] = defaultdict(list)
        for person in list_people(session=self.session) if names else ():
            found[" ".join(person.name.split()).casefold()].append(person.id)
        return found

    def _wish(self, row: PartRow, named: Mapping[str, Sequence[int]]) -> PartWish | None:
        """The wish of a row; None is a problem already."""
        people = [int(row.person)] if row.person else named.get(row.name.casefold(), ())
        if len(people) != 1:
            told = f"several people are called “{row.name}”" if people else f"nobody here is called “{row.name}”"
            self.problems.append(_at(row.place, told))
            return None
        item_id = _number(row.item, self.numbers)
        if not item_id:
            return None
        owner = int(row.owner) if row.owner else None
        return PartWish(item_id=item_id, person_id=people[0], part=row.part, was=row.was, owner_id=owner)


def _number(key: str, numbers: dict[str, int]) -> int:
    """The item's number; 0 when it could not be added, which is a problem already."""
    return numbers.get(key) or (int(key) if key.isdigit() else 0)


def _cell(row: CellRow, numbers: dict[str, int]) -> CorrelationWish:
    return CorrelationWish(
        upper_id=_number(row.upper, numbers),
        lower_id=_number(row.lower, numbers),
        strength=row.strength,
        rationale=row.rationale,
        version=row.version,
    )


def _item_problem(row: ItemRow, outcome: ItemOutcome) -> Problem | None:
    if outcome.fate is Fate.REFUSED:
        return _at(row.place, outcome.sentence)
    if outcome.fate is Fate.CONFLICT:
        return _at(row.place, f"somebody else has renamed it since: it is called “{outcome.name}” now")
    return None


def _cell_problem(row: CellRow, outcome: CellOutcome) -> Problem | None:
    if outcome.refusal:
        return _at(row.place, outcome.refusal)
    if outcome.theirs is None:
        return None
    who = f" by {outcome.theirs.who}" if outcome.theirs.who else ""
    now = outcome.theirs.strength or "no link"
    return _at(row.place, f"this cell was changed{who} after the file was written: it says {now} now")


def _part_problem(row: PartRow, outcome: PartOutcome) -> Problem | None:
    if outcome.refusal:
        return _at(row.place, outcome.refusal)
    if not outcome.in_conflict:
        return None
    who = f" by {outcome.who}" if outcome.who else ""
    return _at(row.place, f"who answers for “{row.said}” was changed{who} after the file was written")


def _at(place: Place, message: str) -> Problem:
    return replace(Problem(message), sheet=place.sheet, row=place.row, column=place.column)
