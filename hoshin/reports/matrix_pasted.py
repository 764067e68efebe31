"""What pasted titles and signs would become on a matrix: the previews, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hoshin.commands.links import CorrelationWish
from hoshin.commands.matrix import AddWish
from hoshin.engine.plans import Kind
from hoshin.model.base import TITLE
from hoshin.model.kpis import KPIKind
from hoshin.queries.links import LinkFact
from hoshin.reports.matrix import QUESTIONS
from hoshin.reports.matrix_desk import AnyItem, Desk, title_of

NEW, KNOWN, TWICE, LONG = "new draft", "there already", "twice in this list", f"longer than {TITLE} characters"


@dataclass(frozen=True, slots=True)
class Title:
    """One pasted title and what becomes of it."""

    name: str
    said: str

    @property
    def is_new(self) -> bool:
        """Whether it becomes an item."""
        return self.said == NEW


def titles_of(*, desk: Desk, side: str, names: Iterable[str]) -> list[Title]:
    """What each title would become on that arm."""
    kind = desk.preset.arms[side].kind
    known = {one.name for one in desk.plan.items if one.kind is kind}
    found: list[Title] = []
    for name in names:
        said = LONG if len(name) > TITLE else KNOWN if name in known else NEW
        found.append(Title(name, TWICE if said == NEW and any(one.name == name for one in found) else said))
    return found


def additions(*, desk: Desk, side: str, titles: Sequence[Title]) -> list[AddWish]:
    """The wishes for the new ones."""
    arm = desk.preset.arms[side]
    new = [one.name for one in titles if one.is_new]
    return [
        AddWish(key=f"new:{at}", kind=arm.kind, name=name, kpi_kind=arm.kpi_kind or KPIKind.RESULT)
        for at, name in enumerate(new)
    ]


@dataclass(frozen=True, slots=True)
class Pasted:
    """One cell that a block would set, with what stands there now (strength and version 0: no link)."""

    upper_id: int
    lower_id: int
    title: str
    strength: int
    now: int = 0
    rationale: str = ""
    version: int = 0

    @property
    def changes(self) -> bool:
        """Whether anything would be different."""
        return self.strength != self.now

    def to_wish(self) -> CorrelationWish:
        """The wish; a reason that stands there stays with the link."""
        return self._wish(self.strength, self.version)

    def back(self, *, version: int) -> CorrelationWish:
        """The wish that takes it back, once it has been saved at that version."""
        return self._wish(self.now, version)

    def _wish(self, strength: int, version: int) -> CorrelationWish:
        rationale = self.rationale if strength else ""
        return CorrelationWish(
            upper_id=self.upper_id, lower_id=self.lower_id, strength=strength, rationale=rationale, version=version
        )


@dataclass(frozen=True, slots=True)
class Block:
    """What a block of signs would set, what falls outside its corner, and what is no sign."""

    cells: tuple[Pasted, ...]
    beside: int
    odd: tuple[str, ...]
    has_crosses: bool


def rows_and_columns(*, desk: Desk) -> tuple[list[AnyItem], list[AnyItem]]:
    """The items that give the rows, top to bottom, and the columns, left to right, as they stand on the sheet."""
    arms = {side: list(found) for side, (_, found) in desk.arms.items()}
    return arms["north"][::-1] + arms["south"], arms["west"][::-1] + arms["east"]


def block_of(
    *, desk: Desk, row_id: int, column_id: int, signs: Sequence[Sequence[int | str | None]], cross: int
) -> Block:
    """Lay a block on the sheet from one cell to the right and down; it never leaves its corner."""
    rows, columns = _run(desk, row_id, ("north", "south")), _run(desk, column_id, ("west", "east"))
    links = {(one.upper_id, one.lower_id): one for one in desk.plan.links}
    cells: list[Pasted] = []
    odd: list[str] = []
    beside = 0
    filled = [(y, x, sign) for y, row in enumerate(signs) for x, sign in enumerate(row) if sign is not None]
    for y, x, sign in filled:
        ends = _ends(rows[y], columns[x]) if y < len(rows) and x < len(columns) else None
        if ends is None:
            beside += 1
        elif isinstance(sign, str) and sign != "x":
            odd.append(sign)
        else:
            strength = cross if isinstance(sign, str) else sign
            cells.append(_pasted(*ends, strength, links.get((ends[0].id, ends[1].id))))
    return Block(tuple(cells), beside, tuple(dict.fromkeys(odd)), any(sign == "x" for _, _, sign in filled))


def _pasted(upper: AnyItem, lower: AnyItem, strength: int, link: LinkFact | None) -> Pasted:
    title = f"{title_of(item=lower)} × {title_of(item=upper)}"
    if link is None:
        return Pasted(upper.id, lower.id, title, strength)
    return Pasted(upper.id, lower.id, title, strength, link.strength, link.rationale, link.version)


def _run(desk: Desk, key: int, sides: tuple[str, str]) -> list[AnyItem]:
    """The items of that item's arm from it on, as they stand on the sheet: North and West count backwards."""
    for side in sides:
        _, found = desk.arms[side]
        ordered = found[::-1] if side in ("north", "west") else found
        at = next((index for index, one in enumerate(ordered) if one.id == key), None)
        if at is not None:
            return list(ordered[at:])
    return []


def _ends(row: AnyItem, column: AnyItem) -> tuple[AnyItem, AnyItem] | None:
    """Upper and lower of the two, or None when their kinds are never linked."""
    kinds: tuple[Kind, Kind] = (row.kind, column.kind)
    if kinds in QUESTIONS:
        return row, column
    return (column, row) if kinds[::-1] in QUESTIONS else None
