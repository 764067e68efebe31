"""A change that a proxy asks for twice, as its first answer got lost, is made once and answered as made.

nginx numbers each request and keeps the number when it passes the request to the next server. Where the settings say
that such a proxy stands in front, the number is noted with the reader's sign-in in the transaction of the change,
before anything is looked at. Without it nothing is noted. Two kinds of change are not noted: what a script sends as
JSON says what was and what shall be, so that it changes nothing when it comes again; and an answer that is to be
nobody's must not be known by whose it was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, flash, g, redirect, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from hoshin.commands import deeds
from hoshin.web import watch

TRUSTED = "HOSHIN_PROXY_REPEATS"
"""The name in the application's settings: the proxy in front sends a number of its own with each request."""
TOLD = "This has been saved. The first answer to it was lost on its way to you, and so it is told again here."


class Repeated(Exception):
    """What the request asks for is done already; `place` is where the answer led, or empty."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


def note(*, session: Session, at: datetime) -> None:
    """Note in the session's transaction, once, that it does what the request asks for; raises Repeated."""
    number, sign_in_id = _number(), g.get("sign_in_id")
    if not number or sign_in_id is None or _is_noted(session):
        return
    if not deeds.note(session=session, sign_in_id=sign_in_id, request_id=number, at=at):
        raise Repeated(deeds.place_of(session=session, sign_in_id=sign_in_id, request_id=number))
    g.noted_in = (session, session.get_transaction())


def note_place(*, session: Session, place: Callable[[], str]) -> None:
    """Note where the answer leads, where the change itself is noted."""
    if _is_noted(session):
        deeds.note_place(session=session, sign_in_id=g.sign_in_id, request_id=_number(), place=place())


def done() -> None:
    """The change is committed: what else this request does belongs to it."""
    if "noted_in" in g:
        g.noted_in = None


def _is_noted(session: Session) -> bool:
    """Whether the change is noted in this transaction, or was in an earlier one of this request."""
    if "noted_in" not in g:
        return False
    return g.noted_in is None or (g.noted_in[0] is session and g.noted_in[1] is session.get_transaction())


def _number() -> str:
    if not current_app.config.get(TRUSTED) or request.is_json or request.endpoint in watch.NAMELESS:
        return ""
    return watch.given_id()


def answer(repeated: Repeated) -> Response:
    """Go where the first answer led, else to the page of the same address or the one the reader came from."""
    flash(TOLD, "success")
    return redirect(repeated.place or _page_here() or _page_before() or "/", HTTPStatus.SEE_OTHER)


def _page_here() -> str:
    adapter: Any = current_app.create_url_adapter(request)
    try:
        adapter.match(method="GET")
    except HTTPException:
        return ""
    return request.full_path.rstrip("?")


def _page_before() -> str:
    before = urlsplit(request.referrer or "")
    is_here = before.netloc == request.host and before.path.startswith("/") and not before.path.startswith("//")
    return f"{before.path}?{before.query}".rstrip("?") if is_here else ""
