"""A plan as columns of whole numbers, and what of it is in force on a day: what the figures of large plans rest on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from hoshin.engine.calendars import CycleSpan
from hoshin.engine.forest import Edges, Whole
from hoshin.engine.metrics import Aggregation, KPIClass
from hoshin.engine.plans import Kind, State

Flags = NDArray[np.bool_]
NONE = -1
"""Stands for a key that is not there; an open day is 0, any other one reads 20260531."""

KINDS = (Kind.OBJECTIVE, Kind.PRIORITY, Kind.ACTION)
STATES = (State.DRAFT, State.ACTIVE, State.ENDED)
CLASSES = tuple(KPIClass)
AGGREGATIONS = tuple(Aggregation)


class U(IntEnum):
    """The columns of a unit."""

    KEY, PARENT = range(2)


class I(IntEnum):  # noqa: E742 - one letter for each table
    """The columns of an objective, priority or action."""

    KEY, UNIT, CYCLE, KIND, STATE, FIRST, LAST = range(7)


class K(IntEnum):
    """The columns of a KPI."""

    KEY, UNIT, OWNER, STATE, FIRST, LAST, CLASS, MONTHS, AGGREGATION = range(9)


class L(IntEnum):
    """The columns of a link, which is known by what it links."""

    UPPER, LOWER, STRENGTH = range(3)


class D(IntEnum):
    """The columns of a deployment."""

    KEY, SOURCE, OBJECTIVE, STATE, FIRST, LAST = range(6)


@dataclass(frozen=True, slots=True)
class Columns:
    """The whole structure; each table is an array of rows with the columns above, ordered by key, links in any order.

    Each column lies in one piece, for it is columns that are worked on.
    """

    units: Whole
    items: Whole
    kpis: Whole
    links: Whole
    deployments: Whole


def day_number(*, day: date | None) -> int:
    """The day as a column holds it."""
    return 0 if day is None else day.year * 10000 + day.month * 100 + day.day


def in_force(*, state: Whole, first: Whole, last: Whole, on: int) -> Flags:
    """Which lives count on the day, as `Life.in_force` says of one."""
    begun: Flags = (state != STATES.index(State.DRAFT)) & (first <= on)
    begun &= np.where(last == 0, state != STATES.index(State.ENDED), last >= on)
    return begun


def live_items(*, columns: Columns, cycle: int, on: int) -> Flags:
    """Which objectives, priorities and actions count: in force, and of this cycle or of none."""
    rows = columns.items
    alive = in_force(state=rows[:, I.STATE], first=rows[:, I.FIRST], last=rows[:, I.LAST], on=on)
    alive &= (rows[:, I.CYCLE] == NONE) | (rows[:, I.CYCLE] == cycle)
    return alive


def live_deployments(*, columns: Columns, on: int) -> Flags:
    """Which deployments count on the day."""
    rows = columns.deployments
    return in_force(state=rows[:, D.STATE], first=rows[:, D.FIRST], last=rows[:, D.LAST], on=on)


def live_kpis(*, columns: Columns, members: Flags, on: int) -> Flags:
    """Which of the cycle's KPIs count on the day."""
    rows = columns.kpis
    return members & in_force(state=rows[:, K.STATE], first=rows[:, K.FIRST], last=rows[:, K.LAST], on=on)


def kinds_written(*, columns: Columns) -> frozenset[Kind]:
    """The kinds of item of which there is one, in force or not."""
    found = {KINDS[one] for one in np.unique(columns.items[:, I.KIND]).tolist()}
    return frozenset({*found, Kind.KPI} if len(columns.kpis) else found)


def ended_kpis(*, columns: Columns, cycle: CycleSpan, as_of: date) -> int:
    """How many metrics ended within the cycle by that day: by a person, or by their own last day before the year's."""
    rows, last = columns.kpis, columns.kpis[:, K.LAST]
    ended = (rows[:, K.STATE] == STATES.index(State.ENDED)) | (last != day_number(day=cycle.last))
    ended &= (rows[:, K.STATE] != STATES.index(State.DRAFT)) & (last >= day_number(day=cycle.first))
    return int(np.count_nonzero(ended & (last <= day_number(day=min(cycle.last, as_of)))))


def places(*, keys: Whole, of: Whole) -> Whole:
    """Where each of the keys `of` stands among the ordered `keys`; NONE where it is not among them."""
    if not len(keys):
        return np.full(len(of), NONE, np.int32)
    if 16 * len(of) < len(keys) or keys[-1] > 8 * len(keys) + 1000:
        same_type = np.minimum(of, np.iinfo(keys.dtype).max).astype(keys.dtype)  # else all keys would be turned
        at = np.minimum(np.searchsorted(keys, same_type), len(keys) - 1)
        return np.where(keys[at] == of, at, NONE)
    table = np.full(int(keys[-1]) + 3, NONE, np.int32)  # many keys close together: looking up is quicker than searching
    table[keys + 1] = np.arange(len(keys), dtype=np.int32)  # at both ends stays what is none
    return table.take(of + 1, mode="clip")


def place_of(*, keys: Whole, key: int) -> int:
    """The same of a single key."""
    place = bisect_left(keys, key)
    return place if place < len(keys) and keys[place] == key else NONE


def steps_of(
    *, columns: Columns, live: Flags, deployed: Flags, rotation: Kind, least_strength: int
) -> tuple[Edges, Edges]:
    """The steps up between counted items, and those from KPIs to counted items, by their places in the tables."""
    keys, (tops, ends) = columns.items[:, I.KEY], _strong(columns.links, least_strength)
    upper, lower = places(keys=keys, of=tops), places(keys=keys, of=ends)
    kpi = places(keys=columns.kpis[:, K.KEY], of=ends)
    counts = (upper >= 0) & live[upper]
    between, direct = counts & (lower >= 0) & live[lower], counts & (kpi >= 0)
    chosen = columns.deployments[deployed]
    source, answer = places(keys=keys, of=chosen[:, D.SOURCE]), places(keys=keys, of=chosen[:, D.OBJECTIVE])
    turned = (source >= 0) & (answer >= 0) & live[source] & live[answer]
    turned &= columns.items[source, I.KIND] == KINDS.index(rotation)
    steps = (
        np.concatenate([lower[between], answer[turned]]),
        np.concatenate([upper[between], source[turned]]),
    )
    return steps, (kpi[direct], upper[direct])


def _strong(links: Whole, least: int) -> Edges:
    """The upper and lower ends of the links that are strong enough."""
    strong = links[:, L.STRENGTH] >= least
    ends = links[:, L.UPPER], links[:, L.LOWER]
    return ends if bool(strong.all()) else (ends[0][strong], ends[1][strong])


def patched(*, table: Whole, rows: Mapping[int, Sequence[int] | None]) -> Whole:
    """The table with these rows, by key, in the place of its own; None takes one away."""
    if not rows:
        return table
    kept = table[~np.isin(table[:, 0], np.array(list(rows), np.int64))]
    new = [list(one) for one in rows.values() if one is not None]
    joined = np.concatenate([kept, np.array(new, table.dtype).reshape(-1, table.shape[1])])
    return np.asfortranarray(joined[np.argsort(joined[:, 0], kind="stable")])
