"""What waits for one person, derived from the data each time, and what she has read, had mailed or quietened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.engine.hands import find_hand
from hoshin.engine.weeks import WEEK, week_of, week_text
from hoshin.errors import Missing
from hoshin.model.news import NewsWish, NoticeMark, Quiet, Rhythm
from hoshin.model.people import Person
from hoshin.model.proposals import ProposalState
from hoshin.model.reviews import Review, ReviewState
from hoshin.model.units import CheckInBy, Unit
from hoshin.queries.attainment import Question, Standing, load_standing, today_in
from hoshin.queries.behind import silent
from hoshin.queries.catchball import list_balls, load_court
from hoshin.queries.checkins import Who, find_checkin
from hoshin.queries.countermeasures import list_own
from hoshin.queries.drill import list_named
from hoshin.queries.home import list_my_actions, my_kpis
from hoshin.queries.proposals import list_asked
from hoshin.queries.reviews import list_my_tasks
from hoshin.queries.roadblocks import list_waiting
from hoshin.queries.surveys import find_waiting
from hoshin.queries.units import get_organisation

LONGEST_MISSED = timedelta(days=31)
"""A review that was never held is spoken of for so long."""


LONGEST_RETURNED = timedelta(days=14)
"""An amendment that was returned is spoken of for so long."""


class NoticeKind(StrEnum):
    """What can wait for somebody; the kind is what she may quieten."""

    BALL = "ball"
    AMENDMENT = "amendment"
    COUNTERMEASURE = "countermeasure"
    ROADBLOCK = "roadblock"
    ACTION = "action"
    READING = "reading"
    CHECK_IN = "check-in"
    REVIEW = "review"
    SURVEY = "survey"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that waits. `subject_id` is the key of its page, `stamp` tells this occasion from an earlier one."""

    kind: NoticeKind
    subject_id: int
    stamp: str
    title: str
    detail: str = ""
    since: date | None = None

    @property
    def key(self) -> str:
        """The same as long as it is the same occasion."""
        return f"{self.kind.value}:{self.subject_id}:{self.stamp}"


@dataclass(frozen=True, slots=True)
class Marked:
    """A notice, and whether it was read or mailed."""

    notice: Notice
    is_read: bool
    is_mailed: bool


def find_standing(*, session: Session, now: datetime) -> Standing | None:
    """The counts of the latest due period, the same for everybody; None while there is no cycle."""
    try:
        return load_standing(session=session, question=Question(latest=True, compared=False), now=now)
    except Missing:
        return None


def list_notices(
    *, session: Session, actor: Actor, now: datetime, standing: Standing | None
) -> list[Notice]:
    """Everything that waits for the actor, each thing once, quiet kinds too; a fixed number of statements."""
    if actor.person is None or not actor.reads_openly:
        return []
    today = today_in(organisation=get_organisation(session=session), now=now)
    found: dict[str, Notice] = {}
    for source in (
        _balls(session, actor, actor.person, today),
        _amendments(session, actor, today),
        _countermeasures(session, actor),
        _roadblocks(session, actor),
        _actions(session, actor.person, today),
        _readings(session, actor.person, standing),
        _checkin(session, actor, today),
        _reviews(session, actor, today),
        _tasks(session, actor.person, today),
        _survey(session, actor, today),
    ):
        for one in source:
            found.setdefault(one.key, one)
    return list(found.values())


def _day(session: Session, instant: datetime) -> date:
    """The organisation's calendar day at that instant."""
    return today_in(organisation=get_organisation(session=session), now=instant)


def _balls(session: Session, actor: Actor, person: int, today: date) -> Iterator[Notice]:
    court = load_court(session=session, today=today)
    for one in list_balls(session=session, actor=actor):
        ball = one.ball
        if ball.holder is None or find_hand(court=court, match=one.match, side=ball.holder, person=person) is None:
            continue
        since = _day(session, ball.held_since) if ball.held_since else None
        yield Notice(NoticeKind.BALL, ball.id, f"{ball.last}-{since}", one.source, f"round {ball.round}", since)


def _amendments(session: Session, actor: Actor, today: date) -> Iterator[Notice]:
    """What the actor is asked to agree to, and what of her own was returned lately."""
    for one in list_asked(session=session, actor=actor, today=today):
        row = one.proposal
        if one.hand is not None:
            said, since = f"proposed by {row.proposed_by}", _day(session, row.proposed_at)
            yield Notice(NoticeKind.AMENDMENT, row.id, str(row.version), one.kpi.name, said, since)
        elif row.state is ProposalState.RETURNED and actor.person in row.proposers and row.answered_at is not None:
            since = _day(session, row.answered_at)
            if since > today - LONGEST_RETURNED:
                yield Notice(NoticeKind.AMENDMENT, row.id, "returned", one.kpi.name, f"returned: {row.answer}", since)


def _countermeasures(session: Session, actor: Actor) -> Iterator[Notice]:
    for one in list_own(session=session, actor=actor):
        row = one.countermeasure
        asked = row.reopened_for or row.opened_for
        said = "" if row.is_written else "to be written"
        since = _day(session, row.opened_at)
        yield Notice(NoticeKind.COUNTERMEASURE, row.id, asked.isoformat(), one.kpi.name, said, since)


