"""A whole year of a small company, played through its commands from the vision to the close, on both databases.

At each stage the derived step and the attainment are looked at as the pages would show them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor, system_actor
from hoshin.commands import (
    balls,
    catchball,
    countermeasures,
    countermeasures_open,
    diagnosis,
    items,
    meetings,
    readings,
    surveys,
)
from hoshin.commands.actions import ActionWish, ProgressWish, create_action, report_progress
from hoshin.commands.catchball import OfferWish
from hoshin.commands.catchball_clock import remind_and_escalate
from hoshin.commands.checkins import CheckInWish, check_in
from hoshin.commands.closing import ChoiceWish, choose, close_cycle
from hoshin.commands.countermeasures import CloseWish, ShortWish
from hoshin.commands.cycle_settings import open_next_cycle
from hoshin.commands.diagnosis import FindingWish
from hoshin.commands.kpis import KPIWish, create_kpi
from hoshin.commands.links import CorrelationWish, correlate
from hoshin.commands.meetings import DecisionWish, HoldWish, MinutesWish
from hoshin.commands.objectives import ObjectiveWish, create_objective
from hoshin.commands.priorities import PriorityWish, create_priority
from hoshin.commands.readings import CellWish
from hoshin.commands.reviews import YearWish, plan_year
from hoshin.commands.throws import ThrowWish, throw_all
from hoshin.commands.vision import VisionWish, write_vision
from hoshin.engine.cadence import ReviewKind
from hoshin.engine.calendars import add_months
from hoshin.engine.catchball import BallState, Side
from hoshin.engine.closing import Fate, TargetRule
from hoshin.engine.diagnosis import Phase
from hoshin.engine.metrics import Mode
from hoshin.engine.plans import State
from hoshin.engine.steps import Year, seven_steps
from hoshin.engine.surveys import Satisfied
from hoshin.engine.verdicts import Direction
from hoshin.errors import HoshinError
from hoshin.model.actions import Action, Status
from hoshin.model.catchball import Ball, Offer
from hoshin.model.countermeasures import AnswerState, Countermeasure, Worked
from hoshin.model.cycles import Cycle, CycleState
from hoshin.model.items import Item, Objective, Priority
from hoshin.model.kpis import KPI, Reading
from hoshin.model.links import Deployment
from hoshin.model.people import Person, Role
from hoshin.model.reviews import Presence, Review, ReviewState
from hoshin.model.units import Unit
from hoshin.queries.agenda import load_agenda
from hoshin.queries.attainment import Attainment, Question, load
from hoshin.queries.closing import list_to_decide
from hoshin.queries.diagnosis import list_areas
from hoshin.queries.drill import readable_keys
from hoshin.queries.reviews import list_reviews
from hoshin.queries.units import get_organisation, top_unit
from hoshin.queries.year import YearQuestion, load_year
from hoshin.reports.packs import content_of
from tests import factories

CLOCK = system_actor(name="clock")
KINDS = (ReviewKind.MONTHLY, ReviewKind.QUARTERLY, ReviewKind.ANNUAL, ReviewKind.DIAGNOSIS)
DAYS = {"jan": "10", "feb": "10", "mar": "14", "apr": "9", "may": "8"}
"""Days from order to delivery as Assembly reads them, at most 10 being the plan: March is a miss."""


@dataclass
class Played:
    """The company, its people, the day it is, and what has been written so far."""

    session: Session
    today: date = date(2025, 11, 3)
    people: dict[str, Person] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        """Nine o'clock."""
        return datetime(self.today.year, self.today.month, self.today.day, 9, tzinfo=UTC)

    def by(self, name: str) -> Actor:
        """The person's rights on that day."""
        return factories.actor(self.session, self.people[name], self.today)

    def attainment(self, period: str | None = None, mode: Mode = Mode.PERIOD) -> Attainment:
        """The figures of FY2026."""
        question = Question(cycle="FY2026", period=period, mode=mode)
        return load(session=self.session, question=question, now=self.at)

    def counts(self, period: str) -> tuple[int, int]:
        """Hits and due metrics of the whole in that month."""
        counts = self.attainment(period).report.organisation.counts
        return counts.hits, counts.due

    def year(self) -> Year:
        """The seven steps of the whole, as the chief reads them."""
        readable = readable_keys(session=self.session, actor=self.by("Cleo"))
        known = get_organisation(session=self.session)
        question = YearQuestion(known, None, self.today, self.at, self.attainment(), readable)
        return seven_steps(facts=load_year(session=self.session, question=question))

    def step(self) -> int | None:
        """The number of the present step; None once the cycle is closed."""
        present = self.year().present
        return present.number if present else None

    def open_steps(self) -> list[int]:
        """The numbers of the steps that are not done."""
        return [one.number for one in self.year().steps if one.state.value != "done"]

    def one(self, kind: type[Item], name: str) -> Item:
        """The first item of that kind and name."""
        found = self.session.scalars(select(kind).where(kind.name == name).order_by(kind.id)).first()
        assert found is not None, name
        return found

    @property
    def cycle(self) -> Cycle:
        """FY2026."""
        return self.session.scalars(select(Cycle).where(Cycle.name == "FY2026")).one()


