"""The findings of the plan's lint by rule, as one view model for page, CSV and shell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from hoshin.engine.attainment import unit_path
from hoshin.engine.check_sources import EXPLANATIONS
from hoshin.engine.checks import Explanation, Finding, Rule
from hoshin.engine.plans import Kind, Plan
from hoshin.queries.weak_spots import Weak

CSV_HEAD = ("rule", "title", "kind", "name", "unit", "finding")


@dataclass(frozen=True, slots=True)
class Line:
    """One finding as text; `kind` and `key` say whose page mends it."""

    kind: str
    key: int
    name: str
    unit: str
    message: str


@dataclass(frozen=True, slots=True)
class Group:
    """Everything one rule found, with its explanation."""

    code: str
    explained: Explanation
    lines: tuple[Line, ...]
    more: int = 0
    """How many more there are than lines."""


@dataclass(frozen=True, slots=True)
class CheckSheet:
    """The findings of a cycle; `outside` of them are about what the reader may not open."""

    cycle: str
    groups: tuple[Group, ...]
    outside: int

    @property
    def total(self) -> int:
        """How many findings are listed."""
        return sum(len(one.lines) + one.more for one in self.groups)


def check_sheet(
    *,
    cycle: str,
    plan: Plan,
    findings: Sequence[Finding],
    readable: Collection[int] | None = None,
    units: Collection[int] | None = None,
) -> CheckSheet:
    """The findings by rule; `readable` items and `units` are what the reader may open (None: everything)."""
    mine = [one for one in findings if _may_see(one, readable, units)]
    tree = {one.key: one for one in plan.units}
    paths = {key: unit_path(units=tree, unit=key) or unit.name for key, unit in tree.items()}
    return CheckSheet(cycle, tuple(_groups(mine, paths)), len(findings) - len(mine))


def weak_sheet(*, weak: Weak, findings: Sequence[Finding], more: Mapping[Rule, int], outside: int) -> CheckSheet:
    """The findings of a whole plan by rule; `more` are those of each rule that are not among them."""
    paths = {key: unit_path(units=weak.units, unit=key) or unit.name for key, unit in weak.units.items()}
    groups = [replace(one, more=more.get(Rule(one.code), 0)) for one in _groups(findings, paths)]
    return CheckSheet(weak.cycle.name, tuple(groups), outside)


def _groups(findings: Sequence[Finding], paths: Mapping[int, str]) -> list[Group]:
    return [
        Group(
            rule.value,
            EXPLANATIONS[rule],
            tuple(Line(one.kind, one.key, one.name, paths.get(one.unit or 0, ""), one.message) for one in found),
        )
        for rule, found in groupby(findings, key=lambda one: one.rule)
    ]


def _may_see(finding: Finding, readable: Collection[int] | None, units: Collection[int] | None) -> bool:
    if finding.kind in {one.value for one in Kind}:
        return readable is None or finding.key in readable
    return units is None or finding.unit is None or finding.unit in units


def csv_rows(*, sheet: CheckSheet) -> list[tuple[str, ...]]:
    """One row under CSV_HEAD for each finding."""
    return [
        (group.code, group.explained.title, one.kind, one.name, one.unit, one.message)
        for group in sheet.groups
        for one in group.lines
    ]


def as_text(*, sheet: CheckSheet) -> str:
    """The findings for a terminal, each rule explained once."""
    if not sheet.total:
        return f"{sheet.cycle}: nothing to warn of"
    written = []
    for group in sheet.groups:
        written += [f"{group.code} {group.explained.title}", f"  {group.explained.why}", f"  {group.explained.source}"]
        written += [f"  - {_said(one)}" for one in group.lines]
        written.append("")
    plural = "" if sheet.total == 1 else "s"
    return "\n".join([*written, f"{sheet.cycle}: {sheet.total} warning{plural}"])


def _said(line: Line) -> str:
    if line.kind in ("unit", "owner"):
        return f"{line.name} {line.message}"
    return f"{line.unit}: {line.kind} “{line.name}” {line.message}"
