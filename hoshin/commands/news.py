"""What people do with notices (read, quieten, choose mail), and the weekly digest that is written for each once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands import jobs
from hoshin.errors import Forbidden, Missing
from hoshin.model.jobs import Mail
from hoshin.model.news import NewsWish, NoticeMark, Quiet, Rhythm
from hoshin.model.people import Person
from hoshin.queries.many import among, among_words
from hoshin.queries.notices import Marked, NoticeKind, list_marks

MAIL = "mail"


def mark_read(*, session: Session, keys: Iterable[str], by: Actor, at: datetime) -> int:
    """Note that the actor has read the notices; how many she had not read before."""
    require(actor=by, act=Act.CHOOSE_NOTICES)
    person = _person(by)
    wanted = {one for one in keys if one and len(one) <= 80}
    marks = _marks(session, person, wanted)
    unread = [one for one in marks if one.read_at is None]
    for one in unread:
        one.read_at = at
    session.flush()
    return len(unread)


def _marks(session: Session, person: int, keys: Iterable[str]) -> list[NoticeMark]:
    """The marks of the notices, new where there were none; the person is held, so that none is made twice."""
    session.execute(select(Person.id).where(Person.id == person).with_for_update())
    wanted = sorted(set(keys))
    there = list_marks(session=session, person_id=person, keys=wanted)
    new = [NoticeMark(person_id=person, key=one) for one in wanted if one not in there]
    session.add_all(new)
    return [*there.values(), *new]


def set_quiet(*, session: Session, kind: str, quiet: bool, by: Actor, at: datetime) -> None:
    """Hear nothing more of a kind of notice, or hear of it again."""
    require(actor=by, act=Act.CHOOSE_NOTICES)
    person = _person(by)
    if kind not in {one.value for one in NoticeKind}:
        raise Missing("there is no such kind of notice")
    session.execute(select(Person.id).where(Person.id == person).with_for_update())
    session.execute(delete(Quiet).where(Quiet.person_id == person, Quiet.kind == kind))
    if quiet:
        session.add(Quiet(person_id=person, kind=kind))
    session.flush()


def choose_rhythm(*, session: Session, rhythm: Rhythm, by: Actor, at: datetime) -> None:
    """How often the actor wants mail."""
    require(actor=by, act=Act.CHOOSE_NOTICES)
    _set_rhythm(session, _person(by), rhythm)


def end_mail(*, session: Session, person_id: int, by: Actor, at: datetime) -> None:
    """No mail for this person any more: from the link in a mail, whose signature the door has checked."""
    require(actor=by, act=Act.QUIETEN)
    if session.get(Person, person_id) is None:
        raise Missing("there is no such person")
    _set_rhythm(session, person_id, Rhythm.NEVER)


def _set_rhythm(session: Session, person_id: int, rhythm: Rhythm) -> None:
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update())
    found = session.get(NewsWish, person_id)
    if found is None:
        session.add(NewsWish(person_id=person_id, rhythm=rhythm))
    else:
        found.rhythm = rhythm
    session.flush()


def _person(by: Actor) -> int:
    if by.person is None:
        raise Forbidden("notices belong to a person")
    return by.person


# ------------------------------------------------------------------ the weekly digest


def write_digests(
    *, session: Session, week: date, told: Mapping[int, Sequence[Marked]], by: Actor, at: datetime
) -> list[Mail]:
    """Write the week's mail for each of these people (by key) and hand it to the job process, in one transaction.

    Only what no earlier mail told of is told; nothing is written for whom there is nothing new, whose mail of this week
    is written already, or who wants none. Idempotent: unique by person and week; the people are held meanwhile.
    """
    if not by.is_system:
        raise Forbidden("digests are written by the calendar")
    there = _hold(session, [person for person, notices in told.items() if _news(notices)])
    silent = _who(session, there, select(NewsWish.person_id).where(NewsWish.rhythm == Rhythm.NEVER), NewsWish.person_id)
    written = _who(session, there, select(Mail.person_id).where(Mail.week == week), Mail.person_id)
    mails = [
        _mail(one, week, told[one.id], at)
        for one in there.values()
        if one.email is not None and one.id not in silent | written
    ]
    session.add_all(mails)
    session.flush()
    _note_mailed(session, {one.person_id: [new.notice.key for new in _news(told[one.person_id])] for one in mails}, at)
    wanted = {f"{MAIL}:{one.id}": {"mail": one.id} for one in mails}
    jobs.ask_all(session=session, kind=MAIL, jobs=wanted, at=at)
    return mails


def _hold(session: Session, keys: Sequence[int]) -> dict[int, Person]:
    """These people, held, so that no mail and no mark is made twice."""
    query = select(Person).where(among(session=session, column=Person.id, keys=keys)).order_by(Person.id)
    held = query.with_for_update().execution_options(populate_existing=True)
    return {one.id: one for one in session.scalars(held)} if keys else {}


def _who(session: Session, people: Collection[int], query: Select[int], column: Any) -> set[int]:
    return set(session.scalars(query.where(among(session=session, column=column, keys=people)))) if people else set()


def _news(notices: Sequence[Marked]) -> list[Marked]:
    return [one for one in notices if not one.is_mailed and not one.is_read]


def _mail(person: Person, week: date, notices: Sequence[Marked], at: datetime) -> Mail:
    news = _news(notices)
    return Mail(
        person_id=person.id, week=week, address=person.email, subject=_subject(len(news)),
        lines=[_line(one, is_new=True) for one in news]
        + [_line(one, is_new=False) for one in notices if one not in news],
        message_id=f"hoshin-{week.isoformat()}-{person.id}-{jobs.new_claim()[:16]}", written_at=at,
    )  # fmt: skip


def _note_mailed(session: Session, keys: Mapping[int, Sequence[str]], at: datetime) -> None:
    """Mark these notices, by person, as mailed; the people are held."""
    if not keys:
        return
    words = among_words(session=session, column=NoticeMark.key, words={key for some in keys.values() for key in some})
    theirs = among(session=session, column=NoticeMark.person_id, keys=keys)
    there = {(one.person_id, one.key): one for one in session.scalars(select(NoticeMark).where(theirs, words))}
    for person, some in keys.items():
        for key in sorted(set(some)):
            mark = there.get((person, key))
            if mark is None:
                session.add(NoticeMark(person_id=person, key=key, mailed_at=at))
            else:
                mark.mailed_at = at
    session.flush()


def _subject(count: int) -> str:
    return "1 thing waits for you" if count == 1 else f"{count} things wait for you"


def _line(one: Marked, *, is_new: bool) -> dict[str, Any]:
    """A notice as the mail keeps it."""
    told = one.notice
    since = told.since.isoformat() if told.since else None
    return {
        "kind": told.kind.value, "id": told.subject_id, "title": told.title, "detail": told.detail, "since": since,
        "new": is_new,
    }  # fmt: skip
