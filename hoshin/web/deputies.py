"""Deputies of the heads of a unit."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.commands import deputies as commands
from hoshin.forms.deputies import DeputyForm
from hoshin.forms.fields import choices_of
from hoshin.model.people import Role
from hoshin.queries.people import list_deputies, names_of_people
from hoshin.queries.people_lists import Entry, Wanted, list_entries
from hoshin.web import door
from hoshin.web.choosing import offer, people_to_choose
from hoshin.web.units import known_unit

bp = Blueprint("deputies", __name__)


@bp.route("/units/<int:unit_id>/deputies", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_DEPUTIES, write=Act.NAME_DEPUTY)
def show(unit_id: int) -> Response | tuple[str, int]:
    """Who acts for whom, and naming one more."""
    unit_name = known_unit(unit_id).name
    door.require(Act.OPEN_DEPUTIES, Subject(unit=unit_id))
    here = list_entries(session=door.session(), wish=Wanted(unit=unit_id), today=door.today())
    form = _form(unit_id, here)
    if door.accepted(form, lambda: door.perform(commands.name_deputy, unit_id=unit_id, wish=form.to_wish())):
        return door.done(url_for("deputies.show", unit_id=unit_id), "The deputy is named.")
    rows = list_deputies(session=door.session(), unit_id=unit_id)
    named = {key for one in rows for key in (one.head_id, one.deputy_id)}
    names = names_of_people(session=door.session(), person_ids=named)
    return door.page(
        "deputies/show.html", form=form, rows=rows, names=names, unit_id=unit_id, unit_name=unit_name,
        today=door.today(),
    )  # fmt: skip


def _form(unit_id: int, people: list[Entry]) -> DeputyForm:
    heading = {one.id: one.name for one in people if {(Role.HEAD, unit_id), (Role.EXECUTIVE, unit_id)} & set(one.roles)}
    me = door.actor().person
    form = DeputyForm(request.form, head_id=me if me in heading else next(iter(heading), None), first=door.today())
    form.head_id.choices = choices_of(names=heading)
    chosen = [form.deputy_id.data] if form.deputy_id.data else []
    offer(form.deputy_id, people_to_choose(unit_id=unit_id, keep=chosen))
    return form


@bp.post("/units/<int:unit_id>/deputies/<int:deputy_id>/end")
@door.allow(write=Act.NAME_DEPUTY)
def end(unit_id: int, deputy_id: int) -> Response:
    """Let a deputy act no longer."""
    door.attempt(commands.end_deputy, unit_id=unit_id, deputy_id=deputy_id)
    return door.done(url_for("deputies.show", unit_id=unit_id))
