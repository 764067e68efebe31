"""Reads how a year's reviews are planned, where one is moved, and what is written in the meeting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from wtforms import BooleanField, Form, HiddenField, IntegerField, SelectMultipleField
from wtforms.fields import SelectField, TimeField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs know an older release
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from hoshin.commands.meetings import (
    MOST_ACTIONS,
    MOST_DECISIONS,
    DecisionWish,
    HoldWish,
    MinutesWish,
    TaskWish,
)
from hoshin.commands.reviews import MoveWish, YearWish
from hoshin.engine.cadence import ReviewKind
from hoshin.forms.countermeasures import RowsForm
from hoshin.forms.fields import day, key, line, prose, words
from hoshin.forms.people import VersionField
from hoshin.model.reviews import Presence
from hoshin.queries.reviews import Minutes

KIND_CHOICES = (
    (ReviewKind.WEEKLY.value, "Weekly check-in"),
    (ReviewKind.MONTHLY.value, "Monthly review"),
    (ReviewKind.QUARTERLY.value, "Quarterly review"),
    (ReviewKind.ANNUAL.value, "Annual review"),
    (ReviewKind.DIAGNOSIS.value, "President’s diagnosis"),
)
PRESENCES = (
    (Presence.PRESENT.value, "✓ present"), (Presence.EXCUSED.value, "~ excused"), (Presence.ABSENT.value, "✗ absent"),
)  # fmt: skip
ROW_TEXT = 1000
DECISION, TASK = ("decision", "carried"), ("task", "owner", "due", "done")


def _hour(label: str) -> TimeField:
    return TimeField(label, [Optional()], format=["%H:%M", "%H:%M:%S"])


def _minutes(label: str) -> IntegerField:
    return IntegerField(label, [InputRequired(f"{label}: please fill this in")], default=60)


class YearForm(Form):
    """Which reviews a unit holds in a cycle."""

    cycle_id = key(label="Cycle", required=True)
    kinds = SelectMultipleField(
        "Kinds of review",
        choices=[SelectChoice(value, label) for value, label in KIND_CHOICES],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    below = BooleanField("Also for all units below")
    past = BooleanField("Also those whose day has passed")
    begins = _hour("Begins at")
    lasts = _minutes("Lasts, in minutes")

    def to_wish(self, *, unit_id: int) -> YearWish:
        """The wish."""
        return YearWish(
            unit_id=unit_id,
            cycle_id=self.cycle_id.data or 0,
            kinds=[ReviewKind(one) for one in self.kinds.data or []],
            below=bool(self.below.data),
            past=bool(self.past.data),
            begins=self.begins.data,
            lasts=self.lasts.data or 0,
        )


class MoveForm(Form):
    """Where and when a review takes place."""

    planned_on = day(label="Day", required=True)
    begins = _hour("Begins at")
    lasts = _minutes("Lasts, in minutes")
    place = line(label="Place", required=False)
    reason = prose(label="Reason", most=1000)
    version = VersionField()

    def to_wish(self) -> MoveWish:
        """The wish."""
        return MoveWish(
            planned_on=self.planned_on.data or date.min,
            begins=self.begins.data,
            lasts=self.lasts.data or 0,
            place=self.place.data or "",
            reason=self.reason.data or "",
            version=self.version.number,
        )


class CancelForm(Form):
    """Why a review does not take place."""

    reason = prose(label="Why it does not take place", required=True, most=1000)
    version = VersionField()


class HoldForm(Form):
    """That it was held, and whether its months are locked."""

    lock = BooleanField("Lock")
    version = VersionField()

    def to_wish(self) -> HoldWish:
        """The wish."""
        return HoldWish(lock=bool(self.lock.data), version=self.version.number)


class MinutesForm(RowsForm):
    """Everything that is written in a meeting; fields for each person expected are added for one review."""

    people: Sequence[int] = ()
    minutes = prose(label="Minutes", most=50_000)

    @property
    def most_rows(self) -> dict[str, int]:
        """How many rows each list may have."""
        return {"decision": MOST_DECISIONS, "task": MOST_ACTIONS}

    def list_rows(self, first: str, *names: str) -> list[tuple[int, list[Any]]]:
        """The fields of each row of one list, as far as the last one that says anything and a few more."""
        self.most = self.most_rows[first]
        return self.rows(first, *names)

    def to_wish(self) -> MinutesWish:
        """The wish."""
        chosen = {person: self[f"presence_{person}"].data for person in self.people}
        return MinutesWish(
            minutes=self.minutes.data or "",
            presence={person: Presence(word) for person, word in chosen.items() if word},
            decisions=[
                DecisionWish(
                    text=self[f"decision_{place}"].data or "",
                    done_on=self[f"carried_{place}"].data,
                    key=self._key(f"decision_key_{place}"),
                    place=place,
                )
                for place in range(1, MOST_DECISIONS + 1)
                if self.says(place, DECISION)
            ],
            actions=[
                TaskWish(
                    text=self[f"task_{place}"].data or "",
                    owner_id=self[f"owner_{place}"].data,
                    due_on=self[f"due_{place}"].data,
                    done_on=self[f"done_{place}"].data,
                    key=self._key(f"task_key_{place}"),
                    place=place,
                )
                for place in range(1, MOST_ACTIONS + 1)
                if self.says(place, TASK)
            ],
            version=self.version.number,
        )

    def _key(self, name: str) -> int | None:
        """The key a row was read with; what is no key is none of this review."""
        text = str(self[name].data or "")
        return (int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else -1) if text else None


@lru_cache(maxsize=64)
def _minutes_class(people: tuple[tuple[int, str], ...]) -> type[MinutesForm]:
    fields: dict[str, Any] = {"people": tuple(person for person, _ in people)}
    for place in range(1, MOST_DECISIONS + 1):
        fields[f"decision_key_{place}"] = HiddenField()
        fields[f"decision_{place}"] = line(label=f"Decision {place}", required=False, most=ROW_TEXT)
        fields[f"carried_{place}"] = day(label=f"Decision {place} was carried out")
    for place in range(1, MOST_ACTIONS + 1):
        fields[f"task_key_{place}"] = HiddenField()
        fields[f"task_{place}"] = line(label=f"Action {place}", required=False, most=ROW_TEXT)
        fields[f"owner_{place}"] = key(label=f"Who takes on action {place}")
        fields[f"due_{place}"] = day(label=f"Action {place} is due")
        fields[f"done_{place}"] = day(label=f"Action {place} was done")
    for person, name in people:
        fields[f"presence_{person}"] = words(label=f"Attendance of {name}", choices=PRESENCES, required=False)
    return type("MinutesOfOneReview", (MinutesForm,), fields)


def minutes_form(
    *, posted: Any, minutes: str, found: Minutes, people: Mapping[int, str], version: int
) -> MinutesForm:
    """The form for what stands now; `people` are those who were expected."""
    data: dict[str, Any] = {"version": version, "minutes": minutes}
    for place, one in enumerate(found.decisions, start=1):
        data |= {f"decision_key_{place}": one.id, f"decision_{place}": one.text, f"carried_{place}": one.done_on}
    for place, task in enumerate(found.actions, start=1):
        data |= {
            f"task_key_{place}": task.id, f"task_{place}": task.text, f"owner_{place}": task.owner_id,
            f"due_{place}": task.due_on, f"done_{place}": task.done_on,
        }  # fmt: skip
    for person, presence in found.presence.items():
        data[f"presence_{person}"] = presence.value
    return _minutes_class(tuple(people.items()))(posted, data=data)


class ReviewFilterForm(Form):
    """What the list of reviews is narrowed down to."""

    unit = key(label="Unit")
    kind = SelectField("Kind", choices=[SelectChoice("", "All kinds"), *(SelectChoice(*one) for one in KIND_CHOICES)])
