"""Reads what is offered in a round of catchball, and which items are thrown to which units."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import BooleanField
from wtforms.widgets import CheckboxInput, ListWidget

from hoshin.commands.agreements import Amendment, Target
from hoshin.commands.catchball import OfferWish
from hoshin.commands.throws import ThrowWish
from hoshin.engine.catchball import Side
from hoshin.engine.figures import parse_figure
from hoshin.forms.fields import Form, WrittenField, clean, day, keys, line, prose, words, written_figure
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
    is_answer: bool = False


def amending(
    *, form: type[OfferForm], items: Sequence[Amendable], months: Sequence[tuple[str, str]]
) -> type[OfferForm]:
    """The form with fields for each agreed item: another name, other targets of a KPI, or that it is taken out."""
    fields: dict[str, Any] = {}
    for one in items:
        if not one.is_answer:
            fields[f"n{one.id}"] = line(label=f"Name of “{one.name}”", required=False)
        fields[f"o{one.id}"] = BooleanField("End this answer" if one.is_answer else f"Take “{one.name}” out")
        if one.is_kpi:
            fields[f"i{one.id}"] = TargetsField(f"New targets of “{one.name}”")
            fields[f"m{one.id}"] = words(label="from", choices=months, required=False)

    def amendments(self: OfferForm) -> Sequence[Amendment]:
        return [found for one in items if (found := _amendment(self, one)) is not None]

    return type(f"Amending{form.__name__}", (form,), {**fields, "amendments": amendments})


def _amendment(form: OfferForm, item: Amendable) -> Amendment | None:
    if form[f"o{item.id}"].data:
        return Amendment(item_id=item.id, out=True)
    name = "" if item.is_answer else form[f"n{item.id}"].data or ""
    field = form[f"i{item.id}"] if item.is_kpi else None
    wanted = field if isinstance(field, TargetsField) else None
    month = form[f"m{item.id}"].data if item.is_kpi else None
    figures = wanted.figures if wanted is not None else ()
    if name in ("", item.name) and not figures:
        return None
    first = date.fromisoformat(month) if month and figures else None
    if wanted is None or len(figures) > 1:
        return Amendment(item_id=item.id, name=name, first=first, figures=figures)
    return Amendment(
        item_id=item.id, name=name, first=first, target=figures[0] if figures else None, last=wanted.last
    )


class TargetsField(WrittenField):
    """Targets as people write them: one for the whole rest of the year, one for each month, or `10 → 7`.

    `figures` are what was read, a range as a pair; `last` is where even steps lead.
    """

    figures: tuple[Target, ...] = ()
    last: Decimal | None = None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; ValueError becomes the field's error."""
        super().process_formdata(valuelist)
        self._take(lambda text: parse_figure(text=text))

    def read(self, *, point: str) -> None:
        """Once more, by a reader's own decimal sign; what could be two figures is asked about."""
        self.process_errors = []
        try:
            self._take(lambda text: written_figure(text=text, point=point))
        except ValueError as error:
            self.figures, self.last, self.process_errors = (), None, [str(error)]

    def _take(self, figure: Callable[[str], Decimal]) -> None:
        text, self.last = clean(text=self.data or ""), None
        if len(text) > LONGEST_ROW:
            raise ValueError("write at most one figure for each month")
        ends = _EVENLY.split(text)
        if len(ends) == 2:
            self.figures, self.last = (figure(ends[0]),), figure(ends[1])
        else:
            self.figures = tuple(_target(one, figure) for one in _APART.split(text) if one)


def _target(text: str, figure: Callable[[str], Decimal]) -> Target:
    low, dots, high = text.partition("..")
    return (figure(low), figure(high)) if dots else figure(text)


LONGEST_ROW = 1000
_EVENLY = re.compile(r"\s*(?:→|->|\bto\b)\s*")
_APART = re.compile(r"[\s;]+")


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
