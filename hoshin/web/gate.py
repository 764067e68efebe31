"""The gate before every view: finds out who asks, and turns away what the access table does not allow."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from datetime import timedelta
from http import HTTPStatus

from flask import Flask, current_app, g, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response

from hoshin.access.actors import Actor
from hoshin.access.rules import may
from hoshin.commands.passwords import token_hash
from hoshin.errors import Forbidden
from hoshin.queries.people import Reader, find_reader, find_sign_in, load_actor
from hoshin.web import door, kept

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
    if "no_database" in g:  # the page that says so asks nothing more
        return None
    found = _look_only(token) if door.only_looks() else _note_seen(token)
    return Browser(token) if found else None


def _look_only(token: str) -> bool:
    """Find out who reads; a reader's rights are kept for as long as they hold."""
    if kept.remember(token=token):
        return True
    kept.versions()  # asked for in any case, and dearer later: first of all they come with the beginning
    found = find_reader(session=door.session(), token_hash=token_hash(token=token), seen_since=door.now() - IDLE)
    if found is None:
        return False
    g.sign_in_id = found.sign_in_id
    g.actor = _rights(found)
    kept.note(token=token, look_again=lambda: _look_again(token))
    return True


def _look_again(token: str) -> None:
    """Find out once more, in the session of this request, who reads; raises Forbidden when it is nobody any more."""
    for name in ("actor", "versions", "recalled"):
        g.pop(name, None)
    kept.forget(token=token)
    if not _look_only(token):
        raise Forbidden("sign in again")


def _note_seen(token: str) -> bool:
    """Find out who changes something, with rights read anew; once a day it is noted that this browser was seen."""
    session = door.session()
    found = find_sign_in(session=session, token_hash=token_hash(token=token), seen_since=door.now() - IDLE)
    if found is None:
        return False
    if door.now() - found[0].seen_at > OFTEN_ENOUGH:
        found[0].seen_at = door.now()  # kept when the view commits
    g.sign_in_id = found[0].id
    g.actor = load_actor(session=session, person=found[1], today=door.today())
    return True


class _Actors(OrderedDict[object, Actor]):
    """The rights of the people who asked last, under the versions and the day that they hold for."""

    MOST = 1000


def _rights(reader: Reader) -> Actor:
    known, key = door.database().kept(make=_Actors), (reader.id, kept.today(), kept.versions().rights)
    found = known.get(key)
    if found is None:
        found = known[key] = load_actor(session=door.session(), person=reader, today=door.today())
        with contextlib.suppress(KeyError):  # somebody else made room at the same time
            while len(known) > known.MOST:
                known.popitem(last=False)
    return found


def _open() -> Response | None:
    """Nothing to start with → the start page; not signed in → the sign-in page; not allowed → 403."""
    endpoint = request.endpoint
    if endpoint is None or endpoint in OPEN_ENDPOINTS:
        return None
    bool(current_user)  # makes Flask-Login look at the cookie
    somebody = door.actor().person is not None  # and where there is somebody, there is an organisation
    if not somebody and not endpoint.startswith(("start.", "health.")) and door.organisation() is None:
        return redirect(url_for("start.show"))
    act = door.act_of(view=current_app.view_functions[endpoint], method=request.method)
    if act is None:
        raise Forbidden("this page cannot be used in that way")
    if may(actor=door.actor(), act=act):
        door.begin_deed()
        return None
    if door.actor().person is None:
        away = request.full_path.rstrip("?") if request.method in door.SAFE else None
        return redirect(url_for("sign_in.show", next=away), HTTPStatus.SEE_OTHER)
    raise Forbidden("you may not do this here")
