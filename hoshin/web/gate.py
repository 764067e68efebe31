"""The gate before every view: finds out who asks, and turns away what the access table does not allow."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from flask import Flask, current_app, g, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response

from hoshin.access.rules import may
from hoshin.commands.passwords import token_hash
from hoshin.errors import Forbidden
from hoshin.queries.people import find_sign_in, load_actor
from hoshin.web import door

IDLE = timedelta(days=30)
"""A browser in which nothing has been changed for so long has to sign in again."""

OFTEN_ENOUGH = timedelta(days=1)
OPEN_ENDPOINTS = frozenset({"static", "bootstrap.static"})


class Browser(UserMixin):  # type: ignore[misc] # Flask-Login has no types
    """One signed-in browser, known to Flask-Login by the secret token in its session cookie."""

    def __init__(self, token: str) -> None:
        self.token = token

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie."""
        return self.token


def install(*, app: Flask) -> None:
    """Put the gate before all views of the application."""
    manager = LoginManager(app)
    manager.session_protection = "basic"
    manager.user_loader(_load_browser)
    app.before_request(_open)


def _load_browser(token: str) -> Browser | None:
    found = find_sign_in(session=door.session(), token_hash=token_hash(token=token), seen_since=door.now() - IDLE)
    if found is None:
        return None
    if request.method not in door.SAFE and door.now() - found[0].seen_at > OFTEN_ENOUGH:
        found[0].seen_at = door.now()  # kept when the view commits
    g.sign_in, g.person = found
    g.actor = load_actor(session=door.session(), person=found[1], today=door.today())
    return Browser(token)


def _open() -> Response | None:
    """Nothing to start with → the start page; not signed in → the sign-in page; not allowed → 403."""
    endpoint = request.endpoint
    if endpoint is None or endpoint in OPEN_ENDPOINTS:
        return None
    if not endpoint.startswith(("start.", "health.")) and door.organisation() is None:
        return redirect(url_for("start.show"))
    bool(current_user)  # makes Flask-Login look at the cookie
    act = door.act_of(view=current_app.view_functions[endpoint], method=request.method)
    if act is None:
        raise Forbidden("this page cannot be used in that way")
    if may(actor=door.actor(), act=act):
        return None
    if door.actor().person is None:
        away = request.full_path.rstrip("?") if request.method in door.SAFE else None
        return redirect(url_for("sign_in.show", next=away), HTTPStatus.SEE_OTHER)
    raise Forbidden("you may not do this here")
