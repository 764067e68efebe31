"""What a counter-offer’s line of targets means: one figure, one for each month, even steps, a range, or nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from werkzeug.datastructures import ImmutableMultiDict

from hoshin.commands.agreements import Amendment
from hoshin.forms.catchball import Amendable, OfferForm, amending
from hoshin.forms.fields import read_figures

MAY = date(2026, 5, 1)
ITEMS = [Amendable(7, "Days", is_kpi=True), Amendable(8, "The answer", is_kpi=False, is_answer=True)]


def _form(**typed: str) -> OfferForm:
    kind = amending(form=OfferForm, items=ITEMS, months=[("2026-05-01", "May 2026")])
    return kind(ImmutableMultiDict({"number": "2", "wording": "Words", "n7": "Days", **typed}))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("14", {"target": Decimal(14)}),
        ("14 → 7", {"target": Decimal(14), "last": Decimal(7)}),
        ("14 to 7", {"target": Decimal(14), "last": Decimal(7)}),
        ("14\t13.5\t13", {"figures": (Decimal(14), Decimal("13.5"), Decimal(13))}),
        ("10..20", {"target": (Decimal(10), Decimal(20))}),
        ("10..20; 11..20", {"figures": ((Decimal(10), Decimal(20)), (Decimal(11), Decimal(20)))}),
    ],
)
def test_a_line_of_targets(typed: str, meant: dict[str, object]) -> None:
    form = _form(i7=typed, m7="2026-05-01")
    assert form.validate()
    assert form.amendments() == [Amendment(item_id=7, name="Days", first=MAY, **meant)]  # type: ignore[arg-type]


@pytest.mark.parametrize("typed", ["many", "1..", "14 → ", "1 2 x", "1,5", "9" * 2000, "NaN"])
def test_what_is_no_figure_is_refused_at_its_field(typed: str) -> None:
    form = _form(i7=typed, m7="2026-05-01")
    assert not form.validate()
    assert "i7" in form.errors


def test_taking_out_needs_nothing_else_and_an_untouched_form_asks_for_nothing() -> None:
    assert _form(o7="y", o8="y").amendments() == [Amendment(item_id=7, out=True), Amendment(item_id=8, out=True)]
    assert _form().amendments() == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("7,5", {"target": Decimal("7.5")}), ("7.5", {"target": Decimal("7.5")}),
        ("12,5 → 7,25", {"target": Decimal("12.5"), "last": Decimal("7.25")}),
        ("14,5 13,5\t-2", {"figures": (Decimal("14.5"), Decimal("13.5"), Decimal(-2))}),
        ("0,5..2,5", {"target": (Decimal("0.5"), Decimal("2.5"))}), ("1.234,5", {"target": Decimal("1234.5")}),
    ],
)  # fmt: skip
def test_a_line_of_targets_with_decimal_commas(typed: str, meant: dict[str, object]) -> None:
    form = _form(i7=typed, m7="2026-05-01")
    read_figures(form=form, point=",")
    assert form.validate()
    assert form.amendments() == [Amendment(item_id=7, name="Days", first=MAY, **meant)]  # type: ignore[arg-type]


def test_a_target_that_could_be_two_figures_is_asked_about() -> None:
    form = _form(i7="2 1.234", m7="2026-05-01")
    read_figures(form=form, point=",")
    assert not form.validate()
    assert "can be two figures" in str(form.errors["i7"])
    assert form.amendments() == []