def _roadblocks(session: Session, actor: Actor) -> Iterator[Notice]:
    for one in list_waiting(session=session, actor=actor):
        row, level = one.roadblock, len(one.levels)
        said = "escalated to you" if one.is_escalated else ""
        yield Notice(NoticeKind.ROADBLOCK, row.id, str(level), row.name, said, _day(session, row.raised_at))


def _actions(session: Session, person: int, today: date) -> Iterator[Notice]:
    for one in list_my_actions(session=session, person_id=person, today=today):
        if one.due_on is not None and one.due_on < today:
            yield Notice(NoticeKind.ACTION, one.id, one.due_on.isoformat(), one.name, one.status.value, one.due_on)


def _readings(session: Session, person: int, standing: Standing | None) -> Iterator[Notice]:
    if standing is None:
        return
    mine = my_kpis(session=session, person_id=person)
    waiting = silent(session=session, standing=standing, kpi_ids=mine)
    period = standing.asked.period
    stamp, label = period.first.isoformat(), standing.ground.calendar.label(period=period)
    for key, name in list_named(session=session, keys=waiting):
        yield Notice(NoticeKind.READING, key, stamp, name, label)


def _checkin(session: Session, actor: Actor, today: date) -> Iterator[Notice]:
    """The check-in of this week: one's own at home, or the team's for its head."""
    unit = session.get(Unit, actor.home) if actor.home in actor.member_of else None
    if unit is None or unit.archived_at is not None:
        return
    is_team = unit.checkin_by is CheckInBy.TEAM
    if is_team and unit.id not in actor.heads:
        return
    week = week_of(day=today)
    if find_checkin(session=session, who=Who(unit.id, None if is_team else actor.person), week=week) is None:
        said = f"for {unit.name}" if is_team else "three lines, a minute"
        yield Notice(NoticeKind.CHECK_IN, unit.id, week.isoformat(), f"Check-in, {week_text(week=week)}", said, week)


def _reviews(session: Session, actor: Actor, today: date) -> Iterator[Notice]:
    """The reviews of the actor's units that are to be held within a week, or should have been."""
    own = actor.member_of | actor.heads | actor.leads
    query = (
        select(Review.id, Review.kind, Review.planned_on, Unit.name)
        .join(Unit, Unit.id == Review.unit_id)
        .where(Review.unit_id.in_(own), Review.state == ReviewState.PLANNED, Review.planned_on <= today + WEEK)
        .where(Review.planned_on >= today - LONGEST_MISSED)
    )
    for key, kind, planned_on, unit in session.execute(query.order_by(Review.planned_on, Review.id)):
        if planned_on < today and not actor.heads | actor.leads:
            continue
        yield Notice(NoticeKind.REVIEW, key, planned_on.isoformat(), f"{kind.value} review, {unit}", "", planned_on)


def _survey(session: Session, actor: Actor, today: date) -> Iterator[Notice]:
    """The minute for the plan, for who has not answered."""
    found = find_waiting(session=session, person_id=actor.person or 0, today=today) if actor.member_of else None
    if found is not None:
        yield Notice(NoticeKind.SURVEY, found.id, "", f"A minute for the plan, {found.name}", "", found.last_day)


def _tasks(session: Session, person: int, today: date) -> Iterator[Notice]:
    """What the actor took on in reviews and should have done by now."""
    for one in list_my_tasks(session=session, person_id=person):
        if one.due_on is not None and one.due_on < today:
            said = f"you took it on in a {one.review.kind.value} review; it was due on {one.due_on}"
            yield Notice(NoticeKind.REVIEW, one.review.id, f"task-{one.thing.id}", one.thing.text, said)


# ------------------------------------------------------------------ what was read, mailed, quietened


def list_marks(*, session: Session, person_id: int, keys: Iterable[str]) -> dict[str, NoticeMark]:
    """What is kept about these notices, by key."""
    query = select(NoticeMark).where(NoticeMark.person_id == person_id, NoticeMark.key.in_(list(keys)))
    return {one.key: one for one in session.scalars(query)}


def quiet_kinds(*, session: Session, person_id: int) -> frozenset[str]:
    """The kinds that the person does not want to hear of."""
    return frozenset(session.scalars(select(Quiet.kind).where(Quiet.person_id == person_id)))


def rhythm_of(*, session: Session, person_id: int) -> Rhythm:
    """How often the person wants mail; weekly unless she says otherwise."""
    found = session.get(NewsWish, person_id)
    return found.rhythm if found else Rhythm.WEEKLY


def marked(*, session: Session, person_id: int, notices: Sequence[Notice]) -> list[Marked]:
    """The notices of the kinds that are not quiet, unread ones first; two statements."""
    quiet = quiet_kinds(session=session, person_id=person_id)
    marks = list_marks(session=session, person_id=person_id, keys=[one.key for one in notices])
    shown = [
        Marked(
            one,
            one.key in marks and marks[one.key].read_at is not None,
            one.key in marks and marks[one.key].mailed_at is not None,
        )
        for one in notices
        if one.kind.value not in quiet
    ]
    return sorted(shown, key=lambda one: one.is_read)


def list_recipients(*, session: Session) -> Sequence[Person]:
    """Who may get mail: active, with an address, and not asked for none."""
    never = select(NewsWish.person_id).where(NewsWish.rhythm == Rhythm.NEVER)
    query = select(Person).where(Person.deactivated_at.is_(None), Person.email.is_not(None), Person.id.not_in(never))
    return session.scalars(query.order_by(Person.id)).all()
