"""The KPIs behind the figures of a standing: who turned red, who waits, what a node counts, all in the plan's order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from sqlalchemy.orm import Session

from hoshin.engine.attainment import NodeKey
from hoshin.engine.behind import behind
from hoshin.engine.columns import KINDS, Columns, Flags, I, K, day_number, places
from hoshin.engine.forest import Whole
from hoshin.engine.plans import Kind
from hoshin.engine.tallies import CODE
from hoshin.engine.verdicts import Verdict
from hoshin.queries.attainment import Standing
from hoshin.queries.columns import read_lists
from hoshin.queries.figures import steps
from hoshin.queries.grounds import Ground
from hoshin.queries.plans import lines_after

MISS, NO_DATA = CODE[Verdict.MISS], CODE[Verdict.NO_DATA]


def newly_red(*, session: Session, standing: Standing, node: NodeKey | None = None) -> list[int]:
    """The KPIs that miss now and did not in the period before, of all or of those behind a node.

    None at the start of a cycle, where nobody can tell.
    """
    if standing.before is None:
        return []
    red = (standing.figures.now.codes == MISS) & (standing.before.now.codes != MISS)
    if node is not None:
        red &= behind(tally=standing.figures.now, kind=node[0], key=node[1])
    return keys_in_order(session=session, ground=standing.ground, chosen=red)


def silent(*, session: Session, standing: Standing, kpi_ids: Collection[int] | None = None) -> list[int]:
    """The KPIs, all or of these, that are due and have no reading."""
    waiting = standing.figures.now.codes == NO_DATA
    if kpi_ids is not None:
        waiting &= _named(standing.ground.columns, kpi_ids)
    return keys_in_order(session=session, ground=standing.ground, chosen=waiting)


def members(
    *, session: Session, standing: Standing, node: NodeKey, verdicts: Sequence[Verdict]
) -> list[int]:
    """The KPIs behind a node, those with the first of the verdicts first; KeyError when there is none such."""
    tally, found = standing.figures.now, list[int]()
    chosen = behind(tally=tally, kind=node[0], key=node[1])
    codes = tally.codes
    for one in verdicts:
        found += keys_in_order(session=session, ground=standing.ground, chosen=chosen & (codes == CODE[one]))
    return found


def keys_behind(*, standing: Standing, node: NodeKey) -> frozenset[int] | None:
    """The keys of all KPIs behind a node; None when there is no such node, which the top unit is none by itself."""
    try:
        chosen = behind(tally=standing.figures.now, kind=node[0], key=node[1])
    except KeyError:
        return None
    return frozenset(standing.ground.columns.kpis[chosen, K.KEY].tolist())


def objectives_down(*, session: Session, standing: Standing) -> Mapping[NodeKey, Sequence[NodeKey]]:
    """What stands directly below the counted objectives and priorities, as far as it is an objective or a priority.

    Below the organisation stand the objectives that answer no priority. Each in the order of its unit's lists, answers
    of other units in the order in which they were asked for. Kept until the structure changes.
    """
    key = (standing.cycle.id, day_number(day=standing.asked.last_day))
    return standing.ground.below.get_or_make(key=key, make=lambda: _objectives_down(session, standing))


def _objectives_down(session: Session, standing: Standing) -> dict[NodeKey, list[NodeKey]]:
    ground, layout = standing.ground, standing.figures.now.layout
    kinds, positions = layout.items[:, I.KIND], item_positions(session=session, ground=ground)
    wanted = layout.live & (kinds != KINDS.index(Kind.ACTION))
    lower, upper = steps(ground=ground, cycle=standing.cycle, asked=standing.asked, layout=layout)
    both = wanted[lower] & wanted[upper]
    lower, upper = lower[both], upper[both]
    asked = np.where(kinds[lower] == KINDS.index(Kind.OBJECTIVE), 0, positions[lower])
    order = np.argsort(asked, kind="stable")
    lower, upper = lower[order], upper[order]
    words = [one.value for one in KINDS]
    names = [words[one] for one in kinds.tolist()]
    nodes = list(zip(names, layout.items[:, I.KEY].tolist(), strict=True))
    below: dict[NodeKey, list[NodeKey]] = defaultdict(list)
    for above, one in zip(upper.tolist(), lower.tolist(), strict=True):
        below[nodes[above]].append(nodes[one])
    top = wanted & (kinds == KINDS.index(Kind.OBJECTIVE))
    top[lower] = False
    tops = np.flatnonzero(top)
    below["organisation", 0] = [nodes[one] for one in tops[np.argsort(positions[tops], kind="stable")].tolist()]
    return dict(below)


def _named(columns: Columns, kpi_ids: Collection[int]) -> Flags:
    keys = columns.kpis[:, K.KEY]
    flags: Flags = np.zeros(len(keys) + 1, np.bool_)  # the last one takes what has no place
    flags[places(keys=keys, of=np.array(list(kpi_ids), np.int64))] = True
    return flags[:-1]


def keys_in_order(*, session: Session, ground: Ground, chosen: Flags) -> list[int]:
    """The keys of the chosen KPIs as the plan lists them: by their positions, then by their keys."""
    at = np.flatnonzero(chosen)
    if not len(at):
        return []
    positions: Whole = ground.orders.get_or_make(
        key=Kind.KPI.value, make=lambda: _positions(session, ground, ground.columns.kpis[:, K.KEY])
    )
    keys: list[int] = ground.columns.kpis[at[np.argsort(positions[at], kind="stable")], K.KEY].tolist()
    return keys


def item_positions(*, session: Session, ground: Ground) -> Whole:
    """The positions of objectives, priorities and actions, by their places in the columns."""
    found: Whole = ground.orders.get_or_make(
        key="item", make=lambda: _positions(session, ground, ground.columns.items[:, I.KEY])
    )
    return found


def _positions(session: Session, ground: Ground, keys: Whole) -> Whole:
    ids, found = read_lists(session=session, columns=["id", "position"], source="items")
    positions = np.zeros(len(keys) + 1, np.int64)  # the last one takes what has no place
    positions[places(keys=keys, of=ids)] = found
    if ground.known_at is not None:
        kinds = {one.value for one in Kind}
        for subject, key, before in lines_after(session=session, known_at=ground.known_at):  # the earliest comes last
            if subject in kinds and before is not None:
                positions[places(keys=keys, of=np.array([int(key)]))] = before["position"]
    return positions[:-1].astype(np.int32)
