"""A page that has not changed since its reader last got it is not made again: 304, and one look at the database.

The mark (ETag) of a page says for which sign-in it was made, from which state of the database, and when. It is made
only after the page was answered in full, rights and all, and nobody but this planner can make one. So whoever sends it
back while nothing at all has been committed since may be told that nothing has changed.
"""

from __future__ import annotations

import hashlib
import hmac
from http import HTTPStatus

from flask import Flask, current_app, g, request, session as cookie
from werkzeug.wrappers import Response

from hoshin import measures
from hoshin.web import door

QUARTER = 900
"""Seconds after which every page is made anew: a page knows the day, and in every zone it begins at a quarter hour."""
HTML = "text/html"
MESSAGES = "_flashes"


def install(*, app: Flask) -> None:
    """Look at the mark of every question, and put one on every page."""
    app.before_request(_answer_unchanged)
    app.after_request(_mark)


def _answer_unchanged() -> Response | None:
    token = cookie.get("_user_id")
    if request.method not in door.SAFE or not isinstance(token, str) or request.endpoint is None:
        return None
    state = door.database().state(session=door.session())
    if MESSAGES in cookie:  # what is said once belongs to no page that is kept
        return None
    g.mark = _sealed(token, state, str(int(door.now().timestamp()) // QUARTER), request.full_path,
                     request.headers.get("Accept-Language", ""), request.method)  # fmt: skip
    if not request.if_none_match.contains_weak(g.mark):
        return None
    measures.looked_up(cache="page", found=True)
    response = Response(status=HTTPStatus.NOT_MODIFIED)
    response.set_etag(g.mark, weak=True)
    return response


def _sealed(*parts: str) -> str:
    secret = str(current_app.secret_key).encode()
    return hmac.new(secret, "\0".join(parts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:40]


def _mark(response: Response) -> Response:
    if "mark" not in g or response.status_code not in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
        return response
    if response.status_code == HTTPStatus.OK:
        if response.mimetype != HTML or "ETag" in response.headers:
            return response
        measures.looked_up(cache="page", found=False)
        response.set_etag(g.mark, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
