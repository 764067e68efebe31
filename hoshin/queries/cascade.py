"""The cascade of a large organisation, a part at a time: some items with the levels below them, and what is around."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from hoshin.engine.attainment import describe_part
from hoshin.engine.columns import CLASSES, KINDS, NONE, Columns, I, K, U, day_number, live_deployments
from hoshin.engine.descent import Steps, open_downwards, steps_between
from hoshin.engine.metrics import KPIClass
from hoshin.engine.plans import Kind, Plan
from hoshin.errors import Missing
from hoshin.queries.attainment import Attainment, Question, load_part
from hoshin.queries.figures import Figures
from hoshin.queries.grounds import get_ground
from hoshin.queries.many import among
from hoshin.queries.parts import DEPLOYMENT, ITEM, LINK
from hoshin.queries.plans import (
    DEPLOYMENTS,
    ITEMS,
    LINKS,
    build_plan,
    lines_after,
    some_metrics,
)
from hoshin.queries.unit_lists import with_units

MOST_WHOLE = 600
"""So many items and KPIs are shown as one tree."""
MOST_SHOWN = 250
"""Of more than that a part is shown at a time: whole levels, up to so many items."""
MOST_LOOSE = 100
"""So many of the items that hang on nothing."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the cascade: its attainment with the plan of that part, the items that it begins with, and the rest.

    `hidden` is how many items stand right below one that is shown without them; `above` are the items that the first
    ones serve; `loose` what hangs on nothing, of all or of the unit, and `more_loose` how many are not among them.
    """

    attainment: Attainment
    tops: tuple[int, ...]
    hidden: Mapping[int, int]
    above: tuple[int, ...]
    loose: tuple[int, ...]
    more_loose: int


@dataclass(frozen=True, slots=True)
class _Whole:
    """All of the cascade as numbers, and the answer with the counts of every node."""

    found: Attainment
    figures: Figures
    columns: Columns
    steps: Steps

    @property
    def top(self) -> int:
        """The unit at the top."""
        units = self.columns.units
        return int(units[units[:, U.PARENT] == NONE, U.KEY][0])


def find_part(
    *, session: Session, question: Question, now: datetime, item_id: int | None, unit_id: int | None
) -> Part | None:
    """The part below an item, below a unit's objectives, or from the vision down; None where all of it is shown.

    Raises Missing for an item that does not count for the question.
    """
    found = load_part(session=session, question=question, now=now)
    if found.figures is None:  # figures too large for columns were judged one by one, and so was the plan loaded
        return None
    ground = get_ground(session=session, known_at=found.known_at)
    on = day_number(day=found.asked.last_day)
    steps = steps_between(
        columns=ground.columns,
        live=found.figures.now.layout.live,
        kpis=found.figures.now.codes != 0,
        deployed=live_deployments(columns=ground.columns, on=on),
        rotation=Kind(ground.years[found.cycle.id].rotation.value),
        least_strength=ground.least_strength,
    )
    if steps.size <= MOST_WHOLE:
        return None
    whole = _Whole(found, found.figures, ground.columns, steps)
    if item_id is None:
        tops, loose = _below_unit(whole, whole.top if unit_id is None else unit_id)
        return _part(session, whole, tops, loose, [])
    if not steps.holds(key=item_id):
        raise Missing("there is no such item in this cascade")
    return _part(session, whole, [item_id], [], steps.above(key=item_id))


def _part(
    session: Session, whole: _Whole, tops: Sequence[int], loose: Sequence[int], above: Sequence[int]
) -> Part:
    found, figures = whole.found, whole.figures
    alone = loose[:MOST_LOOSE]
    shown, opened = open_downwards(steps=whole.steps, roots=tops, most=MOST_SHOWN)
    plan = _plan(session, found, opened, {*shown, *alone, *above})
    report = describe_part(plan=plan, asked=found.asked, now=figures.now, first=figures.first)
    return Part(
        attainment=Attainment(found.cycle, plan, report, None, found.known_at, figures),
        tops=_in_order(plan, tops),
        hidden=whole.steps.many_below(keys={*shown, *alone} - opened),
        above=_in_order(plan, above),
        loose=_in_order(plan, alone),
        more_loose=len(loose) - len(alone),
    )


def _below_unit(whole: _Whole, unit: int) -> tuple[list[int], list[int]]:
    """The objectives of the unit, and what nothing stands above there; at the top, in the whole organisation."""
    objectives, alone = _objectives(whole, unit), _alone(whole, None if unit == whole.top else unit)
    free = set(alone)
    tops = [one for one in objectives if unit != whole.top or one in free]
    return tops, [one for one in alone if one not in set(tops)]


def _objectives(whole: _Whole, unit: int) -> list[int]:
    rows = whole.columns.items
    chosen = rows[(rows[:, I.UNIT] == unit) & (rows[:, I.KIND] == KINDS.index(Kind.OBJECTIVE)), I.KEY]
    found: list[int] = chosen[np.isin(chosen, whole.steps.items)].tolist()
    return found


def _alone(whole: _Whole, unit: int | None) -> list[int]:
    """What nothing stands above, unit by unit, without KPIs of daily management; of one unit or of all."""
    columns, free = whole.columns, whole.steps.loose()
    kpis = columns.kpis[columns.kpis[:, K.CLASS] != CLASSES.index(KPIClass.FUNDAMENTAL)]
    rows = np.concatenate([columns.items[:, [I.KEY, I.UNIT]], kpis[:, [K.KEY, K.UNIT]]])
    if unit is not None:
        rows = rows[rows[:, 1] == unit]
    rows = rows[np.isin(rows[:, 0], np.array(sorted(free), np.int64))]
    found: list[int] = rows[np.argsort(rows[:, 1], kind="stable"), 0].tolist()
    return found


def _plan(session: Session, found: Attainment, opened: Collection[int], keys: Collection[int]) -> Plan:
    """The items with these keys and the links down from those that are opened, as the question knows them."""
    tables, cycle, known_at = with_units(session=session), found.cycle, found.known_at
    down = among(session=session, column=LINK.upper_id, keys=opened)
    answered = among(session=session, column=DEPLOYMENT.source_id, keys=opened)
    tables.add_items(session=session, query=ITEMS.where(among(session=session, column=ITEM.id, keys=keys)))
    tables.add(session=session, subject="correlation", query=LINKS.where(down).order_by(LINK.id))
    tables.add(session=session, subject="deployment", query=DEPLOYMENTS.where(answered).order_by(DEPLOYMENT.id))
    if known_at is not None:
        tables.undo(lines=lines_after(session=session, known_at=known_at))
        for kind in Kind:
            tables.rows[kind.value] = {key: row for key, row in tables.rows[kind.value].items() if key in keys}
        for subject, upper in (("correlation", "upper_id"), ("deployment", "source_id")):
            rows = tables.rows[subject].items()
            tables.rows[subject] = {key: row for key, row in sorted(rows) if row[upper] in opened}
    metrics = some_metrics(session=session, tables=tables, cycle=cycle, known_at=known_at)
    return build_plan(session=session, cycle=cycle, tables=tables, metrics=metrics, people={})


def _in_order(plan: Plan, keys: Collection[int]) -> tuple[int, ...]:
    wanted = set(keys)
    return tuple(one.key for one in plan.items if one.key in wanted)
