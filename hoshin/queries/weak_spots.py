"""What the lint finds in the whole plan of a cycle, from its columns: the same as queries.checks finds item by item."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import numpy as np
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, may
from hoshin.engine import plans
from hoshin.engine.attainment import depth_first, unit_path
from hoshin.engine.calendars import FiscalCalendar, Frequency
from hoshin.engine.checks import Finding, Rule, sentence
from hoshin.engine.columns import KINDS, Flags, I, K, day_number, in_force, live_deployments
from hoshin.engine.descent import steps_between
from hoshin.engine.forest import Whole
from hoshin.engine.metrics import Asked
from hoshin.engine.plans import Kind
from hoshin.engine.tallies import CODE
from hoshin.engine.verdicts import Verdict
from hoshin.engine.weak_spots import Grounds, Spot, find_spots
from hoshin.errors import Missing
from hoshin.model.cycles import Cycle
from hoshin.model.kpis import KPI, Reading
from hoshin.queries.attainment import Attainment, Question, load_part, today_in
from hoshin.queries.checks import CLOSED
from hoshin.queries.columns import read_lists
from hoshin.queries.cycles import get_cycle, nearest_cycle
from hoshin.queries.drill import list_named, readable_among
from hoshin.queries.figures import Figures, load_period
from hoshin.queries.grounds import Ground, get_ground
from hoshin.queries.many import among
from hoshin.queries.unit_plans import people_names
from hoshin.queries.units import get_organisation


@dataclass(frozen=True, slots=True)
class Weak:
    """The findings of one cycle's plan in their order, without names, and the units they are in."""

    cycle: Cycle
    units: Mapping[int, plans.Unit]
    spots: tuple[Spot, ...]


def load_weak(*, session: Session, now: datetime, cycle: str | None = None) -> Weak | None:
    """Check the plan of a cycle (default: the one that holds today, or the nearest) as it stands today.

    None for a closed cycle, and where figures are too large for columns. Raises Missing when there is no such cycle.
    """
    organisation = get_organisation(session=session)
    today = today_in(organisation=organisation, now=now)
    found = get_cycle(session=session, name=cycle) if cycle else nearest_cycle(session=session, day=today)
    if found is None:
        raise Missing("there is no cycle yet")
    day = min(max(today, found.first_day), found.last_day)
    month = organisation.calendar.period_of(day=day, frequency=Frequency.MONTH)
    question = Question(cycle=found.name, period=organisation.calendar.code(period=month))
    counted = load_part(session=session, question=question, now=now)
    if counted.figures is None or counted.known_at is not None:
        return None
    ground = get_ground(session=session)
    grounds = _grounds(session, ground, counted, counted.figures)
    spots = _in_order(session, ground, counted, find_spots(grounds=grounds), grounds)
    return Weak(found, {one.key: one for one in counted.plan.units}, tuple(spots))


def _grounds(session: Session, ground: Ground, counted: Attainment, figures: Figures) -> Grounds:
    columns, asked = ground.columns, counted.asked
    on, rows = day_number(day=asked.last_day), columns.kpis
    planned = figures.now.codes != 0
    kpis = in_force(state=rows[:, K.STATE], first=rows[:, K.FIRST], last=rows[:, K.LAST], on=on)
    steps = steps_between(
        columns=columns,
        live=figures.now.layout.live,
        kpis=planned,
        deployed=live_deployments(columns=columns, on=on),
        rotation=Kind(ground.years[counted.cycle.id].rotation.value),
        least_strength=ground.least_strength,
    )
    untargeted, silent = _unread(session, ground, asked, planned)
    keys, table = rows[:, K.KEY], KPI.__table__.c
    undirected = session.scalars(select(table.id).where(table.direction.is_(None))).all()
    return Grounds(
        columns=columns,
        steps=steps,
        live=figures.now.layout.live,
        kpis=kpis,
        without_direction=undirected,
        without_target={*untargeted, *keys[kpis & ~planned].tolist()},
        silent=silent,
        busy=_busy(session, columns.items[figures.now.layout.live]),
    )


def _unread(session: Session, ground: Ground, asked: Asked, planned: Flags) -> tuple[Collection[int], Collection[int]]:
    """The planned KPIs that have no target in the cycle, and those without a reading of which one was due.

    The letters beside the readings say most of it; only of what they leave open the figures themselves are looked at.
    """
    cycle, calendar, rows = asked.cycle, ground.calendar, ground.columns.kpis
    targeted, read = np.zeros(len(rows), np.bool_), np.zeros(len(rows), np.bool_)
    for month in calendar.periods(first=cycle.first, last=cycle.last, frequency=Frequency.MONTH):
        codes = load_period(session=session, ground=ground, period=month.first).now
        targeted |= codes != CODE[Verdict.NO_TARGET]
        read |= (codes == CODE[Verdict.HIT]) | (codes == CODE[Verdict.MISS])
    was_due = np.isin(rows[:, K.MONTHS], [one.months for one in Frequency if _was_due(calendar, asked, one)])
    keys, of = rows[:, K.KEY], Reading
    within = of.period.between(cycle.first, cycle.last)
    sides = (of.band_low, of.band_high, of.ytd_band_low, of.ytd_band_high)
    found = []
    for missing, says in ((planned & ~targeted, sides), (planned & ~read & was_due, (of.actual, of.ytd_actual))):
        candidates = keys[missing].tolist()
        saying = or_(*(one.is_not(None) for one in says))
        query = select(of.kpi_id).where(among(session=session, column=of.kpi_id, keys=candidates), within, saying)
        found.append(set(candidates) - set(session.scalars(query.distinct())))
    return found[0], found[1]


