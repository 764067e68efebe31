"""Carries out what somebody changed in a matrix's workbook: all of it in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
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
    RenameWish,
    Sheet,
    change_items,
    save_cells,
)
from hoshin.errors import Problem, Refused


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

    `version` is the link's when the workbook was written, 0 for none.
    """

    upper: str
    lower: str
    was: int
    strength: int
    rationale: str
    version: int
    said: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixImportWish:
    """Everything that was changed in a workbook of one unit's matrix."""

    unit_id: int
    cycle_id: int
    items: Sequence[ItemRow] = ()
    cells: Sequence[CellRow] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the workbook says nothing new."""
        return not self.items and not self.cells


def import_matrix(*, session: Session, wish: MatrixImportWish, by: Actor, at: datetime) -> int:
    """Add, rename and link as the workbook says; gives how many changes were made.

    Raises Refused with every problem, each with its sheet, row and column: a conflict with what somebody else saved
    since is one of them. The caller must then roll back, and may do so anyway after a look.
    """
    require(actor=by, act=Act.WRITE_PLAN, subject=Subject(unit=wish.unit_id))
    sheet = Sheet(wish.unit_id, wish.cycle_id)
    changed = change_items(session=session, sheet=sheet, wishes=[one.wish for one in wish.items], by=by, at=at)
    pairs = zip(wish.items, changed, strict=True)
    problems = [found for row, outcome in pairs if (found := _item_problem(row, outcome)) is not None]
    numbers = {one.key: one.id for one in changed if one.id is not None}
    rows = [one for one in wish.cells if _number(one.upper, numbers) and _number(one.lower, numbers)]
    saved = save_cells(session=session, wishes=[_cell(one, numbers) for one in rows], by=by, at=at)
    problems += [
        found for row, outcome in zip(rows, saved, strict=True) if (found := _cell_problem(row, outcome)) is not None
    ]
    if problems:
        raise Refused.because(sorted(problems, key=lambda one: (one.row or 0, one.column)))
    return len(changed) + len(saved)


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


def _at(place: Place, message: str) -> Problem:
    return replace(Problem(message), sheet=place.sheet, row=place.row, column=place.column)
