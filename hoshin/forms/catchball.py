"""Reads what is offered in a round of catchball, and which items are thrown to which units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms.widgets import CheckboxInput, ListWidget

from hoshin.commands.agreements import Amendment
from hoshin.commands.catchball import OfferWish
from hoshin.commands.throws import ThrowWish
from hoshin.engine.catchball import Side
from hoshin.forms.fields import Form, day, figure, keys, line, prose, words
from hoshin.forms.people import VersionField


class OfferForm(Form):
    """The what and the why; `number` is the offer that was read."""

    number = VersionField()
    wording = line(label="Wording")
    rationale = prose(label="Why")
    target = line(label="Target", required=False)
    valid_from = day(label="From")
    valid_to = day(label="Until")
    resources = prose(label="Resources")
    reason = prose(label="Reason", most=5000)

    def to_wish(self, *, to: Side = Side.CATCHER) -> OfferWish:
        """The wish."""
        return OfferWish(
            number=self.number.number or 0,
            wording=self.wording.data or "",
            rationale=self.rationale.data or "",
            target=self.target.data or "",
            valid_from=self.valid_from.data,
            valid_to=self.valid_to.data,
            resources=self.resources.data or "",
            reason=self.reason.data or "",
            to=to,
            amendments=self.amendments(),
        )

    def amendments(self) -> Sequence[Amendment]:
        """What is asked for items that were agreed before: none in a first round."""
        return ()


class SettleForm(OfferForm):
    """An offer of the superior’s, and who is to sign it first."""

    to = words(
        label="Goes first to",
        choices=((Side.CATCHER.value, "the unit that answers"), (Side.THROWER.value, "the unit that threw it")),
    )


@dataclass(frozen=True, slots=True)
class Amendable:
    """An item that was agreed: its key, its name and whether it has targets."""

    id: int
    name: str
    is_kpi: bool


def amending(
    *, form: type[OfferForm], items: Sequence[Amendable], months: Sequence[tuple[str, str]]
) -> type[OfferForm]:
    """The form with fields for each agreed item: another name, and for a KPI another target from a month on."""
    fields: dict[str, Any] = {}
    for one in items:
        fields[f"n{one.id}"] = line(label=f"Name of “{one.name}”", required=False)
        if one.is_kpi:
            fields[f"i{one.id}"] = figure(label=f"New target of “{one.name}”")
            fields[f"m{one.id}"] = words(label="from", choices=months, required=False)

    def amendments(self: OfferForm) -> Sequence[Amendment]:
        return [found for one in items if (found := _amendment(self, one)) is not None]

    return type(f"Amending{form.__name__}", (form,), {**fields, "amendments": amendments})


def _amendment(form: OfferForm, item: Amendable) -> Amendment | None:
    name = form[f"n{item.id}"].data or ""
    target = form[f"i{item.id}"].data if item.is_kpi else None
    month = form[f"m{item.id}"].data if item.is_kpi else None
    if name in ("", item.name) and target is None:
        return None
    first = date.fromisoformat(month) if month and target is not None else None
    return Amendment(item_id=item.id, name=name, first=first, target=target)


class ThrowForm(Form):
    """Items, units and one message for all."""

    source_ids = keys(label="What is thrown", widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())
    unit_ids = keys(label="To whom", widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())
    message = prose(label="Message", most=5000)
    target = line(label="Target", required=False)
    resources = prose(label="Resources")

    def to_wish(self, *, unit_id: int) -> ThrowWish:
        """The wish."""
        return ThrowWish(
            unit_id=unit_id,
            source_ids=[one for one in self.source_ids.data or [] if one],
            unit_ids=[one for one in self.unit_ids.data or [] if one],
            message=self.message.data or "",
            target=self.target.data or "",
            resources=self.resources.data or "",
        )
