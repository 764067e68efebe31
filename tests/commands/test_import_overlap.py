"""While a file is being stored on PostgreSQL: who records other figures goes on, who changes the plan takes turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from threading import Thread

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands.import_items import ItemStep
from hoshin.commands.import_wish import ImportOutcome
from hoshin.commands.imports import bring_in
from hoshin.commands.items import rename
from hoshin.commands.locks import LockWish, set_locks
from hoshin.commands.people_roles import end_grant
from hoshin.commands.readings import CellWish, save_cells
from hoshin.db import make_engine
from hoshin.errors import Forbidden, HoshinError, Missing
from hoshin.exchange.uploads import read_upload
from hoshin.model.cycles import MonthLock
from hoshin.model.kpis import KPI, Reading, Revision
from hoshin.model.people import Grant, Role
from hoshin.queries.units import get_organisation, top_unit
from tests import factories
from tests.factories import NOW

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)
LONG_ENOUGH = 0.5  # seconds for the second to come as far as the first lets it
FIGURES = "unit,kpi,period,actual\nOperations,Scrap,2026-05,7\nOperations,Rework,2026-05,8\n"
NEW_KPI = FIGURES + "Operations,Noise,2026-05,9\n"
NEW_LINK = "unit,priority,kpi,period,actual\nOperations,Less waste,Scrap,2026-05,7\n"
Work = Callable[[Session], object]


@dataclass
class Plant:
    """One department with three KPIs; its head, and Ada, who may do everything."""

    writing: Engine
    head: Actor
    ada: Actor
    unit: int
    scrap: int
    rework: int
    energy: int

    def bring(self, text: str = FIGURES) -> Work:
        """Ada's file is read in."""

        def work(session: Session) -> ImportOutcome:
            with Session(self.writing) as other:
                known = get_organisation(session=other)
            wish = read_upload(name="figures.csv", content=text.encode(), known=known, today=NOW.date())
            return bring_in(session=session, wish=wish, by=self.ada, at=NOW)

        return work

    def save(self, kpi: int, actual: int = 5, period: date = MAY) -> Work:
        """The head types a figure."""
        cell = CellWish(kpi_id=kpi, period=period, values={"actual": Decimal(actual)})
        return lambda session: save_cells(session=session, cells=[cell], by=self.head, at=NOW)

    def lock(self, session: Session) -> object:
        """May is locked."""
        return set_locks(session=session, wish=LockWish(cells=[(self.unit, MAY)], lock=True), by=self.ada, at=NOW)

    def do(self, work: Work) -> object:
        """In a session of its own, committed; gives what came of it, or what it raised."""
        with Session(self.writing) as session:
            try:
                came = work(session)
                session.commit()
            except HoshinError as error:
                return error
            return came

    @contextmanager
    def beside(self, work: Work) -> Iterator[list[object]]:
        """Do the work in a thread; when the block ends it has waited for that long, and is over soon after."""
        came: list[object] = []
        thread = Thread(target=lambda: came.append(self.do(work)))
        thread.start()
        thread.join(LONG_ENOUGH)
        yield came
        thread.join(timeout=60)
        assert not thread.is_alive()

    def actuals(self) -> dict[tuple[int, date], Decimal | None]:
        """What stands."""
        with Session(self.writing) as session:
            return {(one.kpi_id, one.period): one.actual for one in session.scalars(select(Reading))}


@pytest.fixture
def plant(postgresql_url: str) -> Iterator[Plant]:
    """The department, committed, for sessions of their own."""
    engine = make_engine(url=postgresql_url)
    writing = engine.execution_options(hoshin_writes=True)
    with Session(writing, expire_on_commit=False) as session:
        factories.organisation(session)
        unit, _ = factories.unit(session), factories.cycle(session)
        head = factories.actor(session, factories.person(session, "Ines", Role.HEAD, unit))
        person = factories.person(session, "Ada", Role.ADMINISTRATOR)
        factories.grant(session, person, Role.EXECUTIVE, top_unit(session=session))
        factories.priority(session, "Less waste", unit=unit)
        keys = [factories.kpi(session, name, unit=unit).id for name in ("Scrap", "Rework", "Energy")]
        ada = factories.actor(session, person)
        session.commit()
        yield Plant(writing, head, ada, unit.id, *keys)
    engine.dispose()


def test_another_figure_is_saved_while_a_file_of_figures_is_being_stored(plant: Plant) -> None:
    with Session(plant.writing) as storing:
        plant.bring()(storing)
        with plant.beside(plant.save(plant.energy)) as came:
            assert came, "it waits for nobody"
        storing.commit()
    assert plant.actuals() == {(plant.scrap, MAY): 7, (plant.rework, MAY): 8, (plant.energy, MAY): 5}


