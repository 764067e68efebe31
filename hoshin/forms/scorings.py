"""Reads what somebody scored, and what a round is settled to: one small choice for each pair of items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hoshin.commands.links import CorrelationWish
from hoshin.engine.scorings import SCALE
from hoshin.errors import Problem, Refused
from hoshin.forms.fields import read_key
from hoshin.queries.links import LinkFact

Pair = tuple[int, int]


def field_of(*, pair: Pair) -> str:
    """The name of a pair's field."""
    return f"{pair[0]}x{pair[1]}"


def read_scores(*, typed: Mapping[str, str], pairs: Iterable[Pair]) -> dict[Pair, int | None]:
    """The strength typed for each of the pairs, None where nothing was chosen; Refused for what is none."""
    return {pair: _strength(typed[name]) for pair in pairs if (name := f"s{field_of(pair=pair)}") in typed}


def _strength(text: str) -> int | None:
    if text == "":
        return None
    if text not in {str(one) for one in SCALE}:
        raise Refused(Problem("a score is 9, 3, 1 or 0"))
    return int(text)


def read_settled(
    *, typed: Mapping[str, str], pairs: Iterable[Pair], links: Mapping[Pair, LinkFact]
) -> list[CorrelationWish]:
    """A wish for each pair whose settled strength is not the one that stands, with the version the form was read at."""
    wishes = []
    for pair, strength in read_scores(typed=typed, pairs=pairs).items():
        stands = links.get(pair)
        if strength is None or strength == (stands.strength if stands else 0):
            continue
        wishes.append(
            CorrelationWish(
                upper_id=pair[0],
                lower_id=pair[1],
                strength=strength,
                rationale=stands.rationale if stands and strength else "",
                version=_version(typed.get(f"v{field_of(pair=pair)}", "")),
            )
        )
    return wishes


def _version(text: str) -> int:
    """The version of the link when the form was read; 0 for none."""
    try:
        return read_key(text if text != "0" else "") or 0
    except ValueError:
        return -1
