"""The plan of a unit without an X: as a tree, and as a linear sheet with one row for each path down to a KPI."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, pairwise, takewhile

from hoshin.charts.signs import Sign, grade_of, sign_of
from hoshin.engine.metrics import KPIClass
from hoshin.engine.plans import Kind, State
from hoshin.model.items import Item
from hoshin.model.kpis import KPI
from hoshin.queries.matrix import MatrixFacts
from hoshin.queries.unit_plans import Far
from hoshin.reports.matrix import Address, AnyItem

ORDER = (Kind.OBJECTIVE, Kind.PRIORITY, Kind.ACTION, Kind.KPI)
WORDS = {Kind.OBJECTIVE: "Objective", Kind.PRIORITY: "Priority", Kind.ACTION: "Action", Kind.KPI: "KPI"}
MOST_PATHS = 2000
"""Where nearly everything is linked the paths grow without end: what is more is counted, not written."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as both sheets show it: its name ready to read, who owns it, how it stands, and who answers it."""

    key: int
    kind: Kind
    name: str
    href: str | None
    owner: str
    figure: str
    sign: Sign | None
    units: Mapping[int, str]
    """What each unit has to do with it, by unit: the sign that stands in its column."""

    @property
    def word(self) -> str:
        """Its kind in a word."""
        return WORDS[self.kind]


@dataclass(frozen=True, slots=True)
class Branch:
    """An item of the tree; `strength` is that of its link to the one above, `again` that it is drawn further up."""

    entry: Entry
    strength: str
    again: bool
    below: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A unit that answers something on the sheet, or lends it a KPI."""

    key: int
    name: str


@dataclass(frozen=True, slots=True)
class Cell:
    """An item on a row, `same` when the row above holds it in the same place, and the link to the one before it."""

    entry: Entry
    strength: str
    same: bool


@dataclass(frozen=True, slots=True)
class Path:
    """One row of the linear sheet: a cell for each kind or None, and a sign for each column."""

    cells: tuple[Cell | None, ...]
    owner: str
    figure: str
    sign: Sign | None
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paths:
    """The unit's plan both ways. `more` paths are left out where there are too many to write."""

    tops: tuple[Branch, ...]
    loose: tuple[Branch, ...]
    columns: tuple[Column, ...]
    rows: tuple[Path, ...]
    more: int

    @property
    def units(self) -> dict[int, str]:
        """The names of the units in the columns, by key."""
        return {one.key: one.name for one in self.columns}


ANSWERS, DRAFT, LENT = "●", "○", "◆"
UNIT_SIGNS = ((ANSWERS, "answers it"), (DRAFT, "has drafted an answer"), (LENT, "the KPI is at home there"))


def unit_paths(*, facts: MatrixFacts, address: Address | None = None) -> Paths:
    """Both sheets of the unit's plan; fundamental KPIs stay in the bowling chart, what has ended is left out."""
    return _Growing(facts, address).paths()


