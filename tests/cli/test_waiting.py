"""`hoshin waiting`: what lies open with whom, by kind, of a unit and below, for people and for programs."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from hoshin.cli import shell
from hoshin.commands.roadblocks import RoadblockWish, raise_roadblock
from hoshin.engine.misses import Occasion
from hoshin.errors import Missing
from hoshin.model.actions import Status
from hoshin.model.countermeasures import AnswerState, Countermeasure
from tests import factories
from tests.commands import playing

Run = Callable[..., Result]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is printed is the same on every database."""
    return sqlite_url


@pytest.fixture
def run(database_url: str, tmp_path: Path) -> Run:
    """`run("balls")` on this test's database."""
    environ = {"HOSHIN_DATABASE_URL": database_url, "HOSHIN_INSTANCE": str(tmp_path)}
    return lambda *words: CliRunner().invoke(shell.hoshin, ["waiting", *words], env=environ)


@pytest.fixture
def company(session: Session) -> playing.Company:
    """One thing of each kind waits; the shell's clock is today's, long after 2020."""
    firm = playing.company(session)
    playing.thrown(session, firm).held_since = LONG_AGO
    kpi = factories.kpi(session, "Complaints", firm.line, owner_id=firm.lena.id)
    session.add(
        Countermeasure(
            kpi_id=kpi.id, occasion=Occasion.MISS, state=AnswerState.OPEN, owner_id=firm.lena.id,
            opened_for=date(2020, 1, 1), opened_at=LONG_AGO, gap="late",
        )
    )  # fmt: skip
    wish = RoadblockWish(unit_id=firm.line.id, name="No gauge")
    raise_roadblock(session=session, wish=wish, by=factories.actor(session, firm.lena), at=LONG_AGO)
    for name, status in (("Map the flow", Status.OPEN), ("Draw it", Status.DONE)):
        factories.action(
            session, name, firm.ops, cycle=firm.cycle, valid_from=None, due_on=date(2020, 1, 1), status=status,
            owner_id=firm.opal.id,
        )  # fmt: skip
    session.commit()
    return firm


def _rows(result: Result) -> list[tuple[str, str, str]]:
    return [(one["kind"], one["what"], one["who"]) for one in json.loads(result.stdout)]


def test_all_that_waits_is_told_with_whom_it_lies(run: Run, company: playing.Company) -> None:
    found = _rows(run("--format", "json"))
    assert [one[0] for one in found] == ["countermeasure", "ball", "roadblock", "action"]
    assert ("countermeasure", "Complaints", "Lena") in found
    assert ("roadblock", "No gauge", "Lena") in found
    assert found[-1] == ("action", "Map the flow", "Opal")
    assert (found[1][1], found[1][2].rpartition(": ")[2]) == (company.priority.name, "Lena")
    assert "thrown, round 1" in run("balls").stdout


def test_of_a_unit_and_below_and_of_some_kinds(run: Run, company: playing.Company) -> None:
    below = f"{company.ops.name} / {company.line.name}"
    assert [one[0] for one in _rows(run("--unit", below, "actions", "roadblocks", "--format", "json"))] == ["roadblock"]
    read = list(csv.reader(StringIO(run("actions", "--format", "csv").stdout)))
    assert read[0] == ["kind", "days", "what", "unit", "who", "state"]
    assert [(one[2], one[5]) for one in read[1:]] == [("Map the flow", "overdue, open")]
    assert "to be written" in run("countermeasures").stdout
    assert run("--unit", below, "actions").stdout == "Nothing waits.\n"


def test_a_unit_that_is_not_there_is_refused(run: Run, company: playing.Company) -> None:
    assert company.ops.id
    assert isinstance(run("--unit", "Nowhere").exception, Missing)
