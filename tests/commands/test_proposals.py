"""An agreed target is amended when the level above agrees: who is asked, what counts until then, and who is faster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor, system_actor
from hoshin.commands import proposals, readings
from hoshin.commands.kpis import KPIWish, edit_kpi
from hoshin.commands.outcomes import NotRecorded, Outcome
from hoshin.commands.proposals import AnswerWish, ProposalWish
from hoshin.commands.readings import CellWish
from hoshin.engine.metrics import Aggregation
from hoshin.engine.plans import State
from hoshin.engine.verdicts import Band, Direction
from hoshin.errors import Forbidden, HoshinError, Missing, Refused
from hoshin.model.cycles import CycleState, MonthLock
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI, Reading, Revision
from hoshin.model.people import Deputy, Grant, Person, Role
from hoshin.model.proposals import Proposal, ProposalState
from hoshin.model.units import Unit
from hoshin.queries.proposals import list_asked
from tests import factories
from tests.factories import NOW, TODAY

MAY, JUN, JUL = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
SHELL = system_actor(name="import")


@dataclass
class House:
    """Operations below the top unit and Assembly below it, each with a head; a KPI of Assembly with agreed targets."""

    session: Session
    ops: Unit
    line: Unit
    kpi: KPI
    chief: Person
    opal: Person
    lena: Person
    owner: Person

    def of(self, person: Person) -> Actor:
        """The person's rights."""
        return factories.actor(self.session, person)

    def cell(self, value: str | None, period: date = JUN, name: str = "target") -> CellWish:
        """A figure of the KPI."""
        values = {name: None if value is None else Decimal(value)}
        return CellWish(kpi_id=self.kpi.id, period=period, values=values)

    def type(self, who: Person, *cells: CellWish, reason: str = "supplier lost") -> Outcome:
        """What a grid saves."""
        return readings.save_cells(session=self.session, cells=cells, by=self.of(who), at=NOW, reason=reason)

    def ask(self, who: Person, *cells: CellWish, reason: str = "supplier lost") -> Outcome:
        """What the form of a proposal puts."""
        wish = ProposalWish(cells=cells, reason=reason)
        return proposals.propose(session=self.session, wish=wish, by=self.of(who), at=NOW)

    def proposal(self) -> Proposal:
        """The only one, or the latest."""
        return self.session.scalars(select(Proposal).order_by(Proposal.id.desc())).first() or Proposal()

    def agree(self, who: Person, version: int | None = None) -> Proposal:
        """Somebody agrees to what she has read."""
        row = self.proposal()
        wish = AnswerWish(version=version or row.version)
        return proposals.agree(session=self.session, proposal_id=row.id, wish=wish, by=self.of(who), at=NOW)

    def reading(self, period: date = JUN) -> Reading:
        """What stands."""
        self.session.expire_all()
        return self.session.get_one(Reading, (period, self.kpi.id))


@pytest.fixture
def house(session: Session) -> House:
    """Assembly's KPI, at most 9 in June and July."""
    factories.organisation(session)
    factories.cycle(session)
    ops = factories.unit(session, "Operations")
    line = factories.unit(session, "Assembly", ops)
    owner = factories.person(session, "Owen", Role.STAFF, line)
    kpi = factories.kpi(session, "Lead time", line, direction=Direction.AT_MOST, owner_id=owner.id)
    found = House(
        session, ops, line, kpi,
        chief=factories.person(session, "Cleo", Role.EXECUTIVE),
        opal=factories.person(session, "Opal", Role.HEAD, ops),
        lena=factories.person(session, "Lena", Role.HEAD, line),
        owner=owner,
    )  # fmt: skip
    cells = [found.cell("9"), found.cell("9", JUL)]
    readings.save_cells(session=session, cells=cells, by=SHELL, at=NOW - timedelta(days=100))
    return found


def test_a_typed_amendment_waits_for_the_level_above_and_changes_nothing_until_then(house: House) -> None:
    outcome = house.type(house.lena, house.cell("12"))
    assert [one.message for one in outcome.proposed] == ["proposed to Opal: it counts when agreed"]
    assert outcome.saved == 0
    found = house.reading()
    assert (found.target, found.amended, found.version) == (Decimal(9), False, 1)
    row = house.proposal()
    assert row.cells == [{"period": "2026-06-01", "before": {"target": "9"}, "after": {"target": "12"}}]
    assert (row.state, row.proposed_by, row.reason) == (ProposalState.PROPOSED, "Lena", "supplier lost")


