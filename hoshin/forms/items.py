"""Reads what somebody writes about an objective, priority, action or KPI, and the reasons given for its fate."""

from __future__ import annotations

from typing import Any

from wtforms import StringField
from wtforms.validators import Optional

from hoshin.commands.actions import COMPLETE, ActionWish, ProgressWish
from hoshin.commands.kpis import UOM, KPIWish
from hoshin.commands.links import TakeOverWish
from hoshin.commands.objectives import ObjectiveWish
from hoshin.commands.priorities import PriorityWish
from hoshin.engine.calendars import Frequency
from hoshin.engine.metrics import Aggregation, KPIClass
from hoshin.engine.verdicts import Direction
from hoshin.forms.fields import Form, day, figure, key, keys, line, prose, words
from hoshin.forms.people import VersionField
from hoshin.model.actions import Status
from hoshin.model.kpis import KPIKind


class WholeField(StringField):
    """A small whole number or nothing: `data` is an int or None."""

    data: int | None  # type: ignore[assignment] # wtforms types it as str

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; ValueError becomes the field's error."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if text and not (text.isascii() and text.isdigit() and len(text) <= 4):
            raise ValueError("write a whole number of at most four digits")
        self.data = int(text) if text else None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)


def whole(*, label: str, **more: Any) -> WholeField:
    """A whole number of at most four digits, or nothing."""
    return WholeField(label, [Optional()], **more)


class ItemForm(Form):
    """What all four kinds share; `reason` is asked for when something in force changes its days or what it takes."""

    name = line(label="Name")
    description = prose(label="Description")
    owner_id = key(label="Owner")
    valid_from = day(label="Counts from")
    valid_to = day(label="Counts until")
    reason = line(label="Reason for the change", required=False, most=2000)
    version = VersionField()

    def shared(self) -> dict[str, Any]:
        """The shared part of the wish."""
        return {
            "name": self.name.data or "",
            "description": self.description.data or "",
            "owner_id": self.owner_id.data,
            "valid_from": self.valid_from.data,
            "valid_to": self.valid_to.data,
            "reason": self.reason.data or "",
            "version": self.version.number,
        }


class ObjectiveForm(ItemForm):
    """An objective, its sponsor and its horizon."""

    sponsor_id = key(label="Sponsor")
    horizon_from = whole(label="First year")
    horizon_to = whole(label="Last year")

    def to_wish(self, *, unit_id: int) -> ObjectiveWish:
        """The wish."""
        return ObjectiveWish(
            unit_id=unit_id,
            sponsor_id=self.sponsor_id.data,
            horizon_from=self.horizon_from.data,
            horizon_to=self.horizon_to.data,
            **self.shared(),
        )


class PriorityForm(ItemForm):
    """A priority."""

    def to_wish(self, *, unit_id: int, cycle_id: int) -> PriorityWish:
        """The wish."""
        return PriorityWish(unit_id=unit_id, cycle_id=cycle_id, **self.shared())


STATUSES = [(one.value, one.value) for one in Status]


class ActionForm(ItemForm):
    """An action: by when, how it stands, who helps."""

    due_on = day(label="Due")
    status = words(label="Status", choices=STATUSES, default=Status.OPEN)
    progress = whole(label="Progress in per cent", default=0)
    helpers = keys(label="Helpers")

    def to_wish(self, *, unit_id: int, cycle_id: int) -> ActionWish:
        """The wish."""
        return ActionWish(
            unit_id=unit_id,
            cycle_id=cycle_id,
            due_on=self.due_on.data,
            status=Status(self.status.data),
            progress=self.progress.data or 0,
            helpers=tuple(one for one in self.helpers.data or () if one is not None),
            **self.shared(),
        )