class _Growing:
    """What both sheets share while they grow."""

    def __init__(self, facts: MatrixFacts, address: Address | None) -> None:
        self.facts, self.address = facts, address
        shown: list[AnyItem] = [*facts.plan.items, *facts.plan.shared()]
        kept = [one for one in shown if one.state is not State.ENDED and not _is_daily(one)]
        self.items = {one.id: one for one in kept}
        self.answers = self.answering()
        self.entries = {key: self.entry(one) for key, one in self.items.items()}
        self.below: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self.served: set[int] = set()
        for link in facts.plan.links:
            if link.upper_id in self.items and link.lower_id in self.items:
                self.below[link.upper_id].append((link.lower_id, link.strength))
                self.served.add(link.lower_id)
        place = {key: (ORDER.index(one.kind), at) for at, (key, one) in enumerate(self.items.items())}
        for children in self.below.values():
            children.sort(key=lambda one: place[one[0]])
        self.drawn: set[int] = set()
        self._reached: dict[int, set[int]] = {}
        self._counted: dict[int, int] = {}

    def answering(self) -> dict[int, dict[int, str]]:
        """Which units answer each item, and whether it is only drafted."""
        found: dict[int, dict[int, str]] = defaultdict(dict)
        for one in self.facts.plan.deployments:
            objective = self.facts.plan.far.get(one.objective_id)
            if one.source_id in self.items and objective is not None and one.state is not State.ENDED:
                sign = DRAFT if one.state is State.DRAFT else ANSWERS
                before = found[one.source_id].get(objective.unit_id)
                found[one.source_id][objective.unit_id] = ANSWERS if ANSWERS in (before, sign) else sign
        return found

    def entry(self, item: AnyItem) -> Entry:
        """What is shown of one item."""
        readable = isinstance(item, Item) or item.readable
        figure, sign = self.figure(item)
        units = dict(self.answers.get(item.id, {}))
        if isinstance(item, Far):
            units[item.unit_id] = LENT
        return Entry(
            key=item.id,
            kind=item.kind,
            name=(f"{item.name} (draft)" if item.state is State.DRAFT else item.name) if readable else "restricted",
            href=self.address(item.kind, item.id) if self.address and readable else None,
            owner=self.facts.plan.people.get(item.owner_id or 0, ""),
            figure=figure,
            sign=sign,
            units=units,
        )

    def figure(self, item: AnyItem) -> tuple[str, Sign | None]:
        """A KPI has a verdict, everything else so many hits of so many due."""
        report = self.facts.attainment.report
        if item.kind is Kind.KPI:
            judgement = report.judgements.get(item.id)
            sign = sign_of(verdict=judgement.verdict.value) if judgement else None
            return (f"{sign.glyph} {sign.word}" if sign else ""), sign
        node = report.nodes.get((item.kind.value, item.id))
        return (f"{node.counts.hits}/{node.counts.due}" if node and node.counts.due else ""), None

    def paths(self) -> Paths:
        """Everything."""
        tops = [one.id for one in self.items.values() if one.kind is Kind.OBJECTIVE]
        loose = [key for key in self.items if key not in self.served and key not in tops]
        rows, more = self.rows([*tops, *loose])
        columns = self.columns()
        return Paths(
            tops=tuple(self.branch(key, 0) for key in tops),
            loose=tuple(self.branch(key, 0) for key in loose),
            columns=columns,
            rows=tuple(self.row(one, before, columns) for before, one in pairwise([[], *rows])),
            more=more,
        )

    def branch(self, key: int, strength: int) -> Branch:
        """An item with what is below it; the second time only itself."""
        again = key in self.drawn and key in self.below
        self.drawn.add(key)
        below = () if again else tuple(self.branch(lower, how) for lower, how in self.below.get(key, ()))
        return Branch(self.entries[key], self.said(strength), again, below)

    def said(self, strength: int) -> str:
        """The sign and word of a strength, nothing for none."""
        if not strength:
            return ""
        grade = grade_of(strength=strength, glyphs=self.facts.organisation.glyphs.value)
        return f"{grade.glyph} {grade.word}"

    def rows(self, tops: Iterable[int]) -> tuple[list[list[tuple[int, int]]], int]:
        """The paths, each a list of items with the strength of the link above, and how many more there are."""
        kept: list[list[tuple[int, int]]] = []
        total = 0
        for top in tops:
            total += self.count(top)
            if len(kept) < MOST_PATHS:
                kept.extend(islice(self.walk([(top, 0)]), MOST_PATHS - len(kept)))
        return kept, total - len(kept)

    def walk(self, path: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
        """Every path that goes on from the end of this one."""
        children = self.children(path[-1][0])
        if not children:
            yield path
        for child in children:
            yield from self.walk([*path, child])

    def children(self, key: int) -> list[tuple[int, int]]:
        """What a path goes on with: not a KPI that one of the other children leads to as well."""
        children = self.below.get(key, [])
        others = {lower for child, _ in children if child in self.below for lower in self.reach(child)}
        return [one for one in children if one[0] not in others or self.items[one[0]].kind is not Kind.KPI]

    def reach(self, key: int) -> set[int]:
        """Everything below an item."""
        if key not in self._reached:
            self._reached[key] = {lower for lower, _ in self.below.get(key, ())}.union(
                *(self.reach(lower) for lower, _ in self.below.get(key, ()))
            )
        return self._reached[key]

    def count(self, key: int) -> int:
        """How many paths begin with an item."""
        if key not in self._counted:
            self._counted[key] = sum(self.count(child) for child, _ in self.children(key)) or 1
        return self._counted[key]

    def columns(self) -> tuple[Column, ...]:
        """The units that have to do with anything here, in the order of the tree."""
        wanted = {unit for entry in self.entries.values() for unit in entry.units}
        return tuple(Column(one.id, one.name) for one in self.facts.units if one.id in wanted)

    def row(
        self, path: list[tuple[int, int]], before: list[tuple[int, int]], columns: tuple[Column, ...]
    ) -> Path:
        """One path as a row; what it shares with the row before is marked as the same."""
        entries = [self.entries[key] for key, _ in path]
        shared = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(path, before, strict=False))))
        cells = {
            entry.kind: Cell(entry, self.said(how), place < shared)
            for place, (entry, (_, how)) in enumerate(zip(entries, path, strict=True))
        }
        last = entries[-1]
        signs = [
            next((one.units[unit.key] for one in reversed(entries) if unit.key in one.units), "") for unit in columns
        ]
        return Path(
            cells=tuple(cells.get(kind) for kind in ORDER),
            owner=last.owner,
            figure=last.figure,
            sign=last.sign,
            units=tuple(signs),
        )


def _is_daily(item: AnyItem) -> bool:
    return isinstance(item, KPI) and item.kpi_class is KPIClass.FUNDAMENTAL


def linear_head(*, paths: Paths) -> list[str]:
    """The head of the linear sheet as a table."""
    return ["objective", "priority", "strength", "action", "strength", "KPI", "strength", "owner", "stands"] + [
        one.name for one in paths.columns
    ]


def linear_rows(*, paths: Paths) -> list[list[str]]:
    """The linear sheet as a table of text."""
    return [[*_texts(one.cells), one.owner, one.figure, *one.units] for one in paths.rows]


def _texts(cells: Iterable[Cell | None]) -> list[str]:
    """Name and strength of each cell; an objective, which comes first, has no link above."""
    texts = [text for one in cells for text in ((one.entry.name, one.strength) if one else ("", ""))]
    return [texts[0], *texts[2:]]


TREE_HEAD = ("level", "kind", "name", "strength", "owner", "stands", "answered by")


def tree_rows(*, paths: Paths) -> list[list[str]]:
    """The tree as a table of text, depth first; what nothing above leads to comes last, at level 0 too."""
    return [row for branch in (*paths.tops, *paths.loose) for row in _tree_rows(branch, 0, paths.units)]


def _tree_rows(branch: Branch, level: int, units: Mapping[int, str]) -> Iterator[list[str]]:
    entry = branch.entry
    answering = ", ".join(f"{sign} {units[key]}" for key, sign in entry.units.items() if key in units)
    name = f"{entry.name} (see above)" if branch.again else entry.name
    yield [str(level), WORDS[entry.kind], name, branch.strength, entry.owner, entry.figure, answering]
    for one in branch.below:
        yield from _tree_rows(one, level + 1, units)
