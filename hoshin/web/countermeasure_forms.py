"""The forms of a countermeasure: short form, causes, steps, the words of the A3, closing and taking up again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, url_for
from wtforms import Form

from hoshin.access.actions import Act
from hoshin.commands import countermeasures as commands
from hoshin.forms.countermeasures import CloseForm, ReopenForm, SheetForm, ShortForm, causes_form, steps_form
from hoshin.queries.countermeasures import list_causes, list_steps
from hoshin.reports.a3 import prefilled
from hoshin.web import door
from hoshin.web.countermeasure_context import load_facts, view_now, writable
from hoshin.web.item_pages import Page, offer_people

bp = Blueprint("countermeasure_forms", __name__)


@bp.route("/countermeasures/<int:countermeasure_id>/short", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_COUNTERMEASURE, write=Act.WRITE_COUNTERMEASURE)
def short(countermeasure_id: int) -> Page:
    """The four lines."""
    found = writable(countermeasure_id).countermeasure
    form = ShortForm(request.form, obj=found)
    offer_people(form, ("doer_id", "owner_id"))
    return _page(
        form, countermeasure_id, "short",
        lambda: door.perform(commands.write_short, countermeasure_id=countermeasure_id, wish=form.to_wish()),
    )  # fmt: skip


@bp.route("/countermeasures/<int:countermeasure_id>/causes", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_COUNTERMEASURE, write=Act.WRITE_COUNTERMEASURE)
def causes(countermeasure_id: int) -> Page:
    """The root causes with their shares of the gap."""
    found = writable(countermeasure_id).countermeasure
    rows = list_causes(session=door.session(), countermeasure_id=countermeasure_id)
    form = causes_form(formdata=request.form, causes=rows, version=found.version)
    if request.method == "GET" and not rows and found.cause:
        form["text_1"].data = found.cause[:300]
    return _page(
        form, countermeasure_id, "causes",
        lambda: door.perform(
            commands.put_causes, countermeasure_id=countermeasure_id, causes=form.to_wishes(),
            version=form.version.number,
        ),
    )  # fmt: skip


@bp.route("/countermeasures/<int:countermeasure_id>/steps", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_COUNTERMEASURE, write=Act.WRITE_COUNTERMEASURE)
def steps(countermeasure_id: int) -> Page:
    """The steps of the plan, with the effect expected of each."""
    found = writable(countermeasure_id).countermeasure
    rows = list_steps(session=door.session(), countermeasure_id=countermeasure_id)
    form = steps_form(formdata=request.form, steps=rows, version=found.version)
    if request.method == "GET" and not rows and found.action:
        form["text_1"].data, form["owner_1"].data, form["due_1"].data = found.action[:300], found.doer_id, found.due_on
    offer_people(form, [f"owner_{place}" for place in range(1, form.most + 1)])
    return _page(
        form, countermeasure_id, "steps",
        lambda: door.perform(
            commands.put_steps, countermeasure_id=countermeasure_id, steps=form.to_wishes(),
            version=form.version.number,
        ),
    )  # fmt: skip


@bp.route("/countermeasures/<int:countermeasure_id>/a3/edit", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_COUNTERMEASURE, write=Act.WRITE_COUNTERMEASURE)
def sheet(countermeasure_id: int) -> Page:
    """The words of the A3, prefilled."""
    view = view_now()
    facts = load_facts(writable(countermeasure_id), view)
    known = prefilled(facts=facts, view=view)
    form = SheetForm(request.form, data={**known, "version": facts.answer.countermeasure.version})
    return _page(
        form, countermeasure_id, "sheet",
        lambda: door.perform(
            commands.write_sheet, countermeasure_id=countermeasure_id, wish=form.to_wish(prefilled=known)
        ),
        back=url_for("countermeasures.show_a3", countermeasure_id=countermeasure_id),
    )  # fmt: skip


@bp.route("/countermeasures/<int:countermeasure_id>/close", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_COUNTERMEASURE, write=Act.WRITE_COUNTERMEASURE)
def close(countermeasure_id: int) -> Page:
    """End it with a line on whether it worked."""
    answer = writable(countermeasure_id)
    form = CloseForm(request.form, data={"version": answer.countermeasure.version})
    return _page(
        form, countermeasure_id, "close",
        lambda: door.perform(commands.close, countermeasure_id=countermeasure_id, wish=form.to_wish()),
        message="Closed. A relapse within a year reopens it.",
    )  # fmt: skip


@bp.route("/countermeasures/<int:countermeasure_id>/reopen", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_COUNTERMEASURE, write=Act.WRITE_COUNTERMEASURE)
def reopen(countermeasure_id: int) -> Page:
    """Take it up again."""
    writable(countermeasure_id)
    form = ReopenForm(request.form)
    return _page(
        form, countermeasure_id, "reopen",
        lambda: door.perform(commands.reopen, countermeasure_id=countermeasure_id, reason=form.reason.data or ""),
        message="Taken up again.",
    )  # fmt: skip


def _page(
    form: Form, countermeasure_id: int, name: str, save: Callable[[], Any], *, back: str = "", message: str = "Saved."
) -> Page:
    """The form; saved, it leads back to the countermeasure."""
    back = back or url_for("countermeasures.show", countermeasure_id=countermeasure_id)
    if door.accepted(form, save):
        return door.done(back, message)
    answer = writable(countermeasure_id)
    view = view_now()
    return door.page(
        f"countermeasures/{name}.html",
        form=form,
        one=answer.countermeasure,
        kpi=answer.kpi,
        waiting=commands.why_not_close(session=door.session(), answer=answer, at=door.now()),
        hits_to_close=view.hits_to_close,
        back=back,
    )
