"""The lint on columns finds what the lint finds item by item, in the same order and words, whatever is done."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hoshin.engine import checks, weak_spots
from hoshin.engine.calendars import Frequency
from hoshin.engine.metrics import KPIClass
from hoshin.engine.verdicts import Direction
from hoshin.model.kpis import KPI
from hoshin.queries.checks import load_check
from hoshin.queries.weak_spots import load_weak, name_findings
from tests import factories
from tests.queries.test_as_known import Story
from tests.queries.test_figures import begin


def _same(session: Session, story: Story, cycle: str) -> set[str]:
    weak = load_weak(session=session, now=story.now, cycle=cycle)
    assert weak is not None
    found = name_findings(session=session, weak=weak, spots=weak.spots)
    expected = load_check(session=session, now=story.now, cycle=cycle).findings
    assert found == list(expected)
    return {one.rule.value for one in found}


def _weaken(session: Session, story: Story) -> None:
    """Something for every rule: what hangs on nothing, what lacks something, too much in one place."""
    owners = [factories.person(session, f"Owner {number}").id for number in (1, 2)]
    cycle = factories.cycle(session)
    unit = factories.unit(session, "Overloaded")
    for number in range(3):
        objective = factories.objective(session, f"Weak {number}", unit)
        priority = factories.priority(session, f"Alone {number}", unit)
        factories.action(session, f"Busy {number}", unit, owner_id=owners[1])
        kpi = factories.kpi(
            session, f"Bare {number}", unit, cycle=cycle if number else None, owner_id=owners[0] if number else None,
            direction=Direction.AT_LEAST, kpi_class=KPIClass.BREAKTHROUGH,
        )  # fmt: skip
        if number:
            factories.link(session, objective, kpi)
            factories.link(session, priority, kpi)
    for place, one in enumerate(story.all(KPI)):
        one.kpi_class = None if place % 7 == 6 else one.kpi_class
        one.direction = None if place % 5 == 4 else one.direction
    factories.kpi(session, "Not due before the year is over", unit, cycle=cycle, frequency=Frequency.YEAR)
    factories.kpi(session, "Orphan", unit, cycle=cycle, owner_id=owners[0], kpi_class=KPIClass.BREAKTHROUGH)
    factories.kpi(session, "Owned too", unit, cycle=cycle, owner_id=owners[0])


@pytest.mark.parametrize("seed", [51, 52])
def test_both_find_the_same(session: Session, engine: Engine, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    small = {"MOST_OBJECTIVES": 1, "MOST_PRIORITIES": 1, "MOST_ACTIONS": 1, "FEWEST_CELLS": 1, "FEWEST_KPIS": 1}
    for module in (checks, weak_spots):  # so that a small plan breaks every rule
        for name, value in {**small, "FULL_CELLS": (20, 100)}.items():
            monkeypatch.setattr(module, name, value)
    story, rules = begin(session, seed), set[str]()
    _weaken(session, story)
    session.commit()
    for step in range(5):
        for _ in range(1 + step % 4 * 3):
            story.edit()
        session.commit()
        with Session(engine, autoflush=False) as reader:
            rules |= _same(reader, story, "FY2026")
    assert rules == {one.value for one in checks.Rule}
