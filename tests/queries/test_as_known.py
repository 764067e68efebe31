"""A report as of a past day is the same before and after later edits: of readings, structure and settings alike."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import system_actor
from hoshin.commands import items, journal, kpis, links, priorities, readings, units, units_move
from hoshin.engine.metrics import Mode
from hoshin.engine.plans import Rotation, State
from hoshin.engine.verdicts import Direction
from hoshin.errors import HoshinError
from hoshin.model.base import Base
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item, Objective, Priority
from hoshin.model.kpis import KPI
from hoshin.model.links import Correlation, Deployment
from hoshin.model.units import Organisation, Unit
from hoshin.queries.attainment import Question, load
from tests import factories

SHELL = system_actor(name="shell")
BEGIN = datetime(2026, 5, 4, 8, 0, tzinfo=factories.NOW.tzinfo)
MONTHS = [date(2026, month, 1) for month in range(1, 8)]


class Story:
    """A plan of three units that lives through random edits, a few each day."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.dice, self.now = session, random.Random(seed), BEGIN
        self.done: Counter[str] = Counter()
        factories.organisation(session)
        self.cycle = factories.cycle(session)
        tops = [factories.unit(session, name) for name in ("Sales", "Works")]
        objective = factories.objective(session)
        priority = factories.priority(session)
        answer = factories.objective(session, "Answer", tops[1])
        action = factories.action(session, unit=tops[1])
        below = factories.priority(session, "Works priority", tops[1])
        for number in range(6):
            home = self.dice.choice(tops)
            one = factories.kpi(session, f"KPI {number}", home, direction=Direction.AT_LEAST)
            factories.link(session, self.dice.choice([objective, priority, below, action]), one)
        for upper, lower in ((objective, priority), (answer, below), (below, action)):
            factories.link(session, upper, lower)
        factories.deployment(session, priority, answer)
        for kpi in self.all(KPI):
            for month in MONTHS:
                self.record(kpi.id, month, {"target": Decimal(5), "actual": Decimal(self.dice.randint(3, 7))})

    def all(self, table: type[Any]) -> list[Any]:
        """Every row of the table."""
        key = "id" if hasattr(table, "id") else "name"
        return list(self.session.scalars(select(table).order_by(getattr(table, key))))

    def any(self, table: type[Any], *conditions: Any) -> Any:
        """Some row of the table."""
        return self.dice.choice(self.session.scalars(select(table).where(*conditions).order_by(table.id)).all())

    def record(self, kpi_id: int, period: date, values: dict[str, Any]) -> None:
        """Any figures, with a reason."""
        cell = readings.CellWish(kpi_id=kpi_id, period=period, values=values)
        readings.save_cells(session=self.session, cells=[cell], by=SHELL, at=self.now, reason="so it is")

    def edit(self) -> None:
        """One random edit; what the rules refuse leaves nothing behind."""
        self.now += timedelta(minutes=self.dice.randint(5, 50))
        name, work = self.dice.choice(self.edits())
        try:
            with self.session.begin_nested():
                work()
            self.done[name] += 1
        except (HoshinError, IndexError):
            self.done["refused"] += 1

    def edits(self) -> list[tuple[str, Callable[[], object]]]:
        """Everything that may happen to a plan."""
        by: dict[str, Any] = {"session": self.session, "by": SHELL, "at": self.now}
        figure = Decimal(self.dice.randint(20, 90)) / 10
        month = self.dice.choice(MONTHS)
        return [
            ("actual", lambda: self.record(self.any(KPI).id, month, {"actual": figure})),
            ("target", lambda: self.record(self.any(KPI).id, month, {"target": figure})),
            ("dropped", lambda: self.record(self.any(KPI).id, month, {"target": None})),
            ("new KPI", lambda: kpis.create_kpi(wish=self.new_kpi(), **by)),
            ("direction", lambda: self.turn(by)),
            ("in force", lambda: items.put_in_force(item_id=self.any(Item, Item.state == State.DRAFT).id, **by)),
            ("end", lambda: items.end(item_id=self.any(Item).id, reason="over", on=self.now.date(), **by)),
            ("resume", lambda: items.resume(item_id=self.any(Item).id, reason="again", **by)),
            ("archive", lambda: items.archive(item_id=self.any(Item).id, **by)),
            ("reorder", lambda: items.move(item_id=self.any(Item).id, steps=-1, **by)),
            ("correlate", lambda: self.correlate(by)),
            ("answer", lambda: links.answer(wish=self.answer(), **by)),
            ("no answer", lambda: self.stop_answering(by)),
            ("priority", lambda: priorities.create_priority(wish=self.new_priority(), **by)),
            ("unit", lambda: units.create_unit(parent_id=self.any(Unit).id, wish=self.new_unit(), **by)),
            ("move", lambda: units_move.move_unit(unit_id=self.any(Unit).id, parent_id=self.any(Unit).id, **by)),
            ("merge", lambda: units_move.merge_unit(unit_id=self.any(Unit).id, into_id=self.any(Unit).id, **by)),
            ("due days", lambda: self.set(self.all(Organisation)[0], "due_days", self.dice.choice([0, 5, 10]), by)),
            ("strength", lambda: self.set(self.all(Organisation)[0], "least_strength", self.dice.choice([1, 3]), by)),
            ("rotation", lambda: self.set(self.all(Cycle)[0], "rotation", self.dice.choice(list(Rotation)), by)),
        ]

    def set(self, thing: Base, name: str, value: object, by: dict[str, Any]) -> None:
        """One setting, journalled as the settings pages do it."""
        with journal.changing(thing=thing, **by):
            setattr(thing, name, value)

    def turn(self, by: dict[str, Any]) -> None:
        """Another direction for the open periods of a KPI."""
        kpi = self.any(KPI)
        with journal.changing(thing=kpi, **by):
            kpi.direction = self.dice.choice([Direction.AT_LEAST, Direction.AT_MOST, None])
        readings.rederive(kpi=kpi, reason="upside down", **by)

    def correlate(self, by: dict[str, Any]) -> None:
        """Another strength for a link, or none; or a link between any two items."""
        strength = self.dice.choice([0, 1, 3, 9])
        if self.dice.random() < 0.5:
            one = self.any(Correlation)
            wish = links.CorrelationWish(upper_id=one.upper_id, lower_id=one.lower_id, strength=strength)
        else:
            wish = links.CorrelationWish(upper_id=self.any(Item).id, lower_id=self.any(Item).id, strength=9)
        links.correlate(wish=wish, **by)

    def stop_answering(self, by: dict[str, Any]) -> None:
        """One answer less from today."""
        links.end_deployment(deployment_id=self.any(Deployment).id, reason="no", on=self.now.date(), **by)

    def answer(self) -> links.AnswerWish:
        """Any priority answered by any objective."""
        return links.AnswerWish(source_id=self.any(Priority).id, objective_id=self.any(Objective).id)

    def new_kpi(self) -> kpis.KPIWish:
        """A KPI of any unit."""
        name = f"New {self.now:%d %H:%M}"
        return kpis.KPIWish(unit_id=self.any(Unit).id, name=name, direction=Direction.AT_LEAST, cycle_id=self.cycle.id)

    def new_priority(self) -> priorities.PriorityWish:
        """A priority of any unit."""
        return priorities.PriorityWish(
            unit_id=self.any(Unit).id, name=f"New {self.now:%d %H:%M}", cycle_id=self.cycle.id
        )

    def new_unit(self) -> units.UnitWish:
        """A unit."""
        return units.UnitWish(name=f"Unit {self.now:%d %H:%M}", kind="team")

    def report(self, mode: Mode, as_of: date | None = None) -> dict[str, Any]:
        """Everything a report says, as plain values."""
        self.session.flush()
        found = load(session=self.session, question=Question(mode=mode, as_of=as_of), now=self.now).report
        nodes = {
            key: (one.name, one.path, one.unit, one.counts, one.as_first_agreed) for key, one in found.nodes.items()
        }
        return {
            "asked": found.asked,
            "nodes": nodes,
            "order": list(found.nodes),
            "members": {key: found.metrics_of(node=key) for key in found.nodes},
            "levels": [(one.name, one.counts) for one in [*found.levels, *found.depths]],
            "judgements": dict(found.judgements),
            "ended": found.ended,
        }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_past_day_reads_as_it_read_on_its_evening(session: Session, seed: int) -> None:
    story = Story(session, seed)
    evenings: dict[tuple[date, Mode], dict[str, Any]] = {}
    for _ in range(14):
        for _ in range(9):
            story.edit()
        story.now = story.now.replace(hour=23, minute=59, second=59, microsecond=999_999)
        for mode in Mode:
            evenings[story.now.date(), mode] = story.report(mode)
        story.now = story.now.replace(hour=8, minute=0) + timedelta(days=1)
    for (day, mode), then in evenings.items():
        now = story.report(mode, as_of=day)
        for part, value in then.items():
            assert now[part] == value, f"{part} as of {day}, mode {mode}"
    assert story.done.total() - story.done["refused"] >= 60, story.done
    assert len({str(one["nodes"]) for one in evenings.values()}) > 20


def test_known_at_moves_what_was_recorded_but_not_what_was_due(session: Session) -> None:
    story = Story(session, 0)
    kpi = story.all(KPI)[0]
    known = story.now
    story.now += timedelta(days=20)
    story.record(kpi.id, date(2026, 4, 1), {"actual": Decimal(0)})
    asked = Question(cycle="FY2026", period="2026-04", as_of=date(2026, 5, 20))

    def actual(known_at: datetime | None) -> Any:
        question = Question(asked.cycle, asked.period, Mode.PERIOD, asked.as_of, known_at)
        return load(session=session, question=question, now=story.now).report.judgements[kpi.id].actual

    assert actual(known) != 0
    assert actual(story.now) == 0
