"""Single figures in forms: read as their reader writes them, and never guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from werkzeug.datastructures import MultiDict

from hoshin.forms.fields import Form, figure, read_figures


class _Baseline(Form):
    figure = figure(label="Baseline")


def _read(text: str, point: str, stored: Decimal | None = None) -> _Baseline:
    form = _Baseline(MultiDict({"figure": text}), figure=stored)
    read_figures(form=form, point=point)
    return form


@pytest.mark.parametrize(
    ("text", "point", "value"),
    [
        ("12,5", ",", "12.5"),
        ("12,5", ".", "12.5"),
        ("12.5", ",", "12.5"),
        ("1.234,5", ",", "1234.5"),
        ("1,234", ".", "1234"),
        ("1,234", ",", "1.234"),
        ("-3,5", ",", "-3.5"),
        ("12,5 %", ",", "0.125"),
        ("1,250%", ".", "12.5"),
        ("1e3", ",", "1000"),
    ],
)
def test_a_figure_is_read_by_the_readers_decimal_sign(text: str, point: str, value: str) -> None:
    form = _read(text, point)
    assert form.validate(), form.errors
    assert form.figure.data == Decimal(value)


def test_what_stands_there_stays_what_it_is_for_a_reader_with_a_comma() -> None:
    form = _read("1.234", ",", Decimal("1.234"))
    assert form.validate()
    assert form.figure.data == Decimal("1.234")


def test_a_figure_that_can_be_two_is_asked_about_in_both_ways() -> None:
    form = _read("1.234", ",")
    assert not form.validate()
    assert form.errors == {"figure": ["“1.234” can be two figures: write 1234 or 1,234"]}
    assert form.figure.data is None


@pytest.mark.parametrize("text", ["a lot", "1,2,3", "1,23456", "NaN"])
def test_what_is_no_figure_is_refused_and_kept(text: str) -> None:
    form = _read(text, ",")
    assert not form.validate()
    assert f'value="{text}"' in form.figure()


def test_nothing_is_no_figure() -> None:
    form = _read(" ", ",")
    assert form.validate()
    assert form.figure.data is None
