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


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if USUAL.fullmatch(given) else secrets.token_hex(8)
    g.began = time.perf_counter()
    logs.about(fields={"request": g.request_id})


def _end(response: Response) -> Response:
    if "began" not in g:
        return response
    response.headers.setdefault(HEADER, g.request_id)
    if request.endpoint in UNWATCHED:
        return response
    seconds = time.perf_counter() - g.began
    endpoint, method = request.endpoint or "none", request.method if request.method in METHODS else "OTHER"
    measures.answered(endpoint=endpoint, method=method, status=response.status_code, seconds=seconds)
    logs.say(
        event="answered", endpoint=endpoint, method=method, status=response.status_code,
        milliseconds=round(seconds * 1000), person=_who(endpoint),
    )  # fmt: skip
    return response


def _who(endpoint: str) -> int | None:
    """Who asked, by key; nobody where an answer without a name is given."""
    return g.actor.person if "actor" in g and endpoint not in NAMELESS else None
