"""People, their roles and their reset links, as an administrator uses them and as nobody else may."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoshin.model.journal import JournalLine
from hoshin.model.people import Grant, Person, Role, SignIn
from hoshin.model.units import Unit
from tests import factories
from tests.web.conftest import Arrange, Clock

SignedIn = Callable[[Person], FlaskClient]


@dataclass
class Cast:
    """Who plays."""

    admin: Person
    staff: Person
    unit: Unit


@pytest.fixture
def cast(arrange: Arrange) -> Cast:
    """An administrator, and a member of staff of Operations."""

    def work(session: Session) -> Cast:
        factories.organisation(session)
        unit = factories.unit(session, "Operations")
        admin = factories.person(session, "Zoë Admin", Role.ADMINISTRATOR)
        return Cast(admin, factories.person(session, "Émile Staff", Role.STAFF, unit), unit)

    return arrange(work)


def test_everybody_finds_people_whatever_the_case_of_an_accent(client_for: SignedIn, cast: Cast) -> None:
    client = client_for(cast.staff)
    assert "Émile Staff" in client.get("/people?q=ÉMILE").text
    assert "Zoë Admin" not in client.get("/people?q=émile").text
    assert "Zoë Admin" not in client.get(f"/people?unit={cast.unit.id}").text
    assert "New person" not in client.get("/people").text


def test_the_list_downloads_as_csv(client_for: SignedIn, cast: Cast, arrange: Arrange) -> None:
    arrange(lambda session: factories.person(session, "=HYPERLINK(1)", email="h@example.org"))
    answer = client_for(cast.staff).get("/people?format=csv")
    assert "Émile Staff,émile.staff@example.org,,Operations,\"Staff, Operations\",yes" in answer.text
    assert "'=HYPERLINK(1)" in answer.text
    assert "attachment" in answer.headers["Content-Disposition"]


def test_long_lists_come_in_pages(client_for: SignedIn, cast: Cast, arrange: Arrange) -> None:
    arrange(lambda session: [factories.person(session, f"Person {number:03}") for number in range(60)] and None)
    client = client_for(cast.staff)
    assert "1–50 of 62 people" in client.get("/people").text
    assert "51–62 of 62 people" in client.get("/people?page=2&endpoint=x").text
    assert client.get("/people?page=-1").status_code == 400


@pytest.mark.parametrize("path", ["/people/new", "/people/{id}/edit", "/people/{id}/roles/new"])
def test_only_administrators_manage(client_for: SignedIn, cast: Cast, path: str) -> None:
    address = path.format(id=cast.staff.id)
    client = client_for(cast.staff)
    assert (client.get(address).status_code, client.post(address).status_code) == (403, 403)
    assert client_for(cast.admin).get(address).status_code == 200


@pytest.mark.parametrize("verb", ["deactivate", "reactivate", "reset-link"])
def test_only_administrators_press_the_buttons(client_for: SignedIn, cast: Cast, verb: str) -> None:
    assert client_for(cast.staff).post(f"/people/{cast.admin.id}/{verb}").status_code == 403


def test_a_new_person_has_a_folded_address_and_a_line_in_the_journal(
    client_for: SignedIn, cast: Cast, look: Arrange
) -> None:
    typed = {"name": " Bo  Ek ", "email": "Bo.EK@Example.org", "title": "", "home_unit_id": str(cast.unit.id)}
    assert client_for(cast.admin).post("/people/new", data=typed).status_code == 303
    made = look(lambda session: session.scalars(select(Person).where(Person.name == "Bo Ek")).one())
    assert (made.email, made.home_unit_id) == ("bo.ek@example.org", cast.unit.id)
    line = look(lambda session: session.scalars(select(JournalLine)).one())
    assert (line.verb, line.subject, line.subject_name, line.by_name) == ("created", "person", "Bo Ek", "Zoë Admin")
    assert "password_hash" not in (line.after or {})


def test_an_address_belongs_to_one_person(client_for: SignedIn, cast: Cast) -> None:
    typed = {"name": "Bo Ek", "email": "ZOË.admin@example.org", "home_unit_id": ""}
    answer = client_for(cast.admin).post("/people/new", data=typed)
    assert answer.status_code == 422
    assert "belongs to Zoë Admin already" in answer.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 10_000),
        ("name", "a\0b"),
        ("title", "%ED%A0%80"),
        ("email", "no address"),
        ("home_unit_id", "99999999999999999999"),
        ("home_unit_id", "123456"),
    ],
)
def test_hostile_input_names_its_field(client_for: SignedIn, cast: Cast, field: str, value: str) -> None:
    typed = {"name": "Bo", "email": "bo@example.org", "title": "", "home_unit_id": "", field: value}
    answer = client_for(cast.admin).post("/people/new", data=typed)
    if value == "%ED%A0%80":
        raw = f"name=Bo&email=bo@example.org&title={value}&home_unit_id="
        answer = client_for(cast.admin).post(
            "/people/new", data=raw, content_type="application/x-www-form-urlencoded"
        )
        assert answer.status_code == 400
        assert "half a character" in answer.text
        return
    assert answer.status_code == 422
    assert f'id="{field}-errors"' in answer.text


def test_a_stale_form_keeps_both_texts(client_for: SignedIn, cast: Cast) -> None:
    client, address = client_for(cast.admin), f"/people/{cast.staff.id}/edit"
    typed = {"name": "First", "email": "", "home_unit_id": "", "version": "1"}
    assert client.post(address, data=typed).status_code == 303
    answer = client.post(address, data={**typed, "name": "Second"})
    assert answer.status_code == 409
    assert "First" in answer.text
    assert "Second" in answer.text


def test_deactivation_ends_every_browser(client_for: SignedIn, cast: Cast, look: Arrange) -> None:
    theirs = client_for(cast.staff)
    admin = client_for(cast.admin)
    assert admin.post(f"/people/{cast.staff.id}/deactivate").status_code == 303
    assert theirs.get("/account").status_code == 303
    assert "deactivated and signed out" in admin.get("/people").text
    assert "Émile" not in admin.get("/people").text
    assert "Émile" in admin.get("/people?gone=yes").text
    assert admin.post(f"/people/{cast.staff.id}/reactivate").status_code == 303
    assert theirs.get("/account").status_code == 303
    assert look(lambda session: session.get(Person, cast.staff.id).deactivated_at) is None  # type: ignore[union-attr]


def test_the_last_administrator_stays(client_for: SignedIn, cast: Cast, look: Arrange) -> None:
    admin = client_for(cast.admin)
    assert "nobody else is an active administrator" in admin.post(
        f"/people/{cast.admin.id}/deactivate", follow_redirects=True
    ).text
    grant = look(lambda session: session.scalars(select(Grant.id).where(Grant.person_id == cast.admin.id)).one())
    answer = admin.post(f"/people/roles/{grant}/end", data={"last": ""})
    assert answer.status_code == 422
    assert "nobody else is an active administrator" in answer.text
    assert admin.get("/people/new").status_code == 200


def test_roles_are_dated_and_end_without_being_erased(client_for: SignedIn, cast: Cast, look: Arrange) -> None:
    admin = client_for(cast.admin)
    address = f"/people/{cast.staff.id}/roles/new"
    typed = {"role": "head", "unit_id": str(cast.unit.id), "first": "2026-05-01", "last": ""}
    assert admin.post(address, data=typed).status_code == 303
    assert admin.post(address, data={**typed, "first": "2027-01-01"}).status_code == 422
    head = look(lambda session: session.scalars(select(Grant).where(Grant.role == Role.HEAD)).one())
    assert admin.post(f"/people/roles/{head.id}/end", data={"last": "2026-01-01"}).status_code == 422
    assert admin.post(f"/people/roles/{head.id}/end", data={"last": ""}).status_code == 303
    kept = look(lambda session: session.get(Grant, head.id))
    assert kept is not None
    assert (kept.valid_from, kept.valid_to) == (date(2026, 5, 1), factories.TODAY - timedelta(days=1))
    assert admin.post(f"/people/roles/{head.id}/end", data={"last": ""}).status_code == 422


def test_a_role_given_by_mistake_today_is_taken_back(client_for: SignedIn, cast: Cast, look: Arrange) -> None:
    admin = client_for(cast.admin)
    typed = {"role": "executive", "unit_id": str(cast.unit.id), "first": "", "last": ""}
    admin.post(f"/people/{cast.staff.id}/roles/new", data=typed)
    made = look(lambda session: session.scalars(select(Grant).where(Grant.role == Role.EXECUTIVE)).one())
    admin.post(f"/people/roles/{made.id}/end", data={"last": ""})
    assert look(lambda session: session.get(Grant, made.id)) is None
    assert look(lambda session: session.scalars(select(JournalLine.verb)).all()) == ["created", "removed"]


def _link(admin: FlaskClient, person: Person) -> str:
    found = re.search(r'value="http://localhost(/reset/[^"]+)"', admin.post(f"/people/{person.id}/reset-link").text)
    assert found is not None
    return found[1]


def test_a_reset_link_works_once_and_ends_all_sign_ins(
    client: FlaskClient, client_for: SignedIn, cast: Cast, look: Arrange
) -> None:
    client_for(cast.staff)
    link = _link(client_for(cast.admin), cast.staff)
    assert "For Émile Staff" in client.get(link).text
    new = {"password": "a fresh new password", "again": "a fresh new password"}
    assert client.post(link, data={**new, "again": "another"}).status_code == 422
    assert client.post(link, data={"password": "short", "again": "short"}).status_code == 422
    assert client.post(link, data=new).status_code == 303
    open_ones = select(func.count(SignIn.id)).where(SignIn.person_id == cast.staff.id, SignIn.ended_at.is_(None))
    assert look(lambda session: session.scalar(open_ones)) == 0
    assert client.get(link).status_code == 404
    assert client.post(link, data=new).status_code == 404
    entry = {"email": "émile.staff@example.org", "password": "a fresh new password"}
    assert client.post("/sign-in", data=entry).status_code == 303


def test_a_reset_link_ends_after_a_day_or_with_a_newer_one(
    client: FlaskClient, client_for: SignedIn, cast: Cast, clock: Clock
) -> None:
    admin = client_for(cast.admin)
    first, second = _link(admin, cast.staff), _link(admin, cast.staff)
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)
    clock.now += timedelta(hours=25)
    assert client.get(second).status_code == 404
    assert client.get("/reset/%00%ff").status_code == 404


def test_changing_the_own_password_ends_the_other_browsers(client_for: SignedIn, cast: Cast) -> None:
    here, there = client_for(cast.staff), client_for(cast.staff)
    typed = {"old": "wrong wrong", "password": "a fresh new password", "again": "a fresh new password"}
    answer = here.post("/account", data=typed)
    assert answer.status_code == 422
    assert 'id="old-errors"' in answer.text
    assert here.post("/account", data={**typed, "old": factories.PASSWORD}).status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303


def test_other_browsers_are_ended_one_by_one_or_at_once(client_for: SignedIn, cast: Cast, look: Arrange) -> None:
    here, second, third = (client_for(cast.staff) for _ in range(3))
    keys = look(lambda session: session.scalars(select(SignIn.id).order_by(SignIn.id)).all())
    assert here.post(f"/account/sign-ins/{keys[1]}/end").status_code == 303
    assert (second.get("/account").status_code, third.get("/account").status_code) == (303, 200)
    assert client_for(cast.admin).post(f"/account/sign-ins/{keys[2]}/end").status_code == 404
    assert here.post("/account/sign-ins/end-others").status_code == 303
    assert (here.get("/account").status_code, third.get("/account").status_code) == (200, 303)
