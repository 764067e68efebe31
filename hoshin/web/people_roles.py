"""Roles of people: given on a unit and for a time, and ended."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.commands import people_roles as commands
from hoshin.forms.fields import choices_of
from hoshin.forms.people import GrantEndForm, GrantForm
from hoshin.queries.people import get_grant, get_person
from hoshin.queries.unit_lists import list_units, names_of
from hoshin.web import door
from hoshin.web.people import person_page

bp = Blueprint("people_roles", __name__)


@bp.route("/people/<int:person_id>/roles/new", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PEOPLE, write=Act.MANAGE_PEOPLE)
def new(person_id: int) -> Response | tuple[str, int]:
    """One more role."""
    person = get_person(session=door.session(), person_id=person_id)
    name, home = person.name, person.home_unit_id
    form = GrantForm(request.form, role="staff", unit_id=home, first=door.today())
    form.unit_id.choices = choices_of(names=names_of(units=list_units(session=door.session())))
    if door.accepted(
        form, lambda: door.perform(commands.add_grant, person_id=person_id, wish=form.to_wish())
    ):
        return door.done(url_for("people.show", person_id=person_id), f"{name} has one more role.")
    return door.page("people/new_role.html", form=form, person_id=person_id, person_name=name)


@bp.post("/people/roles/<int:grant_id>/end")
@door.allow(write=Act.MANAGE_PEOPLE)
def end(grant_id: int) -> Response | tuple[str, int]:
    """End a role, today or on a later day."""
    person_id = get_grant(session=door.session(), grant_id=grant_id).person_id
    form = GrantEndForm(request.form)
    if door.accepted(form, lambda: door.perform(commands.end_grant, grant_id=grant_id, last=form.last.data)):
        return door.done(url_for("people.show", person_id=person_id), "The role is ended.")
    return person_page(get_person(session=door.session(), person_id=person_id), form)
