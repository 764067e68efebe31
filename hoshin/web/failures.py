"""What a person sees when something cannot be done: what happened, what was kept, what to do next."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus

from flask import Flask, g, render_template, request
from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from hoshin import logs
from hoshin.errors import Forbidden, Missing, Refused, Stale
from hoshin.reports.pdf import NoPrinter
from hoshin.web import door, repeats

Answer = tuple[str, int]
PAGES = frozenset({400, 403, 404, 409, 500, 503})

BUSY = "Somebody else is storing something large, such as a file that is read in, and it took longer than we wait."
TOO_LONG = "This took longer than the planner may work on one page; it was broken off, so that nobody else waits."


def install(*, app: Flask) -> None:
    """Give every failure its page."""
    app.register_error_handler(repeats.Repeated, _repeated)
    app.register_error_handler(Missing, lambda _error: _answer(HTTPStatus.NOT_FOUND, ""))
    app.register_error_handler(Forbidden, lambda _error: _answer(HTTPStatus.FORBIDDEN, ""))
    app.register_error_handler(Refused, lambda error: _answer(HTTPStatus.BAD_REQUEST, _sentence(error), refused=True))
    app.register_error_handler(Stale, lambda error: _answer(HTTPStatus.CONFLICT, str(error)))
    app.register_error_handler(NoPrinter, lambda error: _answer(HTTPStatus.BAD_REQUEST, str(error)))
    app.register_error_handler(OperationalError, _no_database)
    app.register_error_handler(PoolTimeout, _no_database)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(500, lambda _error: _answer(HTTPStatus.INTERNAL_SERVER_ERROR, ""))


def _repeated(error: repeats.Repeated) -> Response:
    """It is done already: the answer that got lost is given again."""
    door.session().rollback()
    return repeats.answer(error)


def _sentence(error: Refused) -> str:
    """What was refused, without the names that fields have in the code."""
    return "; ".join(one.message for one in error.problems)


def lost_form(_error: HTTPException) -> Answer:
    """The form's secret did not fit: it is too old, or another site sent it."""
    return _answer(
        HTTPStatus.BAD_REQUEST, "This form was too old to be saved. Go back, load the page again and save it once more."
    )


def _no_database(error: Exception) -> Answer:
    """The database is away, or somebody else has kept it busy for longer than a person should wait."""
    reason = type(error.orig).__name__ if isinstance(error, DBAPIError) else type(error).__name__
    g.no_database = True
    logs.say(event="no database", level=40, endpoint=request.endpoint, reason=reason)
    return _answer(HTTPStatus.SERVICE_UNAVAILABLE, _why(error))


def _why(error: Exception) -> str:
    """Whose work was in the way, where the database is there; empty when it is away."""
    orig = error.orig if isinstance(error, DBAPIError) else error
    name = type(orig).__name__
    if name == "LockNotAvailable" or "is locked" in str(orig):
        return BUSY
    return TOO_LONG if name == "QueryCanceled" else ""


def _http(error: HTTPException) -> Answer:
    code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    known = code if code in PAGES else HTTPStatus.BAD_REQUEST if code < HTTPStatus.INTERNAL_SERVER_ERROR else 500
    page, _ = _answer(known, "" if code in PAGES else (error.description or ""))
    return page, code


def _answer(status: int, message: str, *, refused: bool = False) -> Answer:
    if "session" in g and (request.method not in door.SAFE or status == HTTPStatus.SERVICE_UNAVAILABLE):
        with suppress(DBAPIError):
            door.session().rollback()
    model = {"message": message[:1].upper() + message[1:]} if message else {}
    try:
        return render_template(f"errors/{int(status)}.html", refused=refused, **model), int(status)
    except (OperationalError, PoolTimeout) as error:  # the page asks who is signed in
        if "no_database" in g:
            raise
        return _no_database(error)
