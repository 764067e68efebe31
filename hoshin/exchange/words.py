"""What a cell of each column may say, and the typed value it means; ValueError carries a sentence for a person."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from hoshin.commands.import_wish import PersonRef
from hoshin.engine.calendars import FIRST_YEAR, LAST_YEAR, Frequency, NamedBy
from hoshin.engine.figures import parse_figure
from hoshin.engine.metrics import Aggregation, KPIClass
from hoshin.engine.plans import Rotation, State
from hoshin.engine.verdicts import Direction
from hoshin.exchange.cells import LONGEST_PROSE, LONGEST_TITLE
from hoshin.exchange.columns import FIRST
from hoshin.exchange.maps import SheetMap
from hoshin.model.actions import Status
from hoshin.model.kpis import KPIKind

Word = TypeVar("Word", bound=StrEnum)
STRENGTHS = {"strong": 9, "medium": 3, "weak": 1, "9": 9, "3": 3, "1": 1}
YES, NO = ("yes", "true", "1"), ("no", "false", "0")
NONE, OPEN = "none", "open"
UNIT_SEPARATOR = " / "
_NAMED_ADDRESS = re.compile(r"(?P<name>[^<>]*)<(?P<email>[^<>\s]+@[^<>\s]+)>")


def read_cell(*, column: str, text: str, using: SheetMap) -> Any:
    """The typed value of a filled cell; raises ValueError."""
    if column == "direction":
        return direction(text=text, using=using)
    if column in _FIGURES:
        return figure(text=text, using=using)
    return _READERS[column](text)


def figure(*, text: str, using: SheetMap) -> Decimal:
    """An exact figure; thousands are taken out only where the map names them and they stand in threes."""
    if using.thousands and using.thousands in text:
        sign, point = re.escape(using.thousands), re.escape(using.decimal)
        if re.fullmatch(rf"[+−-]?[0-9]{{1,3}}({sign}[0-9]{{3}})+({point}[0-9]*)?%?", text) is None:
            raise ValueError(f"“{text[:40]}” is not a figure with “{using.thousands}” between its thousands")
    return parse_figure(text=text, point=using.decimal, thousands=using.thousands)


def direction(*, text: str, using: SheetMap) -> Direction | None:
    """A direction in the map's words or ours; None where the cell says none."""
    if text in using.directions:
        return using.directions[text]
    plain = _plain(text)
    if plain == NONE:
        return None
    if plain in tuple(Direction):
        return Direction(plain)
    theirs = ", ".join(f"“{one}”" for one in using.directions)
    raise ValueError(
        f"“{text[:40]}” is no direction; write at least, at most, between or exactly, {theirs}".rstrip(", ")
    )


def _unit_path(text: str) -> str:
    """A unit's path in its one spelling: names joined by " / ", empty for the organisation."""
    parts = [one.strip() for one in re.split(r"\s/\s|^/|/$", text) if one.strip()]
    for one in parts:
        _title(one)
    return UNIT_SEPARATOR.join(parts)


@lru_cache(maxsize=10_000)
def _title(text: str) -> str:
    """A name of at most 500 characters."""
    if len(text) > LONGEST_TITLE:
        raise ValueError(f"at most {LONGEST_TITLE} characters; this has {len(text)}")
    return text


def _prose(text: str) -> str:
    """A paragraph or more."""
    if len(text) > LONGEST_PROSE:
        raise ValueError(f"at most {LONGEST_PROSE} characters; this has {len(text)}")
    return text


@lru_cache(maxsize=10_000)
def _person(text: str) -> PersonRef:
    """A name, an e-mail address, or both as Name <e-mail>."""
    named = _NAMED_ADDRESS.fullmatch(text)
    if named:
        return PersonRef(_title(named["name"].strip()), _address(named["email"]))
    if "@" in text and " " not in text:
        return PersonRef("", _address(text))
    return PersonRef(_title(text), "")


