"""Carrying out what a file asks for: everything is checked, then all of it is done in the caller's one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands.import_figures import FigureStep, take_members
from hoshin.commands.import_frame import Directory, take_cycles, take_organisation, take_units
from hoshin.commands.import_items import ItemStep, note_likely_duplicates, take_answers, take_links
from hoshin.commands.import_job import Job
from hoshin.commands.import_wish import ImportOutcome, ImportWish
from hoshin.commands.progress import Progress, unwatched
from hoshin.errors import Refused
from hoshin.queries.units import lock_plan, top_unit


def carry_out(
    *, session: Session, wish: ImportWish, by: Actor, at: datetime, report: Progress = unwatched
) -> ImportOutcome:
    """Create and change what the wish asks for, as known at `at`; what stands so already is left.

    Raises Refused with every problem; the caller must then roll back, and may do so anyway for a dry run. `report` is
    told how far it is, and stops it by raising Cancelled.
    """
    for act in (Act.MANAGE_CYCLES, Act.MANAGE_UNITS, Act.MANAGE_PEOPLE):
        require(actor=by, act=act)
    lock_plan(session=session)
    job = Job(session, wish, by, at, report)
    job.outcome.notes.extend(wish.notes)
    job.load_later()
    take_organisation(job=job)
    take_units(job=job)
    for unit in job.units.values():
        require(actor=by, act=Act.AMEND_TARGETS, subject=Subject(unit=unit.id))
    take_cycles(job=job)
    items = ItemStep(job=job, directory=Directory(job=job))
    items.run()
    take_links(job=job)
    take_answers(job=job)
    take_members(job=job)
    FigureStep(job=job, aims_changed=items.aims_changed, read=items.read).run()
    note_likely_duplicates(job=job)
    if job.problems:
        raise Refused.because(sorted(job.problems, key=lambda one: (one.sheet, one.row or 0)))
    return job.outcome


def bring_in(
    *, session: Session, wish: ImportWish, by: Actor, at: datetime, report: Progress = unwatched
) -> ImportOutcome:
    """As `carry_out`, for a person: an administrator who also leads the whole organisation may do it in every unit."""
    for act in (Act.MANAGE_CYCLES, Act.MANAGE_UNITS, Act.MANAGE_PEOPLE):
        require(actor=by, act=act)
    require(actor=by, act=Act.AMEND_TARGETS, subject=Subject(unit=top_unit(session=session).id))
    whole = replace(by, is_system=True)  # she heads no unit below, and the file may make new ones
    return carry_out(session=session, wish=wish, by=whole, at=at, report=report)