@pytest.fixture
def played(session: Session) -> Played:
    """A company with one department, its team, their people, and nothing planned."""
    factories.organisation(session, live_on=date(2026, 1, 1))
    firm = Played(session)
    top = top_unit(session=session)
    operations = factories.unit(session, "Operations")
    firm.units = {"top": top, "Operations": operations, "Assembly": factories.unit(session, "Assembly", operations)}
    for name, role, unit in (
        ("Cleo", Role.EXECUTIVE, "top"), ("Sven", Role.STAFF, "top"), ("Opal", Role.HEAD, "Operations"),
        ("Lena", Role.HEAD, "Assembly"), ("Stan", Role.STAFF, "Assembly"),
    ):  # fmt: skip
        firm.people[name] = factories.person(session, name, role, firm.units[unit])
    for number in range(5):
        name = f"Hand {number}"
        firm.people[name] = factories.person(session, name, Role.STAFF, firm.units["Assembly"])
    open_next_cycle(session=session, name="FY2025", by=firm.by("Cleo"), at=firm.at)
    open_next_cycle(session=session, name="FY2026", catchball=True, by=firm.by("Cleo"), at=firm.at)
    return firm


def test_a_year_from_the_vision_to_its_close(played: Played) -> None:
    _plan(played)
    _hand_down(played)
    _run(played)
    _look_back(played)
    _close(played)


# ------------------------------------------------------------------ steps 1 to 3


def _plan(firm: Played) -> None:
    assert (firm.step(), firm.open_steps()) == (1, [1, 2, 3, 4, 5, 6, 7])
    session, chief, at = firm.session, firm.by("Cleo"), firm.at
    version = get_organisation(session=session).version
    vision = VisionWish(true_north="Nobody waits.", current_state="One order in five is late.", version=version)
    write_vision(session=session, wish=vision, by=chief, at=at)
    assert firm.step() == 2
    top = firm.units["top"].id
    wish = ObjectiveWish(unit_id=top, name="Deliver on time", sponsor_id=firm.people["Sven"].id)
    objective = create_objective(session=session, wish=wish, by=chief, at=at)
    assert firm.step() == 2, "a draft is no objective in force"
    items.put_in_force(session=session, item_id=objective.id, by=chief, at=at)
    assert firm.step() == 3
    _priority(firm, "Cleo", "top", "Halve the lead time", objective)
    assert (firm.step(), firm.open_steps()) == (4, [4, 5, 6, 7])
    returns = KPIWish(
        unit_id=top, name="Orders on time", cycle_id=firm.cycle.id, direction=Direction.AT_LEAST,
        owner_id=firm.people["Cleo"].id,
    )  # fmt: skip
    kpi = create_kpi(session=session, wish=returns, by=chief, at=at)
    _targets(firm, "Cleo", kpi, "80")
    items.put_in_force(session=session, item_id=kpi.id, by=chief, at=at)
    _link(firm, "Cleo", objective, kpi)


def _priority(firm: Played, who: str, unit: str, name: str, objective: Item, *, force: bool = True) -> Priority:
    wish = PriorityWish(unit_id=firm.units[unit].id, name=name, cycle_id=firm.cycle.id, owner_id=firm.people[who].id)
    made = create_priority(session=firm.session, wish=wish, by=firm.by(who), at=firm.at)
    _link(firm, who, objective, made)
    if force:
        items.put_in_force(session=firm.session, item_id=made.id, by=firm.by(who), at=firm.at)
    return made


