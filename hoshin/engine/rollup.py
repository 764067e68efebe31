"""Which metrics belong to which node: sets, walked down only, each metric once (DESIGN §3, rule 4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter

Members = int
"""A set of metrics as the bits of one integer: union is `|`, and counting is exact and distinct by construction."""


def belonging(*, children: Mapping[int, Sequence[int]], own: Mapping[int, Members]) -> dict[int, Members]:
    """For every node the union of its own metrics and those of everything below it.

    `children` are the edges downwards, `own` the bit of each metric that is itself a node.
    Raises graphlib.CycleError on a circle, which no written plan can hold.
    """
    below: dict[int, Members] = {}
    for node in TopologicalSorter(children).static_order():
        members = own.get(node, 0)
        for child in children.get(node, ()):
            members |= below[child]
        below[node] = members
    return below


def keys_in(*, members: Members, order: Sequence[int]) -> list[int]:
    """The keys of the metrics in the set; `order` holds the key of each bit."""
    return [order[bit] for bit in _bits(members)]


def _bits(members: Members) -> Iterator[int]:
    while members:
        lowest = members & -members
        yield lowest.bit_length() - 1
        members ^= lowest


def find_circle(*, children: Mapping[int, Sequence[int]], upper: int, lower: int) -> tuple[int, ...] | None:
    """The circle that a new edge upper → lower would close, as the nodes along it, or None."""
    came_from: dict[int, int] = {lower: lower}
    waiting = [lower]
    while waiting:
        node = waiting.pop()
        if node == upper:
            return _walk_back(came_from, upper, lower)
        for child in children.get(node, ()):
            if child not in came_from:
                came_from[child] = node
                waiting.append(child)
    return None


def _walk_back(came_from: Mapping[int, int], upper: int, lower: int) -> tuple[int, ...]:
    path = [upper]
    while path[-1] != lower:
        path.append(came_from[path[-1]])
    return (upper, *reversed(path))


def paths_up(*, parents: Mapping[int, Sequence[int]], node: int, most: int = 50) -> list[tuple[int, ...]]:
    """Every way from the node up to something that nothing stands above; each path begins with the node.

    At most `most` paths are returned, the first found first.
    """
    found: list[tuple[int, ...]] = []
    waiting: list[tuple[int, ...]] = [(node,)]
    while waiting and len(found) < most:
        path = waiting.pop()
        above = [one for one in parents.get(path[-1], ()) if one not in path]
        if not above:
            found.append(path)
        waiting.extend((*path, one) for one in reversed(above))
    return found