def test_agreed_it_counts_with_a_badge_that_names_both(house: House) -> None:
    house.ask(house.lena, house.cell("12"), house.cell("11", JUL))
    house.agree(house.opal)
    found = house.reading()
    assert (found.target, found.amended, found.as_reading().band) == (Decimal(12), True, Band(None, Decimal(12)))
    assert found.first_high == Decimal(9), "as first agreed"
    revision = house.session.scalars(select(Revision).order_by(Revision.id.desc())).first()
    assert revision is not None
    assert (revision.recorded_by, revision.agreed_by, revision.amendment) == ("Lena", "Opal", True)
    lines = house.session.execute(select(JournalLine.by_name, JournalLine.subject, JournalLine.verb, JournalLine.why))
    assert ("Opal", "reading", "amended", "supplier lost (proposed by Lena)") in [tuple(one) for one in lines]


def test_what_is_no_amendment_is_saved_beside_what_waits(house: House) -> None:
    both = CellWish(kpi_id=house.kpi.id, period=JUN, values={"target": Decimal(12), "stretch": Decimal(5)})
    outcome = house.type(house.lena, both, house.cell("8", date(2026, 8, 1)), house.cell("7", MAY, "actual"))
    assert (outcome.saved, len(outcome.proposed)) == (3, 1)
    assert (house.reading().target, house.reading().stretch) == (Decimal(9), Decimal(5))


def _redefine(house: House, who: Person, **change: Any) -> None:
    """Save the KPI's form with that change."""
    wish = KPIWish(
        unit_id=house.line.id, name="Lead time", owner_id=house.owner.id, valid_from=house.kpi.valid_from,
        reason="the wrong way round", **{"direction": Direction.AT_MOST, **change},
    )  # fmt: skip
    edit_kpi(session=house.session, item_id=house.kpi.id, wish=wish, by=house.of(who), at=NOW)


@pytest.mark.parametrize(
    "change", [{"direction": Direction.AT_LEAST}, {"direction": Direction.EXACTLY, "tolerance": Decimal(2)}]
)
def test_another_direction_does_not_amend_agreed_targets_behind_the_level_above(
    house: House, change: dict[str, Any]
) -> None:
    house.kpi.tolerance = None
    house.session.commit()
    with pytest.raises(Refused, match=r"Jun 2026 was agreed .* \(Opal agrees\), change this") as refusal:
        _redefine(house, house.lena, **change)
    assert [one.field for one in refusal.value.problems] == ["direction"]
    house.session.rollback()
    assert (house.kpi.direction, house.reading().as_reading().band) == (Direction.AT_MOST, Band(None, Decimal(9)))


def test_as_the_refusal_says_it_changes_once_the_open_targets_are_emptied_and_new_ones_wait_again(house: House) -> None:
    house.ask(house.lena, house.cell(None), house.cell(None, JUL))
    house.agree(house.opal)
    _redefine(house, house.lena, direction=Direction.AT_LEAST)
    outcome = house.type(house.lena, house.cell("12"))
    assert (outcome.saved, len(outcome.proposed)) == (0, 1)
    house.agree(house.opal)
    assert (house.reading().as_reading().band, house.reading().amended) == (Band(Decimal(12), None), True)


def test_without_anybody_above_the_head_changes_the_direction_alone(house: House) -> None:
    house.session.execute(delete(Grant).where(Grant.person_id.in_([house.opal.id, house.chief.id])))
    _redefine(house, house.lena, direction=Direction.AT_LEAST)
    assert house.reading().as_reading().band == Band(Decimal(9), None)


def test_another_way_to_take_the_year_together_waits_for_the_level_above_too(house: House) -> None:
    house.ask(house.lena, house.cell("12"))
    _redefine(house, house.lena, aggregation=Aggregation.SUM, uom="days")
    assert (house.kpi.aggregation, house.kpi.uom) == (Aggregation.LAST, "days"), "the rest of the form is saved"
    row = house.proposal()
    assert row.cells[0] == {"period": "", "before": {"aggregation": "last"}, "after": {"aggregation": "sum"}}
    assert len(row.cells) == 2, "beside the targets that she has proposed already"
    house.agree(house.opal)
    house.session.expire_all()
    assert (house.kpi.aggregation, house.reading().target) == (Aggregation.SUM, Decimal(12))
    line = house.session.scalars(select(JournalLine).where(JournalLine.verb == "amended", JournalLine.subject == "kpi"))
    [found] = line.all()
    assert (found.by_name, found.why) == ("Opal", "supplier lost\nthe wrong way round (proposed by Lena)")


def test_an_aggregation_alone_is_agreed_returned_and_never_when_it_has_moved(house: House) -> None:
    _redefine(house, house.lena, aggregation=Aggregation.AVERAGE)
    row = house.proposal()
    wish = AnswerWish(version=row.version, text="a sum is right")
    proposals.return_proposal(session=house.session, proposal_id=row.id, wish=wish, by=house.of(house.opal), at=NOW)
    assert house.kpi.aggregation is Aggregation.LAST
    _redefine(house, house.lena, aggregation=Aggregation.SUM)
    house.kpi.aggregation = Aggregation.GIVEN
    house.session.flush()
    with pytest.raises(Refused, match="its year to date is taken as given by now: return it"):
        house.agree(house.opal)


