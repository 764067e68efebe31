"""The first page of an empty database: begin with the example, or begin your own organisation."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.commands import sign_in, start as commands
from hoshin.commands.passwords import hash_password, random_password
from hoshin.commands.settings import time_zones
from hoshin.commands.start_example import begin_with_example, people_to_begin_with
from hoshin.errors import Missing
from hoshin.exchange.example import read
from hoshin.forms.start import StartForm
from hoshin.reports.example import paper
from hoshin.web import door
from hoshin.web.sign_in import agent, let_in

bp = Blueprint("start", __name__)


@bp.route("/start", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_START, write=Act.START)
def show() -> Response | tuple[str, int]:
    """Offered while there is no organisation, and never again."""
    if door.organisation() is not None:
        return _taken()
    form = StartForm(request.form, fiscal_start_month=1, time_zone="UTC")
    founded: list[commands.Founded] = []
    try:
        if door.accepted(form, lambda: founded.append(_found(form))):
            return _go_on(founded[0])
    except commands.Taken:
        return _taken()
    return door.page("start/show.html", form=form, zones=time_zones())


@bp.post("/start/example")
@door.allow(write=Act.START)
def example() -> Response | tuple[str, int]:
    """Begin with the example organisation; its passwords are shown this once."""
    if door.organisation() is not None:
        return _taken()
    wish = read()
    door.forget()  # as above
    shown = [(one, random_password()) for one in people_to_begin_with(wish=wish)]
    hashes = {one.email: hash_password(password=password) for one, password in shown}
    try:
        door.perform(begin_with_example, wish=wish, hashes=hashes, paper=paper)
    except commands.Taken:
        return _taken()
    return door.page("start/example.html", shown=shown, name=wish.settings["name"])


def _taken() -> tuple[str, int]:
    """Gone for who comes later; who pressed the button a moment too late is told why."""
    if request.method in door.SAFE:
        raise Missing("this planner has been set up already")
    g.status = HTTPStatus.CONFLICT
    return door.page("start/taken.html")


def _found(form: StartForm) -> commands.Founded:
    form.check()
    door.forget()  # argon2 is slow on purpose: nobody waits for the database meanwhile
    wish = form.to_wish(password_hash=hash_password(password=form.password.data or ""))
    return door.perform(commands.found_organisation, wish=wish)


def _go_on(founded: commands.Founded) -> Response:
    """Sign the administrator in; an executive other than her still needs a way in."""
    person, executive = founded.administrator.id, founded.executive.id
    wish = sign_in.SignInWish(email=founded.administrator.email or "", password="", agent=agent())
    let_in(token=door.perform(sign_in.begin_sign_in, person=person, wish=wish))
    if executive == person:
        return door.done("/", "Your organisation is here. Write the vision first, then the units.")
    return door.done(
        url_for("people.show", person_id=executive),
        "Your organisation is here. Make a reset link for the executive, who chooses a password with it.",
    )
