"""Reads the settings of the organisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import IntegerField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs know an older release
from wtforms.validators import InputRequired, NumberRange, Optional

from hoshin.commands.settings import SettingsWish
from hoshin.engine.calendars import NamedBy
from hoshin.engine.misses import Patience
from hoshin.engine.signals import Scheme
from hoshin.forms.fields import Form, day, figure, line, words
from hoshin.forms.people import VersionField

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
NAMED_BY = (
    (NamedBy.END.value, "the calendar year of its last day"),
    (NamedBy.START.value, "the calendar year of its first day"),
)
SCHEMES = (
    (Scheme.BINARY.value, "two: hit and miss"),
    (Scheme.THREE.value, "three: hit, near miss and miss"),
)
QUARTERLY = [
    SelectChoice("False", "opened by hand"),
    SelectChoice("True", "opened by itself in the last month of each quarter"),
]
STRENGTHS = (("1", "any link carries"), ("3", "medium and strong links carry"), ("9", "only strong links carry"))


def number(*, label: str, choices: Sequence[tuple[str, str]]) -> SelectField:
    """One small number out of a few, each with its words."""
    return SelectField(label, choices=[SelectChoice(value, said) for value, said in choices], coerce=_small)


def _small(value: Any) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        raise ValueError("not one of the choices")
    return int(text)


def start_month() -> SelectField:
    """The month in which the fiscal year starts."""
    months = [(str(place), name) for place, name in enumerate(MONTHS, start=1)]
    return number(label="The fiscal year starts in", choices=months)


def few(*, label: str) -> IntegerField:
    """A number from one to a dozen."""
    return IntegerField(label, [Optional(), NumberRange(1, 12, "Between 1 and 12")])


class SettingsForm(Form):
    """All settings."""

    name = line(label="Name of the organisation")
    time_zone = line(label="Time zone", most=64)
    fiscal_start_month = start_month()
    named_by = words(label="A fiscal year is named by", choices=NAMED_BY)
    due_days = IntegerField(
        "Days until figures are due",
        [InputRequired("Please fill this in"), NumberRange(0, 90, "Between 0 and 90 days")],
    )
    least_strength = number(label="What carries along a line of sight", choices=STRENGTHS)
    scheme = words(label="Colours of a bowling chart", choices=SCHEMES)
    amber_percent = IntegerField(
        "A miss is near up to, in per cent",
        [InputRequired("Please fill this in"), NumberRange(0, 100, "Between 0 and 100 per cent")],
    )
    catchball_days = IntegerField(
        "Days a ball may lie in one hand", [Optional(), NumberRange(1, 90, "Between 1 and 90 days")]
    )
    misses_breakthrough = few(label="Misses in a row of a breakthrough KPI")
    misses_fundamental = few(label="Misses in a row of a fundamental KPI")
    hits_to_close = few(label="Hits in a row that let it close")
    far_above = figure(label="Times the planned improvement that ask why")
    live_on = day(label="The organisation went live on")
    surveys_quarterly = SelectField("Self-assessment", choices=QUARTERLY, validate_choice=False)
    version = VersionField()

    def patience(self) -> Patience | None:
        """When a miss asks for a countermeasure; None when the page did not ask."""
        asked = (self.misses_breakthrough, self.misses_fundamental, self.hits_to_close)
        counts = [one.data for one in asked if one.data is not None]
        if len(counts) < len(asked) or self.far_above.data is None:
            return None
        breakthrough, fundamental, hits = counts
        return Patience(breakthrough, fundamental, hits, self.far_above.data)

    def quarterly(self) -> bool | None:
        """Whether the calendar opens the self-assessment; None when the page did not ask."""
        said = self.surveys_quarterly.data
        return None if said in (None, "None") else said == "True"

    def to_wish(self) -> SettingsWish:
        """The wish."""
        return SettingsWish(
            name=self.name.data or "",
            time_zone=self.time_zone.data or "",
            fiscal_start_month=self.fiscal_start_month.data,
            named_by=NamedBy(self.named_by.data),
            due_days=self.due_days.data or 0,
            least_strength=self.least_strength.data,
            scheme=Scheme(self.scheme.data),
            amber_percent=self.amber_percent.data or 0,
            catchball_days=self.catchball_days.data,
            patience=self.patience(),
            live_on=self.live_on.data,
            surveys_quarterly=self.quarterly(),
            version=self.version.number,
        )
