"""What waits for one person, derived from the data each time, and what she has read, had mailed or quietened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.engine.hands import find_hand
from hoshin.engine.weeks import week_of, week_text
from hoshin.errors import Missing
from hoshin.model.news import NewsWish, NoticeMark, Quiet, Rhythm
from hoshin.model.people import Person
from hoshin.model.units import CheckInBy
from hoshin.queries.attainment import Question, Standing, load_standing, today_in
from hoshin.queries.catchball import list_balls
from hoshin.queries.checkins import Who
from hoshin.queries.countermeasures import list_own
from hoshin.queries.lookups import Lookup, ManyLookup
from hoshin.queries.many import among, among_words
from hoshin.queries.proposals import list_asked, list_returned
from hoshin.queries.roadblocks import list_waiting
from hoshin.queries.units import get_organisation

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
    *, session: Session, actor: Actor, now: datetime, standing: Standing | None, lookup: Lookup | None = None
) -> list[Notice]:
    """Everything that waits for the actor, each thing once, quiet kinds too; a fixed number of statements.

    Where many people are told at once it is looked up for all of them (`lookup`).
    """
    if actor.person is None or not actor.reads_openly:
        return []
    today = today_in(organisation=get_organisation(session=session), now=now)
    look = lookup or Lookup(session=session, today=today, standing=standing)
    found: dict[str, Notice] = {}
    for source in (_balls, _amendments, _countermeasures, _roadblocks, _actions, _readings, _checkin, _reviews, _tasks,
                   _survey):  # fmt: skip
        for one in source(look, actor, actor.person):
            found.setdefault(one.key, one)
    return list(found.values())


def list_many(
    *, session: Session, actors: Sequence[Actor], now: datetime, standing: Standing | None
) -> Iterator[tuple[Actor, list[Marked]]]:
    """What waits for each of these people, as `marked` gives it."""
    keys = [one.person for one in actors if one.person is not None]
    today = today_in(organisation=get_organisation(session=session), now=now)
    look = ManyLookup(session=session, today=today, standing=standing, people=keys)
    notices = {
        one.person: list_notices(session=session, actor=one, now=now, standing=standing, lookup=look) for one in actors
    }
    quiet, marks = _quiet_of(session, keys), _marks_of(session, keys, notices.values())
    for one in actors:
        if one.person is not None:
            yield one, _marked(notices[one.person], quiet[one.person], marks[one.person])


def _day(session: Session, instant: datetime) -> date:
    """The organisation's calendar day at that instant."""
    return today_in(organisation=get_organisation(session=session), now=instant)


def _balls(look: Lookup, actor: Actor, person: int) -> Iterator[Notice]:
    session = look.session
    for one in list_balls(session=session, actor=actor, at_hand=True) if look.may_hold(actor=actor) else ():
        ball = one.ball
        if ball.holder is None or find_hand(court=look.court, match=one.match, side=ball.holder, person=person) is None:
            continue
        since = _day(session, ball.held_since) if ball.held_since else None
        yield Notice(NoticeKind.BALL, ball.id, f"{ball.last}-{since}", one.source, f"round {ball.round}", since)


def _amendments(look: Lookup, actor: Actor, _person: int) -> Iterator[Notice]:
    """What the actor is asked to agree to, and what of her own was returned lately."""
    if not look.may_hold(actor=actor):
        return
    session, today = look.session, look.today
    for one in list_asked(session=session, actor=actor, today=today, at_hand=True, court=lambda: look.court):
        if one.hand is not None:
            row = one.proposal
            said, since = f"proposed by {row.proposed_by}", _day(session, row.proposed_at)
            yield Notice(NoticeKind.AMENDMENT, row.id, str(row.version), one.kpi.name, said, since)
    lately = datetime.combine(today - LONGEST_RETURNED, time.min, UTC)
    for returned in list_returned(session=session, actor=actor, since=lately):
        row = returned.proposal
        since = _day(session, row.answered_at) if row.answered_at else today
        if since > today - LONGEST_RETURNED:
            yield Notice(NoticeKind.AMENDMENT, row.id, "returned", returned.kpi, f"returned: {row.answer}", since)


def _countermeasures(look: Lookup, actor: Actor, _person: int) -> Iterator[Notice]:
    for one in list_own(session=look.session, actor=actor) if look.may_answer(actor=actor) else ():
        row = one.countermeasure
        asked = row.reopened_for or row.opened_for
        said = "" if row.is_written else "to be written"
        since = _day(look.session, row.opened_at)
        yield Notice(NoticeKind.COUNTERMEASURE, row.id, asked.isoformat(), one.kpi.name, said, since)


