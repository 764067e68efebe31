"""The access table over all actors and things: raise, bool and WHERE clause say the same, and that is written here."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, may, require
from hoshin.access.scope import readable_items, readable_units
from hoshin.engine.plans import State
from hoshin.errors import Forbidden, Missing
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item, Objective, Priority
from hoshin.model.links import Deployment
from hoshin.model.people import Deputy, Role
from hoshin.model.units import Unit
from hoshin.queries.items import subject_for
from hoshin.queries.units import top_unit
from tests import factories

WHO = (
    "executive", "head of operations", "head of assembly", "staff of assembly", "staff of pay", "head of people",
    "facilitator of operations", "auditor of pay", "administrator", "deputy in operations", "former staff",
)  # fmt: skip


class Company:
    """Top → Operations → Assembly, and Top → People → Pay, which is restricted; an item of each state everywhere."""

    def __init__(self, session: Session) -> None:
        self.session = session
        factories.organisation(session)
        self.top = top_unit(session=session)
        self.operations = factories.unit(session, "Operations")
        self.assembly = factories.unit(session, "Assembly", parent=self.operations)
        self.people = factories.unit(session, "People")
        self.pay = factories.unit(session, "Pay", parent=self.people, restricted=True)
        self.units = (self.top, self.operations, self.assembly, self.people, self.pay)
        self.items = {
            (unit.name, state): self._objective(unit, state)
            for unit in self.units
            for state in (State.ACTIVE, State.DRAFT)
        }
        self.actors = {name: self._actor(name) for name in WHO}

    def _objective(self, unit: Unit, state: State) -> Objective:
        made = Objective(unit_id=unit.id, name=f"{state.value} objective", state=state)
        self.session.add(made)
        self.session.flush()
        return made

    def _actor(self, name: str) -> Actor:
        role, _, place = name.replace(" in ", " of ").partition(" of ")
        unit = {"operations": self.operations, "assembly": self.assembly, "pay": self.pay, "people": self.people}.get(
            place, self.top
        )
        if role == "former staff":
            former = factories.person(self.session, name, Role.STAFF, unit, last=factories.TODAY.replace(year=2020))
            return factories.actor(self.session, former)
        if role == "deputy":
            return self._deputy(name)
        return factories.actor(self.session, factories.person(self.session, name, Role(role), unit))

    def _deputy(self, name: str) -> Actor:
        head = factories.person(self.session, "Olive Head", Role.HEAD, self.operations)
        made = factories.person(self.session, name, Role.STAFF, self.people)
        today = factories.TODAY
        self.session.add(
            Deputy(unit_id=self.operations.id, head_id=head.id, deputy_id=made.id, valid_from=today, valid_to=today)
        )
        self.session.flush()
        return factories.actor(self.session, made)


READS = {
    # who: units read in force / units whose drafts are read
    "executive": ("Top Operations Assembly People Pay", "Top"),
    "head of operations": ("Top Operations Assembly People", "Operations"),
    "head of assembly": ("Top Operations Assembly People", "Assembly"),
    "staff of assembly": ("Top Operations Assembly People", "Assembly"),
    "staff of pay": ("Top Operations Assembly People Pay", "Pay"),
    "head of people": ("Top Operations Assembly People Pay", "People"),
    "facilitator of operations": ("Top Operations Assembly People", "Operations Assembly"),
    "auditor of pay": ("Pay", ""),
    "administrator": ("", ""),
    "deputy in operations": ("Top Operations Assembly People", "Operations People"),
    "former staff": ("", ""),
}


@pytest.mark.parametrize("who", WHO)
def test_who_reads_what(session: Session, who: str) -> None:
    company = Company(session)
    actor = company.actors[who]
    in_force, drafts = (set(names.split()) for names in READS[who])
    names = {unit.name: unit.name if unit.parent_id else "Top" for unit in company.units}
    for (unit, state), item in company.items.items():
        expected = names[unit] in (in_force if state is State.ACTIVE else drafts)
        subject = subject_for(session=session, item=item)
        assert may(actor=actor, act=Act.READ_ITEM, subject=subject) is expected, (unit, state)


@pytest.mark.parametrize("who", WHO)
def test_scope_lists_exactly_what_may_be_read(session: Session, who: str) -> None:
    company = Company(session)
    actor = company.actors[who]
    listed = set(session.scalars(select(Item.id).where(readable_items(actor=actor))))
    allowed = {
        item.id
        for item in company.items.values()
        if may(actor=actor, act=Act.READ_ITEM, subject=subject_for(session=session, item=item))
    }
    assert listed == allowed
    units = set(session.scalars(select(Unit.id).where(readable_units(actor=actor, unit=Unit.id))))
    assert units == {one.id for one in company.units if may(actor=actor, act=Act.READ_UNIT, subject=Subject(one.id))}


@pytest.mark.parametrize("who", WHO)
def test_require_raises_exactly_when_may_says_no(session: Session, who: str) -> None:
    company = Company(session)
    actor = company.actors[who]
    for item in company.items.values():
        subject = subject_for(session=session, item=item)
        for act in Act:
            try:
                require(actor=actor, act=act, subject=subject)
                raised = False
            except (Missing, Forbidden):
                raised = True
            assert raised is not may(actor=actor, act=act, subject=subject), (act, item.name)


WRITES = {
    # who: units whose plan they write / units where they put things in force
    "executive": ("Top", "Top"),
    "head of operations": ("Operations", "Operations"),
    "head of assembly": ("Assembly", "Assembly"),
    "facilitator of operations": ("Operations Assembly", ""),
    "head of people": ("People", "People"),
    "deputy in operations": ("Operations", "Operations"),
}


@pytest.mark.parametrize("who", WHO)
def test_heads_write_in_their_own_unit_and_facilitators_sign_nothing(session: Session, who: str) -> None:
    company = Company(session)
    writes, signs = (set(names.split()) for names in WRITES.get(who, ("", "")))
    for unit in company.units:
        name = unit.name if unit.parent_id else "Top"
        subject = Subject(unit=unit.id)
        for act in (Act.WRITE_PLAN, Act.PLAN_TARGETS, Act.OPEN_PLAN):
            assert may(actor=company.actors[who], act=act, subject=subject) is (name in writes), (act, name)
        for act in (Act.PUT_IN_FORCE, Act.AMEND_TARGETS, Act.REVISE_LOCKED):
            assert may(actor=company.actors[who], act=act, subject=subject) is (name in signs), (act, name)


def test_staff_write_what_is_theirs_and_nothing_else(session: Session) -> None:
    company = Company(session)
    actor = company.actors["staff of assembly"]
    assert actor.person is not None
    mine = Subject(unit=company.people.id, responsible=frozenset({actor.person}))
    theirs = Subject(unit=company.assembly.id, responsible=frozenset({actor.person + 1000}))
    for act in (Act.RECORD_ACTUALS, Act.REPORT_PROGRESS):
        assert may(actor=actor, act=act, subject=mine)
        assert not may(actor=actor, act=act, subject=theirs)
    assert not may(actor=actor, act=Act.WRITE_PLAN, subject=mine)


def test_what_may_not_be_seen_is_missing_and_what_may_not_be_done_is_forbidden(session: Session) -> None:
    company = Company(session)
    actor = company.actors["staff of assembly"]
    with pytest.raises(Missing):
        require(actor=actor, act=Act.WRITE_PLAN, subject=Subject(unit=company.pay.id))
    with pytest.raises(Forbidden):
        require(actor=actor, act=Act.WRITE_PLAN, subject=Subject(unit=company.operations.id))


def test_the_other_side_of_a_deployment_reads_the_draft(session: Session) -> None:
    company = Company(session)
    draft = company.items["Assembly", State.DRAFT]
    head_above = company.actors["head of operations"]
    assert not may(actor=head_above, act=Act.READ_ITEM, subject=subject_for(session=session, item=draft))
    cycle = Cycle(
        name="FY2026",
        first_day=factories.TODAY.replace(month=1, day=1),
        last_day=factories.TODAY.replace(month=12, day=31),
    )
    session.add(cycle)
    session.flush()
    source = Priority(unit_id=company.operations.id, cycle_id=cycle.id, name="Cut lead time", state=State.ACTIVE)
    session.add(source)
    session.flush()
    session.add(Deployment(source_id=source.id, objective_id=draft.id, state=State.DRAFT))
    session.flush()
    assert may(actor=head_above, act=Act.READ_ITEM, subject=subject_for(session=session, item=draft))
    listed = set(session.scalars(select(Item.id).where(readable_items(actor=head_above))))
    assert draft.id in listed


def test_a_deputy_is_named_with_the_head_she_stands_in_for(session: Session) -> None:
    company = Company(session)
    assert company.actors["deputy in operations"].acts_for == {company.operations.id: "Olive Head"}
    assert company.actors["head of operations"].acts_for == {}
