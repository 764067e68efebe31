"""The owner grid of a matrix's workbook: who is responsible and who supports, where it says something else now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hoshin.charts.signs import RESPONSIBLE, SUPPORTS
from hoshin.commands.matrix_import import PartRow
from hoshin.commands.owners import Part
from hoshin.exchange.matrix_grid import Grid
from hoshin.exchange.matrix_memory import Memory

PERSON = "person:"
_READ = {
    "": Part.NONE, "–": Part.NONE, "-": Part.NONE, "0": Part.NONE, RESPONSIBLE.glyph: Part.RESPONSIBLE,
    "9": Part.RESPONSIBLE, SUPPORTS.glyph: Part.SUPPORTS, "3": Part.SUPPORTS,
}  # fmt: skip

_ALONE = {"objective": "one person sponsors an objective", "kpi": "one person reports a KPI"}


@dataclass(frozen=True, slots=True)
class Owned:
    """A row of the grid: where it stands, the key and the name of its item, and that item's number or own key."""

    at: int
    key: str
    name: str
    item: str


@dataclass(frozen=True, slots=True)
class _Somebody:
    """A column of the grid: its key, and the name that stands in it."""

    at: int
    key: str
    name: str


def parts_of(*, grid: Grid, memory: Memory, rows: Sequence[Owned], first: int, titles: int) -> Iterator[PartRow]:
    """Every changed cell right of the column `first`; the names of the columns stand in the row `titles`."""
    columns = list(_columns(grid, memory, first, titles))
    for row in rows:
        yield from _row(grid, memory, row, columns)


def _columns(grid: Grid, memory: Memory, first: int, titles: int) -> Iterator[_Somebody]:
    seen: set[str] = set()
    for column in range(first, grid.width):
        key, name = grid.text(row=0, column=column), grid.text(row=titles, column=column)
        if not key and not name:
            continue
        known = memory.people.get(key)
        if key and known is None:
            grid.problem(row=titles, column=column, message="its hidden key names nobody: leave row 1 alone")
        elif known is not None and name != " ".join(known.split()):
            grid.problem(
                row=titles, column=column,
                message=f"“{known}” is not renamed here: write another name into an empty column of the grid",
            )  # fmt: skip
        elif (key or name) in seen:
            grid.problem(row=titles, column=column, message=f"“{name}” stands twice")
        else:
            seen.add(key or name)
            yield _Somebody(column, key, name)


def _row(grid: Grid, memory: Memory, row: Owned, columns: Sequence[_Somebody]) -> Iterator[PartRow]:
    """The changes of one item: who is responsible first, then what is taken away, then who supports."""
    was = {one.at: _before(memory, row, one) for one in columns}
    now = {one.at: _now(grid, row, one, was[one.at]) for one in columns}
    responsible = [one for one in columns if now[one.at] is Part.RESPONSIBLE]
    if len(responsible) > 1:
        told = f"exactly one is responsible for “{row.name}”, and {responsible[0].name} is already"
        grid.problem(row=row.at, column=responsible[1].at, message=told)
        return
    supporting = [one for one in columns if now[one.at] is Part.SUPPORTS]
    alone = _ALONE.get(row.key.partition(":")[0])
    if alone and len(supporting) > 1:
        grid.problem(row=row.at, column=supporting[1].at, message=f"{alone}, and {supporting[0].name} is already")
        return
    owner = next((key for (item, key), answers in memory.parts.items() if item == row.key and answers), "")
    moves = any(was[one.at] is not Part.RESPONSIBLE for one in responsible)
    order = (Part.RESPONSIBLE, Part.NONE, Part.SUPPORTS)
    for one in sorted(columns, key=lambda one: order.index(now[one.at])):
        if now[one.at] is was[one.at]:
            continue
        if not one.key.startswith(PERSON) and one.key:
            told = "this layout shows teams: who is responsible is named in another layout"
            grid.problem(row=row.at, column=one.at, message=told)
            continue
        # whoever hands the part on is compared with nothing: it has been taken by then
        handed_on = moves and was[one.at] is Part.RESPONSIBLE
        yield PartRow(
            item=row.item, person=one.key.removeprefix(PERSON), name=one.name, part=now[one.at],
            was=None if handed_on else was[one.at], owner=owner.removeprefix(PERSON), shown=was[one.at], said=row.name,
            place=grid.place(row=row.at, column=one.at),
        )  # fmt: skip


def _before(memory: Memory, row: Owned, somebody: _Somebody) -> Part:
    found = memory.parts.get((row.key, somebody.key)) if somebody.key else None
    return Part.NONE if found is None else Part.RESPONSIBLE if found else Part.SUPPORTS


def _now(grid: Grid, row: Owned, somebody: _Somebody, was: Part) -> Part:
    text = grid.text(row=row.at, column=somebody.at)
    found = _READ.get(text)
    if found is None:
        told = f"“{text[:20]}” is no part: write {RESPONSIBLE.glyph} or {SUPPORTS.glyph}, or leave it empty"
        grid.problem(row=row.at, column=somebody.at, message=told)
        return was
    return found