def _roadblocks(look: Lookup, actor: Actor, _person: int) -> Iterator[Notice]:
    for one in list_waiting(session=look.session, actor=actor) if look.may_clear(actor=actor) else ():
        row, level = one.roadblock, len(one.levels)
        said = "escalated to you" if one.is_escalated else ""
        yield Notice(NoticeKind.ROADBLOCK, row.id, str(level), row.name, said, _day(look.session, row.raised_at))


def _actions(look: Lookup, _actor: Actor, person: int) -> Iterator[Notice]:
    for one in look.actions(person=person):
        if one.due_on is not None and one.due_on < look.today:
            yield Notice(NoticeKind.ACTION, one.id, one.due_on.isoformat(), one.name, one.status.value, one.due_on)


def _readings(look: Lookup, _actor: Actor, person: int) -> Iterator[Notice]:
    if look.standing is None:
        return
    period = look.standing.asked.period
    stamp, label = period.first.isoformat(), look.standing.ground.calendar.label(period=period)
    for key, name in look.unread(person=person):
        yield Notice(NoticeKind.READING, key, stamp, name, label)


def _checkin(look: Lookup, actor: Actor, person: int) -> Iterator[Notice]:
    """The check-in of this week: one's own at home, or the team's for its head."""
    unit = look.home(unit=actor.home) if actor.home is not None and actor.home in actor.member_of else None
    if unit is None or unit.archived:
        return
    is_team = unit.checkin_by is CheckInBy.TEAM
    if is_team and unit.id not in actor.heads:
        return
    week = week_of(day=look.today)
    if not look.has_checked_in(who=Who(unit.id, None if is_team else person)):
        said = f"for {unit.name}" if is_team else "three lines, a minute"
        yield Notice(NoticeKind.CHECK_IN, unit.id, week.isoformat(), f"Check-in, {week_text(week=week)}", said, week)


def _reviews(look: Lookup, actor: Actor, _person: int) -> Iterator[Notice]:
    """The reviews of the actor's units that are to be held within a week, or should have been."""
    for one in look.meetings(units=actor.member_of | actor.heads | actor.leads):
        if one.planned_on < look.today and not actor.heads | actor.leads:
            continue
        title = f"{one.kind.value} review, {one.unit}"
        yield Notice(NoticeKind.REVIEW, one.id, one.planned_on.isoformat(), title, "", one.planned_on)


def _survey(look: Lookup, actor: Actor, person: int) -> Iterator[Notice]:
    """The minute for the plan, for who has not answered."""
    found = look.survey(person=person) if actor.member_of else None
    if found is not None:
        yield Notice(NoticeKind.SURVEY, found.id, "", f"A minute for the plan, {found.name}", "", found.last_day)


def _tasks(look: Lookup, _actor: Actor, person: int) -> Iterator[Notice]:
    """What the actor took on in reviews and should have done by now."""
    for one in look.tasks(person=person):
        if one.due_on is not None and one.due_on < look.today:
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
    return _marked(notices, quiet, list_marks(session=session, person_id=person_id, keys=[one.key for one in notices]))


def _marked(notices: Sequence[Notice], quiet: Collection[str], marks: Mapping[str, NoticeMark]) -> list[Marked]:
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


def _quiet_of(session: Session, people: Collection[int]) -> dict[int, set[str]]:
    found = defaultdict[int, set[str]](set)
    query = select(Quiet.person_id, Quiet.kind)
    for person, kind in session.execute(query.where(among(session=session, column=Quiet.person_id, keys=people))):
        found[person].add(kind)
    return found


def _marks_of(
    session: Session, people: Collection[int], notices: Iterable[Sequence[Notice]]
) -> dict[int, dict[str, NoticeMark]]:
    """The marks of these people that are about anything that waits for one of them."""
    found = defaultdict[int, dict[str, NoticeMark]](dict)
    keys = among_words(session=session, column=NoticeMark.key, words={one.key for some in notices for one in some})
    query = select(NoticeMark).where(among(session=session, column=NoticeMark.person_id, keys=people), keys)
    for mark in session.scalars(query):
        found[mark.person_id][mark.key] = mark
    return found


def list_recipients(*, session: Session) -> Sequence[Person]:
    """Who may get mail: active, with an address, and not asked for none."""
    never = select(NewsWish.person_id).where(NewsWish.rhythm == Rhythm.NEVER)
    query = select(Person).where(Person.deactivated_at.is_(None), Person.email.is_not(None), Person.id.not_in(never))
    return session.scalars(query.order_by(Person.id)).all()