def _link(firm: Played, who: str, upper: Item, lower: Item) -> None:
    wish = CorrelationWish(upper_id=upper.id, lower_id=lower.id, strength=9, rationale="it is where the time goes")
    correlate(session=firm.session, wish=wish, by=firm.by(who), at=firm.at)


def _targets(firm: Played, who: str, kpi: KPI, target: str) -> None:
    months = [add_months(day=firm.cycle.first_day, months=place) for place in range(12)]
    cells = [CellWish(kpi_id=kpi.id, period=month, values={"target": Decimal(target)}) for month in months]
    readings.save_cells(session=firm.session, cells=cells, by=firm.by(who), at=firm.at)


# ------------------------------------------------------------------ step 4


def _hand_down(firm: Played) -> None:
    session = firm.session
    first = _throw(firm, "Cleo", "top", "Operations", "Halve the lead time")
    catchball.accept(session=session, ball_id=first.id, number=first.number, by=firm.by("Opal"), at=firm.at)
    assert (first.state, firm.step()) == (BallState.AGREED, 5), "one click, and it is agreed"
    answer = session.get_one(Objective, session.get_one(Deployment, first.deployment_id).objective_id)
    assert answer.state is State.ACTIVE
    _priority(firm, "Opal", "Operations", "One piece at a time", answer)
    ball = _throw(firm, "Opal", "Operations", "Assembly", "One piece at a time")
    assert firm.step() == 4
    assert "not agreed with Assembly: thrown, round 1, 0 days in hand" in firm.year().steps[3].lacks[0].text
    for number, (who, reason) in enumerate(
        [("Lena", "two lines are down"), ("Opal", "one of them is back"), ("Lena", "nobody is trained"),
         ("Opal", "we train them in January"), ("Lena", "with what money?")], start=2,
    ):  # fmt: skip
        firm.today += timedelta(days=1)
        _return(firm, ball, who, reason)
        assert ball.number == number
    assert (ball.round, ball.holder) == (3, Side.THROWER), "three rounds, and it is in Opal's hand"
    _escalate_and_agree(firm, ball)


def _throw(firm: Played, who: str, unit: str, to: str, name: str) -> Ball:
    source = firm.session.scalars(select(Priority).where(Priority.name == name)).one()
    wish = ThrowWish(
        unit_id=firm.units[unit].id, source_ids=[source.id], unit_ids=[firm.units[to].id], message="customers leave"
    )
    return throw_all(session=firm.session, wish=wish, by=firm.by(who), at=firm.at)[0]


def _return(firm: Played, ball: Ball, who: str, reason: str) -> None:
    wish = OfferWish(number=ball.number, wording="One piece at a time", reason=reason)
    catchball.return_ball(session=firm.session, ball_id=ball.id, wish=wish, by=firm.by(who), at=firm.at)


def _escalate_and_agree(firm: Played, ball: Ball) -> None:
    """Opal does not answer: the clock reminds her, then it goes to Cleo, whose offer both sides sign."""
    session = firm.session
    firm.today += timedelta(days=7)
    assert remind_and_escalate(session=session, by=CLOCK, at=firm.at).reminded == 1
    firm.today += timedelta(days=8)
    assert remind_and_escalate(session=session, by=CLOCK, at=firm.at).escalated == 1
    assert (ball.state, ball.holder, firm.step()) == (BallState.ESCALATED, Side.SUPERIOR, 4)
    wish = OfferWish(
        number=ball.number, wording="One piece at a time", reason="the training is paid by the company",
        resources="£20,000", to=Side.CATCHER,
    )  # fmt: skip
    catchball.settle(session=session, ball_id=ball.id, wish=wish, by=firm.by("Cleo"), at=firm.at)
    objective = session.get_one(Objective, session.get_one(Deployment, ball.deployment_id).objective_id)
    how = _priority(firm, "Lena", "Assembly", "Train every fitter", objective, force=False)
    days = KPIWish(
        unit_id=firm.units["Assembly"].id, name="Days from order", cycle_id=firm.cycle.id, uom="days",
        direction=Direction.AT_MOST, owner_id=firm.people["Lena"].id,
    )  # fmt: skip
    kpi = create_kpi(session=session, wish=days, by=firm.by("Lena"), at=firm.at)
    _targets(firm, "Lena", kpi, "10")
    _link(firm, "Lena", how, kpi)
    _action(firm, how, kpi)
    catchball.accept(session=session, ball_id=ball.id, number=ball.number, by=firm.by("Lena"), at=firm.at)
    assert (ball.state, kpi.state) == (BallState.RETURNED, State.DRAFT), "her plan waits for the other signature"
    catchball.accept(session=session, ball_id=ball.id, number=ball.number, by=firm.by("Opal"), at=firm.at)
    assert (ball.state, kpi.state, how.state) == (BallState.AGREED, State.ACTIVE, State.ACTIVE)
    offers = session.scalars(select(Offer.side).where(Offer.ball_id == ball.id).order_by(Offer.number)).all()
    assert (len(offers), Side.SUPERIOR in offers) == (8, True)
    assert balls.game_of(session=session, ball=ball).agreed == ball.number
    assert (firm.step(), firm.open_steps()) == (5, [5, 6, 7])


