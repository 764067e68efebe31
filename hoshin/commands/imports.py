"""Carrying out what a file asks for: everything is checked, then all of it is done in the caller's one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands.import_figures import FigureStep, share_plan, take_members
from hoshin.commands.import_frame import load_frame, take_cycles, take_organisation, take_units
from hoshin.commands.import_items import ItemStep, load_links, note_likely_duplicates, take_answers, take_links
from hoshin.commands.import_job import Job, Overtaken
from hoshin.commands.import_wish import ImportOutcome, ImportWish
from hoshin.commands.progress import Progress, unwatched
from hoshin.errors import Forbidden, Refused
from hoshin.queries.attainment import today_in
from hoshin.queries.people import find_person, load_actor
from hoshin.queries.units import get_organisation, lock_plan, top_unit


def carry_out(
    *, session: Session, wish: ImportWish, by: Actor, at: datetime, report: Progress = unwatched
) -> ImportOutcome:
    """Create and change what the wish asks for, as known at `at`; what stands so already is left.

    A file that only brings figures lets others record theirs meanwhile; one that changes the plan holds it from its
    first change on. Raises Refused with every problem; the caller must then roll back, and may do so anyway for a dry
    run. `report` is told how far it is, and stops it by raising Cancelled.
    """
    for act in (Act.MANAGE_CYCLES, Act.MANAGE_UNITS, Act.MANAGE_PEOPLE):
        require(actor=by, act=act)
    try:
        return _store(Job(session, wish, by, at, report))
    except Overtaken:  # nothing is written yet: look again, while nobody can change the plan
        lock_plan(session=session)
        return _store(Job(session, wish, by, at, report))


def _store(job: Job) -> ImportOutcome:
    """Look at everything first, then change what is to change, the plan itself before any figure."""
    job.outcome.notes.extend(job.wish.notes)
    job.look()
    load_frame(job=job)
    job.load_later()
    items = ItemStep(job=job)
    items.load()
    load_links(job=job)
    if job.wish.items:
        job.report(what="plan", done=0, of=0)
    _take_plan(job, items)
    share_plan(job=job, new=items.made)
    take_members(job=job)
    FigureStep(job=job, aims_changed=items.aims_changed, new=items.made).run()
    note_likely_duplicates(job=job)
    if job.problems:
        raise Refused.because(sorted(job.problems, key=lambda one: (one.sheet, one.row or 0)))
    return job.outcome


def _take_plan(job: Job, items: ItemStep) -> None:
    take_organisation(job=job)
    take_units(job=job)
    for unit in job.units.values():
        require(actor=job.by, act=Act.AMEND_TARGETS, subject=Subject(unit=unit.id))
    take_cycles(job=job)
    items.run()
    take_links(job=job)
    take_answers(job=job)


def bring_in(
    *, session: Session, wish: ImportWish, by: Actor, at: datetime, report: Progress = unwatched
) -> ImportOutcome:
    """As `carry_out`, for a person: an administrator who also leads the whole organisation may do it in every unit.

    She is asked for the right before, and again when nobody can take it from her any more.
    """
    _require_whole(session, by)
    whole = replace(by, is_system=True)  # she heads no unit below, and the file may make new ones
    outcome = carry_out(session=session, wish=wish, by=whole, at=at, report=report)
    session.flush()
    session.expire_all()  # rights that were loaded before the plan was held or shared
    _require_whole(session, _as_known_now(session, by, at))
    return outcome


def _require_whole(session: Session, by: Actor) -> None:
    for act in (Act.MANAGE_CYCLES, Act.MANAGE_UNITS, Act.MANAGE_PEOPLE):
        require(actor=by, act=act)
    require(actor=by, act=Act.AMEND_TARGETS, subject=Subject(unit=top_unit(session=session).id))


def _as_known_now(session: Session, by: Actor, at: datetime) -> Actor:
    """The person with the rights that are committed; the shell is nobody in particular and keeps its own."""
    person = find_person(session=session, person_id=by.person) if by.person is not None else None
    if person is None:
        return by
    if person.deactivated_at is not None:
        raise Forbidden("this person has left")
    today = today_in(organisation=get_organisation(session=session), now=at)
    return load_actor(session=session, person=person, today=today)
