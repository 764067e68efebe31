"""The papers of meetings that `hoshin sheet` writes: A3, agenda, pack, diagnosis, self-assessment."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from hoshin.cli import shell
from hoshin.config import resource_dir
from hoshin.engine.cadence import ReviewKind
from hoshin.errors import Missing
from hoshin.model.reviews import Review, ReviewState
from hoshin.model.units import Organisation, Unit
from hoshin.queries.agenda import load_agenda, reader_of
from hoshin.queries.countermeasures import Answer, list_answers, load_a3
from hoshin.queries.diagnosis import load_compared
from hoshin.queries.reviews import find_pack, list_expected, list_reviews
from hoshin.queries.surveys import list_counted
from hoshin.queries.unit_lists import UnitLine, list_units, names_of, unit_at, units_inside
from hoshin.queries.unit_plans import people_names
from hoshin.queries.units import get_organisation
from hoshin.reports.a3 import a3
from hoshin.reports.countermeasures import View
from hoshin.reports.diagnosis import picture_of
from hoshin.reports.packs import KINDS as REVIEW_NAMES, content_of, period_text, title_of
from hoshin.reports.papers import a3_sheets, agenda_sheet, diagnosis_sheet, pack_sheet, survey_sheets
from hoshin.reports.pdf import asset as bundled, to_one_page, to_pdf
from hoshin.reports.render import day
from hoshin.reports.survey_units import found_in

MOST_NAMED = 6


class Senseless(click.ClickException):
    """What was asked for makes no sense; said in one line."""

    exit_code = 2


@dataclass(frozen=True)
class Paper:
    """What was asked for: the unit's path, what narrows it down, and whether it is printed or stays HTML."""

    run: shell.Shell
    session: Session
    path: str
    is_pdf: bool
    today: date
    on: date | None
    kpi: str
    review: ReviewKind | None

    @cached_property
    def organisation(self) -> Organisation:
        """The organisation."""
        return get_organisation(session=self.session)

    @cached_property
    def units(self) -> Sequence[UnitLine]:
        """All units."""
        return list_units(session=self.session)

    @cached_property
    def unit(self) -> Unit:
        """The unit at the path."""
        return unit_at(session=self.session, path=self.path)

    @property
    def called(self) -> str:
        """The unit's name in a sentence and on paper."""
        return names_of(units=self.units, archived=True)[self.unit.id]

    @property
    def asset(self) -> Callable[[str], str]:
        """The address of a style sheet: bundled for a PDF, part of the file itself for HTML."""
        return bundled if self.is_pdf else inside

    def written(self, *sheets: str) -> bytes:
        """The first of the sheets that fits on its page, or the first of all as HTML."""
        if not self.is_pdf:
            return sheets[0].encode()
        return to_one_page(sheets=sheets) if len(sheets) > 1 else to_pdf(html=sheets[0])

    def reviews(self, *states: ReviewState, kind: ReviewKind | None = None) -> list[Review]:
        """The unit's reviews in these states, by day."""
        found = list_reviews(
            session=self.session, actor=self.run.actor, unit_ids=[self.unit.id], kind=kind or self.review
        )
        return [one for one in found if one.state in states]


def inside(path: str) -> str:
    """A bundled file as an address that holds the file itself, so that the HTML needs nothing beside it."""
    content = (resource_dir(name="static") / path).read_bytes()
    kind = mimetypes.guess_type(path)[0] or "text/plain"
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


# ------------------------------------------------------------------ A3


def _a3(paper: Paper) -> bytes:
    answer = _answer(paper)
    known = paper.organisation
    view = View(
        calendar=known.calendar, time_zone=known.time_zone, today=paper.today, hits_to_close=known.hits_to_close,
        people=people_names(session=paper.session), units=names_of(units=paper.units, archived=True),
    )  # fmt: skip
    facts = load_a3(
        session=paper.session, actor=paper.run.actor, answer=answer, calendar=known.calendar, today=paper.today
    )
    sheet = a3(facts=facts, view=view)
    return paper.written(
        *a3_sheets(sheet=sheet, organisation=known.name, today=paper.today, asset=paper.asset)
    )