class ProgressForm(Form):
    """How an action stands now."""

    status = words(label="Status", choices=STATUSES)
    progress = whole(label="Progress in per cent", description=f"0 to {COMPLETE}; done means {COMPLETE}.")
    note = line(label="A line about it", required=False, most=2000)
    version = VersionField()

    def to_wish(self) -> ProgressWish:
        """The wish."""
        return ProgressWish(
            status=Status(self.status.data),
            progress=self.progress.data or 0,
            note=self.note.data or "",
            version=self.version.number,
        )


AGGREGATIONS = {
    Aggregation.LAST: "the last period stands for the year",
    Aggregation.SUM: "the periods are added up",
    Aggregation.AVERAGE: "the periods are averaged",
    Aggregation.GIVEN: "the year to date is typed (rates)",
}
DIRECTIONS = {
    Direction.AT_LEAST: "at least the target",
    Direction.AT_MOST: "at most the target",
    Direction.BETWEEN: "between a low and a high bound",
    Direction.EXACTLY: "exactly the target, give or take a tolerance",
}
CLASSES = {
    KPIClass.BREAKTHROUGH: "breakthrough: changes the business, stands on the matrix",
    KPIClass.FUNDAMENTAL: "fundamental: keeps the business running",
}
KINDS = {KPIKind.RESULT: "result: what came of it", KPIKind.PROCESS: "process: what leads to it"}


class KPIForm(ItemForm):
    """A KPI: what it measures, which side is good, how its periods become a year."""

    reporter_id = key(label="Reporter")
    uom = line(label="Unit of measure", required=False, most=UOM)
    direction = words(label="Good is", choices=list(DIRECTIONS.items()), required=False)
    tolerance = figure(label="Tolerance")
    frequency = words(
        label="Read every", choices=[(one.value, one.value) for one in Frequency], default=Frequency.MONTH
    )
    aggregation = words(label="Year to date", choices=list(AGGREGATIONS.items()), default=Aggregation.LAST)
    baseline = figure(label="Baseline")
    kpi_kind = words(label="Kind", choices=list(KINDS.items()), default=KPIKind.RESULT)
    kpi_class = words(label="Class", choices=list(CLASSES.items()), required=False, default=KPIClass.BREAKTHROUGH)

    def to_wish(self, *, unit_id: int, cycle_id: int | None) -> KPIWish:
        """The wish."""
        return KPIWish(
            unit_id=unit_id,
            cycle_id=cycle_id,
            reporter_id=self.reporter_id.data,
            uom=self.uom.data or "",
            direction=Direction(self.direction.data) if self.direction.data else None,
            tolerance=self.tolerance.data,
            frequency=Frequency(self.frequency.data),
            aggregation=Aggregation(self.aggregation.data),
            baseline=self.baseline.data,
            kpi_kind=KPIKind(self.kpi_kind.data),
            kpi_class=KPIClass(self.kpi_class.data) if self.kpi_class.data else None,
            **self.shared(),
        )


class EndForm(Form):
    """The last day of something in force, and why."""

    on = day(label="Last day", required=True)
    reason = prose(label="Why it ends", required=True, most=2000)


class ResumeForm(Form):
    """Why something that had ended goes on."""

    reason = prose(label="Why it goes on", required=True, most=2000)


class TakeOverForm(Form):
    """Another unit's priority, answered by a new objective or by one that is there."""

    source_id = key(label="What the unit takes over", required=True)
    objective_id = key(label="Answered by")
    name = line(label="Name of the new objective", required=False)
    description = prose(label="What it means for this unit")
    owner_id = key(label="Owner")

    def to_wish(self, *, unit_id: int) -> TakeOverWish:
        """The wish for a new objective."""
        return TakeOverWish(
            source_id=self.source_id.data or 0,
            unit_id=unit_id,
            name=self.name.data or "",
            description=self.description.data or "",
            owner_id=self.owner_id.data,
        )


class ActionFilterForm(Form):
    """What the list of actions is narrowed down to."""

    unit = key(label="Unit")
    owner = key(label="Owner or helper")
    status = words(label="Status", choices=[("unfinished", "not finished"), *STATUSES], required=False)
