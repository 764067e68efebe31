"""Which units may be shown so that nobody can work out what fewer than five people answered.

What is shown for a unit is the sum over it and all units below. Whoever subtracts one shown sum from another gets the
sum of what lies between them, and nothing else: the units that are shown cut the tree into pieces, and each sum that
can be worked out is a sum of whole pieces. It is enough, therefore, that every piece holds nobody or five people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hoshin.engine.attainment import depth_first
from hoshin.engine.plans import Unit

FEWEST = 5
"""Where fewer people than these answered, nothing is shown."""


@dataclass(slots=True)
class _Part:
    """A unit with all below it: how many answered, how many of them no shown unit covers, and the highest shown ones.

    Once it is shown itself, `rest` is its own piece.
    """

    size: int = 0
    rest: int = 0
    tops: list[int] = field(default_factory=list)


def shown(*, units: Sequence[Unit], counts: Mapping[int, int], fewest: int = FEWEST) -> frozenset[int]:
    """The units that may be shown; `counts` says how many answered in each unit itself, those below left out.

    A unit is preferred to those below it: where too few would be left beside the shown units below, the smallest of
    these is left out and covers them.
    """
    parts = {one.key: _Part(counts.get(one.key, 0), counts.get(one.key, 0)) for one in units}
    chosen: set[int] = set()
    for unit in reversed(depth_first(units=units)):
        part = parts[unit.key]
        _cover(part, parts, chosen, fewest)
        if part.rest >= fewest or (part.tops and not part.rest):
            chosen.add(unit.key)
        if unit.parent is not None:
            above, is_shown = parts[unit.parent], unit.key in chosen
            above.size += part.size
            above.rest += 0 if is_shown else part.rest
            above.tops += [unit.key] if is_shown else part.tops
    return frozenset(chosen)


def _cover(part: _Part, parts: Mapping[int, _Part], chosen: set[int], fewest: int) -> None:
    """Leave out shown units below until they and the uncovered people are enough together."""
    while 0 < part.rest < fewest and part.tops:
        smallest = min(part.tops, key=lambda one: (not parts[one].rest, parts[one].size, -one))
        chosen.discard(smallest)
        part.tops.remove(smallest)
        part.tops += parts[smallest].tops
        part.rest += parts[smallest].rest
