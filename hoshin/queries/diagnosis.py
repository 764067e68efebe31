"""The areas of the president's diagnosis, and what was found in them at one review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.model.diagnosis import DiagnosisArea, Finding
from hoshin.model.reviews import Review
from hoshin.queries.reviews import find_previous


def list_areas(*, session: Session, archived: bool = False) -> Sequence[DiagnosisArea]:
    """The areas of the template in their order; archived ones only when asked for."""
    query = select(DiagnosisArea).order_by(DiagnosisArea.position, DiagnosisArea.id)
    return session.scalars(query if archived else query.where(DiagnosisArea.archived_at.is_(None))).all()


def list_findings(*, session: Session, review_id: int) -> Sequence[Finding]:
    """What was found at a diagnosis, in the order of its areas."""
    query = select(Finding).where(Finding.review_id == review_id)
    return session.scalars(query.order_by(Finding.position, Finding.area_id)).all()


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found at one diagnosis and at the one held before it, if any."""

    review: Review
    findings: Sequence[Finding]
    before: Review | None
    earlier: Sequence[Finding]


def load_compared(*, session: Session, review: Review) -> Compared:
    """A diagnosis beside the one before it."""
    before = find_previous(session=session, review=review)
    return Compared(
        review=review, findings=list_findings(session=session, review_id=review.id), before=before,
        earlier=list_findings(session=session, review_id=before.id) if before else (),
    )  # fmt: skip