def _answer(paper: Paper) -> Answer:
    """The unit's open countermeasure, or that of the KPI named, the latest closed one where none is open."""
    found = [
        one
        for one in list_answers(session=paper.session, actor=paper.run.actor)
        if one.kpi.unit_id == paper.unit.id and paper.kpi.strip() in ("", one.kpi.name)
    ]
    open_ones = [one for one in found if one.countermeasure.is_open]
    if not open_ones and paper.kpi and found:
        return found[-1]
    if not open_ones:
        of = f"of “{paper.kpi[:80]}” in {paper.called}" if paper.kpi else f"open in {paper.called}"
        raise Missing(f"there is no countermeasure {of}")
    if len(open_ones) > 1 and not paper.kpi:
        raise Senseless(f"--kpi says which: {_listed(one.kpi.name for one in open_ones)}")
    return open_ones[0]


def _listed(names: Iterable[str]) -> str:
    found = [f"“{one}”" for one in names]
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return f"{', '.join(found[:MOST_NAMED])}{more}"


# ------------------------------------------------------------------ reviews


def _agenda(paper: Paper) -> bytes:
    """Of the next review, as every reader of the unit may see it."""
    first = paper.on or paper.today
    coming = [one for one in paper.reviews(ReviewState.PLANNED) if one.planned_on >= first]
    if not coming:
        raise Missing(f"no {_word(paper)} of {paper.called} is planned from {day(first)} on")
    reader = reader_of(session=paper.session, unit_id=paper.unit.id)
    agenda = load_agenda(session=paper.session, actor=reader, review=coming[0], at=paper.run.now)
    expected = list_expected(session=paper.session, unit_id=paper.unit.id, today=paper.today)
    people = [one.name for one in expected]
    return paper.written(agenda_sheet(content=content_of(agenda=agenda), people=people, asset=paper.asset))


def _pack(paper: Paper) -> bytes:
    """Of the latest review that was held, byte for byte as it was frozen."""
    last = paper.on or paper.today
    held = [one for one in paper.reviews(ReviewState.HELD) if one.planned_on <= last]
    pack = find_pack(session=paper.session, review_id=held[-1].id) if held else None
    if pack is None:
        raise Missing(f"no {_word(paper)} of {paper.called} was held up to {day(last)}")
    if paper.is_pdf and pack.printed is not None:
        return pack.printed
    return paper.written(pack_sheet(content=pack.content, asset=paper.asset))


def _word(paper: Paper) -> str:
    if paper.review is None:
        return "review"
    name = REVIEW_NAMES[paper.review]
    return name[0].lower() + name[1:]


def _diagnosis(paper: Paper) -> bytes:
    last, calendar = paper.on or paper.today, paper.organisation.calendar
    found = [
        one
        for one in paper.reviews(ReviewState.HELD, ReviewState.PLANNED, kind=ReviewKind.DIAGNOSIS)
        if one.planned_on <= last or one.state is ReviewState.HELD
    ]
    scored = [both for both in (load_compared(session=paper.session, review=one) for one in found) if both.findings]
    if not scored:
        raise Missing(f"no president’s diagnosis of {paper.called} was scored up to {day(last)}")
    both, unit = scored[-1], paper.called
    sheet = diagnosis_sheet(
        title=title_of(review=both.review, unit=unit), period=period_text(review=both.review, calendar=calendar),
        on=both.review.planned_on, picture=picture_of(found=both, unit=unit, calendar=calendar),
        organisation=paper.organisation.name, today=paper.today, asset=paper.asset,
    )  # fmt: skip
    return paper.written(sheet)


# ------------------------------------------------------------------ self-assessment


def _assessment(paper: Paper) -> bytes:
    """The latest one that was counted, of the unit and all below it."""
    zone, last = ZoneInfo(paper.organisation.time_zone), paper.on or paper.today
    inside = units_inside(units=paper.units, top=paper.unit.id)
    found = found_in(closed=list_counted(session=paper.session), units=paper.units, readable=inside)
    survey = next(
        (one for one in found.closed if one.closed_at and one.closed_at.astimezone(zone).date() <= last), None
    )
    if survey is None:
        raise Missing(f"no self-assessment was counted up to {day(last)}")
    sheets = survey_sheets(
        survey=survey, rows=found.rows(survey), courses=found.courses(paper.unit.id, survey), today=paper.today,
        organisation=paper.organisation.name, asset=paper.asset,
    )  # fmt: skip
    return paper.written(*sheets)


WRITERS: Mapping[str, Callable[[Paper], bytes]] = {
    "a3": _a3, "agenda": _agenda, "pack": _pack, "diagnosis": _diagnosis, "self-assessment": _assessment,
}  # fmt: skip
DATED = frozenset(WRITERS) - {"a3"}
"""Those that look for a day."""
