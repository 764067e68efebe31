"""Closing a year: what is decided and by whom, what goes on, and that the closed year reads as it did before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import actions, forecasts, items, links, locks, readings
from hoshin.commands.closing import ChoiceWish, choose, close_cycle
from hoshin.commands.closing_reopen import reopen_cycle
from hoshin.commands.cycle_settings import CycleWish, change_cycle
from hoshin.commands.readings import CellWish
from hoshin.engine.calendars import Frequency
from hoshin.engine.closing import Fate, TargetRule
from hoshin.engine.metrics import Mode
from hoshin.engine.plans import State
from hoshin.engine.verdicts import Direction
from hoshin.errors import Forbidden, HoshinError, Missing, Refused, Stale
from hoshin.model.actions import Action, ActionHelper, Status
from hoshin.model.base import Base
from hoshin.model.catchball import Ball
from hoshin.model.closing import ClosingChoice
from hoshin.model.cycles import Cycle, CycleKPI, CycleState, MonthLock
from hoshin.model.items import Item, Objective, Priority
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI, Reading
from hoshin.model.links import Correlation, Deployment
from hoshin.queries.attainment import Question, load
from hoshin.queries.closing import list_choices, list_to_decide
from tests import factories
from tests.planting import Planted, plant

LATE = datetime(2027, 1, 20, 9, tzinfo=UTC)
"""FY2026 is over and December has fallen due."""


@dataclass
class Over:
    """The planted plan at the end of its year, with an action under its priority."""

    plan: Planted
    action: Action
    session: Session

    def actor(self, name: str) -> Actor:
        """The rights of executive, head, staff or auditor at that time."""
        return factories.actor(self.session, getattr(self.plan, name), LATE.date())

    def decide(self, item: Item, fate: Fate | None, by: str = "executive", **more: Any) -> int:
        """Choose for one item."""
        wish = ChoiceWish(item_id=item.id, fate=fate, **{"reason": "as agreed in the annual review", **more})
        return choose(session=self.session, cycle="FY2026", wishes=[wish], by=self.actor(by), at=LATE)

    def decide_rest(self, fate: Fate = Fate.KEEP) -> None:
        """The same for everything that still waits."""
        known = list_choices(session=self.session, cycle_id=self.plan.cycle.id)
        for item in list_to_decide(session=self.session, cycle=self.plan.cycle):
            if item.id not in known:
                self.decide(item, fate)

    def close(self, by: str = "executive", at: datetime = LATE, **more: Any) -> Cycle:
        """Close the year."""
        wish = {"name": "FY2026", "confirmed": True, "version": None, **more}
        return close_cycle(session=self.session, by=self.actor(by), at=at, **wish)


@pytest.fixture
def over(session: Session) -> Over:
    """The year is over."""
    planted = plant(session)
    action = factories.action(
        session, "Call every lost customer", owner_id=planted.executive.id, due_on=date(2026, 11, 30),
        status=Status.IN_PROGRESS, progress=40,
    )  # fmt: skip
    session.add(ActionHelper(action_id=action.id, person_id=planted.staff.id))
    factories.link(session, planted.priority, action, 9)
    factories.link(session, action, planted.kpis["Repeat orders"], 3)
    session.flush()
    return Over(planted, action, session)


def _figures(session: Session, at: datetime = LATE) -> dict[object, object]:
    """Every node of the closed year, in each mode, and what was ended in it."""
    found: dict[object, object] = {}
    for mode in Mode:
        for month in range(1, 13):
            question = Question(cycle="FY2026", period=f"2026-{month:02}", mode=mode)
            report = load(session=session, question=question, now=at).report
            found[mode, month] = (report.ended, {key: (one.name, one.counts) for key, one in report.nodes.items()})
    return found


# ------------------------------------------------------------------ deciding


def test_every_item_of_the_year_waits_for_a_word_and_drafts_of_kpis_do_not(over: Over) -> None:
    names = [one.name for one in list_to_decide(session=over.session, cycle=over.plan.cycle)]
    assert sorted(names) == [
        "Audits done", "Build the new line", "Call every lost customer", "Complaints", "Grow", "Lead time",
        "Prototypes", "Repeat orders", "Win back customers",
    ]  # fmt: skip


def test_a_choice_is_saved_changed_and_taken_back(over: Over) -> None:
    item = over.plan.priority
    assert over.decide(item, Fate.KEEP) == 1
    assert over.decide(item, Fate.KEEP) == 0, "the same again changes nothing"
    assert over.decide(item, Fate.CHANGE, wording="Win back every customer", version=1) == 1
    choice = list_choices(session=over.session, cycle_id=over.plan.cycle.id)[item.id]
    assert (choice.fate, choice.wording, choice.version) == (Fate.CHANGE, "Win back every customer", 2)
    with pytest.raises(Stale):
        over.decide(item, Fate.END, version=1)
    assert over.decide(item, None, version=2) == 1
    assert list_choices(session=over.session, cycle_id=over.plan.cycle.id) == {}
    verbs = over.session.scalars(select(JournalLine.verb).where(JournalLine.subject == "closingchoice")).all()
    assert verbs == ["created", "changed", "removed"]


@pytest.mark.parametrize(
    ("name", "item", "error"),
    [
        ("head", "priority", Forbidden), ("staff", "priority", Forbidden), ("auditor", "answer", Forbidden),
        ("administrator", "priority", Forbidden),
    ],
)  # fmt: skip
def test_a_head_decides_for_her_own_unit_only(over: Over, name: str, item: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        over.decide(getattr(over.plan, item), Fate.KEEP, by=name)


def test_the_head_of_the_unit_decides_and_the_executive_everywhere(over: Over) -> None:
    assert over.decide(over.plan.kpis["Complaints"], Fate.KEEP, by="head") == 1
    assert over.decide(over.plan.answer, Fate.KEEP) == 1, "also below"


@pytest.mark.parametrize(
    ("item", "fate", "more", "sentence"),
    [
        ("priority", Fate.KEEP, {"reason": " "}, "say why it is kept"),
        ("priority", Fate.CHANGE, {"reason": ""}, "say what changes and why"),
        ("priority", Fate.END, {"reason": ""}, "say why it ends"),
        ("objective", Fate.CHANGE, {"wording": "x" * 501}, "at most 500 characters"),
        ("hidden", Fate.CHANGE, {"wording": "Test pieces"}, "already has a KPI of that name"),
        ("hidden", Fate.KEEP, {"targets": TargetRule.RAMP}, "say where the ramp leads to"),
        ("hidden", Fate.KEEP, {"targets": TargetRule.RAMP, "ramp_to": Decimal("1e20")}, "digits"),
    ],
)  # fmt: skip
def test_a_choice_without_its_reason_or_with_something_impossible_is_refused(
    over: Over, item: str, fate: Fate, more: dict[str, Any], sentence: str
) -> None:
    factories.kpi(over.session, "Test pieces", over.plan.secret)
    with pytest.raises(Refused, match=sentence):
        over.decide(getattr(over.plan, item), fate, **more)


def test_a_ramp_starts_from_an_actual_and_leads_to_one_figure(over: Over) -> None:
    between = factories.kpi(over.session, "In the band", cycle=over.plan.cycle, direction=Direction.BETWEEN)
    unread = factories.kpi(over.session, "Unread", cycle=over.plan.cycle, direction=Direction.AT_LEAST)
    for kpi, sentence in ((between, "no single target"), (unread, "no actual of FY2026")):
        with pytest.raises(Refused, match=sentence):
            over.decide(kpi, Fate.KEEP, targets=TargetRule.RAMP, ramp_to=Decimal(5))


# ------------------------------------------------------------------ closing


def test_nothing_is_closed_while_something_waits(over: Over) -> None:
    over.decide(over.plan.priority, Fate.KEEP)
    with pytest.raises(Refused, match="8 items wait for a word, keep, change or end: ") as refusal:
        over.close()
    assert "Operations (3)" in str(refusal.value)


@pytest.mark.parametrize(
    ("more", "error", "sentence"),
    [
        ({"by": "head"}, Forbidden, "may not"),
        ({"by": "administrator"}, Forbidden, "may not"),
        ({"confirmed": False}, Refused, "tick that you have read"),
        ({"version": 7}, Stale, "in the meantime"),
        ({"name": "FY1999"}, Missing, "no cycle"),
        ({"at": datetime(2027, 1, 9, tzinfo=UTC)}, Refused, "from 2027-01-10 on"),
    ],
)
def test_who_may_close_and_when(over: Over, more: dict[str, Any], error: type[Exception], sentence: str) -> None:
    over.decide_rest()
    with pytest.raises(error, match=sentence):
        over.close(**more)
    assert over.plan.cycle.state is CycleState.OPEN


def test_what_is_kept_goes_on_as_drafts_with_links_and_answers(over: Over) -> None:
    over.decide(over.plan.priority, Fate.CHANGE, wording="Win back every customer")
    over.decide_rest()
    following = over.close()
    assert (following.name, following.state) == ("FY2027", CycleState.OPEN)
    session = over.session
    priority = session.scalars(select(Priority).where(Priority.cycle_id == following.id)).one()
    assert (priority.name, priority.state, priority.owner_id) == (
        "Win back every customer", State.DRAFT, over.plan.executive.id,
    )  # fmt: skip
    assert (priority.valid_from, priority.valid_to) == (following.first_day, following.last_day)
    action = session.scalars(select(Action).where(Action.cycle_id == following.id)).one()
    assert (action.status, action.progress, action.due_on) == (Status.IN_PROGRESS, 40, None)
    assert session.get(ActionHelper, (action.id, over.plan.staff.id)) is not None
    pairs = {(one.upper_id, one.lower_id): one.strength for one in session.scalars(select(Correlation))}
    repeat = over.plan.kpis["Repeat orders"].id
    assert pairs[over.plan.objective.id, priority.id] == 9
    assert pairs[priority.id, action.id] == 9
    assert pairs[priority.id, repeat] == pairs[action.id, repeat] == 3
    deployment = session.scalars(select(Deployment).where(Deployment.source_id == priority.id)).one()
    assert (deployment.objective_id, deployment.state) == (over.plan.answer.id, State.DRAFT)
    on_plan = set(session.scalars(select(CycleKPI.kpi_id).where(CycleKPI.cycle_id == following.id)))
    assert on_plan == {one.id for one in over.plan.kpis.values()}
    choice = list_choices(session=session, cycle_id=over.plan.cycle.id)[over.plan.priority.id]
    assert choice.carried_id == priority.id


def test_with_catchball_what_was_handed_down_is_a_ball_again(over: Over) -> None:
    over.plan.cycle.catchball = True
    over.decide_rest()
    following = over.close()
    assert following.catchball, "the next cycle has the settings of this one"
    ball = over.session.scalars(select(Ball)).one()
    source = over.session.get_one(Item, over.session.get_one(Deployment, ball.deployment_id).source_id)
    assert (source.cycle_id, ball.state.value, ball.holder) == (following.id, "draft", None)


def test_what_ends_ends_with_the_year_for_its_reason_and_drafts_leave_the_lists(over: Over) -> None:
    draft = factories.priority(over.session, "Never agreed", state=State.DRAFT)
    for item in (over.plan.answer, over.plan.hidden, over.action):
        over.decide(item, Fate.END, reason="the line is built")
    over.decide(draft, Fate.END)
    over.decide_rest()
    following = over.close()
    for item in (over.plan.answer, over.plan.hidden, over.action):
        assert (item.state, item.valid_to, item.end_reason) == (
            State.ENDED, date(2026, 12, 31), "the line is built",
        )  # fmt: skip
    assert draft.archived_at == LATE
    names = over.session.scalars(select(Item.name).where(Item.cycle_id == following.id)).all()
    assert names == ["Win back customers"]
    sources = select(Deployment).join(Item, Item.id == Deployment.source_id).where(Item.cycle_id == following.id)
    assert over.session.scalars(sources).all() == [], "nothing is handed to an objective that ended"
    assert over.session.get(CycleKPI, (following.id, over.plan.hidden.id)) is None


def test_the_targets_go_on_the_same_in_a_ramp_or_not_at_all(over: Over) -> None:
    kpis = over.plan.kpis
    over.decide(kpis["Repeat orders"], Fate.KEEP, targets=TargetRule.SAME)
    over.decide(kpis["Complaints"], Fate.CHANGE, targets=TargetRule.RAMP, ramp_to=Decimal(0))
    over.decide_rest()
    over.close()

    def planned(name: str) -> list[tuple[date, str]]:
        query = select(Reading).where(Reading.kpi_id == kpis[name].id, Reading.period >= date(2027, 1, 1))
        return [(one.period, f"{one.target}") for one in over.session.scalars(query.order_by(Reading.period))]

    assert planned("Repeat orders") == [(date(2027, 3, 1), "5.0000"), (date(2027, 4, 1), "5.0000")]
    ramp = planned("Complaints")
    assert (ramp[0], ramp[-1], len(ramp)) == (
        (date(2027, 1, 1), "2.7500"), (date(2027, 12, 1), "0.0000"), 12,
    )  # fmt: skip
    assert planned("Lead time") == []
    first = over.session.get_one(Reading, (date(2027, 12, 1), kpis["Complaints"].id))
    assert (first.first_high, first.amended) == (Decimal(0), False), "this is what was first agreed"


def test_what_was_planned_ahead_is_taken_and_its_targets_stay(over: Over) -> None:
    session, kpi = over.session, over.plan.kpis["Repeat orders"]
    ahead = factories.cycle(session, 2027)
    twin = factories.priority(session, "Win back customers", cycle=ahead)
    cell = CellWish(kpi_id=kpi.id, period=date(2027, 6, 1), values={"target": Decimal(9)})
    readings.save_cells(session=session, cells=[cell], by=replace(over.actor("head"), is_system=True), at=LATE)
    over.decide(kpi, Fate.KEEP, targets=TargetRule.SAME)
    over.decide_rest()
    assert over.close() is ahead
    assert list_choices(session=session, cycle_id=over.plan.cycle.id)[over.plan.priority.id].carried_id == twin.id
    assert twin.state is State.ACTIVE
    new = select(Reading.period).where(Reading.kpi_id == kpi.id, Reading.period >= date(2027, 1, 1))
    assert session.scalars(new).all() == [date(2027, 6, 1)]


def test_the_closed_year_reads_as_before_at_every_node_whatever_happens_later(over: Over) -> None:
    session = over.session
    over.decide(over.plan.hidden, Fate.END)
    over.decide(over.plan.objective, Fate.CHANGE, wording="Grow calmly")
    over.decide_rest()
    before = _figures(session)
    over.close()
    assert _figures(session) == before
    later = datetime(2027, 2, 1, tzinfo=UTC)
    system = replace(over.actor("executive"), is_system=True)
    repeat = over.plan.kpis["Repeat orders"]
    items.end(session=session, item_id=repeat.id, reason="too easy", on=date(2026, 6, 1), by=system, at=later)
    wish = links.CorrelationWish(upper_id=over.plan.objective.id, lower_id=over.plan.kpis["Lead time"].id, strength=0)
    links.correlate(session=session, wish=wish, by=system, at=later)
    assert _figures(session, at=later) == before


def test_closing_is_one_transaction(over: Over) -> None:
    """Something impossible at the very end leaves no draft, no cycle and no ended item."""
    session = over.session
    over.decide(over.plan.priority, Fate.KEEP)
    over.decide(over.plan.hidden, Fate.END)
    over.decide_rest()
    ahead = factories.cycle(session, 2027)
    archived = factories.action(session, "Call every lost customer", cycle=ahead, archived_at=LATE)
    session.commit()
    with pytest.raises(Refused, match="is archived in FY2027"):
        over.close()
    session.rollback()
    assert session.get_one(Cycle, over.plan.cycle.id).state is CycleState.OPEN
    assert session.get_one(KPI, over.plan.hidden.id).state is State.ACTIVE
    in_2027 = session.scalars(select(Item.id).where(Item.cycle_id == ahead.id)).all()
    assert in_2027 == [archived.id]


def test_every_month_of_every_unit_is_locked(over: Over) -> None:
    over.session.add(
        MonthLock(unit_id=over.plan.operations.id, month=date(2026, 4, 1), locked_at=LATE, locked_by="Zoë")
    )
    over.decide_rest()
    over.close()
    months = over.session.execute(select(MonthLock.unit_id, func.count(MonthLock.id)).group_by(MonthLock.unit_id))
    assert dict(months.all()) == {one.id: 12 for one in (over.plan.top, over.plan.operations, over.plan.secret)}


def test_the_next_cycle_may_not_be_closed_already(over: Over) -> None:
    factories.cycle(over.session, 2027, state=CycleState.CLOSED)
    over.decide_rest()
    with pytest.raises(Refused, match="FY2027, which follows, is closed already"):
        over.close()


# ------------------------------------------------------------------ afterwards


Write = Callable[[Over, Actor], object]


def _record(over: Over, by: Actor, revise: bool = False) -> object:
    cell = CellWish(kpi_id=over.plan.hidden.id, period=date(2026, 4, 1), values={"actual": Decimal(9)})
    return readings.save_cells(session=over.session, cells=[cell], by=by, at=LATE, reason="late", revise=revise)


def _edit(over: Over, by: Actor) -> object:
    wish = actions.ActionWish(unit_id=over.action.unit_id, name="Another", cycle_id=over.plan.cycle.id)
    return actions.edit_action(session=over.session, item_id=over.action.id, wish=wish, by=by, at=LATE)


def _create(over: Over, by: Actor) -> object:
    wish = actions.ActionWish(unit_id=over.action.unit_id, name="One more", cycle_id=over.plan.cycle.id)
    return actions.create_action(session=over.session, wish=wish, by=by, at=LATE)


def _report(over: Over, by: Actor) -> object:
    wish = actions.ProgressWish(status=Status.DONE, progress=100)
    return actions.report_progress(session=over.session, item_id=over.action.id, wish=wish, by=by, at=LATE)


def _end(over: Over, by: Actor) -> object:
    return items.end(
        session=over.session, item_id=over.action.id, reason="x", on=date(2026, 12, 31), by=by, at=LATE
    )  # fmt: skip


def _correlate(over: Over, by: Actor) -> object:
    wish = links.CorrelationWish(upper_id=over.plan.objective.id, lower_id=over.plan.priority.id, strength=1)
    return links.correlate(session=over.session, wish=wish, by=by, at=LATE)


def _answer(over: Over, by: Actor) -> object:
    other = factories.objective(over.session, "Another answer", over.plan.operations)
    wish = links.AnswerWish(source_id=over.plan.priority.id, objective_id=other.id)
    return links.answer(session=over.session, wish=wish, by=by, at=LATE)


def _end_answer(over: Over, by: Actor) -> object:
    found = over.session.scalars(select(Deployment).where(Deployment.source_id == over.plan.priority.id)).one()
    return links.end_deployment(
        session=over.session, deployment_id=found.id, reason="x", on=date(2026, 12, 31), by=by, at=LATE
    )


def _lock(over: Over, by: Actor) -> object:
    wish = locks.LockWish(cells=[(over.plan.operations.id, date(2026, 12, 1))], lock=True)
    return locks.set_locks(session=over.session, wish=wish, by=by, at=LATE)


def _forecast(over: Over, by: Actor) -> object:
    wish = forecasts.ForecastWish(kpi_id=over.plan.hidden.id, cycle_id=over.plan.cycle.id, value=Decimal(3))
    return forecasts.set_forecast(session=over.session, wish=wish, by=by, at=LATE)


def _choose(over: Over, by: Actor) -> object:
    wish = ChoiceWish(item_id=over.plan.priority.id, fate=Fate.END, reason="x")
    return choose(session=over.session, cycle="FY2026", wishes=[wish], by=by, at=LATE)


def _settings(over: Over, by: Actor) -> object:
    cycle = over.plan.cycle
    wish = CycleWish(state=CycleState.OPEN, rotation=cycle.rotation, catchball=True, version=cycle.version)
    return change_cycle(session=over.session, name="FY2026", wish=wish, by=by, at=LATE)


def _close_again(over: Over, by: Actor) -> object:
    return close_cycle(session=over.session, name="FY2026", confirmed=True, version=None, by=by, at=LATE)


WRITES: Sequence[Write] = (
    _record, lambda over, by: _record(over, by, revise=True), _edit, _create, _report, _end, _correlate, _answer,
    _end_answer, _lock, _forecast, _choose, _settings, _close_again,
)  # fmt: skip


def _rows(session: Session) -> dict[str, int]:
    tables = Base.metadata.tables.items()
    return {name: session.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables}


def test_nothing_of_a_closed_cycle_can_be_written_not_even_by_the_shell(over: Over) -> None:
    session = over.session
    over.decide_rest()
    over.close()
    system = replace(over.actor("executive"), is_system=True)
    session.commit()
    figures, rows = _figures(session), _rows(session)
    for write in WRITES:
        with pytest.raises(HoshinError, match="closed"):
            write(over, system)
        session.rollback()
    assert (_figures(session), _rows(session)) == (figures, rows)


def test_a_cycle_that_was_closed_by_mistake_is_opened_again_with_a_reason(over: Over) -> None:
    session = over.session
    over.decide(over.plan.hidden, Fate.END)
    over.decide_rest()
    following = over.close()
    by, late = over.actor("executive"), datetime(2027, 1, 21, tzinfo=UTC)
    with pytest.raises(Refused, match="say why"):
        _reopen(over, resume=False, reason=" ")
    with pytest.raises(Forbidden):
        _reopen(over, resume=False, by="head")
    _reopen(over, resume=False)
    assert (over.plan.cycle.state, over.plan.cycle.closed_at) == (CycleState.OPEN, None)
    cell = CellWish(kpi_id=over.plan.kpis["Audits done"].id, period=date(2026, 12, 1), values={"actual": Decimal(3)})
    system = replace(by, is_system=True)
    with pytest.raises(Refused, match="locked for this unit"):
        readings.save_cells(session=session, cells=[cell], by=system, at=late)
    readings.save_cells(session=session, cells=[cell], by=system, at=late, reason="counted twice", revise=True)
    drafts = select(func.count(Item.id)).where(Item.cycle_id == following.id)
    before = session.scalar(drafts)
    assert close_cycle(session=session, name="FY2026", confirmed=True, version=None, by=by, at=late) is following
    assert session.scalar(drafts) == before, "closing again adds nothing twice"
    assert over.plan.cycle.closed_at == late


def test_only_the_latest_closed_cycle_is_opened_again(over: Over) -> None:
    over.decide_rest()
    following = over.close()
    following.state = CycleState.CLOSED
    with pytest.raises(Refused, match="a later cycle is closed"):
        _reopen(over, resume=True)


def test_opening_again_resumes_what_closing_ended_and_closing_again_ends_it(over: Over) -> None:
    """In force with the last day it had, drafts in their lists; what somebody has touched since is left alone."""
    session, head, later = over.session, over.actor("head"), datetime(2027, 1, 20, 11, tzinfo=UTC)
    priority, action, kpi, other = over.plan.priority, over.action, over.plan.hidden, over.plan.kpis["Complaints"]
    draft = factories.action(session, "Perhaps later", state=State.DRAFT)
    action.valid_to = date(2027, 2, 28)
    for one in (priority, action, kpi, other):
        over.decide(one, Fate.END)
    over.decide_rest()
    draft_choice = list_choices(session=session, cycle_id=over.plan.cycle.id)[draft.id]
    over.decide(draft, Fate.END, version=draft_choice.version)
    over.close()
    items.resume(session=session, item_id=other.id, reason="customers still complain", by=head, at=later)
    items.end(session=session, item_id=other.id, reason="enough", on=date(2027, 1, 15), by=head, at=later)
    number = _reopen(over, resume=True)
    assert number == 4
    assert [one.state for one in (priority, action, kpi)] == [State.ACTIVE] * 3
    assert (action.valid_to, kpi.valid_to, kpi.end_reason, draft.archived_at) == (date(2027, 2, 28), None, "", None)
    assert (other.state, other.end_reason) == (State.ENDED, "enough")
    lines = session.scalars(select(JournalLine).where(JournalLine.verb.in_(["resumed", "restored"]))).all()
    whys = {one.subject_name: (one.verb, one.why) for one in lines if one.subject_name != "Complaints"}
    said = "FY2026 was opened again: December was wrong"
    assert whys == {
        priority.name: ("resumed", said), action.name: ("resumed", said), kpi.name: ("resumed", said),
        draft.name: ("restored", said),
    }  # fmt: skip
    over.close(at=datetime(2027, 1, 22, tzinfo=UTC))
    assert [one.state for one in (priority, action, kpi)] == [State.ENDED] * 3, "the choices stood"
    assert draft.archived_at is not None


def test_without_the_tick_what_was_ended_stays_ended(over: Over) -> None:
    over.decide(over.plan.priority, Fate.END)
    over.decide_rest()
    over.close()
    assert _reopen(over, resume=False) == 0
    assert over.plan.priority.state is State.ENDED


def _reopen(over: Over, resume: bool, by: str = "executive", reason: str = "December was wrong") -> int:
    return reopen_cycle(
        session=over.session, name="FY2026", reason=reason, resume=resume, version=None, by=over.actor(by),
        at=datetime(2027, 1, 21, tzinfo=UTC),
    )  # fmt: skip


def test_a_quarterly_kpi_keeps_its_quarters(over: Over) -> None:
    kpi = factories.kpi(
        over.session, "Audit score", cycle=over.plan.cycle, frequency=Frequency.QUARTER, direction=Direction.AT_LEAST
    )
    system = replace(over.actor("executive"), is_system=True)
    cell = CellWish(kpi_id=kpi.id, period=date(2026, 10, 1), values={"target": Decimal(4), "actual": Decimal(3)})
    readings.save_cells(session=over.session, cells=[cell], by=system, at=LATE)
    over.decide(kpi, Fate.KEEP, targets=TargetRule.RAMP, ramp_to=Decimal(5))
    over.decide_rest()
    over.close()
    query = select(Reading.period, Reading.target).where(Reading.kpi_id == kpi.id, Reading.period > date(2026, 12, 1))
    found = [(day.month, str(target)) for day, target in over.session.execute(query.order_by(Reading.period))]
    assert found == [(1, "3.5000"), (4, "4.0000"), (7, "4.5000"), (10, "5.0000")]


def test_objectives_are_not_copied_but_live_on(over: Over) -> None:
    over.decide(over.plan.objective, Fate.CHANGE, wording="Grow calmly")
    over.decide_rest()
    over.close()
    names = over.session.scalars(select(Objective.name).order_by(Objective.id)).all()
    assert names == ["Grow calmly", "Build the new line"]
    assert over.session.scalar(select(func.count(ClosingChoice.id))) == 9
