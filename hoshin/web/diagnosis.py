"""The president's diagnosis: its template, the scores of one, and its radar on page and paper."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.commands import diagnosis as commands
from hoshin.engine.cadence import ReviewKind
from hoshin.engine.diagnosis import LEVELS, Phase
from hoshin.errors import Missing
from hoshin.forms.diagnosis import scores_form, template_form
from hoshin.model.reviews import Review, ReviewState
from hoshin.queries.diagnosis import list_areas, list_findings, load_compared
from hoshin.queries.reviews import get_review
from hoshin.queries.unit_lists import list_units, names_of
from hoshin.queries.units import get_organisation
from hoshin.reports.diagnosis import Diagnosis, picture_of
from hoshin.reports.packs import period_text, title_of
from hoshin.reports.papers import diagnosis_sheet
from hoshin.reports.pdf import NoPrinter, asset, to_pdf
from hoshin.web import door

bp = Blueprint("diagnosis", __name__)


def picture_for(review: Review) -> Diagnosis:
    """The diagnosis as it stands, beside the one held before it."""
    return picture_of(
        found=load_compared(session=door.session(), review=review), unit=_unit(review),
        calendar=get_organisation(session=door.session()).calendar,
    )  # fmt: skip


def _unit(review: Review) -> str:
    return names_of(units=list_units(session=door.session()), archived=True).get(review.unit_id, "")


def _one(review_id: int) -> Review:
    review = get_review(session=door.session(), actor=door.actor(), review_id=review_id)
    if review.kind is not ReviewKind.DIAGNOSIS:
        raise Missing("this review is no diagnosis")
    return review


@bp.route("/diagnosis", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_DIAGNOSIS, write=Act.WRITE_DIAGNOSIS)
def template() -> Response | tuple[str, int]:
    """The areas that a diagnosis asks about."""
    form = template_form(posted=request.form or None, areas=list_areas(session=door.session()))
    if door.accepted(form, lambda: door.perform(commands.write_template, areas=form.to_wishes())):
        return door.done(url_for("diagnosis.template"), "The template is saved. Past diagnoses stay as they were.")
    return door.page("diagnosis/template.html", form=form, rows=form.rows(*form.names))


@bp.route("/reviews/<int:review_id>/scores", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_REVIEWS, write=Act.KEEP_MINUTES)
def score(review_id: int) -> Response | tuple[str, int]:
    """Score a unit, area by area."""
    review = _one(review_id)
    door.require(Act.OPEN_REVIEWS, Subject(unit=review.unit_id))
    areas = list_areas(session=door.session())
    findings = list_findings(session=door.session(), review_id=review_id)
    form = scores_form(posted=request.form or None, areas=areas, findings=findings, version=review.version)
    heading = title_of(review=review, unit=_unit(review))
    questions = [(one.id, one.name, one.question) for one in areas]
    is_open = review.state is ReviewState.PLANNED
    if door.accepted(
        form,
        lambda: door.perform(
            commands.score, review_id=review_id, findings=form.to_wishes(), version=form.version.number
        ),
    ):
        return door.done(url_for("meetings.show", review_id=review_id, _anchor="diagnosis"), "The scores are kept.")
    return door.page(
        "diagnosis/score.html", form=form, heading=heading, areas=questions, phases=list(Phase), levels=LEVELS,
        review_id=review_id, is_open=is_open,
    )  # fmt: skip


@bp.get("/reviews/<int:review_id>/diagnosis.pdf")
@door.allow(read=Act.READ_UNIT)
def print_sheet(review_id: int) -> Response:
    """The diagnosis on paper."""
    review = _one(review_id)
    known = get_organisation(session=door.session())
    html = diagnosis_sheet(
        title=title_of(review=review, unit=_unit(review)), period=period_text(review=review, calendar=known.calendar),
        on=review.planned_on, picture=picture_for(review), organisation=known.name, today=door.today(), asset=asset,
    )  # fmt: skip
    try:
        content = to_pdf(html=html)
    except NoPrinter as reason:
        return door.done(url_for("meetings.show", review_id=review_id), str(reason), "error")
    return door.download(content, name=f"diagnosis-{review_id}.pdf", mime="application/pdf")
