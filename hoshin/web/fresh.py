"""A page that has not changed since its reader last got it is not made again: 304, and one look at the database.

The mark (ETag) of a page says for which sign-in it was made, from which state of the database, and when. It is made
only after the page was answered in full, rights and all, and nobody but this planner can make one. So whoever sends it
back while nothing at all has been committed since may be told that nothing has changed. Pages of web.kept have marks
of their own, which outlive whatever these pages do not show. What is not in the database alone has none (`unmarked`).
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask, g, request, session as cookie
from werkzeug.wrappers import Response

from hoshin import measures
from hoshin.web import door, kept, told

HTML = "text/html"
NO_PAGES = frozenset({None, "static", "bootstrap.static"})
"""Files, whose marks are made from the files."""


def install(*, app: Flask) -> None:
    """Look at the mark of every question, and put one on every page."""
    app.before_request(_answer_unchanged)
    app.after_request(_mark)


def unmarked() -> None:
    """Have the page made anew each time: it shows what nobody commits, a slate or for how long something has lain."""
    g.pop("mark", None)


def _answer_unchanged() -> Response | None:
    token = cookie.get("_user_id")
    if request.method not in door.SAFE or not isinstance(token, str) or request.endpoint in NO_PAGES:
        return None
    if failed := told.look_failed():
        raise failed
    state = g.state = door.database().state(session=door.session)
    if kept.MESSAGES in cookie:  # what is said once belongs to no page that is kept
        return None
    asked = token, request.full_path, request.headers.get("Accept-Language", ""), request.method
    g.mark = kept.sealed(*asked, state, kept.hour())
    return kept.unchanged() if request.if_none_match.contains_weak(g.mark) else None


def _mark(response: Response) -> Response:
    if "mark" not in g or response.status_code not in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
        return response
    if response.status_code == HTTPStatus.OK:
        if response.mimetype != HTML or "ETag" in response.headers:
            return response
        measures.looked_up(cache="page", found=False)
        response.set_etag(g.mark, weak=True)
    else:
        told.note(state=g.state, person=g.actor.person if "actor" in g else None)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