def test_a_figure_that_is_in_the_file_waits_for_it_alone(plant: Plant) -> None:
    plant.do(plant.bring(FIGURES.replace(",7", ",6")))
    with Session(plant.writing) as storing:
        plant.bring()(storing)
        with plant.beside(plant.save(plant.scrap)) as came:
            assert not came, "it waits for the row"
            storing.commit()
    assert plant.actuals()[plant.scrap, MAY] == 5
    with Session(plant.writing) as session:
        of_scrap = select(Revision.actual).where(Revision.kpi_id == plant.scrap).order_by(Revision.id)
        assert session.scalars(of_scrap).all() == [Decimal(6), Decimal(7), Decimal(5)], "neither is lost"


def test_a_first_figure_that_is_saved_meanwhile_is_found_and_not_inserted_again(plant: Plant) -> None:
    with Session(plant.writing) as saving:
        plant.save(plant.scrap)(saving)
        with plant.beside(plant.bring()) as came:
            assert not came, "the file waits for the row"
            saving.commit()
    assert isinstance(came[0], ImportOutcome)
    assert came[0].changed["reading"] == 1
    assert plant.actuals()[plant.scrap, MAY] == 7


def test_a_month_is_locked_once_the_file_stands(plant: Plant) -> None:
    with Session(plant.writing) as storing:
        plant.bring()(storing)
        with plant.beside(plant.lock) as came:
            assert not came, "the lock waits"
            storing.commit()
    assert plant.actuals()[plant.scrap, MAY] == 7
    with Session(plant.writing) as session:
        assert session.scalars(select(MonthLock.month)).all() == [MAY]


def test_a_file_does_not_slip_into_a_month_that_is_being_locked(plant: Plant) -> None:
    with Session(plant.writing) as locking:
        plant.lock(locking)
        with plant.beside(plant.bring()) as came:
            assert not came, "the file waits"
            locking.commit()
    assert "May 2026 is locked" in str(came[0])
    assert plant.actuals() == {}


@pytest.mark.parametrize("text", [NEW_KPI, NEW_LINK])
def test_a_file_that_changes_the_plan_holds_it(plant: Plant, text: str) -> None:
    with Session(plant.writing) as storing:
        plant.bring(text)(storing)
        with plant.beside(plant.save(plant.energy)) as came:
            assert not came, "figures wait until the plan stands"
            storing.commit()
    assert plant.actuals()[plant.energy, MAY] == 5


@pytest.mark.parametrize("text", [FIGURES, NEW_KPI])
def test_what_was_renamed_after_a_look_is_looked_at_again(
    plant: Plant, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, looks = ItemStep.load, list[int]()

    def overtaken(step: ItemStep) -> None:
        load(step)
        looks.append(len(step.job.items))
        if len(looks) == 1:
            plant.do(lambda session: rename(
                session=session, item_id=plant.scrap, name="Waste", was="", version=1, by=plant.head, at=NOW
            ))  # fmt: skip

    monkeypatch.setattr(ItemStep, "load", overtaken)
    outcome = plant.do(plant.bring(text))
    assert isinstance(outcome, ImportOutcome)
    assert len(looks) == 2, "looked at again, once"
    with Session(plant.writing) as session:
        new = session.scalars(select(KPI.id).where(KPI.name == "Scrap")).one()
    assert plant.actuals()[new, MAY] == 7
    assert (plant.scrap, MAY) not in plant.actuals(), "what is called something else now is left alone"


def test_two_files_at_once_take_turns(plant: Plant) -> None:
    with Session(plant.writing) as storing:
        plant.bring()(storing)
        with plant.beside(plant.bring(FIGURES.replace(",8", ",9"))) as came:
            assert not came, "the second waits"
            storing.commit()
    assert isinstance(came[0], ImportOutcome)
    assert (came[0].changed["reading"], came[0].left["reading"]) == (1, 1), "it has seen the first"
    with Session(plant.writing) as session:
        assert session.scalar(select(func.count()).select_from(Revision)) == 3


def test_rights_that_are_taken_while_the_file_is_stored_are_missed(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = ItemStep.load

    def dismiss(session: Session) -> None:
        grant = session.scalars(select(Grant.id).where(Grant.role == Role.EXECUTIVE)).one()
        end_grant(session=session, grant_id=grant, last=None, by=plant.ada, at=NOW)

    def dismissed(step: ItemStep) -> None:
        load(step)
        plant.do(dismiss)

    monkeypatch.setattr(ItemStep, "load", dismissed)
    assert isinstance(plant.do(plant.bring()), (Forbidden, Missing))
    assert plant.actuals() == {}