def _action(firm: Played, how: Priority, kpi: KPI) -> None:
    wish = ActionWish(
        unit_id=firm.units["Assembly"].id, name="Book the trainer", cycle_id=firm.cycle.id,
        owner_id=firm.people["Stan"].id, due_on=date(2026, 2, 27),
    )  # fmt: skip
    action = create_action(session=firm.session, wish=wish, by=firm.by("Lena"), at=firm.at)
    _link(firm, "Lena", how, action)
    _link(firm, "Lena", action, kpi)


# ------------------------------------------------------------------ steps 5 and 6


def _run(firm: Played) -> None:
    session = firm.session
    year = YearWish(unit_id=firm.units["top"].id, cycle_id=firm.cycle.id, kinds=KINDS)
    assert plan_year(session=session, wish=year, by=firm.by("Cleo"), at=firm.at) == 12 + 4 + 1 + 1
    assert firm.year().steps[4].said == "FY2026 has not begun yet."
    _month(firm, 1, "85", DAYS["jan"])
    assert (firm.counts("2026-01"), firm.step()) == ((2, 2), 5)
    _check_in(firm)
    _month(firm, 2, "79", DAYS["feb"])
    assert firm.counts("2026-02") == (1, 2)
    _month(firm, 3, "82", DAYS["mar"])
    answer = _countermeasure(firm)
    _month(firm, 4, "83", DAYS["apr"])
    _month(firm, 5, "84", DAYS["may"])
    done = CloseWish(worked=Worked.YES, outcome="The trained pairs hold the pace.", version=answer.version)
    countermeasures.close(session=session, countermeasure_id=answer.id, wish=done, by=firm.by("Lena"), at=firm.at)
    assert answer.state is AnswerState.CLOSED
    for month in range(6, 11):
        _month(firm, month, "90", "8")
    _diagnose(firm)
    _ask_everybody(firm)
    for month in (11, 12):
        _month(firm, month, "90", "8")


def _month(firm: Played, month: int, on_time: str, days: str) -> None:
    """The month's figures come in, fall due, and are reviewed; every third month the quarter is too."""
    session, first = firm.session, date(2026, month, 1)
    firm.today = add_months(day=first, months=1) + timedelta(days=4)
    for name, who, value in (("Orders on time", "Cleo", on_time), ("Days from order", "Lena", days)):
        cell = CellWish(kpi_id=firm.one(KPI, name).id, period=first, values={"actual": Decimal(value)})
        readings.save_cells(session=session, cells=[cell], by=firm.by(who), at=firm.at)
    firm.today += timedelta(days=6)
    countermeasures_open.open_due(session=session, by=countermeasures_open.THE_FIGURES, at=firm.at)
    _review(firm, ReviewKind.MONTHLY, first, lock=True)
    if month % 3 == 0:
        _review(firm, ReviewKind.QUARTERLY, add_months(day=first, months=-2))


