"""Grids of cells, a year's targets or a month's actuals: only what was changed is wished for, nothing typed is lost."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from hoshin.commands.bands import Value
from hoshin.commands.outcomes import Outcome
from hoshin.commands.readings import CellWish
from hoshin.engine.figures import parse_figure, show_figure
from hoshin.engine.written import plain_figure
from hoshin.errors import Problem
from hoshin.forms.fields import PROSE, clean

FIGURES = ("target", "low", "high", "stretch", "ytd_target", "ytd_low", "ytd_high", "actual", "ytd_actual")
NOTE = "note"
NAMES = frozenset((*FIGURES, NOTE))
LARGEST_VERSION = 2**31 - 1
_PLAIN = re.compile(r"[+-]?[0-9]*\.?[0-9]*(?:[eE][+-]?[0-9]+)?")
CLOSED = "this cell is not open here any more, because its month was locked or its target agreed."


@dataclass(slots=True)
class Cell:
    """One input: what it is called, what it shows, and what stood there when the page was read."""

    kpi_id: int
    period: date
    name: str
    label: str
    text: str
    version: int
    is_open: bool = True
    mark: str = ""
    seen: str = ""
    errors: list[str] = field(default_factory=list)
    typed: str = ""
    """What was typed, when it was written in another way than the figure it is now taken for."""
    taken: str = ""
    """The figure that such a text was taken for, once it has been shown."""
    uom: str = ""
    """The unit of measure: where that is per cent, a figure may carry the sign and stays what it is."""

    def __post_init__(self) -> None:
        if self.name == NOTE:
            self.text = " ".join(self.text.split())  # an input holds one line
        self.seen = self.text

    @property
    def key(self) -> str:
        """The name of the input."""
        return f"{self.name}.{self.kpi_id}.{self.period:%Y-%m-%d}"

    @property
    def memory(self) -> str:
        """What stands in the hidden input beside it: the version and the text that were read."""
        return f"{self.version}|{self.seen}"

    @property
    def is_touched(self) -> bool:
        """Whether somebody typed something else than stood there."""
        return self.text != self.seen

    def remember(self, *, memory: str) -> None:
        """Take the hidden input back; anything odd in it counts as never read, so that nothing is overwritten."""
        version, bar, seen = memory.partition("|")
        fits = bar and version.isascii() and version.isdigit() and len(version) <= 10
        self.version = min(int(version), LARGEST_VERSION) if fits else 0
        self.seen = seen.replace("\r\n", "\n") if fits else ""

    def value(self) -> Value:
        """What was typed, as it is to be stored; raises ValueError with a sentence for anything that is no figure."""
        if self.name == NOTE:
            text = clean(text=self.text)
            if len(text) > PROSE:
                raise ValueError(f"at most {PROSE} characters")
            return text
        if not self.text:
            return None
        return parse_figure(text=self.text)

    def take(self, *, text: str, taken: str, point: str) -> None:
        """Take what was typed; a figure written with groups or another sign is first shown as it is understood."""
        self.text = text.strip().replace("\r\n", "\n")
        if self.name == NOTE or not self.text:
            return
        if self.text == taken:
            self.taken = taken
            return
        figure = self.text.removesuffix("%") if self.uom.strip().startswith("%") else self.text
        plain = _understood(plain_figure(text=figure, point=point))
        if plain is not None and plain != _understood(self.text if _PLAIN.fullmatch(self.text) else ""):
            self.typed, self.text, self.taken = self.text, show_figure(value=plain), show_figure(value=plain)


def _understood(text: str) -> Decimal | None:
    try:
        return parse_figure(text=text)
    except ValueError:
        return None


class Grid:
    """All the cells of one form, by the name of their input."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        self.cells = {one.key: one for one in cells}
        self.strangers: list[tuple[str, str]] = []

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """Everything wrong: the input's name, what people call it, the message."""
        wrong = [(one.key, one.label, message) for one in self.cells.values() for message in one.errors]
        return wrong + [("", called, message) for called, message in self.strangers]

    @property
    def echoes(self) -> list[Cell]:
        """The cells whose text is taken for another one than was typed: to be looked at before anything is saved."""
        return [one for one in self.cells.values() if one.typed]

    def read(self, *, posted: Mapping[str, str], point: str = ".") -> None:
        """Take what was typed; cells that are closed or not on the page are named as strangers, with what they say.

        `point` is the reader's decimal sign.
        """
        for name, text in posted.items():
            cell = self.cells.get(name)
            if cell is not None and cell.is_open:
                cell.remember(memory=posted.get(f"seen.{name}", ""))
                shown = text.strip() == cell.seen.strip()  # nobody typed this: it stood there
                cell.take(text=text, taken=text.strip() if shown else posted.get(f"taken.{name}", ""), point=point)
            elif name.partition(".")[0] in NAMES and (cell is None or text.strip() != cell.text):
                called = cell.label if cell is not None else name[:80]
                self.strangers.append((called, f"{CLOSED} You typed “{text.strip()[:60]}”"))

    def wishes(self) -> list[CellWish]:
        """The changed cells, those of one KPI and period together; what cannot be read is marked instead."""
        typed: dict[tuple[int, date], dict[str, Value]] = defaultdict(dict)
        places: dict[tuple[int, date], Cell] = {}
        for cell in self.cells.values():
            if not (cell.is_open and cell.is_touched):
                continue
            try:
                typed[cell.kpi_id, cell.period][cell.name] = cell.value()
                places.setdefault((cell.kpi_id, cell.period), cell)
            except ValueError as error:
                cell.errors.append(str(error))
        return [
            CellWish(
                kpi_id=kpi, period=period, values=values, version=places[kpi, period].version,
                place=Problem("", field=places[kpi, period].key),
            )
            for (kpi, period), values in typed.items() if values
        ]  # fmt: skip

    def take(self, *, outcome: Outcome) -> dict[str, str]:
        """Mark the cells that the command refused, except where only the reason is missing, which is no cell's fault.

        Returns what others saved first, by the cell's label.
        """
        for problem in outcome.problems:
            if problem not in outcome.unreasoned:
                self.cells[problem.field].errors.append(problem.message)
        return {self.cells[one.field].label: one.message for one in outcome.stale}

    def carry_to(self, *, fresh: Iterable[Cell], stale: Iterable[str]) -> None:
        """After a refusal: put what was typed, and what is wrong with it, onto the cells as they stand now.

        A cell that somebody else saved first is from now on compared with theirs: saving again is then on purpose.
        """
        outdated = set(stale)
        for new in fresh:
            old = self.cells.get(new.key)
            if old is None or not (old.is_touched or old.errors):
                continue
            new.text, new.errors, new.typed, new.taken = old.text, old.errors, old.typed, old.taken
            if old.label not in outdated:
                new.seen, new.version = old.seen, old.version
