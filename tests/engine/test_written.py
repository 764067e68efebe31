"""Figures as people write them: which sign divides is the reader's, and a lone group of three is a group."""

from __future__ import annotations

import pytest

from hoshin.engine.written import plain_figure, point_of


@pytest.mark.parametrize(
    ("text", "point", "plain"),
    [
        ("1234,5", ",", "1234.5"), ("1.234,5", ",", "1234.5"), ("1,234.5", ",", "1234.5"), ("0,5", ",", "0.5"),
        ("1.234", ",", "1234"), ("1.23", ",", "1.23"), ("1.234.567", ",", "1234567"), ("1,234", ",", "1.234"),
        ("1,234.5", ".", "1234.5"), ("1.234,5", ".", "1234.5"), ("1,234", ".", "1234"), ("1,5", ".", "1.5"),
        ("1.234", ".", "1.234"), ("1,234,567", ".", "1234567"), ("1\u202f234,5", ",", "1234.5"),
        ("(1.234,5)", ",", "-1234.5"), ("−0,5", ",", "-0.5"), ("+1,5", ",", "1.5"), ("95,5%", ",", "95.5%"),
        ("1,2,3", ".", "1,2,3"), ("12,34.5", ".", "12,34.5"), ("abc", ",", "abc"), ("", ",", ""),
        ("1'234.5", ".", "1234.5"),
    ],
)  # fmt: skip
def test_a_written_figure_is_read_into_one_way(text: str, point: str, plain: str) -> None:
    assert plain_figure(text=text, point=point) == plain


@pytest.mark.parametrize(
    ("languages", "point"),
    [(["de-DE", "en"], ","), (["en-GB", "de"], "."), (["de-CH"], "."), (["fr"], ","), (["*"], "."), ([], "."),
     (["pt_BR"], ","), (["ja"], "."), (["es-MX"], "."), (["es-ES"], ",")],
)  # fmt: skip
def test_the_reader_s_first_language_says_which_sign_divides(languages: list[str], point: str) -> None:
    assert point_of(languages=languages) == point
