"""Roadblocks as ready text: how old each is, who has it, and how far up it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from hoshin.engine.plans import Kind
from hoshin.queries.roadblocks import InTheWay
from hoshin.reports.render import day


@dataclass(frozen=True, slots=True)
class RoadblockRow:
    """One roadblock in a list. `days` are those it is or was in the way; `way` the units it went through."""

    id: int
    name: str
    state: str
    days: int
    raised_by: str
    raised_on: str
    unit: str
    owner: str
    way: tuple[str, ...]
    escalated_here: bool
    item: tuple[Kind, int, str] | None
    resolution: str
    resolved_by: str
    resolved_on: str

    @property
    def age(self) -> str:
        """How long it is or was in the way, in words."""
        said = "1 day" if self.days == 1 else f"{self.days} days"
        return f"open for {said}" if self.state == "open" else f"removed after {said}"

    @property
    def is_escalated(self) -> bool:
        """Whether it left the unit in which it was raised."""
        return len(self.way) > 1


HEAD = (
    "roadblock", "state", "days", "raised by", "raised on", "unit", "owner", "went through", "in the way of",
    "resolution", "resolved by", "resolved on",
)  # fmt: skip


def roadblock_row(
    *,
    found: InTheWay,
    today: date,
    units: Mapping[int, str],
    people: Mapping[int, str],
    here: int | None = None,
) -> RoadblockRow:
    """The row; `here` is the unit whose list it stands in, to say what was escalated to it."""
    one = found.roadblock
    last = one.resolved_at.date() if one.resolved_at else today
    return RoadblockRow(
        id=one.id,
        name=one.name,
        state=one.state.value,
        days=max((last - one.raised_at.date()).days, 0),
        raised_by=one.raised_by,
        raised_on=day(one.raised_at.date()),
        unit=units.get(one.unit_id, "a restricted unit"),
        owner=people.get(one.owner_id or 0, ""),
        way=tuple(units.get(level.unit_id, "a restricted unit") for level in found.levels),
        escalated_here=here is not None and any(level.place and level.unit_id == here for level in found.levels),
        item=found.item,
        resolution=one.resolution,
        resolved_by=one.resolved_by,
        resolved_on=day(one.resolved_at.date()) if one.resolved_at else "",
    )


def csv_row(*, row: RoadblockRow) -> tuple[object, ...]:
    """The row under HEAD."""
    return (
        row.name, row.state, row.days, row.raised_by, row.raised_on, row.unit, row.owner, " → ".join(row.way),
        row.item[2] if row.item else "", row.resolution, row.resolved_by, row.resolved_on,
    )  # fmt: skip