def _address(text: str) -> str:
    if len(text) > 254:
        raise ValueError("an e-mail address has at most 254 characters")
    return text.casefold()


def _people(text: str) -> tuple[PersonRef, ...]:
    """Several people, divided by ; or line ends."""
    return tuple(_person(one.strip()) for one in re.split(r"[;\n]", text) if one.strip())


def _day(text: str) -> date:
    """A calendar day between 1900 and 2200."""
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?: 00:00:00)?", text)
    try:
        found = date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(f"“{text[:40]}” is not a day such as 2018-05-31")
    return found


def _open_day(text: str) -> date | None:
    """A day, or None for open."""
    return None if _plain(text) == OPEN else _day(text)


def _whole(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number within bounds."""

    def read(text: str) -> int:
        if re.fullmatch(r"[0-9]{1,4}", text) and least <= int(text) <= most:
            return int(text)
        raise ValueError(f"“{text[:40]}” is not a whole number from {least} to {most}")

    return read


def _yes(text: str) -> bool:
    """Yes or no."""
    if _plain(text) in YES + NO:
        return _plain(text) in YES
    raise ValueError(f"“{text[:40]}” is neither yes nor no")


def _strength(text: str) -> int:
    """Strong (9), medium (3) or weak (1)."""
    if _plain(text) in STRENGTHS:
        return STRENGTHS[_plain(text)]
    raise ValueError(f"“{text[:40]}” is no strength; write strong (9), medium (3) or weak (1)")


def _starts_month(text: str) -> int:
    """The month in which the fiscal year starts, of a day such as 10-01."""
    match = re.fullmatch(r"(0[1-9]|1[0-2])-01", text)
    if match is None:
        raise ValueError(f"“{text[:40]}” is not the first of a month such as 10-01")
    return int(match[1])


def _word(kind: type[Word]) -> Callable[[str], Word]:
    """Reads one of the words of an enumeration."""

    def read(text: str) -> Word:
        try:
            return kind(_plain(text))
        except ValueError:
            raise ValueError(f"“{text[:40]}” is none of {', '.join(one.value for one in kind)}") from None

    return read


def _short(most: int) -> Callable[[str], str]:
    """Reads a text of at most so many characters."""

    def read(text: str) -> str:
        if len(text) > most:
            raise ValueError(f"at most {most} characters; this has {len(text)}")
        return text

    return read


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").split())


_FIGURES = frozenset(
    {
        "target", "actual", "low", "high", "stretch", "ytd_target", "ytd_actual", "ytd_low", "ytd_high",
        "tolerance", "baseline", *FIRST,
    }
)  # fmt: skip

_READERS: Mapping[str, Callable[[str], Any]] = {
    "organisation": _title, "time_zone": _short(64), "starts": _starts_month, "named_by": _word(NamedBy),
    "due_days": _whole(0, 90), "least_strength": _strength,
    "unit": _unit_path, "unit_kind": _short(40), "restricted": _yes, "kpi_unit": _unit_path,
    "objective": _title, "priority": _title, "action": _title, "kpi": _title,
    "period": _short(40), "uom": _short(80), "frequency": _word(Frequency), "aggregation": _word(Aggregation),
    "owner": _person, "class": _word(KPIClass), "kind": _word(KPIKind), "strength": _strength, "rationale": _prose,
    "status": _word(Status), "due": _day, "progress": _whole(0, 100), "helpers": _people,
    "state": _word(State), "valid_from": _open_day, "valid_to": _open_day, "end_reason": _prose,
    "archived": _yes, "on_plan": _yes,
    "description": _prose, "reporter": _person, "sponsor": _person,
    "horizon_from": _whole(FIRST_YEAR, LAST_YEAR), "horizon_to": _whole(FIRST_YEAR, LAST_YEAR),
    "answers": _prose, "answers_state": _word(State), "answers_from": _open_day, "answers_to": _open_day,
    "note": _prose, "plan_note": _prose, "rotation": _word(Rotation),
}  # fmt: skip