def test_an_aggregation_is_free_where_nothing_was_agreed_or_nobody_stands_above(house: House) -> None:
    bare = factories.kpi(house.session, "New one", house.line, owner_id=house.owner.id)
    wish = KPIWish(
        unit_id=house.line.id, name="New one", owner_id=house.owner.id, valid_from=bare.valid_from, reason="better",
        aggregation=Aggregation.SUM, direction=bare.direction,
    )  # fmt: skip
    edit_kpi(session=house.session, item_id=bare.id, wish=wish, by=house.of(house.lena), at=NOW)
    assert bare.aggregation is Aggregation.SUM
    house.session.execute(delete(Grant).where(Grant.person_id.in_([house.opal.id, house.chief.id])))
    _redefine(house, house.lena, aggregation=Aggregation.SUM)
    assert house.kpi.aggregation is Aggregation.SUM
    assert house.session.scalars(select(Proposal)).all() == []


def test_whoever_else_has_proposed_is_answered_first(house: House) -> None:
    house.ask(house.owner, house.cell("12"))
    with pytest.raises(Refused, match="Owen has proposed other targets") as refusal:
        _redefine(house, house.lena, aggregation=Aggregation.SUM)
    assert [one.field for one in refusal.value.problems] == ["aggregation"]


def test_the_owner_proposes_too_but_nothing_else(house: House) -> None:
    house.ask(house.owner, house.cell("12"))
    assert house.proposal().proposed_by == "Owen"
    with pytest.raises(NotRecorded, match="nothing was agreed for this period yet"):
        house.ask(house.owner, house.cell("8", date(2026, 8, 1)))
    with pytest.raises(Forbidden):
        house.ask(factories.person(house.session, "Stan", Role.STAFF, house.line), house.cell("13"))


def test_nobody_agrees_to_her_own_and_nobody_else_does(house: House) -> None:
    house.ask(house.lena, house.cell("12"))
    for who in (house.lena, house.chief, house.owner):
        with pytest.raises(Refused, match="never who proposed it"):
            house.agree(who)
    with pytest.raises(Forbidden):
        house.agree(factories.person(house.session, "Stan", Role.STAFF, house.line))
    house.line.restricted = True
    house.session.flush()
    with pytest.raises(Missing):
        house.agree(factories.person(house.session, "Zoe", Role.STAFF, factories.unit(house.session, "Sales")))


def test_where_one_heads_both_the_next_superior_agrees(house: House) -> None:
    grant = house.session.scalars(select(Grant).where(Grant.person_id == house.opal.id)).one()
    grant.person_id = house.lena.id
    house.session.flush()
    house.ask(house.lena, house.cell("12"))
    with pytest.raises(Refused, match="not yours"):
        house.agree(house.lena)
    assert house.agree(house.chief).state is ProposalState.AGREED


def test_at_the_top_the_sponsor_or_another_executive_agrees_and_alone_the_head_amends(house: House) -> None:
    kpi = factories.kpi(house.session, "Profit", direction=Direction.AT_LEAST)
    cell = CellWish(kpi_id=kpi.id, period=JUN, values={"target": Decimal(1)})
    readings.save_cells(session=house.session, cells=[cell], by=SHELL, at=NOW - timedelta(days=9))
    other = CellWish(kpi_id=kpi.id, period=JUN, values={"target": Decimal(2)})
    assert house.type(house.chief, other).saved == 1, "nobody stands above her"
    sponsor = factories.person(house.session, "Stella", Role.STAFF)
    factories.link(house.session, factories.objective(house.session, sponsor_id=sponsor.id), kpi)
    assert len(house.type(house.chief, cell).proposed) == 1
    assert house.agree(sponsor).answered_by == "Stella"


def test_a_deputy_agrees_for_her_head_and_both_are_named(house: House) -> None:
    dora = factories.person(house.session, "Dora", Role.STAFF, house.ops)
    house.session.add(
        Deputy(unit_id=house.ops.id, head_id=house.opal.id, deputy_id=dora.id, valid_from=TODAY, valid_to=TODAY)
    )
    house.ask(house.lena, house.cell("12"))
    row = house.agree(dora)
    assert (row.answered_by, row.answered_for) == ("Dora", "Opal")
    assert house.session.scalars(select(Revision.agreed_by).order_by(Revision.id.desc())).first() == "Dora for Opal"


