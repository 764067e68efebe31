"""Roadblocks: raised, escalated to the head above, handed over, resolved, reopened; who may, and who reads them."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor, system_actor
from hoshin.access.rules import may
from hoshin.commands.roadblocks import (
    HandlingWish,
    RoadblockWish,
    escalate,
    hand_over,
    raise_roadblock,
    reopen,
    resolve,
)
from hoshin.commands.units_move import merge_unit
from hoshin.errors import Forbidden, Missing, Refused, Stale
from hoshin.model.people import Person, Role
from hoshin.model.roadblocks import Roadblock, RoadblockState
from hoshin.queries.roadblocks import get_roadblock, list_roadblocks, list_waiting
from hoshin.queries.units import top_unit
from tests import factories
from tests.factories import NOW


class House:
    """Top → Operations → Assembly, each with a head; a member of Assembly, one of the restricted Laboratory."""

    def __init__(self, session: Session) -> None:
        self.session = session
        factories.organisation(session)
        self.top = top_unit(session=session)
        self.operations = factories.unit(session, "Operations")
        self.assembly = factories.unit(session, "Assembly", parent=self.operations)
        self.laboratory = factories.unit(session, "Laboratory", restricted=True)
        self.chief = factories.person(session, "Ada Chief", Role.EXECUTIVE, self.top)
        self.head = factories.person(session, "Bo Head", Role.HEAD, self.operations)
        self.lead = factories.person(session, "Cy Lead", Role.HEAD, self.assembly)
        self.staff = factories.person(session, "Di Staff", Role.STAFF, self.assembly)
        self.hidden = factories.person(session, "Ed Hidden", Role.STAFF, self.laboratory)

    def by(self, person: Person) -> Actor:
        """The person's rights."""
        return factories.actor(self.session, person)

    def raised(self, **more: object) -> Roadblock:
        """One raised by the member of Assembly."""
        wish = RoadblockWish(**{"unit_id": self.assembly.id, "name": "No spare parts", **more})  # type: ignore[arg-type]
        return raise_roadblock(session=self.session, wish=wish, by=self.by(self.staff), at=NOW)

    def say(self, row: Roadblock, line: str = "we tried", **more: object) -> HandlingWish:
        """A wish about the roadblock as it stands."""
        return HandlingWish(**{"version": row.version, "line": line, **more})  # type: ignore[arg-type]


@pytest.fixture
def house(session: Session) -> House:
    """The company of these tests."""
    return House(session)


def test_without_an_owner_the_head_of_the_unit_has_it(session: Session, house: House) -> None:
    row = house.raised()
    assert (row.owner_id, row.unit_id, row.raised_by) == (house.lead.id, house.assembly.id, "Di Staff")
    assert [one.roadblock for one in list_waiting(session=session, actor=house.by(house.lead))] == [row]
    assert list_waiting(session=session, actor=house.by(house.staff)) == []


def test_escalation_goes_from_head_to_head_and_keeps_its_way(session: Session, house: House) -> None:
    row = house.raised()
    escalate(session=session, roadblock_id=row.id, wish=house.say(row), by=house.by(house.staff), at=NOW)
    assert (row.unit_id, row.owner_id, row.raised_in_id) == (house.operations.id, house.head.id, house.assembly.id)
    escalate(session=session, roadblock_id=row.id, wish=house.say(row), by=house.by(house.head), at=NOW)
    assert (row.unit_id, row.owner_id) == (house.top.id, house.chief.id)
    found = get_roadblock(session=session, actor=house.by(house.staff), roadblock_id=row.id)
    assert [(one.unit_id, one.owner_id, one.reason) for one in found.levels] == [
        (house.assembly.id, house.lead.id, ""),
        (house.operations.id, house.head.id, "we tried"),
        (house.top.id, house.chief.id, "we tried"),
    ]
    with pytest.raises(Refused, match="nobody heads a unit above"):
        escalate(session=session, roadblock_id=row.id, wish=house.say(row), by=house.by(house.chief), at=NOW)
    listed = list_roadblocks(session=session, actor=house.by(house.chief), unit_ids=[house.operations.id])
    assert [one.roadblock for one in listed] == [row], "what went through a unit stays in its list"


def test_a_unit_without_a_head_is_passed_over(session: Session, house: House) -> None:
    cell = factories.unit(session, "Cell", parent=factories.unit(session, "Line", parent=house.assembly))
    member = factories.person(session, "Flo Cell", Role.STAFF, cell)
    wish = RoadblockWish(unit_id=cell.id, name="Noise")
    row = raise_roadblock(session=session, wish=wish, by=house.by(member), at=NOW)
    assert row.owner_id is None
    moved = escalate(session=session, roadblock_id=row.id, wish=house.say(row), by=house.by(member), at=NOW)
    assert (moved.unit_id, moved.owner_id) == (house.assembly.id, house.lead.id)


@pytest.mark.parametrize(("command", "sentence"), [(escalate, "say why"), (resolve, "say in a line")])
def test_every_step_needs_a_line(session: Session, house: House, command: type, sentence: str) -> None:
    row = house.raised()
    with pytest.raises(Refused, match=sentence):
        command(session=session, roadblock_id=row.id, wish=house.say(row, " "), by=house.by(house.lead), at=NOW)


