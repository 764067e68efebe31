"""While the real tick is at work a real import is begun and ended, and what a kill leaves of the tick is done once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

from sqlalchemy import func, select, update

from hoshin.access.actors import system_actor
from hoshin.commands import jobs
from hoshin.commands.readings import CellWish, record_cells
from hoshin.db import Database
from hoshin.engine.verdicts import Direction
from hoshin.model.countermeasures import Countermeasure
from hoshin.model.jobs import Job, JobState
from hoshin.model.kpis import Reading
from hoshin.model.people import Person, Role
from hoshin.queries.units import top_unit
from tests import factories
from tests.factories import NOW
from tests.jobs.desks import PATIENCE, until
from tests.nursery import Nursery

PLAN = "unit,priority,kpi,period,target,actual,direction\n" + "".join(
    f"Line {n},Less scrap,Scrap {n},2026-0{m},5,{m},at most\n" for n in range(20) for m in range(1, 5)
)
STAYS = """
import time
from hoshin.cli import main, tick
opens = tick.open_due
def stay(**wish):
    print("half way", flush=True)
    time.sleep(600)
def once(**wish):
    tick.open_due = stay
    return opens(**wish)
tick.AT_ONCE, tick.open_due = 1, once
main()
"""
DOES = "from hoshin.cli import main; main()"


def company(database: Database) -> tuple[int, list[int]]:
    """Somebody who may read a file in, and three KPIs whose figures ask for a countermeasure."""
    with database.writing() as session:
        factories.organisation(session, live_on=date(2020, 1, 1))
        factories.cycle(session)
        ada = factories.person(session, "Ada Chief", Role.EXECUTIVE)
        factories.grant(session, ada, Role.ADMINISTRATOR, top_unit(session=session))
        kpis = [factories.kpi(session, f"KPI {one}", direction=Direction.AT_LEAST).id for one in range(3)]
        values = {"target": Decimal(9), "actual": Decimal(8)}
        cells = [CellWish(kpi_id=one, period=date(2026, 3, 1), values=values) for one in kpis]
        record_cells(session=session, cells=cells, by=system_actor(name="import"), at=NOW)
        session.commit()
        return ada.id, kpis


def order(database: Database, person: int) -> None:
    """This person has a file read in."""
    wish = jobs.OrderWish(kind=jobs.IMPORT, title="A plan", file=("plan.csv", "text/csv", PLAN.encode()))
    with database.writing() as session:
        jobs.order(session=session, wish=wish, by=factories.actor(session, session.get_one(Person, person)), at=NOW)
        session.commit()


def stands(database: Database) -> dict[str, tuple[JobState, int]]:
    """How each kind of job stands, and how often it was taken up."""
    with database.reading() as session:
        return {one.kind: (one.state, one.attempts) for one in session.scalars(select(Job))}


def answered(database: Database) -> Sequence[int]:
    """The KPIs for which a countermeasure was opened, each as often as that happened."""
    with database.reading() as session:
        return session.scalars(select(Countermeasure.kpi_id).order_by(Countermeasure.kpi_id)).all()


def test_an_import_is_done_while_the_tick_is_at_work_and_a_kill_does_nothing_twice(
    database_url: str, tmp_path: Path, nursery: Nursery
) -> None:
    database = Database(url=database_url)
    person, kpis = company(database)
    environ = {**os.environ, "HOSHIN_DATABASE_URL": database_url, "HOSHIN_INSTANCE": str(tmp_path)}
    with closing(nursery.begin(STAYS, "jobs", "run", environ=environ, log=tmp_path / "log")) as process:
        assert process.stdout.readline() == "half way\n"
        order(database, person)
        until(lambda: stands(database)[jobs.IMPORT] == (JobState.DONE, 1))
        assert stands(database)["tick"] == (JobState.CLAIMED, 1)
    assert answered(database) == kpis[:1]
    with database.writing() as session:
        session.execute(update(Job).where(Job.state == JobState.CLAIMED).values(leased_until=NOW))
        session.commit()
    with closing(nursery.begin(DOES, "jobs", "run", "--once", environ=environ, log=tmp_path / "log")) as process:
        assert process.wait(PATIENCE) == 0
    assert stands(database) == {"tick": (JobState.DONE, 2), jobs.IMPORT: (JobState.DONE, 1)}
    assert answered(database) == kpis
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Reading)) == 83
    database.dispose()
