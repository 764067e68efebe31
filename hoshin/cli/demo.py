"""`hoshin demo`: the example organisation, and three people to sign in as."""

from __future__ import annotations

from dataclasses import dataclass

import click
from sqlalchemy.orm import Session

from hoshin.cli import shell
from hoshin.commands.example import load
from hoshin.commands.example_wish import Shown, people_to_show
from hoshin.commands.passwords import hash_password, random_password
from hoshin.commands.people import set_password
from hoshin.exchange.example import read
from hoshin.queries.people import find_by_email
from hoshin.reports.example import paper


@dataclass(frozen=True, slots=True)
class SignInShown:
    """Somebody to sign in as, with the password that is shown this once."""

    who: Shown
    password: str


@shell.hoshin.command()
@click.pass_obj
def demo(run: shell.Shell) -> None:
    """Load the example organisation into an empty database and print three sign-ins."""
    with run.writing() as session:
        shown = fill(session=session, run=run)
    click.echo("The example organisation is loaded. Sign in as:")
    click.echo(as_table(shown=shown))


def fill(*, session: Session, run: shell.Shell) -> list[SignInShown]:
    """Load the example and give three people a random password each; raises Taken when the database is not empty."""
    wish = read()
    load(session=session, wish=wish, paper=paper, by=run.actor, at=run.now)
    shown = [SignInShown(one, random_password()) for one in people_to_show(wish=wish)]
    for one in shown:
        person = find_by_email(session=session, email=one.who.email)
        if person is not None:
            hashed = hash_password(password=one.password)
            set_password(session=session, person_id=person.id, password_hash=hashed, by=run.actor, at=run.now)
    return shown


def as_table(*, shown: list[SignInShown]) -> str:
    """The sign-ins, one a line; they cannot be shown again."""
    width = max(len(one.who.email) for one in shown)
    lines = [f"  {one.who.part:17} {one.who.email:{width}}  {one.password}" for one in shown]
    return "\n".join([*lines, "The passwords are shown only now; hoshin user reset EMAIL makes a new one."])
