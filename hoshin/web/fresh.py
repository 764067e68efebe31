"""A page that has not changed since its reader last got it is not made again: 304, and one look at the database.

The mark (ETag) of a page says for which sign-in it was made, from which state of the database, and when. It is made
only after the page was answered in full, rights and all, and nobody but this planner can make one. So whoever sends it
back while nothing at all has been committed since may be told that nothing has changed. Pages of web.kept have marks
of their own, which outlive whatever these pages do not show.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask, g, request, session as cookie
from werkzeug.wrappers import Response

from hoshin import measures
from hoshin.web import door, kept

HTML = "text/html"
LONGEST = 400
"""Characters of the marks that a browser sends; who sends more is not remembered."""


def install(*, app: Flask) -> None:
    """Look at the mark of every question, and put one on every page."""
    app.before_request(_answer_unchanged)
    app.after_request(_mark)


def _answer_unchanged() -> Response | None:
    token = cookie.get("_user_id")
    if request.method not in door.SAFE or not isinstance(token, str) or request.endpoint is None:
        return None
    state = g.state = door.database().state(session=door.session)
    if kept.MESSAGES in cookie:  # what is said once belongs to no page that is kept
        return None
    g.question = (token, request.full_path, request.headers.get("Accept-Language", ""), request.method,
                  request.headers.get("If-None-Match", ""))  # fmt: skip
    told = door.database().kept(make=_Told).get(g.question)
    if told is not None and told[:2] == (state, kept.hour()):
        g.mark = told[2]
        return kept.unchanged()
    g.mark = kept.sealed(*g.question[:4], state, kept.hour())
    return kept.unchanged() if request.if_none_match.contains_weak(g.mark) else None


class _Told(dict[tuple[str, ...], tuple[str, int, str]]):
    """Who was told lately that her page is unchanged: by her question the state, the hour and the mark.

    She is told so again without a further look while nothing at all has been committed.
    """

    MOST = 5000


def _note_told() -> None:
    told, state = door.database().kept(make=_Told), g.get("state")
    if state and "question" in g and len(g.question[-1]) <= LONGEST:
        if len(told) >= told.MOST:
            told.clear()
        told[g.question] = (state, kept.hour(), g.mark)


def _mark(response: Response) -> Response:
    if "mark" not in g or response.status_code not in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
        return response
    if response.status_code == HTTPStatus.OK:
        if response.mimetype != HTML or "ETag" in response.headers:
            return response
        measures.looked_up(cache="page", found=False)
        response.set_etag(g.mark, weak=True)
    else:
        _note_told()
    response.headers["Cache-Control"] = "private, no-cache"
    return response
