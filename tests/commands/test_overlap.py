"""Two transactions that overlap: the second one waits, sees what the first one did, and overwrites nothing unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from threading import Event, Thread

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands.actions import ActionWish, ProgressWish, edit_action, report_progress
from hoshin.commands.items import rename
from hoshin.commands.layouts import LookWish, change_look
from hoshin.commands.locks import LockWish, set_locks
from hoshin.commands.outcomes import NotRecorded
from hoshin.commands.readings import CellWish, save_cells
from hoshin.engine.plans import State
from hoshin.errors import Stale
from hoshin.model.actions import Action, Status
from hoshin.model.cycles import MonthLock
from hoshin.model.kpis import KPI
from hoshin.model.people import Role
from hoshin.model.units import Glyphs, Organisation
from hoshin.queries.units import lock_plan
from tests import factories
from tests.factories import NOW

MAY = date(2026, 5, 1)
LONG_ENOUGH = 0.5  # seconds for the second to come as far as the first lets it
Work = Callable[[Session], object]


@dataclass
class House:
    """One department with an action and a KPI; its head, and the administrator."""

    writing: Engine
    head: Actor
    administrator: Actor
    unit: int
    cycle: int
    action: int
    kpi: int

    def overlap(self, first: Work, second: Work) -> Exception | None:
        """Do `second` while `first` has not been committed; what it raised.

        As a page does, the second one has loaded everything before it waits.
        """
        raised: list[Exception | None] = []
        looked = Event()

        def run() -> None:
            with Session(self.writing) as session:
                held = [session.get(Action, self.action), session.get(KPI, self.kpi), session.get(Organisation, 1)]
                looked.set()
                try:
                    second(session)
                    session.commit()
                    raised.append(None)
                except (Stale, NotRecorded) as problem:
                    raised.append(problem)
                del held

        with Session(self.writing) as session:
            first(session)
            thread = Thread(target=run)
            thread.start()
            looked.wait(LONG_ENOUGH)
            thread.join(LONG_ENOUGH)
            assert thread.is_alive(), "the second one waits"
            session.commit()
        thread.join(timeout=60)
        return raised[0]


@pytest.fixture
def house(engine: Engine) -> Iterator[House]:
    """The department, committed, for sessions of their own."""
    writing = engine.execution_options(hoshin_writes=True)
    with Session(writing, expire_on_commit=False) as session:
        factories.organisation(session)
        unit, cycle = factories.unit(session), factories.cycle(session)
        head = factories.actor(session, factories.person(session, "Ines", Role.HEAD, unit))
        administrator = factories.actor(session, factories.person(session, "Ada", Role.ADMINISTRATOR))
        action, kpi = factories.action(session, unit=unit), factories.kpi(session, unit=unit, state=State.DRAFT)
        session.commit()
        yield House(writing, head, administrator, unit.id, cycle.id, action.id, kpi.id)


def test_an_item_that_is_being_saved_is_not_saved_over(house: House) -> None:
    def rewrite(session: Session) -> object:
        wish = ActionWish(unit_id=house.unit, cycle_id=house.cycle, name="The second", version=1)
        return edit_action(session=session, item_id=house.action, wish=wish, by=house.head, at=NOW)

    def call(session: Session) -> object:
        return rename(
            session=session, item_id=house.action, name="The first", was="", version=1, by=house.head, at=NOW
        )

    assert isinstance(house.overlap(call, rewrite), Stale)
    with Session(house.writing) as session:
        assert session.get_one(Action, house.action).name == "The first"


def test_progress_that_is_being_reported_is_not_overtaken(house: House) -> None:
    def say(progress: int) -> Work:
        wish = ProgressWish(status=Status.IN_PROGRESS, progress=progress, version=1)
        return lambda session: report_progress(
            session=session, item_id=house.action, wish=wish, by=house.head, at=NOW
        )

    assert isinstance(house.overlap(say(40), say(20)), Stale)


def test_the_organisation_that_is_being_changed_is_not_changed_over(house: House) -> None:
    def draw(session: Session) -> object:
        wish = LookWish(glyphs=Glyphs.MOON, labels={}, version=1)
        return change_look(session=session, wish=wish, by=house.administrator, at=NOW)

    assert isinstance(house.overlap(draw, draw), Stale)


def test_a_figure_does_not_slip_into_a_month_that_is_being_locked(house: House) -> None:
    refusal = house.overlap(_lock_may(house), _record_may(house))
    assert isinstance(refusal, NotRecorded)
    assert "May 2026 is locked" in str(refusal)


def test_a_month_is_locked_once_the_figure_that_is_being_recorded_stands(house: House) -> None:
    assert house.overlap(_record_may(house), _lock_may(house)) is None
    with Session(house.writing) as session:
        assert session.scalars(select(MonthLock.month)).all() == [MAY]


def _record_may(house: House) -> Work:
    cell = CellWish(kpi_id=house.kpi, period=MAY, values={"actual": Decimal(7)})
    return lambda session: save_cells(session=session, cells=[cell], by=house.head, at=NOW)


def _lock_may(house: House) -> Work:
    wish = LockWish(cells=[(house.unit, MAY)], lock=True)
    return lambda session: set_locks(session=session, wish=wish, by=house.administrator, at=NOW)


def test_whoever_founds_the_organisation_second_waits_and_finds_it(engine: Engine) -> None:
    writing = engine.execution_options(hoshin_writes=True)
    found: list[int] = []

    def second() -> None:
        with Session(writing) as session:
            lock_plan(session=session)
            found.extend(session.scalars(select(Organisation.id)))

    with Session(writing) as session:
        lock_plan(session=session)
        thread = Thread(target=second)
        thread.start()
        thread.join(LONG_ENOUGH)
        factories.organisation(session)
        session.commit()
    thread.join(timeout=60)
    assert found == [1]
