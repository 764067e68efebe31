"""`hoshin user add|reset|roles`: people, their passwords and their roles, from the shell."""

from __future__ import annotations

import sys

import click
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from hoshin.cli.shell import Shell, hoshin
from hoshin.commands import people as commands, people_roles
from hoshin.commands.passwords import hash_password, random_password
from hoshin.commands.people import PersonWish, today_of
from hoshin.commands.people_roles import GrantWish
from hoshin.errors import Missing, Problem, Refused
from hoshin.forms.fields import choices_of
from hoshin.forms.people import PersonForm
from hoshin.model.people import Grant, Person, Role
from hoshin.queries.people import find_by_email, list_grants
from hoshin.queries.unit_lists import list_units, names_of, unit_at
from hoshin.queries.units import get_organisation

Where = tuple[Role, str]


class RoleAt(click.ParamType[Where]):
    """ROLE or ROLE@UNIT PATH, such as head@Operations / Assembly; without a path, at the top unit."""

    name = "ROLE[@PATH]"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Where:
        """The role and the path."""
        word, _, path = str(value).partition("@")
        if word.strip().lower() not in {one.value for one in Role}:
            self.fail(f"{word.strip()[:40]} is no role; choose one of {', '.join(Role)}", param, ctx)
        return Role(word.strip().lower()), path


@hoshin.group()
def user() -> None:
    """People: add one, let one in again, list and change roles."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="What the person is called.")
@click.option("--title", default="", help="Their title on paper.")
@click.option("--unit", default="", metavar="PATH", help="Home unit, such as “Operations / Assembly”; default the top.")
@click.option("--role", "roles", type=RoleAt(), multiple=True, help="A role; without @PATH, on the home unit.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making one.")
@click.pass_obj
def add(
    shell: Shell, email: str, name: str, title: str, unit: str, roles: tuple[Where, ...], password_stdin: bool
) -> None:
    """Add somebody who can sign in; a random password is printed once."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else random_password()
    password_hash = hash_password(password=password)
    with shell.writing() as session:
        get_organisation(session=session)
        wish = _person_wish(session, email, name, title, unit)
        person = commands.create_person(session=session, wish=wish, by=shell.actor, at=shell.now)
        for role, path in roles:
            _give(shell, session, person, (role, path or unit))
        commands.set_password(
            session=session, person_id=person.id, password_hash=password_hash, by=shell.actor, at=shell.now
        )
    click.echo(f"{name} can sign in as {email}" + ("" if password_stdin else "; the password, shown once:"), err=True)
    if not password_stdin:
        click.echo(password)


def _person_wish(session: Session, email: str, name: str, title: str, unit: str) -> PersonWish:
    """The wish, read by the same form as in the browser."""
    home = unit_at(session=session, path=unit)
    typed = {"email": email, "name": name, "title": title, "home_unit_id": str(home.id)}
    form = PersonForm(MultiDict(typed))
    form.home_unit_id.choices = choices_of(names=names_of(units=list_units(session=session)))
    if not form.validate():
        raise Refused.because(
            Problem(str(said), field=str(field)) for field, errors in form.errors.items() for said in errors
        )
    return form.to_wish()


def _give(shell: Shell, session: Session, person: Person, where: Where) -> None:
    wish = GrantWish(role=where[0], unit_id=unit_at(session=session, path=where[1]).id)
    people_roles.add_grant(session=session, person_id=person.id, wish=wish, by=shell.actor, at=shell.now)


@user.command()
@click.argument("email")
@click.pass_obj
def reset(shell: Shell, email: str) -> None:
    """Print the path of a one-time link that lets somebody choose a new password within 24 hours."""
    with shell.writing() as session:
        person = _person(session, email)
        token = commands.make_reset_link(session=session, person_id=person.id, by=shell.actor, at=shell.now)
        name = person.name
    click.echo(f"put the address of the planner before this path and give it to {name}; it works once:", err=True)
    click.echo(f"/reset/{token}")


@user.command()
@click.argument("email")
@click.option("--add", "added", type=RoleAt(), multiple=True, help="Give a role from today.")
@click.option("--end", "ended", type=RoleAt(), multiple=True, help="End a role now.")
@click.pass_obj
def roles(shell: Shell, email: str, added: tuple[Where, ...], ended: tuple[Where, ...]) -> None:
    """List the roles of somebody, after giving and ending some."""
    with shell.writing() as session:
        person = _person(session, email)
        for where in added:
            _give(shell, session, person, where)
        for where in ended:
            grant = _grant(shell, session, person, where)
            people_roles.end_grant(session=session, grant_id=grant.id, last=None, by=shell.actor, at=shell.now)
        lines = _lines(session, person)
    for line in lines:
        click.echo(line)


def _person(session: Session, email: str) -> Person:
    person = find_by_email(session=session, email=email)
    if person is None:
        raise Missing(f"nobody here has the address {email[:254]}")
    return person


def _grant(shell: Shell, session: Session, person: Person, where: Where) -> Grant:
    """The role that has not ended yet."""
    unit, today = unit_at(session=session, path=where[1]), today_of(session=session, at=shell.now)
    for one in list_grants(session=session, person_id=person.id):
        if (one.role, one.unit_id) == (where[0], unit.id) and (one.valid_to is None or one.valid_to >= today):
            return one
    raise Missing(f"{person.name} is not {where[0].value} of {unit.name}")


def _lines(session: Session, person: Person) -> list[str]:
    names = names_of(units=list_units(session=session), archived=True)
    rows = [
        (one.role.value, names[one.unit_id], str(one.valid_from or "–"), str(one.valid_to or "–"))
        for one in list_grants(session=session, person_id=person.id)
    ]
    table = [("ROLE", "UNIT", "FROM", "UNTIL"), *rows]
    widths = [max(len(row[place]) for row in table) for place in range(4)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
