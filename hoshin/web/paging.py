"""Long lists come in pages: which part of a list to show, and the links to the parts before and after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from flask import request

from hoshin.errors import Problem, Refused

SIZE = 50
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its number, the numbers of the rows on it, and where its neighbours are."""

    number: int
    pages: int
    total: int
    first: int
    last: int
    previous_href: str | None
    next_href: str | None

    @property
    def offset(self) -> int:
        """How many rows stand before this page."""
        return max(self.first - 1, 0)


def page_of(*, total: int, size: int = SIZE, name: str = "page", anchor: str = "") -> Page:
    """The page that `?page=` asks for out of `total` rows; a number beyond the end gives the last page.

    Where several lists stand on a page each has a `name` of its own, and an `anchor` to come back to.
    """
    pages = max(1, -(-total // size))
    number = min(_asked(name), pages)
    return Page(
        number=number,
        pages=pages,
        total=total,
        first=min((number - 1) * size + 1, total),
        last=min(number * size, total),
        previous_href=_href(name, number - 1, anchor) if number > 1 else None,
        next_href=_href(name, number + 1, anchor) if number < pages else None,
    )


def cut(
    *, rows: Sequence[Row], size: int = SIZE, name: str = "page", anchor: str = ""
) -> tuple[Sequence[Row], Page]:
    """The rows of the page asked for, and the page."""
    page = page_of(total=len(rows), size=size, name=name, anchor=anchor)
    return rows[page.offset : page.last], page


def _asked(name: str) -> int:
    text = request.args.get(name, "1")
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) > 0):
        raise Refused(Problem("the number of a page is a small whole number", field=name))
    return int(text)


def _href(name: str, number: int, anchor: str) -> str:
    """This address with another page number."""
    return here_with(**{name: str(number)}) + (f"#{anchor}" if anchor else "")


def here_with(**changes: str) -> str:
    """This address with some of its words changed: the same list as CSV, another page of it."""
    kept = {name: value for name, value in request.args.items() if name not in changes}
    return f"{request.path}?{urlencode({**kept, **changes})}"
