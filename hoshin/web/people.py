"""People: the list, one person, and who she is."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.commands import people as commands
from hoshin.exchange.tables import spool_csv
from hoshin.forms.fields import choices_of
from hoshin.forms.people import ROLE_LABELS, GrantEndForm, PeopleFilterForm, PersonForm
from hoshin.model.people import Grant, Person, Role
from hoshin.queries.people import count_items, get_person, list_grants
from hoshin.queries.people_lists import Entry, Wanted, count_entries, each_entry, list_entries
from hoshin.queries.unit_lists import list_units, names_of
from hoshin.web import door
from hoshin.web.paging import SIZE, here_with, page_of

bp = Blueprint("people", __name__)


@bp.get("/people")
@door.allow(read=Act.READ_PEOPLE)
def show_list() -> Response | tuple[str, int]:
    """Everybody, narrowed down by words, unit and role."""
    names = names_of(units=list_units(session=door.session()), archived=True)
    session, today, wish = door.session(), door.today(), _wanted()
    if request.args.get("format") == "csv":
        return _csv(each_entry(session=session, wish=wish, today=today), names)
    page = page_of(total=count_entries(session=session, wish=wish, today=today))
    rows = list_entries(session=session, wish=wish, today=today, offset=page.offset, most=SIZE)
    form = PeopleFilterForm(request.args)
    form.unit.choices = choices_of(names=names, empty="Any unit")
    roles = {one.id: _said(one, names) for one in rows}
    return door.page(
        "people/show_list.html", form=form, rows=rows, page=page, names=names, roles=roles,
        manages=door.can(Act.MANAGE_PEOPLE), csv=here_with(format="csv"),
    )  # fmt: skip


def _wanted() -> Wanted:
    role = door.text_arg("role")
    asked = Role(role) if role in {one.value for one in Role} else None
    return Wanted(door.text_arg("q"), door.key_arg("unit"), asked, bool(door.text_arg("gone")))


def _said(entry: Entry, names: dict[int, str]) -> list[str]:
    return [f"{ROLE_LABELS[role]}, {names.get(unit, '')}" for role, unit in entry.roles]


def _csv(entries: Iterable[Entry], names: dict[int, str]) -> Response:
    rows = (
        (one.name, one.email, one.title, names.get(one.home_unit_id or 0, ""), "; ".join(_said(one, names)),
         "yes" if one.active else "no")
        for one in entries
    )  # fmt: skip
    head = ("name", "email", "title", "home unit", "roles", "active")
    return door.download(spool_csv(head=head, rows=rows), name="people.csv", mime="text/csv")


@bp.get("/people/<int:person_id>")
@door.allow(read=Act.READ_PEOPLE)
def show(person_id: int) -> tuple[str, int]:
    """One person: where she belongs, what she may do since when, what she owns."""
    person = get_person(session=door.session(), person_id=person_id)
    return person_page(person, GrantEndForm())


def person_page(person: Person, end_form: GrantEndForm) -> tuple[str, int]:
    """The page of one person."""
    names = names_of(units=list_units(session=door.session()), archived=True)
    grants = list_grants(session=door.session(), person_id=person.id)
    owned = count_items(session=door.session(), actor=door.actor(), person_id=person.id)
    return door.page(
        "people/show.html",
        person=person,
        home=names.get(person.home_unit_id or 0, ""),
        grants=sorted(((one, ROLE_LABELS[one.role], names[one.unit_id], _when(one)) for one in grants), key=_order),
        owned=[(kind.value, count) for kind, count in owned.items()],
        end_form=end_form,
        manages=door.can(Act.MANAGE_PEOPLE),
        myself=door.actor().person == person.id,
    )


def _when(grant: Grant) -> str:
    """Whether a role is in force, still to come or ended."""
    if grant.holds(today=door.today()):
        return "now"
    return "ended" if grant.valid_to is not None and grant.valid_to < door.today() else "to come"


def _order(row: tuple[Grant, str, str, str]) -> tuple[int, int]:
    return ("now", "to come", "ended").index(row[3]), row[0].id


@bp.route("/people/new", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PEOPLE, write=Act.MANAGE_PEOPLE)
def new() -> Response | tuple[str, int]:
    """Somebody new."""
    form = _person_form(None)
    made: list[Person] = []
    if door.accepted(form, lambda: made.append(door.perform(commands.create_person, wish=form.to_wish()))):
        address = url_for("people_roles.new", person_id=made[0].id)
        return door.done(address, f"{made[0].name} is here. Without a role they may do nothing yet: give them one.")
    return door.page("people/new.html", form=form)


@bp.route("/people/<int:person_id>/edit", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PEOPLE, write=Act.MANAGE_PEOPLE)
def edit(person_id: int) -> Response | tuple[str, int]:
    """Correct who somebody is."""
    person = get_person(session=door.session(), person_id=person_id)
    name, form = person.name, _person_form(person)
    if door.accepted(
        form, lambda: door.perform(commands.change_person, person_id=person_id, wish=form.to_wish())
    ):
        return door.done(url_for("people.show", person_id=person_id), "Saved.")
    return door.page("people/edit.html", form=form, person_id=person_id, person_name=name)


def _person_form(person: Person | None) -> PersonForm:
    form = PersonForm(request.form, obj=person)
    home = person.home_unit_id if person else None
    names = names_of(units=list_units(session=door.session()), keep=home)
    form.home_unit_id.choices = choices_of(names=names, empty="–")
    return form


@bp.post("/people/<int:person_id>/deactivate")
@door.allow(write=Act.MANAGE_PEOPLE)
def deactivate(person_id: int) -> Response:
    """Keep somebody out."""
    person = door.attempt(commands.deactivate_person, person_id=person_id)
    done = f"{person.name} is deactivated and signed out everywhere." if person else ""
    return door.done(url_for("people.show", person_id=person_id), done)


@bp.post("/people/<int:person_id>/reactivate")
@door.allow(write=Act.MANAGE_PEOPLE)
def reactivate(person_id: int) -> Response:
    """Let somebody in again."""
    person = door.perform(commands.reactivate_person, person_id=person_id)
    return door.done(url_for("people.show", person_id=person_id), f"{person.name} can sign in again.")


@bp.post("/people/<int:person_id>/reset-link")
@door.allow(write=Act.MANAGE_PEOPLE)
def make_link(person_id: int) -> Response | tuple[str, int]:
    """A reset link, shown this once."""
    token = door.attempt(commands.make_reset_link, person_id=person_id)
    if token is None:
        return door.done(url_for("people.show", person_id=person_id))
    person = get_person(session=door.session(), person_id=person_id)
    link = url_for("reset.show", token=token, _external=True)
    return door.page("people/make_link.html", person=person, link=link)
