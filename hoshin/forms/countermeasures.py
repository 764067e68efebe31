"""Reads what somebody writes about a miss: the short form, causes, steps, the words of the A3, the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from wtforms import HiddenField
from wtforms.fields import RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs know an older release
from wtforms.validators import InputRequired

from hoshin.commands.countermeasures import (
    MOST_CAUSES,
    MOST_STEPS,
    SHEET,
    CauseWish,
    CloseWish,
    SheetWish,
    ShortWish,
    StepWish,
)
from hoshin.forms.fields import Form, day, figure, key, line, prose, read_key, words
from hoshin.forms.people import VersionField
from hoshin.model.countermeasures import CountermeasureAction, RootCause, Worked

SHORT_TEXT, SHEET_TEXT, ROW_TEXT = 1_000, 1_500, 300
"""What fits on one A3 page: the lengths are limits on purpose."""

SPARE = 3
"""Empty rows that a list of causes or steps offers."""

WORKED = {Worked.YES: "Yes", Worked.PARTLY: "In part", Worked.NO: "No"}


class ShortForm(Form):
    """The four lines."""

    gap = prose(label="Gap", required=True, most=SHORT_TEXT)
    cause = prose(label="Cause", most=SHORT_TEXT)
    action = prose(label="Action", most=SHORT_TEXT)
    doer_id = key(label="Who")
    due_on = day(label="When")
    owner_id = key(label="Owner of the countermeasure")
    version = VersionField()

    def to_wish(self) -> ShortWish:
        """The wish."""
        return ShortWish(
            gap=self.gap.data or "",
            cause=self.cause.data or "",
            action=self.action.data or "",
            doer_id=self.doer_id.data,
            due_on=self.due_on.data,
            owner_id=self.owner_id.data,
            version=self.version.number,
        )


class SheetForm(Form):
    """The words of the A3; what is not changed from what the KPI says by itself is kept empty."""

    title = line(label="Title", required=False, most=200)
    background = prose(label="Background", most=SHEET_TEXT)
    current_condition = prose(label="Current condition", most=SHEET_TEXT)
    problem = prose(label="Problem statement", most=SHEET_TEXT)
    target_condition = prose(label="Target condition", most=SHEET_TEXT)
    follow_up = prose(label="Follow-up", most=SHEET_TEXT)
    version = VersionField()

    def to_wish(self, *, prefilled: Mapping[str, str]) -> SheetWish:
        """The wish; a text that is what would stand there anyway is not kept, so that it goes on following the KPI."""
        typed = {name: self[name].data or "" for name in SHEET}
        kept = {name: "" if text == prefilled[name] else text for name, text in typed.items()}
        return SheetWish(**kept, version=self.version.number)


class RowsForm(Form):
    """A short list of rows, numbered from 1; an empty row is none."""

    most = 0
    version = VersionField()

    def rows(self, *names: str) -> list[tuple[int, list[Any]]]:
        """The fields of each row, as far as the last one that says anything and a few more."""
        filled = [place for place in range(1, self.most + 1) if self.says(place, names)]
        last = min(max(filled, default=0) + SPARE, self.most)
        return [(place, [self[f"{name}_{place}"] for name in names]) for place in range(1, last + 1)]

    def says(self, place: int, names: Sequence[str]) -> bool:
        """Whether anything was typed into the row; what could not be read counts too."""
        fields = [self[f"{name}_{place}"] for name in names]
        return any(one.data not in (None, "") or (one.raw_data and str(one.raw_data[0]).strip()) for one in fields)

    def known(self, place: int) -> int | None:
        """The key of the row that stood there when the form was read; what is no key is none of this countermeasure."""
        try:
            return read_key(self[f"key_{place}"].data)
        except ValueError:
            return -1


class CausesForm(RowsForm):
    """Root causes, each with its share of the gap."""

    names = ("text", "share")
    most = MOST_CAUSES

    def to_wishes(self) -> list[CauseWish]:
        """The wishes."""
        return [
            CauseWish(
                text=self[f"text_{place}"].data or "",
                share=self[f"share_{place}"].data,
                key=self.known(place),
                place=place,
            )
            for place in range(1, self.most + 1)
            if self.says(place, self.names)
        ]


class StepsForm(RowsForm):
    """The steps of the plan."""

    names = ("text", "owner", "due", "effect", "done")
    most = MOST_STEPS

    def to_wishes(self) -> list[StepWish]:
        """The wishes."""
        return [
            StepWish(
                text=self[f"text_{place}"].data or "",
                owner_id=self[f"owner_{place}"].data,
                due_on=self[f"due_{place}"].data,
                effect=self[f"effect_{place}"].data,
                done_on=self[f"done_{place}"].data,
                key=self.known(place),
                place=place,
            )
            for place in range(1, self.most + 1)
            if self.says(place, self.names)
        ]


@cache
def _causes_class() -> type[CausesForm]:
    rows: dict[str, Any] = {}
    for place in range(1, MOST_CAUSES + 1):
        rows[f"key_{place}"] = HiddenField()
        rows[f"text_{place}"] = line(label=f"Cause {place}", required=False, most=ROW_TEXT)
        rows[f"share_{place}"] = figure(label=f"Share of cause {place} in %")
    return type("CausesRows", (CausesForm,), rows)


@cache
def _steps_class() -> type[StepsForm]:
    rows: dict[str, Any] = {}
    for place in range(1, MOST_STEPS + 1):
        rows[f"key_{place}"] = HiddenField()
        rows[f"text_{place}"] = line(label=f"Step {place}", required=False, most=ROW_TEXT)
        rows[f"owner_{place}"] = key(label=f"Who does step {place}")
        rows[f"due_{place}"] = day(label=f"Step {place} is due")
        rows[f"effect_{place}"] = figure(label=f"Expected effect of step {place}")
        rows[f"done_{place}"] = day(label=f"Step {place} was done")
    return type("StepsRows", (StepsForm,), rows)


def causes_form(*, formdata: Any, causes: Sequence[RootCause], version: int) -> CausesForm:
    """The form for the causes that stand now."""
    data: dict[str, Any] = {"version": version}
    for place, one in enumerate(causes, start=1):
        data |= {f"key_{place}": one.id, f"text_{place}": one.text, f"share_{place}": one.share}
    return _causes_class()(formdata, data=data)


def steps_form(*, formdata: Any, steps: Sequence[CountermeasureAction], version: int) -> StepsForm:
    """The form for the steps that stand now."""
    data: dict[str, Any] = {"version": version}
    for place, one in enumerate(steps, start=1):
        data |= {
            f"key_{place}": one.id, f"text_{place}": one.text, f"owner_{place}": one.owner_id,
            f"due_{place}": one.due_on, f"effect_{place}": one.effect, f"done_{place}": one.done_on,
        }  # fmt: skip
    return _steps_class()(formdata, data=data)


class CloseForm(Form):
    """Whether it worked, and a line on it."""

    worked = RadioField(
        "Did the action work?",
        [InputRequired("Did the action work?: please choose one")],
        choices=[SelectChoice(one.value, said) for one, said in WORKED.items()],
    )
    outcome = prose(label="A line on it", required=True, most=ROW_TEXT)
    version = VersionField()

    def to_wish(self) -> CloseWish:
        """The wish."""
        return CloseWish(worked=Worked(self.worked.data), outcome=self.outcome.data or "", version=self.version.number)


class ReopenForm(Form):
    """Why a closed countermeasure is taken up again."""

    reason = prose(label="Why it is taken up again", required=True, most=SHORT_TEXT)


STATES = [("open", "Open"), ("unwritten", "Open, not written yet"), ("closed", "Closed"), ("all", "All")]


class CountermeasureFilterForm(Form):
    """What the list is narrowed down to."""

    unit = key(label="Unit")
    owner = key(label="Owner")
    state = words(label="State", choices=STATES, default="open")
