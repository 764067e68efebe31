"""Reads a self-assessment: how a campaign runs, and what one person answers in a minute."""

from __future__ import annotations

from typing import Any

from wtforms import Field, SelectField
from wtforms.fields import RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs know an older release
from wtforms.validators import InputRequired

from hoshin.commands.surveys import LONGEST_LINE, AnswerWish, CampaignWish
from hoshin.engine.surveys import HIGHEST, MOST_LINES, Satisfied
from hoshin.forms.fields import Form, day, line, read_key, words

SATISFIED = (
    (Satisfied.YES.value, "Yes"),
    (Satisfied.PARTLY.value, "Partly"),
    (Satisfied.NO.value, "No"),
    (Satisfied.UNKNOWN.value, "I cannot tell"),
)
UNKNOWN = "unknown"
NAMES = (("no", "without names"), ("yes", "with names"))


class CampaignForm(Form):
    """How a campaign runs."""

    names = words(label="People answer", choices=NAMES)
    last_day = day(label="Last day", required=True)

    def to_wish(self) -> CampaignWish:
        """The wish."""
        if self.last_day.data is None:
            raise ValueError("a validated form has its last day")
        return CampaignWish(last_day=self.last_day.data, is_anonymous=self.names.data == "no")


def _choose(label: str) -> RadioField:
    return RadioField(label, [InputRequired("please choose one")], choices=[], validate_choice=True)


class AnswerForm(Form):
    """Four questions; the view offers the objectives with `offer`."""

    line_1 = line(label="First priority", required=False, most=LONGEST_LINE)
    line_2 = line(label="Second priority", required=False, most=LONGEST_LINE)
    line_3 = line(label="Third priority", required=False, most=LONGEST_LINE)
    line_4 = line(label="Fourth priority", required=False, most=LONGEST_LINE)
    line_5 = line(label="Fifth priority", required=False, most=LONGEST_LINE)
    objective = _choose("Which objective does your work serve?")
    satisfied = _choose("Are our customers satisfied?")
    recommend = _choose("Would our customers recommend us?")

    def offer(self, *, objectives: list[tuple[int, str]]) -> None:
        """What may be chosen."""
        self.objective.choices = [*((str(key), name) for key, name in objectives), (UNKNOWN, "I do not know")]
        self.satisfied.choices = list(SATISFIED)
        scores = [(str(score), str(score)) for score in range(HIGHEST + 1)]
        self.recommend.choices = [*scores, (UNKNOWN, "I cannot tell")]

    @property
    def lines(self) -> list[Field]:
        """The fields for the priorities."""
        return [self[f"line_{place}"] for place in range(1, MOST_LINES + 1)]

    def to_wish(self) -> AnswerWish:
        """The wish."""
        return AnswerWish(
            lines=tuple(one.data for one in self.lines if one.data),
            objective=_number(self.objective.data),
            satisfied=Satisfied(self.satisfied.data),
            recommend=_number(self.recommend.data),
        )


def _number(text: Any) -> int | None:
    return None if text == UNKNOWN else int(text)


class UnitForm(Form):
    """Whose trend is shown."""

    unit = SelectField("Unit", coerce=read_key, choices=[], validate_choice=False)

    def offer(self, *, names: dict[int, str], chosen: int) -> None:
        """What may be chosen, and what is."""
        self.unit.choices = [SelectChoice(str(key), name) for key, name in names.items()]
        self.unit.data = chosen