def _was_due(calendar: FiscalCalendar, asked: Asked, frequency: Frequency) -> bool:
    periods = calendar.periods(first=asked.cycle.first, last=asked.cycle.last, frequency=frequency)
    return any(calendar.is_due(period=one, as_of=asked.as_of) for one in periods)


def _busy(session: Session, live: Whole) -> list[tuple[int, int]]:
    """The actions in force that somebody still works on, with their owners, in the order of the plan."""
    closed = ", ".join(f"'{one.value}'" for one in CLOSED)
    source = (
        "items JOIN actions ON actions.id = items.id"
        f" WHERE items.owner_id IS NOT NULL AND actions.status NOT IN ({closed})"
    )
    lists = read_lists(session=session, columns=["items.id", "items.owner_id", "items.position"], source=source)
    keys = live[live[:, I.KIND] == KINDS.index(Kind.ACTION), I.KEY]
    order = np.lexsort((lists[0], lists[2]))
    order = order[np.isin(lists[0][order], keys)]
    return list(zip(lists[0][order].tolist(), lists[1][order].tolist(), strict=True))


def _in_order(
    session: Session, ground: Ground, counted: Attainment, spots: Iterable[Spot], grounds: Grounds
) -> list[Spot]:
    """By rule, then in the order of the plan: items by kind and position, units as the tree has them."""
    ids, positions = read_lists(session=session, columns=["id", "position"], source="items")
    place = dict(zip(ids.tolist(), positions.tolist(), strict=True))
    tree = {one.key: at for at, one in enumerate(depth_first(units=counted.plan.units))}
    rules, kinds = list(Rule), [one.value for one in Kind]
    planned = set(grounds.steps.kpis.tolist())
    linked: dict[tuple[Kind, ...], int] = {pair: at for at, pair in enumerate(_PAIRS)}

    def rank(spot: Spot) -> tuple[int, ...]:
        if spot.kind == "unit":
            return (rules.index(spot.rule), tree[spot.key], linked.get(spot.arms, 0))
        if spot.kind == "owner":
            return (rules.index(spot.rule),)
        late = spot.kind == Kind.KPI.value and spot.key not in planned
        return (rules.index(spot.rule), late, kinds.index(spot.kind), place.get(spot.key, 0), spot.key)

    return sorted(spots, key=rank)


_PAIRS = tuple(sorted(plans.LINKED_KINDS))


def choose_spots(
    *, session: Session, actor: Actor, weak: Weak, most: int | None
) -> tuple[list[Spot], dict[Rule, int], int]:
    """The findings that the actor may see, `most` of each rule; how many more there are of each; how many are outside.

    One statement.
    """
    about = [one.key for one in weak.spots if one.kind not in ("unit", "owner")]
    open_to_actor = readable_among(session=session, actor=actor, keys=about)
    units = {key for key in weak.units if may(actor=actor, act=Act.READ_UNIT, subject=Subject(unit=key))}
    mine = [
        one
        for one in weak.spots
        if (not one.unit or one.unit in units if one.kind in ("unit", "owner") else one.key in open_to_actor)
    ]
    chosen: list[Spot] = []
    more: dict[Rule, int] = {}
    for rule, found in groupby(mine, key=lambda one: one.rule):
        every = list(found)
        chosen += every[:most]
        more[rule] = len(every) - len(every[:most])
    return chosen, more, len(weak.spots) - len(mine)


def name_findings(*, session: Session, weak: Weak, spots: Collection[Spot]) -> list[Finding]:
    """Some of the findings with their names and sentences; two statements."""
    wanted = [one.key for one in spots if one.kind not in ("unit", "owner")]
    names, people = dict(list_named(session=session, keys=wanted)), people_names(session=session)
    return [_finding(one, weak, names, people) for one in spots]


def _finding(spot: Spot, weak: Weak, names: Mapping[int, str], people: Mapping[int, str]) -> Finding:
    if spot.kind == "unit":
        name = unit_path(units=weak.units, unit=spot.key) or weak.units[spot.key].name
    else:
        name = people.get(spot.key, "") if spot.kind == "owner" else names[spot.key]
    said = sentence(
        rule=spot.rule, numbers=spot.numbers, cycle=weak.cycle.name, where=" × ".join(one.value for one in spot.arms),
        owner=people.get(spot.numbers[2], "one person") if spot.rule is Rule.ONE_OWNER else "",
    )  # fmt: skip
    return Finding(spot.rule, spot.kind, spot.key, name, spot.unit or None, said, spot.arms)
