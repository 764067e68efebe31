"""Catchball as it is played: two signatures on one offer, one history whoever is faster, and what is agreed is held."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor, system_actor
from hoshin.commands import catchball, items, priorities, readings
from hoshin.commands.actions import ActionWish, edit_action
from hoshin.commands.agreements import Amendment
from hoshin.commands.catchball_clock import remind_and_escalate
from hoshin.commands.links import (
    CorrelationWish,
    TakeOverWish,
    correlate,
    end_deployment,
    put_deployment_in_force,
    take_over,
)
from hoshin.commands.priorities import PriorityWish
from hoshin.commands.readings import CellWish
from hoshin.commands.throws import ThrowWish, throw_all
from hoshin.engine.catchball import BallState, Side
from hoshin.engine.plans import Rotation, State
from hoshin.errors import Forbidden, HoshinError, Missing, Refused
from hoshin.model.catchball import Ball, Message, Offer, Signature
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI, Reading
from hoshin.model.links import Deployment
from hoshin.model.people import Deputy, Grant, Person, Role
from hoshin.queries.attainment import Question, load
from tests import factories
from tests.commands import playing
from tests.commands.playing import Company
from tests.factories import NOW, TODAY

MAY = date(2026, 5, 1)


@pytest.fixture
def firm(session: Session) -> Company:
    """The company."""
    return playing.company(session)


def accept(session: Session, firm: Company, ball: Ball, who: Person, number: int | None = None) -> Ball:
    """One click by somebody."""
    seen = ball.number if number is None else number
    return catchball.accept(session=session, ball_id=ball.id, number=seen, by=firm.of(session, who), at=NOW)


def test_a_thrown_priority_waits_as_a_draft_in_the_other_units_hand(session: Session, firm: Company) -> None:
    ball = playing.thrown(session, firm)
    objective = playing.answer_of(session, ball)
    assert (ball.state, ball.holder, ball.round, ball.held_since) == (BallState.THROWN, Side.CATCHER, 1, NOW)
    assert (objective.unit_id, objective.name, objective.state) == (firm.line.id, "Halve lead time", State.DRAFT)
    assert session.get_one(Deployment, ball.deployment_id).state is State.DRAFT
    assert session.scalars(select(Message.text)).all() == ["Customers leave"]


def test_accepting_brings_the_plan_along_and_the_second_signature_puts_all_of_it_in_force(
    session: Session, firm: Company
) -> None:
    ball = playing.thrown(session, firm)
    how, kpi = playing.write_plan(session, firm, ball)
    accept(session, firm, ball, firm.lena)
    assert (ball.state, ball.holder, ball.number) == (BallState.RETURNED, Side.THROWER, 2)
    assert (how.state, kpi.state) == (State.DRAFT, State.DRAFT), "one signature puts nothing in force"
    accept(session, firm, ball, firm.opal)
    assert (ball.state, ball.agreed, ball.agreed_at) == (BallState.AGREED, 2, NOW)
    objective = playing.answer_of(session, ball)
    assert {one.state for one in (objective, how, kpi)} == {State.ACTIVE}
    assert session.get_one(Deployment, ball.deployment_id).state is State.ACTIVE
    reading = session.scalars(select(Reading)).one()
    assert reading.first_high == Decimal(10), "as first agreed"
    signed = session.execute(select(Signature.side, Signature.person_name).order_by(Signature.id).limit(9)).all()
    assert [tuple(row) for row in signed] == [
        (Side.THROWER, "Opal"), (Side.CATCHER, "Lena"), (Side.THROWER, "Opal"),
    ]  # fmt: skip


def test_the_thrower_does_not_sign_a_plan_that_changed_behind_the_offer(session: Session, firm: Company) -> None:
    ball = playing.thrown(session, firm)
    _, kpi = playing.write_plan(session, firm, ball)
    accept(session, firm, ball, firm.lena)
    playing.plan_target(session, firm, kpi, "12")
    with pytest.raises(Refused, match="the plan that answers has changed since this offer"):
        accept(session, firm, ball, firm.opal)


def test_three_rounds_keep_every_offer(session: Session, firm: Company) -> None:
    ball = playing.thrown(session, firm)
    for who, target in ((firm.lena, "8 days"), (firm.opal, "6 days"), (firm.lena, "7 days"), (firm.opal, "7 days!")):
        by = firm.of(session, who)
        offer = playing.wish(session, ball, target=target)
        catchball.return_ball(session=session, ball_id=ball.id, wish=offer, by=by, at=NOW)
    accept(session, firm, ball, firm.lena)
    offers = session.scalars(select(Offer.target).order_by(Offer.number)).all()
    assert list(offers) == ["", "8 days", "6 days", "7 days", "7 days!"]
    assert (ball.state, ball.round) == (BallState.AGREED, 3)


def test_a_counter_offer_needs_a_reason_and_a_wording_that_is_free(session: Session, firm: Company) -> None:
    factories.objective(session, "Something else", firm.line)
    ball = playing.thrown(session, firm)
    lena = firm.of(session, firm.lena)
    wish = playing.wish(session, ball, reason=" ")
    with pytest.raises(Refused, match="say why"):
        catchball.return_ball(session=session, ball_id=ball.id, wish=wish, by=lena, at=NOW)
    wish = playing.wish(session, ball, wording="Something else")
    with pytest.raises(Refused, match="another objective of that name"):
        catchball.return_ball(session=session, ball_id=ball.id, wish=wish, by=lena, at=NOW)


def test_facilitators_and_staff_speak_but_do_not_sign(session: Session, firm: Company) -> None:
    ball = playing.thrown(session, firm)
    helper = factories.actor(session, factories.person(session, "Fay", Role.FACILITATOR, firm.top))
    catchball.comment(session=session, ball_id=ball.id, text="Shall we meet?", by=helper, at=NOW)
    for who in (helper, firm.of(session, firm.staff)):
        with pytest.raises(Forbidden):
            catchball.accept(session=session, ball_id=ball.id, number=1, by=who, at=NOW)
    with pytest.raises(Refused, match="not your turn"):
        accept(session, firm, ball, firm.chief)
    stranger = factories.actor(session, factories.person(session, "Zoe", Role.STAFF, factories.unit(session, "Sales")))
    with pytest.raises(Missing):
        catchball.comment(session=session, ball_id=ball.id, text="Hello", by=stranger, at=NOW)


def test_a_deputy_signs_for_her_head_and_the_journal_names_both(session: Session, firm: Company) -> None:
    ball = playing.thrown(session, firm)
    deputy = factories.person(session, "Dora", Role.STAFF, firm.line)
    session.add(
        Deputy(unit_id=firm.line.id, head_id=firm.lena.id, deputy_id=deputy.id, valid_from=TODAY, valid_to=TODAY)
    )
    accept(session, firm, ball, deputy)
    assert ball.state is BallState.AGREED
    signature = session.scalars(select(Signature).order_by(Signature.id.desc())).first()
    assert signature is not None
    assert (signature.person_name, signature.on_behalf_of) == ("Dora", "Lena")
    line = session.scalars(select(JournalLine).where(JournalLine.subject == "ball", JournalLine.verb == "agreed")).one()
    assert (line.by_name, line.on_behalf_of) == ("Dora", "Lena")


def test_who_heads_both_units_signs_for_one_and_the_next_superior_for_the_other(
    session: Session, firm: Company
) -> None:
    grant = session.scalars(select(Grant).where(Grant.person_id == firm.lena.id)).one()
    grant.person_id = firm.opal.id
    ball = playing.thrown(session, firm)
    with pytest.raises(Refused, match="nobody signs for both sides"):
        accept(session, firm, ball, firm.opal)
    accept(session, firm, ball, firm.chief)
    assert ball.state is BallState.AGREED


def test_the_ball_goes_up_by_hand_and_the_superiors_offer_needs_both_signatures(
    session: Session, firm: Company
) -> None:
    ball = playing.thrown(session, firm)
    opal, chief = firm.of(session, firm.opal), firm.of(session, firm.chief)
    catchball.escalate(session=session, ball_id=ball.id, reason="no answer", by=opal, at=NOW)
    with pytest.raises(Refused, match="not your turn"):
        accept(session, firm, ball, firm.lena)
    wish = playing.wish(session, ball, target="7 days", to=Side.CATCHER)
    catchball.settle(session=session, ball_id=ball.id, wish=wish, by=chief, at=NOW)
    assert accept(session, firm, ball, firm.lena).holder is Side.THROWER
    assert accept(session, firm, ball, firm.opal).state is BallState.AGREED


def test_nobody_above_both_sides_is_said(session: Session, firm: Company) -> None:
    priority = factories.priority(session, "Win back customers", firm.top, cycle=firm.cycle)
    wish = ThrowWish(unit_id=firm.top.id, source_ids=[priority.id], unit_ids=[firm.ops.id])
    chief = firm.of(session, firm.chief)
    ball = throw_all(session=session, wish=wish, by=chief, at=NOW)[0]
    with pytest.raises(Refused, match="name a sponsor"):
        catchball.escalate(session=session, ball_id=ball.id, reason="no answer", by=chief, at=NOW)
    sponsor = factories.person(session, "Spencer", Role.STAFF, firm.top)
    above = factories.objective(session, "Grow", firm.top, sponsor_id=sponsor.id)
    factories.link(session, above, priority)
    catchball.escalate(session=session, ball_id=ball.id, reason="no answer", by=chief, at=NOW)
    settled = playing.wish(session, ball, to=Side.CATCHER)
    catchball.settle(session=session, ball_id=ball.id, wish=settled, by=firm.of(session, sponsor), at=NOW)
    assert ball.holder is Side.CATCHER


def test_what_was_agreed_in_conversation_is_recorded_and_confirmed(session: Session, firm: Company) -> None:
    ball = playing.thrown(session, firm)
    wish = playing.wish(session, ball, target="9 days", reason="")
    catchball.record(session=session, ball_id=ball.id, wish=wish, by=firm.of(session, firm.opal), at=NOW)
    accept(session, firm, ball, firm.lena)
    offer = session.scalars(select(Offer).where(Offer.number == ball.agreed)).one()
    assert (ball.state, offer.in_conversation, offer.target) == (BallState.AGREED, True, "9 days")


def test_several_are_thrown_together_or_none(session: Session, firm: Company) -> None:
    other = factories.priority(session, "Cut scrap", firm.ops, cycle=firm.cycle)
    sales = factories.unit(session, "Sales")
    wish = ThrowWish(
        unit_id=firm.ops.id, source_ids=[firm.priority.id, other.id], unit_ids=[firm.line.id, sales.id], message="Go"
    )
    opal = firm.of(session, firm.opal)
    assert len(throw_all(session=session, wish=wish, by=opal, at=NOW)) == 4
    with pytest.raises(Refused, match="Assembly has “Halve lead time” already"):
        throw_all(session=session, wish=wish, by=opal, at=NOW)
    with pytest.raises(Forbidden):
        throw_all(session=session, wish=wish, by=firm.of(session, firm.lena), at=NOW)


def test_taking_over_makes_a_draft_ball_which_no_one_puts_in_force_alone(session: Session, firm: Company) -> None:
    lena = firm.of(session, firm.lena)
    wish = TakeOverWish(source_id=firm.priority.id, unit_id=firm.line.id)
    objective = take_over(session=session, wish=wish, by=lena, at=NOW)
    ball = playing.only_ball(session)
    assert (ball.state, ball.holder) == (BallState.DRAFT, None)
    with pytest.raises(Refused, match="both sides have signed"):
        items.put_in_force(session=session, item_id=objective.id, by=lena, at=NOW)
    objective.state = State.ACTIVE
    with pytest.raises(Refused, match="both sides have signed"):
        put_deployment_in_force(session=session, deployment_id=ball.deployment_id, by=lena, at=NOW)
    catchball.throw(session=session, ball_id=ball.id, wish=playing.wish(session, ball), by=lena, at=NOW)
    assert (ball.state, ball.holder) == (BallState.RETURNED, Side.THROWER), "the answering unit may begin"


def test_without_catchball_an_answer_counts_at_once(session: Session, firm: Company) -> None:
    firm.cycle.catchball = False
    lena = firm.of(session, firm.lena)
    wish = TakeOverWish(source_id=firm.priority.id, unit_id=firm.line.id)
    objective = take_over(session=session, wish=wish, by=lena, at=NOW)
    items.put_in_force(session=session, item_id=objective.id, by=lena, at=NOW)
    assert session.scalars(select(Deployment.state)).one() is State.ACTIVE
    assert session.scalars(select(Ball)).all() == []


# ---------------------------------------------------------------- what is agreed is held


def test_agreed_wording_dates_and_targets_are_held(session: Session, firm: Company) -> None:
    _, how, kpi = playing.agreed(session, firm)
    lena = firm.of(session, firm.lena)
    edit = PriorityWish(
        unit_id=how.unit_id, cycle_id=firm.cycle.id, name="Other words", valid_from=how.valid_from,
        valid_to=how.valid_to, version=how.version,
    )  # fmt: skip
    with pytest.raises(Refused, match="name: both sides agreed on this"):
        priorities.edit_priority(session=session, item_id=how.id, wish=edit, by=lena, at=NOW)
    with pytest.raises(Refused, match="both sides agreed on this"):
        items.rename(session=session, item_id=how.id, name="Other", was=how.name, version=None, by=lena, at=NOW)
    priorities.edit_priority(
        session=session, item_id=how.id, wish=replace(edit, name=how.name, description="More about it"), by=lena, at=NOW
    )
    cell = CellWish(kpi_id=kpi.id, period=MAY, values={"target": Decimal(99)})
    with pytest.raises(Refused, match="both sides agreed on this"):
        readings.save_cells(session=session, cells=[cell], by=lena, at=NOW, reason="easier")
    actual = CellWish(kpi_id=kpi.id, period=MAY, values={"actual": Decimal(9)})
    assert readings.save_cells(session=session, cells=[actual], by=lena, at=NOW).saved == 1


def test_an_amendment_counts_when_both_have_signed_it_and_not_before(session: Session, firm: Company) -> None:
    ball, how, kpi = playing.agreed(session, firm)
    lena = firm.of(session, firm.lena)
    catchball.reopen(session=session, ball_id=ball.id, reason="a line burnt down", by=lena, at=NOW)
    assert session.get_one(Deployment, ball.deployment_id).state is State.ACTIVE, "the last agreed version counts"
    changes = [
        Amendment(item_id=how.id, name="Two-piece flow"), Amendment(item_id=kpi.id, first=MAY, target=Decimal(14)),
    ]  # fmt: skip
    wish = playing.wish(session, ball, wording="Cut lead time by a third", amendments=changes)
    catchball.return_ball(session=session, ball_id=ball.id, wish=wish, by=lena, at=NOW)
    assert how.name == "One-piece flow"
    accept(session, firm, ball, firm.opal)
    assert (ball.state, ball.agreed, how.name) == (BallState.AGREED, 3, "Two-piece flow")
    assert playing.answer_of(session, ball).name == "Cut lead time by a third"
    may = session.scalars(select(Reading).where(Reading.period == MAY)).one()
    assert (may.band_high, may.first_high, may.amended) == (Decimal(14), Decimal(10), True)


def test_an_amendment_carries_the_years_targets(session: Session, firm: Company) -> None:
    ball, _, kpi = playing.agreed(session, firm)
    lena = firm.of(session, firm.lena)
    catchball.reopen(session=session, ball_id=ball.id, reason="a line burnt down", by=lena, at=NOW)
    for change, wrong in (
        (Amendment(item_id=kpi.id, first=MAY, figures=[Decimal(1)] * 9), "only 8 periods are left"),
        (Amendment(item_id=kpi.id, first=MAY, target=(Decimal(1), Decimal(2))), "not a range"),
        (Amendment(item_id=kpi.id, target=Decimal(1)), "the month from which it holds"),
    ):
        wish = playing.wish(session, ball, amendments=[change])
        with pytest.raises(Refused, match=wrong):
            catchball.return_ball(session=session, ball_id=ball.id, wish=wish, by=lena, at=NOW)
    even = Amendment(item_id=kpi.id, first=MAY, target=Decimal(14), last=Decimal(7))
    wish = playing.wish(session, ball, amendments=[even])
    catchball.return_ball(session=session, ball_id=ball.id, wish=wish, by=lena, at=NOW)
    accept(session, firm, ball, firm.opal)
    found = session.scalars(select(Reading.target).where(Reading.kpi_id == kpi.id).order_by(Reading.period)).all()
    assert list(found) == [Decimal(one) for one in range(14, 6, -1)]


def test_one_side_alone_ends_nothing_of_what_both_agreed_on(session: Session, firm: Company) -> None:
    ball, how, kpi = playing.agreed(session, firm)
    lena, objective = firm.of(session, firm.lena), playing.answer_of(session, ball)
    by: dict[str, Any] = {"session": session, "by": lena, "at": NOW}
    for item, wanted in ((how, "take it out"), (kpi, "take it out"), (objective, "end the answer")):
        with pytest.raises(Refused, match=f"both sides agreed on this: reopen its ball .* {wanted}"):
            items.end(item_id=item.id, reason="too much", on=TODAY, **by)
    with pytest.raises(Refused, match="offer to end the answer"):
        end_deployment(deployment_id=ball.deployment_id, reason="too much", on=TODAY, **by)
    with pytest.raises(Refused, match="take the lower one out"):
        correlate(wish=CorrelationWish(upper_id=how.id, lower_id=kpi.id, strength=0), **by)
    assert correlate(wish=CorrelationWish(upper_id=how.id, lower_id=kpi.id, strength=3), **by) is not None


def test_what_both_want_out_ends_with_the_second_signature(session: Session, firm: Company) -> None:
    ball, how, kpi = playing.agreed(session, firm)
    lena = firm.of(session, firm.lena)
    catchball.reopen(session=session, ball_id=ball.id, reason="too much at once", by=lena, at=NOW)
    wish = playing.wish(session, ball, amendments=[Amendment(item_id=kpi.id, out=True)])
    catchball.return_ball(session=session, ball_id=ball.id, wish=wish, by=lena, at=NOW)
    assert kpi.state is State.ACTIVE
    accept(session, firm, ball, firm.opal)
    assert (kpi.state, kpi.valid_to, kpi.end_reason) == (State.ENDED, TODAY, "two lines are down")
    assert how.state is State.ACTIVE
    catchball.reopen(session=session, ball_id=ball.id, reason="and all of it", by=lena, at=NOW)
    all_of_it = Amendment(item_id=playing.answer_of(session, ball).id, out=True)
    wish = playing.wish(session, ball, amendments=[all_of_it])
    catchball.return_ball(session=session, ball_id=ball.id, wish=wish, by=lena, at=NOW)
    accept(session, firm, ball, firm.opal)
    deployment = session.get_one(Deployment, ball.deployment_id)
    assert (ball.state, deployment.state, deployment.valid_to) == (BallState.AGREED, State.ENDED, TODAY)
    items.end(session=session, item_id=how.id, reason="nothing holds it now", on=TODAY, by=lena, at=NOW)


def test_a_withdrawn_amendment_leaves_what_was_agreed(session: Session, firm: Company) -> None:
    ball, _, _ = playing.agreed(session, firm)
    opal = firm.of(session, firm.opal)
    catchball.reopen(session=session, ball_id=ball.id, reason="more is possible", by=opal, at=NOW)
    with pytest.raises(Refused, match="only who threw it"):
        catchball.withdraw(session=session, ball_id=ball.id, reason="", by=firm.of(session, firm.lena), at=NOW)
    catchball.withdraw(session=session, ball_id=ball.id, reason="", by=opal, at=NOW)
    assert (ball.state, ball.number) == (BallState.AGREED, 2)
    assert session.get_one(Deployment, ball.deployment_id).state is State.ACTIVE


def test_a_changed_priority_reopens_the_ball_and_overwrites_nothing(session: Session, firm: Company) -> None:
    ball, _, _ = playing.agreed(session, firm)
    by = firm.of(session, firm.opal)
    items.rename(
        session=session, item_id=firm.priority.id, name="Quarter lead time", was="Halve lead time", version=None, by=by,
        at=NOW,
    )  # fmt: skip
    assert (ball.state, ball.holder, ball.agreed) == (BallState.REOPENED, Side.CATCHER, 2)
    assert playing.answer_of(session, ball).name == "Halve lead time"
    last = session.scalars(select(Message).order_by(Message.place.desc())).first()
    assert last is not None
    assert "its wording" in last.text
    accept(session, firm, ball, firm.lena)
    accept(session, firm, ball, firm.opal)
    assert (ball.state, ball.agreed) == (BallState.AGREED, 3)


def test_the_clock_leaves_balls_alone_where_catchball_was_switched_off(session: Session, firm: Company) -> None:
    ball = playing.thrown(session, firm)
    firm.cycle.catchball = False
    session.flush()
    later = NOW + timedelta(days=90)
    assert remind_and_escalate(session=session, by=system_actor(name="clock"), at=later).escalated == 0
    assert ball.state is BallState.THROWN
    firm.cycle.catchball = True
    session.flush()
    assert remind_and_escalate(session=session, by=system_actor(name="clock"), at=later).escalated == 1


def test_another_due_day_of_a_thrown_action_reopens_the_ball(session: Session, firm: Company) -> None:
    firm.cycle.rotation = Rotation.ACTION
    made = factories.action(session, "Move the cells", firm.ops, cycle=firm.cycle, due_on=date(2026, 8, 31))
    firm.priority = made  # type: ignore[assignment] # what Operations hands down this time
    ball, _, _ = playing.agreed(session, firm)
    edited = ActionWish(
        unit_id=firm.ops.id, name=made.name, owner_id=made.owner_id, valid_from=made.valid_from, valid_to=made.valid_to,
        version=made.version, cycle_id=firm.cycle.id, due_on=date(2026, 7, 31), reason="the hall is let",
    )  # fmt: skip
    edit_action(session=session, item_id=made.id, wish=edited, by=firm.of(session, firm.opal), at=NOW)
    last = session.scalars(select(Message).order_by(Message.place.desc())).first()
    assert last is not None
    assert (ball.state, last.text) == (
        BallState.REOPENED, "“Move the cells” has changed since it was agreed: its due day"
    )  # fmt: skip


def test_a_ball_in_play_is_withdrawn_before_its_answer_ends(session: Session, firm: Company) -> None:
    ball = playing.thrown(session, firm)
    lena, opal = firm.of(session, firm.lena), firm.of(session, firm.opal)
    with pytest.raises(Refused, match="withdraw it"):
        end_deployment(session=session, deployment_id=ball.deployment_id, reason="no", on=TODAY, by=lena, at=NOW)
    catchball.withdraw(session=session, ball_id=ball.id, reason="too early", by=opal, at=NOW)
    assert session.get_one(Deployment, ball.deployment_id).state is State.DRAFT, "a withdrawn ball counts nowhere"
    ball = playing.thrown(session, firm)
    assert (ball.state, ball.number) == (BallState.THROWN, 2)


def test_only_what_both_have_signed_counts_and_as_of_a_past_day_it_did_not(session: Session, firm: Company) -> None:
    """Not while thrown; from the second signature on; still while reopened; not on the day before."""

    def metrics(known_at: datetime | None = None) -> int:
        question = Question(cycle="FY2026", as_of=date(2026, 6, 20), known_at=known_at)
        report = load(session=session, question=question, now=NOW + timedelta(days=60)).report
        return report.nodes["priority", firm.priority.id].counts.total

    ball = playing.thrown(session, firm)
    playing.write_plan(session, firm, ball)
    accept(session, firm, ball, firm.lena)
    assert metrics() == 0
    later = NOW + timedelta(days=2)
    opal = firm.of(session, firm.opal)
    catchball.accept(session=session, ball_id=ball.id, number=2, by=opal, at=later)
    assert metrics() == 1
    catchball.reopen(session=session, ball_id=ball.id, reason="more is possible", by=opal, at=later)
    assert metrics() == 1, "the last agreed version keeps counting"
    assert metrics(NOW + timedelta(days=1)) == 0, "as it was known before the second signature"


# ---------------------------------------------------------------- the clock


def test_a_ball_that_lies_is_reminded_of_and_then_goes_up_once(session: Session, firm: Company) -> None:
    ball = playing.thrown(session, firm)
    clock = system_actor(name="hoshin (clock)")
    for days, expected, state in (
        (6, (0, 0), BallState.THROWN), (7, (1, 0), BallState.THROWN), (8, (0, 0), BallState.THROWN),
        (14, (0, 1), BallState.ESCALATED), (40, (0, 0), BallState.ESCALATED),
    ):  # fmt: skip
        moved = remind_and_escalate(session=session, by=clock, at=NOW + timedelta(days=days))
        assert ((moved.reminded, moved.escalated), ball.state) == (expected, state), f"after {days} days"
    assert ball.holder is Side.SUPERIOR


# ---------------------------------------------------------------- who is faster


def _race(engine: Engine, *moves: Callable[[Session], object]) -> list[str]:
    """Make the moves at once, each in a transaction of its own; what became of each, in words."""
    barrier, said = Barrier(len(moves)), [""] * len(moves)

    def run(place: int, move: Callable[[Session], object]) -> None:
        with Session(engine.execution_options(hoshin_writes=True)) as session:
            barrier.wait()
            try:
                move(session)
                session.commit()
                said[place] = "done"
            except HoshinError as error:
                said[place] = str(error)

    threads = [Thread(target=run, args=one) for one in enumerate(moves)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return said


def _one_history(engine: Engine, state: BallState) -> None:
    with Session(engine) as session:
        ball = playing.only_ball(session)
        assert ball.state is state
        places = session.scalars(select(Message.place).order_by(Message.place)).all()
        assert list(places) == list(range(1, len(places) + 1))
        signatures = session.execute(select(Signature.offer_id, Signature.side)).all()
        assert len(signatures) == len(set(signatures))


def _play(verb: Callable[..., Any], by: Actor, ball_id: int, **more: object) -> Callable[[Session], object]:
    return lambda session: verb(session=session, ball_id=ball_id, by=by, at=NOW, **more)


@pytest.fixture
def court(engine: Engine) -> tuple[int, Actor, Actor, int]:
    """A committed game: Assembly has accepted and brought its plan; the ball, Opal, Lena, and Opal's grant."""
    with Session(engine.execution_options(hoshin_writes=True)) as session:
        firm = playing.company(session)
        ball = playing.thrown(session, firm)
        playing.write_plan(session, firm, ball)
        accept(session, firm, ball, firm.lena)
        grant = session.scalars(select(Grant).where(Grant.person_id == firm.opal.id)).one()
        found = (ball.id, firm.of(session, firm.opal), firm.of(session, firm.lena), grant.id)
        session.commit()
    return found


