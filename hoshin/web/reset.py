"""Choosing a new password through a one-time link."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.commands import account as commands
from hoshin.commands.passwords import hash_password, token_hash
from hoshin.forms.account import NewPasswordForm
from hoshin.queries.people import find_person, find_reset
from hoshin.web import door

bp = Blueprint("reset", __name__)


@bp.route("/reset/<token>", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_RESET, write=Act.RESET_PASSWORD)
def show(token: str) -> Response | tuple[str, int]:
    """The form for a new password; the link opens it until it is used."""
    reset = find_reset(session=door.session(), token_hash=token_hash(token=token), at=door.now())
    person = find_person(session=door.session(), person_id=reset.person_id) if reset else None
    if person is None:
        return render_template("sign_in/gone.html"), HTTPStatus.NOT_FOUND
    name, email = person.name, person.email
    form = NewPasswordForm(request.form)
    if door.accepted(form, lambda: _reset(form, token)):
        return door.done("/sign-in", "Your new password is set. Sign in with it.")
    return door.page("sign_in/reset.html", form=form, name=name, email=email, token=token)


def _reset(form: NewPasswordForm, token: str) -> None:
    door.forget()  # argon2 is slow on purpose: nobody waits for the database meanwhile
    new_hash = hash_password(password=form.password.data or "")
    door.perform(commands.reset_password, token=token, new_hash=new_hash)