def _review(firm: Played, kind: ReviewKind, first: date, *, lock: bool = False) -> Review:
    """Held on its day, with minutes, a decision and the pack frozen; a late one would put the year behind."""
    session = firm.session
    chief = firm.by("Cleo")
    found = list_reviews(session=session, actor=chief, cycle_id=firm.cycle.id, kind=kind)
    review = next(one for one in found if one.first_day == first)
    firm.today = max(firm.today, review.planned_on)
    if kind is ReviewKind.MONTHLY:
        firm.today = review.planned_on + timedelta(days=1)
        assert 6 in firm.open_steps()
        assert f"The monthly review of {first:%b %Y} has not been held." in [
            one.text for one in firm.year().steps[5].lacks
        ]
    presence = {firm.people["Cleo"].id: Presence.PRESENT, firm.people["Sven"].id: Presence.EXCUSED}
    decided = [DecisionWish(text="Go on")]
    minutes = MinutesWish(minutes="Looked at what is off plan.", presence=presence, decisions=decided)
    meetings.keep_minutes(session=session, review_id=review.id, wish=minutes, by=chief, at=firm.at)
    content = content_of(agenda=load_agenda(session=session, actor=chief, review=review, at=firm.at))
    meetings.hold(session=session, review_id=review.id, wish=HoldWish(lock=lock), content=content, by=chief, at=firm.at)
    assert review.state is ReviewState.HELD
    return review


def _check_in(firm: Played) -> None:
    """Stan takes a minute on Monday, and his action is done."""
    session = firm.session
    monday = firm.today - timedelta(days=firm.today.weekday())
    wish = CheckInWish(
        unit_id=firm.units["Assembly"].id, week=monday, progress="Trainer booked.", roadblocks="", next="First pair."
    )
    check_in(session=session, wish=wish, by=firm.by("Stan"), at=firm.at)
    action = firm.session.scalars(select(Action)).one()
    done = ProgressWish(status=Status.DONE, progress=100)
    report_progress(session=session, item_id=action.id, wish=done, by=firm.by("Stan"), at=firm.at)


def _countermeasure(firm: Played) -> Countermeasure:
    """March misses: the tick has opened a countermeasure for Lena, and the year is behind until she has written it."""
    session = firm.session
    assert firm.counts("2026-03") == (1, 2)
    found = session.scalars(select(Countermeasure).where(Countermeasure.kpi_id == firm.one(KPI, "Days from order").id))
    answer = found.one()
    assert (answer.state, answer.owner_id, answer.opened_for) == (
        AnswerState.OPEN, firm.people["Lena"].id, date(2026, 3, 1),
    )  # fmt: skip
    told = [one.text for one in firm.year().steps[4].lacks]
    assert "The miss of “Days from order” has no written answer." in told
    for one in session.scalars(select(Countermeasure).where(Countermeasure.state != AnswerState.CLOSED)).all():
        _write(firm, one)
    assert firm.year().steps[4].lacks == ()
    early = CloseWish(worked=Worked.YES, outcome="We hope so.", version=answer.version)
    with pytest.raises(HoshinError):
        countermeasures.close(session=session, countermeasure_id=answer.id, wish=early, by=firm.by("Lena"), at=firm.at)
    return answer


def _write(firm: Played, answer: Countermeasure) -> None:
    owner = next(name for name, person in firm.people.items() if person.id == answer.owner_id)
    wish = ShortWish(
        gap="4 days too many", cause="half of the fitters work alone", action="train in pairs",
        doer_id=answer.owner_id, due_on=date(2026, 5, 29), owner_id=answer.owner_id, version=answer.version,
    )  # fmt: skip
    countermeasures.write_short(
        session=firm.session, countermeasure_id=answer.id, wish=wish, by=firm.by(owner), at=firm.at
    )


def _diagnose(firm: Played) -> None:
    """The chief goes and sees."""
    session, chief = firm.session, firm.by("Cleo")
    reviews = list_reviews(session=session, actor=chief, cycle_id=firm.cycle.id, kind=ReviewKind.DIAGNOSIS)
    areas = [one.id for one in list_areas(session=session)]
    scores = {Phase.PLAN: 3, Phase.CHECK: 2}
    findings = [FindingWish(area_id=key, scores=scores, remark="asked on the line") for key in areas]
    diagnosis.score(
        session=session, review_id=reviews[0].id, findings=findings, version=reviews[0].version, by=chief, at=firm.at
    )
    _review(firm, ReviewKind.DIAGNOSIS, reviews[0].first_day)
    assert len(areas) == 11


