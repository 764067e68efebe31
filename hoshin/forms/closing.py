"""Reads what should become of each item of a closing cycle, one word for the rest, and the last yes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs know an older release
from wtforms.form import BaseForm
from wtforms.validators import Optional

from hoshin.commands.closing import ChoiceWish, field_of
from hoshin.engine.closing import Fate, TargetRule
from hoshin.forms.fields import Form, figure, line, prose, words
from hoshin.forms.people import VersionField
from hoshin.model.closing import ClosingChoice

LONGEST_REASON = 2000
FATES = [
    SelectChoice("", "no word yet"),
    *(SelectChoice(one.value, one.value) for one in (Fate.KEEP, Fate.CHANGE, Fate.END)),
]
TARGETS = (
    (TargetRule.EMPTY.value, "none yet: the unit writes them"),
    (TargetRule.SAME.value, "the same as this year’s"),
    (TargetRule.RAMP.value, "in even steps from the last actual to …"),
)
REST = ((Fate.KEEP.value, "keep"), (Fate.END.value, "end"))


@dataclass(frozen=True, slots=True)
class Asked:
    """One item to be decided, with what has been chosen so far."""

    item_id: int
    name: str
    is_kpi: bool
    choice: ClosingChoice | None


class DecideForm(BaseForm):
    """Per item a fate, a reason, a new wording and the rule of a KPI's targets; and one word for all the rest."""

    def __init__(self, asked: Sequence[Asked], typed: Any = None) -> None:
        """Fields for the items, filled with what has been chosen."""
        self.asked = asked
        fields: dict[str, Any] = {
            "rest_fate": words(label="For everything without a word yet", choices=REST, required=False),
            "rest_reason": line(label="Because", required=False, most=LONGEST_REASON),
        }
        values: dict[str, Any] = {}
        for one in asked:
            fields |= _fields(one)
            values |= _values(one)
        super().__init__(fields)
        self.process(typed or None, data=values)

    def of(self, item_id: int, name: str) -> Any:
        """One field about one item."""
        return self[field_of(item_id=item_id, name=name)]

    def to_wishes(self) -> list[ChoiceWish]:
        """One wish for each item that has a word, or had one."""
        wishes = [self._wish(one) for one in self.asked]
        return [wish for wish, one in zip(wishes, self.asked, strict=True) if wish.fate or one.choice]

    def _wish(self, one: Asked) -> ChoiceWish:
        version = cast(VersionField, self.of(one.item_id, "version")).number or 0
        fate = self.of(one.item_id, "fate").data
        rest = self["rest_fate"].data
        if not fate and rest and one.choice is None:
            reason = self["rest_reason"].data or ""
            return ChoiceWish(item_id=one.item_id, fate=Fate(rest), reason=reason, version=version)
        return ChoiceWish(
            item_id=one.item_id,
            fate=Fate(fate) if fate else None,
            reason=self.of(one.item_id, "reason").data or "",
            wording=self.of(one.item_id, "wording").data or "",
            targets=TargetRule(self.of(one.item_id, "targets").data) if one.is_kpi else TargetRule.EMPTY,
            ramp_to=self.of(one.item_id, "ramp").data if one.is_kpi else None,
            version=version,
        )


def _fields(one: Asked) -> Mapping[str, Any]:
    fields: dict[str, Any] = {
        "fate": RadioField(f"Keep, change or end: {one.name}", [Optional()], choices=FATES),
        "reason": line(label=f"Because: {one.name}", required=False, most=LONGEST_REASON),
        "wording": line(label=f"From now on called: {one.name}", required=False),
        "version": VersionField(),
    }
    if one.is_kpi:
        fields["targets"] = words(label=f"Targets of next year: {one.name}", choices=TARGETS)
        fields["ramp"] = figure(label=f"… to: {one.name}")
    return {field_of(item_id=one.item_id, name=name): field for name, field in fields.items()}


def _values(one: Asked) -> Mapping[str, Any]:
    known = one.choice
    values: dict[str, Any] = {"fate": "", "targets": TargetRule.EMPTY.value, "version": 0}
    if known is not None:
        values = {
            "fate": known.fate.value, "reason": known.reason, "wording": known.wording, "version": known.version,
            "targets": known.targets.value, "ramp": known.ramp_to,
        }  # fmt: skip
    return {field_of(item_id=one.item_id, name=name): value for name, value in values.items()}


class CloseForm(Form):
    """That somebody has read what closing does."""

    confirmed = BooleanField("I have read what closing does, and the year is to be closed now")
    version = VersionField()


class ReopenForm(Form):
    """Why a closed cycle is opened again."""

    reason = prose(label="Why it is opened again", required=True, most=LONGEST_REASON)
    resume = BooleanField("Resume what closing ended, as it stood before", default=True)
    version = VersionField()


def asked_about(*, items: Iterable[Any], choices: Mapping[int, ClosingChoice], kpis: frozenset[int]) -> list[Asked]:
    """The items with what has been chosen for them."""
    return [Asked(one.id, one.name, one.id in kpis, choices.get(one.id)) for one in items]
