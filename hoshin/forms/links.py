"""Reads a sheet of correlations: for each pair a strength and why; what was not touched is left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from wtforms import HiddenField, MonthField
from wtforms.form import BaseForm
from wtforms.validators import Optional

from hoshin.charts.signs import TRIANGLE, grades_of
from hoshin.commands.links import CorrelationWish, EffectWish
from hoshin.engine.figures import show_figure
from hoshin.errors import Problem
from hoshin.forms.fields import attach, figure, key, line, words
from hoshin.forms.people import VersionField

LONGEST_REASON = 2000
Choices = list[tuple[str, str]]


def strengths(*, glyphs: str = TRIANGLE) -> Choices:
    """The choices of a strength, in the organisation's signs."""
    signs = grades_of(glyphs=glyphs).items()
    return [("0", "–"), *((str(points), f"{grade.glyph} {grade.word}") for points, grade in signs)]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two items that may be linked, upper first, with the link that stands now (strength 0: none)."""

    upper_id: int
    lower_id: int
    strength: int = 0
    rationale: str = ""
    version: int = 0
    takes_effect: bool = False
    effect: Decimal | None = None
    effect_from: date | None = None

    @property
    def effect_seen(self) -> str:
        """The expected effect as one text, to be compared with when the form comes back."""
        return f"{show_figure(value=self.effect)}|{self.effect_from:%Y-%m}" if self.effect_from else "|"

    @property
    def name(self) -> str:
        """The end of the names of the pair's fields."""
        return f"{self.upper_id}x{self.lower_id}"


class LinksForm(BaseForm):
    """Per pair: `s…` the strength, `r…` why, and hidden what both were when the form was read (`w…`, `q…`, `v…`)."""

    def __init__(
        self,
        pairs: Sequence[Pair],
        typed: Any = None,
        *,
        reasons: bool = True,
        upper_id: int = 0,
        shareable: Sequence[tuple[str, str]] = (),
        glyphs: str = TRIANGLE,
    ) -> None:
        """Fields for the pairs; `reasons` False leaves why alone, for a sheet of strengths only.

        `shareable` are choices of other units' KPIs, of which one may be linked below the item `upper_id`; `glyphs`
        names the signs of the strengths.
        """
        self.pairs, self.reasons, self.upper_id = pairs, reasons, upper_id
        fields: dict[str, Any] = {}
        values: dict[str, Any] = {}
        offered = strengths(glyphs=glyphs)
        for one in pairs:
            fields |= _fields(one, reasons, offered)
            values |= {f"s{one.name}": str(one.strength), f"w{one.name}": str(one.strength)}
            values |= {f"e{one.name}": one.effect, f"f{one.name}": one.effect_from, f"m{one.name}": one.effect_seen}
            values |= {f"r{one.name}": one.rationale, f"q{one.name}": one.rationale, f"v{one.name}": one.version}
        if shareable:
            fields |= _sharing(offered)
        super().__init__(fields)
        if shareable:
            cast(Any, self["share_id"]).choices = [("", "Choose …"), *shareable]
        self.process(typed, data=values)

    def validate(self, extra_validators: Any = None) -> bool:
        """Every field can be read, and nothing was written about a link that there is not: saving would lose it."""
        fields_fit = super().validate(extra_validators)
        lost = [one for one in self.pairs if self._would_lose(one)]
        said = "choose how strong this link is, for what is written beside it to be kept"
        attach(form=cast(Any, self), problems=[Problem(said, field=f"s{one.name}") for one in lost])
        return fields_fit and not lost

    def _would_lose(self, pair: Pair) -> bool:
        if not self.reasons or not self[f"s{pair.name}"].data == self[f"w{pair.name}"].data == "0":
            return False
        return self[f"r{pair.name}"].data != (self[f"q{pair.name}"].data or "") or self._effect_seen(pair) != "|"

    def to_wishes(self) -> list[CorrelationWish]:
        """One wish for each pair that was touched."""
        return [self._wish(one) for one in self.pairs if self._touched(one)] + self._shared()

    def _shared(self) -> list[CorrelationWish]:
        if "share_id" not in self or self["share_id"].data is None:
            return []
        return [
            CorrelationWish(
                upper_id=self.upper_id,
                lower_id=self["share_id"].data,
                strength=int(self["share_strength"].data),
                rationale=self["share_why"].data or "",
                version=0,
                place="share_id",
            )
        ]

    def _touched(self, pair: Pair) -> bool:
        strength, was = self[f"s{pair.name}"].data, self[f"w{pair.name}"].data
        if strength != was:
            return True
        if not self.reasons or strength == "0":
            return False
        return self[f"r{pair.name}"].data != self[f"q{pair.name}"].data or self._effect_seen(pair) != self._was(pair)

    def _was(self, pair: Pair) -> str:
        return (self[f"m{pair.name}"].data or "|") if pair.takes_effect else "|"

    def _effect_seen(self, pair: Pair) -> str:
        wished = self._effect(pair)
        if wished is None or wished == EffectWish():
            return "|"
        return f"{show_figure(value=wished.amount)}|{f'{wished.starts:%Y-%m}' if wished.starts else ''}"

    def _effect(self, pair: Pair) -> EffectWish | None:
        if not (self.reasons and pair.takes_effect):
            return None
        return EffectWish(self[f"e{pair.name}"].data, self[f"f{pair.name}"].data)

    def _wish(self, pair: Pair) -> CorrelationWish:
        rationale = self[f"r{pair.name}"].data if self.reasons else pair.rationale
        return CorrelationWish(
            upper_id=pair.upper_id,
            lower_id=pair.lower_id,
            strength=int(self[f"s{pair.name}"].data),
            rationale=rationale or "",
            version=cast(VersionField, self[f"v{pair.name}"]).number or 0,
            place=f"s{pair.name}",
            effect=self._effect(pair),
        )


def _sharing(offered: Choices) -> Mapping[str, Any]:
    return {
        "share_id": key(label="KPI of another unit"),
        "share_strength": words(label="Strength", choices=offered[1:], default="3"),
        "share_why": line(label="Why", required=False, most=LONGEST_REASON),
    }


def _fields(pair: Pair, reasons: bool, offered: Choices) -> Mapping[str, Any]:
    fields: dict[str, Any] = {
        f"s{pair.name}": words(label="Strength", choices=offered),
        f"w{pair.name}": HiddenField(),
        f"v{pair.name}": VersionField(),
    }
    if reasons:
        fields[f"r{pair.name}"] = line(label="Why", required=False, most=LONGEST_REASON)
        fields[f"q{pair.name}"] = HiddenField()
    if reasons and pair.takes_effect:
        fields[f"e{pair.name}"] = figure(label="Expected effect")
        fields[f"f{pair.name}"] = MonthField("From", [Optional()])
        fields[f"m{pair.name}"] = HiddenField()
    return fields
