"""Who was told that her page is unchanged is told so again, before Flask is asked, while nothing at all has changed.

Such an answer is remembered only after the whole planner has given it, session, rights and all, and under everything
that it was given for: the question as it came over the wire, cookies and mark included, the state of the database,
the quarter of an hour, and the life of the session cookie. Whoever signs out, loses a right or changes anything commits
something, and with that every such answer is forgotten. It is logged and measured as every other one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeAlias

from flask import Flask, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.exc import SQLAlchemyError

from hoshin import measures
from hoshin.web import kept, watch

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LONGEST = 2000
"""Characters of a question; who asks at greater length is not remembered."""
NOTE, FAILED = "hoshin.told", "hoshin.no_state"
READ = (
    "REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "HTTP_HOST", "HTTP_COOKIE", "HTTP_IF_NONE_MATCH",
    "HTTP_ACCEPT_LANGUAGE", "HTTP_USER_AGENT", "HTTP_X_FORWARDED_FOR", "REMOTE_ADDR",
)  # fmt: skip
"""What the planner and Flask-Login read of a question before they say that its page is unchanged."""
Headers: TypeAlias = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Note:
    """Under what the planner said so, and what is logged of it: `until` in seconds since 1970, `person` by key."""

    state: str
    hour: int
    until: int
    endpoint: str
    person: int | None


class Told(dict[tuple[str, ...], tuple[Note, Headers]]):
    """The latest such answers of a database, by their questions; the request's own id is not among the headers."""

    MOST = 5000


def install(*, app: Flask) -> None:
    """Stand before the application."""
    app.wsgi_app = _Before(app, app.wsgi_app)  # type: ignore[method-assign] # as Flask's guide puts something before it


def note(*, state: str, person: int | None) -> None:
    """Have the answer that nothing has changed remembered; `state` is the database's in which this request gives it."""
    until = _end_of_cookie()
    if until is not None and request.endpoint:
        request.environ[NOTE] = Note(state, kept.hour(), until, request.endpoint, person)


def look_failed() -> Exception | None:
    """What the database said when it was asked for its state on behalf of this request: nobody waits for it twice."""
    found: Exception | None = request.environ.get(FAILED)
    return found


def _end_of_cookie() -> int | None:
    """The last second in which Flask takes the session cookie of this request."""
    signer = current_app.session_interface.get_signing_serializer(current_app)  # type: ignore[attr-defined]
    name = current_app.session_interface.get_cookie_name(current_app)
    if not isinstance(signer, URLSafeTimedSerializer):
        return None
    try:
        _, signed_at = signer.loads(request.cookies.get(name, ""), return_timestamp=True)
    except BadSignature:
        return None
    return int((signed_at + current_app.permanent_session_lifetime).timestamp())


class _Before:
    """The application, with what it need not be asked again answered before it."""

    def __init__(self, app: Flask, asked: WSGIApplication) -> None:
        self._app, self._asked = app, asked

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as WSGI wants it."""
        if "HTTP_IF_NONE_MATCH" not in environ:
            return self._asked(environ, start_response)
        began = time.perf_counter()
        question = tuple([environ.get(one, "") for one in READ])
        known: Told = self._app.extensions["hoshin_database"].kept(make=Told)
        told = known.get(question)
        if told is None or not self._holds(told[0], environ):
            return self._asked(environ, _listening(known, question, environ, start_response))
        start_response("304 NOT MODIFIED", [*told[1], _said(told[0], environ, began)])
        return ()

    def _holds(self, note: Note, environ: WSGIEnvironment) -> bool:
        """Whether nothing has been committed since, and neither the quarter of an hour nor the cookie has ended."""
        if note.hour != kept.hour_of(instant=self._app.extensions["hoshin_clock"]()) or int(time.time()) > note.until:
            return False
        try:
            state: str = self._app.extensions["hoshin_database"].state()
        except SQLAlchemyError as error:
            environ[FAILED] = error
            return False
        return state == note.state


def _said(note: Note, environ: WSGIEnvironment, began: float) -> tuple[str, str]:
    """Log and measure the answer; its id as a header."""
    number = watch.begin(given=environ.get("HTTP_X_REQUEST_ID", ""))
    measures.looked_up(cache="page", found=True)
    watch.end(
        endpoint=note.endpoint, method=environ["REQUEST_METHOD"], status=HTTPStatus.NOT_MODIFIED,
        seconds=time.perf_counter() - began, person=note.person,
    )  # fmt: skip
    return watch.HEADER, number


def _listening(
    known: Told, question: tuple[str, ...], environ: WSGIEnvironment, start_response: StartResponse
) -> Callable[..., Any]:
    """`start_response` that remembers the answer where the planner says that it may be."""

    def start(status: str, headers: Headers, *more: Any) -> Any:
        noted: Note | None = environ.get(NOTE)
        lasting = [one for one in headers if one[0] != watch.HEADER]
        if noted and not any(name == "Set-Cookie" for name, _ in headers) and sum(map(len, question)) <= LONGEST:
            if len(known) >= known.MOST:
                known.clear()
            known[question] = noted, lasting
        return start_response(status, headers, *more)

    return start