def test_accepted_twice_at_once_it_is_agreed_once(engine: Engine, court: tuple[int, Actor, Actor, int]) -> None:
    ball, opal, _, _ = court
    said = _race(engine, *[_play(catchball.accept, opal, ball, number=2)] * 3)
    assert sorted(said)[:1] == ["done"]
    assert said.count("done") == 1
    assert all("agreed already" in one for one in said if one != "done")
    _one_history(engine, BallState.AGREED)


def test_accepting_and_countering_at_once_gives_one_of_the_two(
    engine: Engine, court: tuple[int, Actor, Actor, int]
) -> None:
    ball, opal, _, _ = court
    counter = catchball.OfferWish(number=2, wording="Less", reason="too much")
    said = _race(
        engine, _play(catchball.accept, opal, ball, number=2), _play(catchball.return_ball, opal, ball, wish=counter)
    )
    assert said.count("done") == 1
    refusal = next(one for one in said if one != "done")
    assert "agreed already" in refusal or "it is not your turn" in refusal
    _one_history(engine, BallState.AGREED if said[0] == "done" else BallState.RETURNED)


def test_accepting_what_is_withdrawn_at_the_same_moment(engine: Engine, court: tuple[int, Actor, Actor, int]) -> None:
    ball, opal, _, _ = court
    said = _race(
        engine, _play(catchball.accept, opal, ball, number=2), _play(catchball.withdraw, opal, ball, reason="no")
    )
    assert said.count("done") == 1
    _one_history(engine, BallState.AGREED if said[0] == "done" else BallState.WITHDRAWN)


