"""Proposed amendments as people read them: what changes in which month, who asks, who answers, and what was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hoshin.commands.bands import said
from hoshin.engine.calendars import FiscalCalendar
from hoshin.engine.metrics import Aggregation
from hoshin.model.proposals import ProposalState
from hoshin.queries.proposals import Asked

SIGNS = {
    ProposalState.PROPOSED: "◇", ProposalState.AGREED: "✓", ProposalState.RETURNED: "⇄", ProposalState.WITHDRAWN: "–",
}  # fmt: skip

TAKEN_AS = {
    Aggregation.SUM: "the sum of the periods", Aggregation.AVERAGE: "their average",
    Aggregation.LAST: "the last period", Aggregation.GIVEN: "as typed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One target: the period, which figure, what was agreed and what is proposed."""

    period: str
    figure: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """One proposal; `answerers` names those it waits for, `answered` who answered when."""

    id: int
    version: int
    kpi_id: int
    kpi: str
    unit: str
    state: str
    sign: str
    waits: bool
    in_hand: bool
    proposer: str
    proposed_at: datetime
    days: int
    reason: str
    answerers: str
    answered: str
    answered_at: datetime | None
    answer: str
    cells: tuple[Cell, ...]

    @property
    def summary(self) -> str:
        """What changes, in one line."""
        first = self.cells[0]
        more = f" and {len(self.cells) - 1} more" if len(self.cells) > 1 else ""
        return f"{first.period}: {first.before} → {first.after}{more}"


@dataclass(frozen=True, slots=True)
class View:
    """What everything is shown with."""

    calendar: FiscalCalendar
    zone: str
    now: datetime
    people: Mapping[int, str]
    units: Mapping[int, str]


def proposal_row(*, asked: Asked, view: View) -> ProposalRow:
    """The proposal as lists and its own page show it."""
    row, kpi = asked.proposal, asked.kpi
    zone = ZoneInfo(view.zone)
    return ProposalRow(
        id=row.id,
        version=row.version,
        kpi_id=kpi.id,
        kpi=kpi.name,
        unit=view.units.get(kpi.unit_id, ""),
        state=row.state.value,
        sign=SIGNS[row.state],
        waits=asked.waits,
        in_hand=asked.hand is not None,
        proposer=_both(row.proposed_by, row.proposed_for),
        proposed_at=row.proposed_at.astimezone(zone),
        days=(view.now - row.proposed_at).days,
        reason=row.reason,
        answerers=" or ".join(sorted(view.people.get(one, "") for one in asked.people)),
        answered=_both(row.answered_by, row.answered_for),
        answered_at=row.answered_at.astimezone(zone) if row.answered_at else None,
        answer=row.answer,
        cells=tuple(_cells(asked, view.calendar)),
    )


def _both(name: str, head: str) -> str:
    return f"{name} for {head}" if head else name


def _cells(asked: Asked, calendar: FiscalCalendar) -> list[Cell]:
    found = []
    for cell in asked.proposal.cells:
        if not cell["period"]:
            before, after = (TAKEN_AS[Aggregation(cell[word]["aggregation"])] for word in ("before", "after"))
            found.append(Cell("Year to date", "taken as", before, after))
            continue
        day: Any = date.fromisoformat(cell["period"])
        label = calendar.label(period=calendar.period_of(day=day, frequency=asked.kpi.frequency))
        found += [
            Cell(label, said(name=name), cell["before"].get(name) or "none", after or "none")
            for name, after in cell["after"].items()
        ]
    return found
