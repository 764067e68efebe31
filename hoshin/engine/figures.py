"""Figures as people write them: read exactly, refused clearly, shown plainly. Never a binary float."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

DIGITS_BEFORE, DIGITS_AFTER = 14, 4
LONGEST = 40
WIDE = Context(prec=2 * LONGEST)
"""Enough digits to move the point of any text that is read without rounding it."""

_FIGURE = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
_PLAIN = re.compile(r"-?[0-9]{1,14}(?:\.[0-9]{1,4})?", re.ASCII)
"""What most figures look like: nothing about them is left to check."""
_UNIT = Decimal(1).scaleb(-DIGITS_AFTER)


def parse_figure(*, text: str, point: str = ".", thousands: str = "") -> Decimal:
    """The exact value of `12.5`, `.66`, `-0.5`, `1e3` or `12%` (0.12); at most 14 digits before and 4 after the point.

    `thousands` is taken out only when it is named; a minus may be the typographic one.
    Raises ValueError with a sentence for a person for anything else, NaN, Infinity and `1_000` among it.
    """
    if point == "." and not thousands and _PLAIN.fullmatch(text):
        return Decimal(text).quantize(_UNIT) + 0
    plain = text.strip().replace("−", "-")
    if len(plain) > LONGEST:
        raise ValueError("a figure has at most 14 digits before and 4 after the point")
    percent = plain.endswith("%")
    plain = plain.removesuffix("%").rstrip()
    if thousands:
        plain = plain.replace(thousands, "")
    if point != ".":
        plain = plain.replace(point, ".") if "." not in plain else "?"
    if _FIGURE.fullmatch(plain) is None:
        raise ValueError(f"“{text.strip()[:LONGEST]}” is not a figure; write it like 1250.5")
    value = Decimal(plain)
    return checked_figure(value=value.scaleb(-2, WIDE) if percent else value)


def checked_figure(*, value: Decimal) -> Decimal:
    """The value itself, when it can be stored exactly.

    Raises ValueError for more than 14 digits before or 4 after the point, and for what is not finite.
    """
    if not value.is_finite():
        raise ValueError("a figure must be finite")
    if value and (value.adjusted() >= DIGITS_BEFORE):
        raise ValueError(f"more than {DIGITS_BEFORE} digits before the point")
    rounded = value.quantize(_UNIT)
    if rounded != value:
        raise ValueError(f"more than {DIGITS_AFTER} digits after the point")
    return rounded + 0


def show_figure(*, value: Decimal | Fraction | None, places: int = DIGITS_AFTER) -> str:
    """The value without trailing zeros, rounded half even for display only; empty for None."""
    if value is None:
        return ""
    if isinstance(value, Decimal) and places == DIGITS_AFTER and value.same_quantum(_UNIT):
        text = str(value or abs(value))  # as it is stored: there is nothing to round
    else:
        text = f"{_rounded(Fraction(value), places):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def show_percent(*, value: Fraction | None) -> str:
    """A ratio as a whole per cent, never 100 % for less than all nor 0 % for more than none; n/a for None."""
    if value is None:
        return "n/a"
    whole = int(_rounded(value * 100, 0))
    if whole == 100 and value < 1:
        whole = 99
    if whole == 0 and value > 0:
        whole = 1
    return f"{whole} %"


def six_decimals(*, value: Fraction | None) -> str | None:
    """A ratio with six decimals, half even; None stays None."""
    return None if value is None else f"{_rounded(value, 6):f}"


def _rounded(value: Fraction, places: int) -> Decimal:
    """Half even, exactly: the integer of value × 10^places is found without any division of decimals."""
    scaled = round(value * 10**places)
    result = Decimal(scaled).scaleb(-places)
    return abs(result) if not result else result.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