def test_out_of_turn_stale_and_after_losing_the_unit(engine: Engine, court: tuple[int, Actor, Actor, int]) -> None:
    ball, opal, lena, grant = court
    with Session(engine.execution_options(hoshin_writes=True)) as session:
        with pytest.raises(Refused, match="not your turn"):
            catchball.accept(session=session, ball_id=ball, number=2, by=lena, at=NOW)
        with pytest.raises(Refused, match="a newer offer lies on the table"):
            catchball.accept(session=session, ball_id=ball, number=1, by=opal, at=NOW)
        session.get_one(Grant, grant).valid_to = TODAY - timedelta(days=1)
        session.flush()
        with pytest.raises(Refused, match="you sign for neither side"):
            catchball.accept(session=session, ball_id=ball, number=2, by=opal, at=NOW)
    _one_history(engine, BallState.RETURNED)


def test_two_who_throw_at_once_make_one_ball(engine: Engine) -> None:
    with Session(engine.execution_options(hoshin_writes=True)) as session:
        firm = playing.company(session)
        wish = ThrowWish(unit_id=firm.ops.id, source_ids=[firm.priority.id], unit_ids=[firm.line.id])
        opal = firm.of(session, firm.opal)
        session.commit()
    said = _race(engine, *[lambda session: throw_all(session=session, wish=wish, by=opal, at=NOW)] * 2)
    assert said.count("done") == 1
    with Session(engine) as session:
        assert session.scalar(select(func.count(Ball.id))) == 1
        assert session.scalar(select(func.count(KPI.id))) == 0
