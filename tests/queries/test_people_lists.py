"""The list of people is what narrowing everybody down one by one would give, in the order of their folded names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hoshin.commands.people import PersonWish, change_person
from hoshin.model.folded import ORDERED, fold, place
from hoshin.model.people import Grant, Person, Role
from hoshin.queries import people_lists
from hoshin.queries.people_lists import Entry, Wanted, count_entries, each_entry, list_entries
from hoshin.queries.surveys import WORKING, count_asked
from tests import factories
from tests.statements import counted

TODAY = factories.TODAY
NAMES = (
    "Zoë Admin", "Émile Staff", "émile staff", "Ödön", "ödön a", "anna", "Anna", "ANNA b", "50% Person", "Bo_Ek",
    "Bo\\Ek", "Straße", "STRASSE 2", "İpek", "数据", "Zz", "x" * 500, "x" * 499 + "a",
)  # fmt: skip
ASKED = (
    "", "émile", "EMILE", "ödön", "%", "_", "\\", "strasse", "STRAßE", "ipek", "数", "anna", "leiter", "@example", "q",
)  # fmt: skip


def _plant(session: Session) -> list[int]:
    """Namesakes, roles of the past and of the future, people without a home, people who have left."""
    factories.organisation(session, "Company")
    units = [factories.unit(session, f"Unit {number}") for number in range(3)]
    roles = list(Role)
    for number, name in enumerate((*NAMES, *NAMES[:8])):
        title = ("", "Leiter", "Lèitér")[number % 3]
        one = factories.person(session, name, None, units[number % 3], email=f"{number}@example.org", title=title)
        for more in range(number % 4):
            first, last = ((None, None), (None, TODAY - timedelta(1)), (TODAY + timedelta(1), None),
                           (TODAY, TODAY))[(number + more) % 4]  # fmt: skip
            role, unit = roles[(number * 5 + more) % len(roles)], units[(number + more) % 3]
            factories.grant(session, one, role, unit, first=first, last=last)
        if number % 5 == 0:
            one.home_unit_id = None
        if number % 7 == 0:
            one.deactivated_at = factories.NOW
    session.flush()
    return [one.id for one in units]


def _everybody(session: Session) -> Iterator[Entry]:
    for one in session.scalars(select(Person)):
        grants = session.scalars(select(Grant).where(Grant.person_id == one.id).order_by(Grant.id))
        roles = tuple((grant.role, grant.unit_id) for grant in grants if grant.holds(today=TODAY))
        left = one.deactivated_at is None
        yield Entry(one.id, one.name, one.email or "", one.title, one.home_unit_id, left, roles)


def _fits(one: Entry, wish: Wanted) -> bool:
    said = fold(text=wish.text) in fold(text=f"{one.name} {one.email} {one.title}")
    granted = any(wish.role in (None, role) and wish.unit in (None, where) for role, where in one.roles)
    at_home = wish.role is None and wish.unit in (None, one.home_unit_id)
    return (one.active or wish.gone) and said and (at_home or granted)


def test_is_everybody_narrowed_down_one_by_one(session: Session) -> None:
    units = _plant(session)
    everybody = sorted(_everybody(session), key=lambda one: (place(name=one.name), one.id))
    assert [one.name for one in everybody if one.name.startswith("x")] == ["x" * 500, "x" * 499 + "a"]
    seen = 0
    for text, unit, role, gone in product(ASKED, (None, *units), (None, *Role), (False, True)):
        wish = Wanted(text, unit, role, gone)
        expected = [one for one in everybody if _fits(one, wish)]
        assert list_entries(session=session, wish=wish, today=TODAY) == expected, wish
        assert count_entries(session=session, wish=wish, today=TODAY) == len(expected)
        seen += len(expected)
    assert seen > 500


@pytest.mark.parametrize("at_once", [1, 4, 1000])
def test_comes_in_parts_and_some_at_a_time(session: Session, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    _plant(session)
    whole = list_entries(session=session, wish=(wish := Wanted(gone=True)), today=TODAY)
    parts = [list_entries(session=session, wish=wish, today=TODAY, offset=at, most=5) for at in range(0, 30, 5)]
    assert [one for part in parts for one in part] == whole
    monkeypatch.setattr(people_lists, "AT_ONCE", at_once)
    assert list(each_entry(session=session, wish=wish, today=TODAY)) == whole


def test_takes_two_statements_and_reads_the_roles_of_whom_it_shows(session: Session, engine: Engine) -> None:
    _plant(session)
    session.commit()
    for most in (2, 20):
        with counted(engine) as seen:
            session.connection()
            begun = len(seen)
            assert len(list_entries(session=session, wish=Wanted(), today=TODAY, most=most)) == most
        assert len(seen) - begun == 2


def test_who_is_asked_is_counted_as_one_by_one(session: Session) -> None:
    _plant(session)
    nowhere = factories.person(session, "Nowhere", Role.HEAD, home_unit_id=None)
    factories.grant(session, nowhere, Role.STAFF, factories.unit(session, "Another"))
    expected: dict[int, int] = {}
    for one in _everybody(session):
        units = [unit for role, unit in one.roles if role in WORKING]
        if one.active and units:
            home = one.home_unit_id or units[0]
            expected[home] = expected.get(home, 0) + 1
    assert count_asked(session=session, today=TODAY) == expected
    assert len(expected) > 3


def test_another_name_address_or_title_is_found_at_once(session: Session) -> None:
    factories.organisation(session, "Company")
    one = factories.person(session, "Anna", Role.ADMINISTRATOR)
    by = factories.actor(session, one)

    def found(text: str) -> bool:
        return count_entries(session=session, wish=Wanted(text), today=TODAY) == 1

    for wish in (PersonWish(name="Éva", email="a@example.org", version=1),
                 PersonWish(name="Éva", email="b@example.org", title="Köchin", version=2)):  # fmt: skip
        change_person(session=session, person_id=one.id, wish=wish, by=by, at=factories.NOW)
        session.flush()
    assert (found("eva"), found("b@"), found("kochin"), found("anna"), found("a@")) == (True, True, True, False, False)
    assert session.get_one(Person, one.id).placed == "éva"


def test_an_order_needs_no_more_letters_than_an_index_holds() -> None:
    assert len(place(name="ẞ" * 500)) == ORDERED