def _ask_everybody(firm: Played) -> None:
    """A minute for everybody in December: nearly all can name the year's priority."""
    session, chief = firm.session, firm.by("Cleo")
    wish = surveys.CampaignWish(last_day=firm.today + timedelta(days=7))
    survey = surveys.open_survey(session=session, wish=wish, by=chief, at=firm.at)
    said = surveys.AnswerWish(
        lines=("halve the lead time", "train every fitter"), objective=None, satisfied=Satisfied.YES, recommend=9
    )
    for name in firm.people:
        surveys.answer(session=session, survey_id=survey.id, wish=said, by=firm.by(name), at=firm.at)
    with pytest.raises(HoshinError):
        surveys.answer(session=session, survey_id=survey.id, wish=said, by=firm.by("Stan"), at=firm.at)
    surveys.close_survey(session=session, survey_id=survey.id, by=chief, at=firm.at)


# ------------------------------------------------------------------ step 7


def _look_back(firm: Played) -> None:
    assert firm.today.year == 2027
    assert (firm.step(), firm.open_steps()) == (7, [7])
    _review(firm, ReviewKind.ANNUAL, date(2026, 1, 1))
    assert [one.text for one in firm.year().steps[6].lacks] == [
        "9 items wait for a word: keep, change or end.", "FY2026 is not closed.",
    ]  # fmt: skip
    assert firm.counts("2026-12") == (2, 2)
    year = firm.attainment(mode=Mode.YEAR_END).report.organisation.counts
    assert (year.hits, year.due) == (2, 2)


def _close(firm: Played) -> None:
    session = firm.session
    _decide(firm, "Lena", "Assembly", "the pace holds")
    _decide(firm, "Opal", "Operations", "the team carries it")
    _decide(firm, "Cleo", "top", "half of the way")
    before = _figures(firm)
    following = close_cycle(
        session=session, name="FY2026", confirmed=True, version=None, by=firm.by("Cleo"), at=firm.at
    )
    assert (firm.cycle.state, firm.step(), firm.open_steps()) == (CycleState.CLOSED, None, [])
    assert _figures(firm) == before
    drafts = session.scalars(select(Priority).where(Priority.cycle_id == following.id).order_by(Priority.id)).all()
    assert [(one.name, one.state) for one in drafts] == [
        ("Halve the lead time", State.DRAFT), ("One piece at a time", State.DRAFT),
        ("Train every fitter in pairs", State.DRAFT),
    ]  # fmt: skip
    again = session.execute(
        select(Ball.state).join(Deployment, Deployment.id == Ball.deployment_id)
        .join(Item, Item.id == Deployment.source_id).where(Item.cycle_id == following.id)
    )  # fmt: skip
    assert list(again.scalars()) == [BallState.DRAFT, BallState.DRAFT], "what was handed down waits to be thrown"
    assert firm.one(Action, "Book the trainer").state is State.ENDED
    kpi = firm.one(KPI, "Days from order")
    ramp = select(Reading.target).where(Reading.kpi_id == kpi.id, Reading.period >= following.first_day)
    targets = session.scalars(ramp.order_by(Reading.period)).all()
    assert (len(targets), targets[0], targets[-1]) == (12, Decimal("7.75"), Decimal(5))


def _decide(firm: Played, who: str, unit: str, reason: str) -> None:
    wishes = []
    for item in list_to_decide(session=firm.session, cycle=firm.cycle, unit_ids=[firm.units[unit].id]):
        fate, more = Fate.KEEP, dict[str, object]()
        if item.name == "Train every fitter":
            fate, more = Fate.CHANGE, {"wording": "Train every fitter in pairs"}
        if item.name == "Days from order":
            more = {"targets": TargetRule.RAMP, "ramp_to": Decimal(5)}
        fate = Fate.END if isinstance(item, Action) else fate
        wishes.append(ChoiceWish(item_id=item.id, fate=fate, reason=reason, **more))  # type: ignore[arg-type]
    choose(session=firm.session, cycle="FY2026", wishes=wishes, by=firm.by(who), at=firm.at)


def _figures(firm: Played) -> dict[object, object]:
    months = [f"2026-{month:02}" for month in range(1, 13)]
    return {
        (mode, month): {key: one.counts for key, one in firm.attainment(month, mode).report.nodes.items()}
        for mode in Mode
        for month in months
    }
