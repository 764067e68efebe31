"""The tree of units and the deputies of heads, through the browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.engine.plans import State
from hoshin.model.cycles import MonthLock
from hoshin.model.items import Objective
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI
from hoshin.model.people import Deputy, Grant, Person, Role
from hoshin.model.units import Unit
from hoshin.queries.units import top_unit
from tests import factories
from tests.web.conftest import Arrange

SignedIn = Callable[[Person], FlaskClient]


@dataclass
class Cast:
    """A small company: Operations with Assembly below it, and Sales."""

    admin: Person
    head: Person
    staff: Person
    top: Unit
    operations: Unit
    assembly: Unit
    sales: Unit


@pytest.fixture
def cast(arrange: Arrange) -> Cast:
    """The company."""

    def work(session: Session) -> Cast:
        factories.organisation(session)
        operations = factories.unit(session, "Operations")
        assembly = factories.unit(session, "Assembly", operations)
        return Cast(
            factories.person(session, "Zoë Admin", Role.ADMINISTRATOR),
            factories.person(session, "Hedda Head", Role.HEAD, operations),
            factories.person(session, "Stan Staff", Role.STAFF, assembly),
            top_unit(session=session),
            operations,
            assembly,
            factories.unit(session, "Sales"),
        )

    return arrange(work)


def _objective(session: Session, unit: Unit, name: str, state: State = State.ACTIVE) -> Objective:
    made = Objective(unit_id=unit.id, name=name, state=state)
    session.add(made)
    session.flush()
    return made


def test_the_tree_names_heads_and_people(client_for: SignedIn, cast: Cast) -> None:
    page = client_for(cast.admin).get("/units").text
    assert page.index("Operations") < page.index("Assembly") < page.index("Sales")
    assert "Hedda Head" in page
    assert "Hit target" not in page
    assert "New unit" not in client_for(cast.staff).get("/units").text
    assert "Operations / Assembly,department,no,,1,no" in client_for(cast.staff).get("/units?format=csv").text


@pytest.mark.parametrize("verb", ["new", "edit", "move", "merge", "up", "down", "archive", "restore"])
def test_only_administrators_keep_the_tree(client_for: SignedIn, cast: Cast, verb: str) -> None:
    assert client_for(cast.head).post(f"/units/{cast.operations.id}/{verb}").status_code == 403
    assert client_for(cast.admin).post(f"/units/987654/{verb}").status_code in (303, 404)


def test_a_new_unit_needs_a_name_of_its_own(client_for: SignedIn, cast: Cast, look: Arrange) -> None:
    admin, address = client_for(cast.admin), f"/units/{cast.operations.id}/new"
    assert admin.post(address, data={"name": "Assembly", "kind": "team"}).status_code == 422
    assert admin.post(address, data={"name": "x" * 501, "kind": "team"}).status_code == 422
    assert admin.post(address, data={"name": " Paint  shop ", "kind": "team", "restricted": "y"}).status_code == 303
    made = look(lambda session: session.scalars(select(Unit).where(Unit.name == "Paint shop")).one())
    assert (made.parent_id, made.restricted, made.position) == (cast.operations.id, True, 1)
    line = look(lambda session: session.scalars(select(JournalLine)).one())
    assert (line.subject, line.verb, line.unit_id) == ("unit", "created", made.id)


def test_a_stale_unit_form_is_told(client_for: SignedIn, cast: Cast) -> None:
    admin, address = client_for(cast.admin), f"/units/{cast.sales.id}/edit"
    assert admin.post(address, data={"name": "Markets", "kind": "team", "version": "1"}).status_code == 303
    answer = admin.post(address, data={"name": "Shops", "kind": "team", "version": "1"})
    assert answer.status_code == 409
    assert "Markets" in answer.text
    assert "Shops" in answer.text


def test_a_unit_never_goes_below_itself(client_for: SignedIn, cast: Cast, look: Arrange) -> None:
    admin = client_for(cast.admin)
    answer = admin.post(f"/units/{cast.operations.id}/move", data={"parent_id": cast.assembly.id})
    assert answer.status_code == 422
    assert "Operations → Assembly → Operations" in answer.text
    assert admin.post(f"/units/{cast.top.id}/move", data={"parent_id": cast.sales.id}).status_code == 422
    assert admin.post(f"/units/{cast.assembly.id}/move", data={"parent_id": cast.sales.id}).status_code == 303
    assert look(lambda session: session.get(Unit, cast.assembly.id).parent_id) == cast.sales.id  # type: ignore[union-attr]


def test_sisters_change_places(client_for: SignedIn, cast: Cast) -> None:
    admin = client_for(cast.admin)
    admin.post(f"/units/{cast.sales.id}/up")
    page = admin.get("/units").text
    assert page.index("Sales") < page.index("Operations")
    admin.post(f"/units/{cast.sales.id}/up")
    admin.post(f"/units/{cast.sales.id}/down")
    page = admin.get("/units").text
    assert page.index("Operations") < page.index("Sales")


def test_a_unit_is_archived_when_empty_and_restored(client_for: SignedIn, cast: Cast, arrange: Arrange) -> None:
    admin = client_for(cast.admin)

    def press(unit: Unit, verb: str) -> str:
        return admin.post(f"/units/{unit.id}/{verb}", follow_redirects=True).text

    assert "Assembly below it is active" in press(cast.operations, "archive")
    assert "stays" in press(cast.top, "archive")
    kept = arrange(lambda session: _objective(session, cast.assembly, "Zero defects"))
    assert "objective “Zero defects”" in press(cast.assembly, "archive")
    arrange(lambda session: setattr(session.get(Objective, kept.id), "state", State.DRAFT))
    assert "can be restored" in press(cast.assembly, "archive")
    assert "can be restored" in press(cast.operations, "archive")
    assert "is archived; restore that first" in press(cast.assembly, "restore")
    assert "is back" in press(cast.operations, "restore")
    assert "Assembly" not in admin.get("/units").text
    assert "Assembly" in admin.get("/units?gone=yes").text


def test_merging_moves_everything_and_journals_each_row(
    client_for: SignedIn, cast: Cast, arrange: Arrange, look: Arrange
) -> None:
    def work(session: Session) -> int:
        kpi = KPI(unit_id=cast.operations.id, name="Scrap", state=State.ACTIVE)
        session.add(kpi)
        _objective(session, cast.operations, "Zero defects")
        return kpi.id

    kpi = arrange(work)
    answer = client_for(cast.admin).post(f"/units/{cast.operations.id}/merge", data={"into_id": cast.sales.id})
    assert answer.status_code == 303
    assert look(lambda session: session.get(KPI, kpi).unit_id) == cast.sales.id  # type: ignore[union-attr]
    assert look(lambda session: session.get(Unit, cast.assembly.id).parent_id) == cast.sales.id  # type: ignore[union-attr]
    assert look(lambda session: session.get(Person, cast.head.id).home_unit_id) == cast.sales.id  # type: ignore[union-attr]
    grant = select(Grant.unit_id).where(Grant.person_id == cast.head.id)
    assert look(lambda session: session.scalar(grant)) == cast.sales.id
    lines = look(lambda session: session.execute(select(JournalLine.subject, JournalLine.verb)).all())
    assert sorted(tuple(one) for one in lines) == [
        ("grant", "moved"), ("kpi", "moved"), ("objective", "moved"), ("person", "moved"), ("unit", "merged"),
        ("unit", "moved"),
    ]  # fmt: skip
    assert set(look(lambda session: session.scalars(select(JournalLine.why)).all())) == {"Operations merged into Sales"}


def test_merging_refuses_twins_and_what_would_open(client_for: SignedIn, cast: Cast, arrange: Arrange) -> None:
    def work(session: Session) -> None:
        _objective(session, cast.assembly, "Zero defects")
        _objective(session, cast.sales, "Zero defects")
        session.get(Unit, cast.assembly.id).restricted = True  # type: ignore[union-attr]
        lock = MonthLock(unit_id=cast.assembly.id, month=date(2026, 3, 1), locked_at=factories.NOW, locked_by="Zoë")
        session.add(lock)

    arrange(work)
    answer = client_for(cast.admin).post(f"/units/{cast.assembly.id}/merge", data={"into_id": cast.sales.id})
    assert answer.status_code == 422
    for said in ("each has the objective “Zero defects”", "is restricted and Sales is not", "2026-03"):
        assert said in answer.text


def test_a_head_names_a_deputy_who_then_acts_for_her(client_for: SignedIn, cast: Cast, look: Arrange) -> None:
    head, address = client_for(cast.head), f"/units/{cast.operations.id}/deputies"
    typed = {"head_id": cast.head.id, "deputy_id": cast.staff.id, "first": "2026-05-20", "last": "2026-06-01"}
    assert client_for(cast.staff).post(address, data=typed).status_code == 403
    assert head.post(f"/units/{cast.sales.id}/deputies", data=typed).status_code == 403
    assert head.post(address, data={**typed, "last": ""}).status_code == 422
    assert head.post(address, data={**typed, "deputy_id": cast.head.id}).status_code == 422
    assert head.post(address, data={**typed, "first": "2026-05-01"}).status_code == 422
    assert head.post(address, data=typed).status_code == 303
    assert "Stan Staff for Hedda Head until 1 Jun 2026" in head.get(f"/units/{cast.operations.id}").text
    assert head.post(address, data=typed).status_code == 422
    deputy = client_for(cast.staff)
    assert deputy.get(address).status_code == 200
    assert deputy.post(address, data={**typed, "deputy_id": cast.admin.id}).status_code == 422
    key = look(lambda session: session.scalars(select(Deputy.id)).one())
    assert head.post(f"/units/{cast.sales.id}/deputies/{key}/end").status_code == 403
    assert head.post(f"{address}/{key}/end").status_code == 303
    assert deputy.get(address).status_code == 403


def test_a_deputy_of_a_head_who_left_acts_no_longer(client_for: SignedIn, cast: Cast, arrange: Arrange) -> None:
    def work(session: Session) -> None:
        day = factories.TODAY
        session.add(
            Deputy(
                unit_id=cast.operations.id, head_id=cast.head.id, deputy_id=cast.staff.id, valid_from=day, valid_to=day
            )
        )

    arrange(work)
    deputy, address = client_for(cast.staff), f"/units/{cast.operations.id}/deputies"
    assert deputy.get(address).status_code == 200
    assert client_for(cast.admin).post(f"/people/{cast.head.id}/deactivate").status_code == 303
    assert deputy.get(address).status_code == 403
