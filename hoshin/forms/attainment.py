"""The question about attainment as a form: cycle, period, mode and day, all in the address."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import DateField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs know an older release
from wtforms.validators import Optional

from hoshin.engine.calendars import CycleSpan, FiscalCalendar, Frequency
from hoshin.engine.metrics import Mode
from hoshin.forms.fields import Form

MODES = ((Mode.PERIOD, "one period"), (Mode.YTD, "year to date"), (Mode.YEAR_END, "year end"))


class QuestionForm(Form):
    """Which cycle, which period of it, how it is looked at, and as of which day."""

    cycle = SelectField("Cycle", validate_choice=False)
    period = SelectField("Period", validate_choice=False)
    mode = SelectField(
        "View", choices=[SelectChoice(mode.value, label) for mode, label in MODES], validate_choice=False
    )
    as_of = DateField("As of", [Optional()])


def plain_choices(*, words: Iterable[str]) -> list[SelectChoice]:
    """Choices that are called what they are."""
    return [SelectChoice(one, one) for one in words]


def period_choices(*, calendar: FiscalCalendar, cycle: CycleSpan) -> list[SelectChoice]:
    """Every month, quarter and the whole of a cycle, as code and label."""
    return [
        SelectChoice(calendar.code(period=one), calendar.label(period=one))
        for frequency in Frequency
        for one in calendar.periods(first=cycle.first, last=cycle.last, frequency=frequency)
    ]
