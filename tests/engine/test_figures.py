"""Rule 1: figures are read exactly or refused with a sentence, and quickly."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from time import thread_time

import pytest
from hypothesis import given, strategies

from hoshin.engine.figures import parse_figure, show_figure

READ = [
    ("0", "0"),
    ("-0", "0"),
    (".66", "0.66"),
    ("-0.5", "-0.5"),
    ("−0.5", "-0.5"),
    ("+7", "7"),
    ("7.", "7"),
    ("1e3", "1000"),
    ("1E-4", "0.0001"),
    ("12%", "0.12"),
    ("12.5 %", "0.125"),
    ("  42 ", "42"),
    ("99999999999999.9999", "99999999999999.9999"),
    ("0.1000000", "0.1"),
    ("0e99", "0"),
]

REFUSED = [
    "", " ", "abc", "NaN", "sNaN", "-nan", "Infinity", "inf", "1_000", "1,000", "1 000", "1.000.000", "0x10", "١٢",
    "1e1000000", "1e99", "1e-5", "0.00001", "100000000000000", "99999999999999.99999", "12%%", "%", "--1", "1e", ".",
    "9" * 10_000, "1e" + "9" * 10_000, "5\x00", "\ud800", "1.00000000000000000000000000000000000001%",
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), READ)
def test_read_exactly(text: str, value: str) -> None:
    found = parse_figure(text=text)
    assert found == Decimal(value)
    assert not (found == 0 and found.is_signed())


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: ascii(text[:24]))
def test_refused_with_a_sentence_in_milliseconds(text: str) -> None:
    begun = thread_time()
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        parse_figure(text=text)
    assert thread_time() - begun < 0.05


def test_a_thousands_separator_counts_only_when_it_is_named() -> None:
    assert parse_figure(text="1,250.5", thousands=",") == Decimal("1250.5")
    assert parse_figure(text="1.250,5", point=",", thousands=".") == Decimal("1250.5")


@given(strategies.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**13), max_value=10**13))
def test_what_is_shown_is_read_back_as_the_same_value(value: Decimal) -> None:
    assert parse_figure(text=show_figure(value=value)) == value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (Decimal("12.5000"), "12.5"),
        (Decimal("-0.0000"), "0"),
        (Decimal(1000), "1000"),
        (Fraction(1, 3), "0.3333"),
        (Fraction(-1, 3), "-0.3333"),
    ],
)
def test_shown_without_trailing_zeros(value: Decimal | Fraction | None, shown: str) -> None:
    assert show_figure(value=value) == shown
