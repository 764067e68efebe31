"""The president's diagnosis: its template is edited, and a unit is scored area by area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import Subject, require
from hoshin.commands import journal
from hoshin.engine.cadence import ReviewKind
from hoshin.engine.diagnosis import AREAS, HIGHEST, LOWEST, Phase
from hoshin.errors import Missing, Problem, Refused, Stale
from hoshin.model.base import facts
from hoshin.model.diagnosis import DiagnosisArea, Finding
from hoshin.model.reviews import Review, ReviewState
from hoshin.queries.diagnosis import list_areas, list_findings
from hoshin.queries.reviews import get_review
from hoshin.queries.units import lock_plan

FEWEST, MOST = 3, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaWish:
    """One area; `key` is that of one that stands already, `place` its row in the form."""

    name: str
    question: str = ""
    key: int | None = None
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingWish:
    """What was found in one area: a score of 1 to 5 for each phase that was looked at, and a remark."""

    area_id: int
    scores: Mapping[Phase, int | None] = field(default_factory=dict)
    remark: str = ""


def ensure_areas(*, session: Session, by: Actor, at: datetime) -> None:
    """Supply the eleven classic areas where the template has never been written."""
    lock_plan(session=session)
    if list_areas(session=session, archived=True):
        return
    for place, (name, question) in enumerate(AREAS, start=1):
        area = DiagnosisArea(name=name, question=question, position=place)
        journal.created(session=session, by=by, at=at, thing=area)


def write_template(*, session: Session, areas: Sequence[AreaWish], by: Actor, at: datetime) -> None:
    """Set the areas in their order; one that is left out is archived, one named as an archived one comes back.

    What was found in the past keeps the names it was found under.
    """
    require(actor=by, act=Act.WRITE_DIAGNOSIS)
    lock_plan(session=session)
    there = {one.id: one for one in list_areas(session=session, archived=True)}
    problems = _area_problems(areas, there)
    if problems:
        raise Refused.because(problems)
    by_name = {one.name.casefold(): one for one in there.values()}
    kept = set()
    for place, wish in enumerate(areas, start=1):
        area = there.get(wish.key or 0) or by_name.get(wish.name.casefold())
        if area is None:
            area = DiagnosisArea(name=wish.name, question=wish.question, position=place)
            journal.created(session=session, by=by, at=at, thing=area)
        else:
            with journal.changing(session=session, by=by, at=at, thing=area):
                area.name, area.question, area.position, area.archived_at = wish.name, wish.question, place, None
        kept.add(area.id)
    for gone in (one for one in there.values() if one.id not in kept and one.archived_at is None):
        with journal.changing(session=session, by=by, at=at, thing=gone, verb="archived"):
            gone.archived_at = at


def score(
    *, session: Session, review_id: int, findings: Sequence[FindingWish], version: int | None, by: Actor, at: datetime
) -> Review:
    """Write what was found; an area without any score and remark is not noted. Once held, it stays as it was."""
    review = get_review(session=session, actor=by, review_id=review_id, lock=True)
    require(actor=by, act=Act.KEEP_MINUTES, subject=Subject(unit=review.unit_id))
    if review.kind is not ReviewKind.DIAGNOSIS:
        raise Missing("this review is no diagnosis")
    if version != review.version:
        raise Stale({"Saved by": "somebody else, in the meantime"})
    if review.state is not ReviewState.PLANNED:
        raise Refused(Problem(f"this diagnosis has been {review.state.value}: its scores stay as they were"))
    areas = {one.id: one for one in list_areas(session=session, archived=True)}
    problems = _score_problems(findings, areas)
    if problems:
        raise Refused.because(problems)
    with journal.changing(
        session=session, by=by, at=at, thing=review, verb="scored", unit=review.unit_id,
        name=f"diagnosis of {review.first_day:%Y}", beside=lambda: _found(session, review_id),
    ):  # fmt: skip
        _put(session, review_id, findings, areas)
    return review


def _found(session: Session, review_id: int) -> dict[str, Any]:
    session.flush()
    return {"findings": [facts(of=one) for one in list_findings(session=session, review_id=review_id)]}


def _put(
    session: Session, review_id: int, findings: Sequence[FindingWish], areas: Mapping[int, DiagnosisArea]
) -> None:
    there = {one.area_id: one for one in list_findings(session=session, review_id=review_id)}
    for wish in findings:
        if not wish.remark and not any(wish.scores.values()):
            continue
        row = there.pop(wish.area_id, None) or Finding(review_id=review_id, area_id=wish.area_id)
        row.area_name, row.position = areas[wish.area_id].name, areas[wish.area_id].position
        for phase in Phase:
            setattr(row, f"{phase.value}_score", wish.scores.get(phase))
        row.remark = wish.remark
        session.add(row)
    for gone in there.values():
        session.delete(gone)


def _area_problems(areas: Sequence[AreaWish], there: Mapping[int, DiagnosisArea]) -> list[Problem]:
    if any(one.key is not None and one.key not in there for one in areas):
        raise Missing("these areas are not all of the template")
    problems = [Problem("name the area", field=f"name_{one.place}") for one in areas if not one.name]
    folded = [one.name.casefold() for one in areas]
    archived = {one.name.casefold(): one.id for one in there.values()}
    for one in areas:
        twin = archived.get(one.name.casefold())
        taken = one.key is not None and twin is not None and twin != one.key
        if one.name and (taken or folded.count(one.name.casefold()) > 1):
            problems.append(Problem("another area has this name", field=f"name_{one.place}"))
    if not FEWEST <= len(areas) <= MOST:
        problems.append(Problem(f"a diagnosis has {FEWEST} to {MOST} areas"))
    return problems


def _score_problems(findings: Sequence[FindingWish], areas: Mapping[int, DiagnosisArea]) -> list[Problem]:
    keys = [one.area_id for one in findings]
    if set(keys) - set(areas) or len(set(keys)) < len(keys):
        raise Missing("these areas are not all of the template")
    return [
        Problem(f"a score lies between {LOWEST} and {HIGHEST}", field=f"{phase.value}_{wish.area_id}")
        for wish in findings
        for phase, given in wish.scores.items()
        if given is not None and not LOWEST <= given <= HIGHEST
    ]