def test_it_is_returned_with_a_reason_or_withdrawn_by_who_proposed_it(house: House) -> None:
    house.ask(house.lena, house.cell("12"))
    answer: dict[str, Any] = {"session": house.session, "proposal_id": house.proposal().id, "at": NOW}
    with pytest.raises(Refused, match="say why"):
        proposals.return_proposal(**answer, wish=AnswerWish(version=1), by=house.of(house.opal))
    with pytest.raises(Refused, match="only who proposed it"):
        proposals.withdraw(**answer, wish=AnswerWish(version=1), by=house.of(house.owner))
    proposals.return_proposal(**answer, wish=AnswerWish(version=1, text="hold it"), by=house.of(house.opal))
    assert (house.proposal().state, house.reading().target) == (ProposalState.RETURNED, Decimal(9))
    with pytest.raises(Refused, match="has been returned already"):
        house.agree(house.opal)
    house.ask(house.lena, house.cell("11"))
    answer["proposal_id"] = house.proposal().id
    proposals.withdraw(**answer, wish=AnswerWish(version=1), by=house.of(house.lena))
    assert house.proposal().state is ProposalState.WITHDRAWN


def test_one_waits_at_a_time_and_grows_in_the_same_hand(house: House) -> None:
    house.ask(house.lena, house.cell("12"))
    house.type(house.lena, house.cell("11", JUL), reason="and the press")
    row = house.proposal()
    assert (len(row.cells), row.reason, row.version) == (2, "supplier lost\nand the press", 2)
    with pytest.raises(Refused, match="more has been proposed since you read it"):
        house.agree(house.opal, version=1)
    with pytest.raises(NotRecorded, match="Lena has proposed other targets of this KPI"):
        house.ask(house.owner, house.cell("10"))


def test_what_has_moved_since_is_not_agreed_to(house: House) -> None:
    house.ask(house.lena, house.cell("12"))
    readings.save_cells(session=house.session, cells=[house.cell("8")], by=SHELL, at=NOW, reason="plan.xlsx")
    with pytest.raises(Refused, match=r"agreed target 8 of 2026-06 is another one by now"):
        house.agree(house.opal)
    house.session.add(MonthLock(unit_id=house.line.id, month=JUL, locked_at=NOW, locked_by="Ines"))
    house.session.delete(house.proposal())
    house.session.flush()
    with pytest.raises(NotRecorded, match="Jul 2026 is locked"):
        house.ask(house.lena, house.cell("12", JUL))


def test_drafts_first_targets_and_a_year_in_planning_change_freely(house: House) -> None:
    assert house.type(house.lena, house.cell("8", MAY), reason="").saved == 1, "the first target of a period"
    house.kpi.state = State.DRAFT
    house.session.flush()
    assert house.type(house.lena, house.cell("12"), reason="").saved == 1
    house.kpi.state = State.ACTIVE
    factories.cycle(house.session, 2027, state=CycleState.PLANNING)
    for value in ("5", "6"):
        assert house.type(house.lena, house.cell(value, date(2027, 2, 1)), reason="").saved == 1
    found = house.reading(date(2027, 2, 1))
    assert (found.amended, found.first_high) == (False, Decimal(6))


def test_a_reason_is_needed_and_something_to_change(house: House) -> None:
    with pytest.raises(Refused, match="say why"):
        house.ask(house.lena, house.cell("12"), reason=" ")
    with pytest.raises(Refused, match="at least one other target"):
        house.ask(house.lena)


def test_who_reads_the_kpi_or_answers_sees_it_and_the_hand_is_the_answerers(house: House) -> None:
    house.ask(house.lena, house.cell("12"))

    def seen(who: Person) -> list[bool]:
        found = list_asked(session=house.session, actor=house.of(who), today=TODAY)
        return [one.hand is not None for one in found]

    assert (seen(house.opal), seen(house.lena), seen(house.chief)) == ([True], [False], [False])


def test_of_two_who_answer_at_once_one_is_told(engine: Engine, house: House) -> None:
    other = factories.person(house.session, "Olga", Role.HEAD, house.ops)
    house.ask(house.lena, house.cell("12"))
    key, wish = house.proposal().id, AnswerWish(version=1, text="no")
    actors = [house.of(house.opal), house.of(other)]
    house.session.commit()
    barrier, found = Barrier(2), list[str]()

    def run(command: Callable[..., object], by: Actor) -> None:
        with Session(engine.execution_options(hoshin_writes=True)) as session:
            barrier.wait()
            try:
                command(session=session, proposal_id=key, wish=wish, by=by, at=NOW)
                session.commit()
                found.append("done")
            except HoshinError as error:
                session.rollback()
                found.append(str(error))

    moves = (proposals.agree, proposals.return_proposal)
    threads = [Thread(target=run, args=(move, by)) for move, by in zip(moves, actors, strict=True)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert "done" in found
    assert any("already" in one for one in found)
    assert (house.reading().target == 12) == (house.proposal().state is ProposalState.AGREED)