def test_resolved_and_reopened(session: Session, house: House) -> None:
    row, lead = house.raised(), house.by(house.lead)
    resolve(session=session, roadblock_id=row.id, wish=house.say(row, "second supplier"), by=lead, at=NOW)
    assert (row.state, row.resolution, row.resolved_by) == (RoadblockState.RESOLVED, "second supplier", "Cy Lead")
    for command in (escalate, resolve, hand_over):
        with pytest.raises(Refused, match="resolved"):
            command(
                session=session, roadblock_id=row.id, wish=house.say(row, owner_id=house.staff.id), by=lead, at=NOW
            )
    reopen(session=session, roadblock_id=row.id, wish=house.say(row, "it failed too"), by=lead, at=NOW)
    assert (row.state, row.resolved_at, row.resolution) == (RoadblockState.OPEN, None, "")
    with pytest.raises(Refused, match="open already"):
        reopen(session=session, roadblock_id=row.id, wish=house.say(row), by=lead, at=NOW)


def test_handed_over_to_somebody_who_is_here(session: Session, house: House) -> None:
    row, lead = house.raised(), house.by(house.lead)
    hand_over(session=session, roadblock_id=row.id, wish=house.say(row, owner_id=house.staff.id), by=lead, at=NOW)
    assert row.owner_id == house.staff.id
    with pytest.raises(Refused, match="choose who"):
        hand_over(session=session, roadblock_id=row.id, wish=house.say(row), by=lead, at=NOW)
    with pytest.raises(Refused, match="no such person"):
        hand_over(session=session, roadblock_id=row.id, wish=house.say(row, owner_id=9999), by=lead, at=NOW)


def test_whoever_was_slower_is_told(session: Session, house: House) -> None:
    row = house.raised()
    old = house.say(row)
    escalate(session=session, roadblock_id=row.id, wish=old, by=house.by(house.lead), at=NOW)
    with pytest.raises(Stale):
        resolve(session=session, roadblock_id=row.id, wish=old, by=house.by(house.staff), at=NOW)


def test_only_its_people_and_the_heads_handle_it(session: Session, house: House) -> None:
    row = house.raised()
    other = factories.person(session, "Gus Staff", Role.STAFF, house.operations)
    with pytest.raises(Forbidden):
        resolve(session=session, roadblock_id=row.id, wish=house.say(row), by=house.by(other), at=NOW)


def test_a_restricted_units_roadblock_is_seen_there_and_where_it_went(session: Session, house: House) -> None:
    wish = RoadblockWish(unit_id=house.laboratory.id, name="Patent")
    row = raise_roadblock(session=session, wish=wish, by=house.by(house.hidden), at=NOW)
    with pytest.raises(Missing):
        get_roadblock(session=session, actor=house.by(house.staff), roadblock_id=row.id)
    with pytest.raises(Missing):
        raise_roadblock(session=session, wish=wish, by=house.by(house.staff), at=NOW)
    escalate(session=session, roadblock_id=row.id, wish=house.say(row), by=house.by(house.hidden), at=NOW)
    assert row.owner_id == house.chief.id
    assert get_roadblock(session=session, actor=house.by(house.chief), roadblock_id=row.id).roadblock is row
    with pytest.raises(Missing):
        get_roadblock(session=session, actor=house.by(house.staff), roadblock_id=row.id)


def test_the_list_and_the_rule_agree(session: Session, house: House) -> None:
    house.raised()
    hidden = RoadblockWish(unit_id=house.laboratory.id, name="Patent")
    raise_roadblock(session=session, wish=hidden, by=house.by(house.hidden), at=NOW)
    everything = list_roadblocks(session=session, actor=Actor(is_system=True))
    for person in (house.chief, house.head, house.lead, house.staff, house.hidden):
        actor = house.by(person)
        listed = {one.roadblock.id for one in list_roadblocks(session=session, actor=actor)}
        allowed = {
            one.roadblock.id for one in everything if may(actor=actor, act=Act.READ_ROADBLOCK, subject=one.reading)
        }
        assert listed == allowed, person.name
    assert len(everything) == 2


def test_what_an_owner_who_left_had_waits_for_the_head(session: Session, house: House) -> None:
    row = house.raised(owner_id=house.staff.id)
    assert list_waiting(session=session, actor=house.by(house.lead)) == []
    house.staff.deactivated_at = NOW
    session.flush()
    assert [one.roadblock for one in list_waiting(session=session, actor=house.by(house.lead))] == [row]


def test_a_merged_units_open_roadblocks_go_with_it(session: Session, house: House) -> None:
    row, removed = house.raised(), house.raised(name="Dust")
    resolve(session=session, roadblock_id=removed.id, wish=house.say(removed), by=house.by(house.lead), at=NOW)
    office = system_actor(name="office")
    merge_unit(session=session, unit_id=house.assembly.id, into_id=house.operations.id, by=office, at=NOW)
    found = get_roadblock(session=session, actor=house.by(house.head), roadblock_id=row.id)
    assert [one.unit_id for one in found.levels] == [house.assembly.id, house.operations.id]
    assert (found.roadblock.unit_id, removed.unit_id) == (house.operations.id, house.assembly.id)
