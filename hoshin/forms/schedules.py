"""Reads what an action waits for and how it comes again."""

from __future__ import annotations

from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional

from hoshin.commands.schedules import ScheduleWish
from hoshin.engine.recurrence import Step
from hoshin.forms.fields import Form, day, keys, words
from hoshin.forms.people import VersionField

STEPS = (("", "does not come again"), (Step.WEEK.value, "weeks"), (Step.MONTH.value, "months"))


class ScheduleForm(Form):
    """Blockers and rule."""

    blockers = keys(label="Waits for")
    every = IntegerField("Every", [Optional(), NumberRange(1, 52, "A whole number from 1 to 52")], default=1)
    step = words(label="Comes again", choices=STEPS)
    until = day(label="Until")
    version = VersionField()

    def to_wish(self) -> ScheduleWish:
        """The wish."""
        return ScheduleWish(
            blockers=tuple(one for one in self.blockers.data or () if one is not None),
            step=Step(self.step.data) if self.step.data else None,
            every=self.every.data or 1,
            until=self.until.data,
            version=self.version.number,
        )
