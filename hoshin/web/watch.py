"""Measures and logs every request: endpoint, status and time under one request id, and nothing a person wrote."""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

from flask import Flask, g, request
from werkzeug.wrappers import Response

from hoshin import logs, measures

HEADER = "X-Request-ID"
USUAL = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
UNWATCHED = frozenset({"static", "bootstrap.static", "health.show", "health.ready"})
NAMELESS = frozenset({"surveys.answer"})
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})
"""Whatever else somebody sends is counted as one, or anybody could fill the memory with names."""


class Planner(Flask):
    """Flask, which for an error that nobody expected says where it came from, and not what was typed."""

    def log_exception(self, exc_info: Any) -> None:
        """Log the classes and lines of the error; the address and the message may hold what a person wrote."""
        logs.say(event="failed", level=40, endpoint=request.endpoint, raised=logs.trace(raised=exc_info))


def install(*, app: Flask) -> None:
    """Watch all requests of the application."""
    app.before_request(_begin)
    app.after_request(_end)


def begin(*, given: str) -> str:
    """The id of a request, the `given` one if it is usual, which stands on everything that is logged from here on."""
    number = given if USUAL.fullmatch(given) else secrets.token_hex(8)
    logs.about(fields={"request": number})
    return number


def end(*, endpoint: str, method: str, status: int, seconds: float, person: int | None) -> None:
    """Measure and log a request that took these seconds; `person` by key, None where that is unknown or not kept."""
    if endpoint in UNWATCHED:
        return
    method = method if method in METHODS else "OTHER"
    measures.answered(endpoint=endpoint, method=method, status=status, seconds=seconds)
    logs.say(
        event="answered", endpoint=endpoint, method=method, status=int(status), milliseconds=round(seconds * 1000),
        person=person if endpoint not in NAMELESS else None,
    )  # fmt: skip


def _begin() -> None:
    g.request_id = begin(given=request.headers.get(HEADER, ""))
    g.began = time.perf_counter()


def given_id() -> str:
    """The number that the request came with, or nothing."""
    given = request.headers.get(HEADER, "")
    return given if USUAL.fullmatch(given) else ""


def _end(response: Response) -> Response:
    if "began" in g:
        response.headers.setdefault(HEADER, g.request_id)
        end(
            endpoint=request.endpoint or "none", method=request.method, status=response.status_code,
            seconds=time.perf_counter() - g.began, person=g.actor.person if "actor" in g else None,
        )  # fmt: skip
    return response
