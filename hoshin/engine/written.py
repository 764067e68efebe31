"""Figures as people write and copy them, 1,234.5 or 1.234,5, brought into the one way in which they are stored: 1234.5.

The same rules stand in static/js/locale-numbers.js, for what is read before it is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_DIVIDE_WITH_A_COMMA = (
    "af az be bg bs ca cs da de el es et eu fi fo fr gl hr hu hy id is it ka kk ky lb lt lv mk mn nb nl nn no pl pt ro "
    "ru sk sl sq sr sv tg tr uk uz vi"
)
COMMA = frozenset(_DIVIDE_WITH_A_COMMA.split())
"""Languages that divide with a comma."""
POINT_PLACES = frozenset({"de-ch", "de-li", "es-mx", "es-us", "es-gt", "es-hn", "es-ni", "es-pa", "es-pe", "es-pr",
                          "es-sv", "es-do", "es-cu", "it-ch"})  # fmt: skip
"""Places that divide with a point though the language does not."""

_SPACES = re.compile(r"[\s\u00a0\u202f'’]")
_GROUPED = re.compile(r"[0-9]{1,3}")
_GROUP = re.compile(r"[0-9]{3}")


def point_of(*, languages: Iterable[str]) -> str:
    """The decimal sign of a reader who wants these languages, the best first: a comma or a point."""
    for tag in languages:
        name = tag.casefold().replace("_", "-")
        if name and name != "*":
            return "," if name.partition("-")[0] in COMMA and name not in POINT_PLACES else "."
    return "."


def plain_figure(*, text: str, point: str) -> str:
    """The figure with a point and without groups; what makes no sense comes back as it was."""
    found = _SPACES.sub("", text.strip().replace("−", "-").replace("\u2012", "-"))
    if found.startswith("(") and found.endswith(")"):
        found = f"-{found[1:-1]}"
    sign = "-" if found.startswith("-") else ""
    value = _divided(found.lstrip("+-") if found[:1] in "+-" else found, point)
    return text if value is None else sign + value


def _divided(text: str, point: str) -> str | None:
    other = "." if point == "," else ","
    if other in text and point in text:
        divides = point if text.rindex(point) > text.rindex(other) else other
        groups = other if divides == point else point
        whole, _, part = text.rpartition(divides)
        return f"{whole.replace(groups, '')}.{part}" if _is_grouped(whole, groups) else None
    if other in text:
        if _is_grouped(text, other):
            return text.replace(other, "")
        return text.replace(other, ".") if text.count(other) == 1 else None
    if text.count(point) > 1:
        return text.replace(point, "") if _is_grouped(text, point) else None
    return text.replace(point, ".")


def _is_grouped(text: str, sign: str) -> bool:
    """Grouped by threes, as 1,234,567: then the sign groups and does not divide."""
    first, *rest = text.split(sign)
    return bool(rest) and bool(_GROUPED.fullmatch(first)) and all(_GROUP.fullmatch(one) for one in rest)
