"""Pages that a process keeps as ready text, for whoever has the same rights, until anything a page shows has changed.

The key of a page holds all that it rests on: the versions of model.versions, read first and in the snapshot in which
the page is made, the quarter of an hour, the address, the reader's rights and language. Whoever asks is asked for the
right first, each time; then a browser that has the page already is told so (304), its mark being made from that key.
While such a page is made nobody in particular is asking: what is the reader's own, a name and the token against forged
forms, is put into the text when it is sent.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, tzinfo
from functools import wraps
from http import HTTPStatus
from threading import Lock
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from flask import current_app, g, request, session as cookie
from flask_wtf.csrf import generate_csrf
from markupsafe import escape
from werkzeug.wrappers import Response

from hoshin import measures
from hoshin.access.actors import Actor
from hoshin.queries.grounds import versions_in
from hoshin.queries.statuses import Versions
from hoshin.web import door

QUARTER = 900
"""Seconds after which every page is made anew: a page knows the day, and in every zone it begins at a quarter hour."""
MOST_BYTES = 64 * 1024 * 1024
MESSAGES = "_flashes"
NAME, TOKEN = (f"reader-{secrets.token_hex(16)}" for _ in range(2))
"""Stand for the reader's name and token in a text that is kept; known to nobody outside this process."""
RIGHTS = tuple(one.name for one in fields(Actor) if one.name not in ("person", "name", "acts_for"))
View = TypeVar("View", bound=Callable[..., Any])


class Shelf:
    """The latest texts by key, up to so many bytes; the one that was not asked for longest goes first."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._texts: OrderedDict[object, tuple[bytes, ...]] = OrderedDict()
        self._lock, self._most, self._bytes = Lock(), most, 0

    def get(self, *, key: object) -> tuple[bytes, ...] | None:
        """The parts of the text, or None."""
        with self._lock:
            found = self._texts.get(key)
            if found is not None:
                self._texts.move_to_end(key)
            return found

    def put(self, *, key: object, parts: tuple[bytes, ...]) -> None:
        """Keep the parts of a text."""
        with self._lock:
            self._bytes += _size(parts) - _size(self._texts.pop(key, ()))
            self._texts[key] = parts
            while self._bytes > self._most:
                self._bytes -= _size(self._texts.popitem(last=False)[1])

    def __len__(self) -> int:
        return len(self._texts)


def _size(parts: tuple[bytes, ...]) -> int:
    return sum(map(len, parts))


def versions() -> Versions:
    """The versions in the snapshot of this request."""
    if "versions" not in g:
        g.versions = versions_in(session=door.session())
    found: Versions = g.versions
    return found


@dataclass(frozen=True, slots=True)
class _Reader:
    """What was found out about a browser, and the state of the database in which that holds."""

    state: str
    hour: int
    sign_in_id: int
    actor: Actor
    versions: Versions
    look_again: Callable[[], None]


class _Readers(dict[str, _Reader]):
    """The browsers that asked last, by their secret tokens."""

    MOST = 2000


def remember(*, token: str) -> bool:
    """Take what is known about the browser, for a page of this module and while nothing at all has been committed."""
    state = g.get("state")
    found = door.database().kept(make=_Readers).get(token) if state and _is_alike() else None
    if found is None or found.state != state or found.hour != hour():
        return False
    g.sign_in_id, g.actor, g.versions, g.recalled = found.sign_in_id, found.actor, found.versions, found
    return True


def note(*, token: str, look_again: Callable[[], None]) -> None:
    """Keep what was found out about the browser in this request, if its state of the database is known."""
    known, state = door.database().kept(make=_Readers), g.get("state")
    if state and "recalled" not in g:
        if len(known) >= known.MOST:
            known.clear()
        known[token] = _Reader(state, hour(), g.sign_in_id, g.actor, versions(), look_again)


def forget(*, token: str) -> None:
    """Keep nothing about the browser."""
    door.database().kept(make=_Readers).pop(token, None)


def _is_alike() -> bool:
    return getattr(current_app.view_functions.get(request.endpoint or ""), "is_alike", False)


def hour() -> int:
    """The number of the quarter of an hour in which this request is answered."""
    return hour_of(instant=door.now())


def hour_of(*, instant: datetime) -> int:
    """The number of the quarter of an hour in which the instant lies."""
    return int(instant.timestamp()) // QUARTER


class _Zones(dict[object, tzinfo]):
    """The organisation's time zone, under the versions that it holds for; only the latest is kept."""


def today() -> date:
    """As `door.today`, without loading the organisation while nothing has changed."""
    known, key = door.database().kept(make=_Zones), versions().rights
    zone = known.get(key)
    if zone is None:
        organisation = door.organisation()
        if organisation is None:
            return door.today()
        zone = ZoneInfo(organisation.time_zone)
        known.clear()
        known[key] = zone
    return door.now().astimezone(zone).date()


def alike(*, asks: Callable[..., None]) -> Callable[[View], View]:
    """Declare that a view shows the same to all with the same rights; `asks` raises unless the reader has them.

    `asks` takes what the view takes. Only GET pages of HTML that were answered in full are kept.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def kept(**arguments: Any) -> Any:
            asks(**arguments)
            if request.method not in door.SAFE or MESSAGES in cookie:
                return view(**arguments)
            shelf, key = door.database().kept(make=Shelf), _key()
            g.mark = sealed(cookie.get("_user_id"), door.database().epoch, request.method, key)
            if request.if_none_match.contains_weak(g.mark):
                return unchanged()
            parts = shelf.get(key=key)
            measures.looked_up(cache="text", found=parts is not None)
            if parts is None:
                if "recalled" in g:  # what is made must be made from one snapshot, rights and all
                    g.recalled.look_again()
                    key = _key()
                made = _made(view, arguments)
                if not _is_page(made):
                    return made
                parts = _parts(made[0])
                shelf.put(key=key, parts=parts)
            return Response(_filled(parts), mimetype="text/html")

        kept.is_alike = True  # type: ignore[attr-defined] # a mark that `remember` looks for
        return kept  # type: ignore[return-value] # the same view, asked for in the same way

    return declare


def sealed(*parts: object) -> str:
    """A mark that stands for these parts, and that nobody but this planner can make."""
    secret = str(current_app.secret_key).encode()
    return hmac.new(secret, repr(parts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:40]


def unchanged() -> Response:
    """The answer to a browser that has the page with the mark of this request."""
    measures.looked_up(cache="page", found=True)
    response = Response(status=HTTPStatus.NOT_MODIFIED)
    response.set_etag(g.mark, weak=True)
    return response


def _is_page(made: object) -> bool:
    """Whether the view made a whole page, not a file, a redirect or a form that was refused."""
    return isinstance(made, tuple) and made[1] == HTTPStatus.OK


def _key() -> tuple[Any, ...]:
    actor, versions_now = door.actor(), versions().page
    rights = tuple(_plain(getattr(actor, one)) for one in RIGHTS)
    told = (request.endpoint, request.script_root, request.full_path, request.headers.get("Accept-Language", ""))
    return (*told, hour(), versions_now, rights, tuple(sorted(actor.acts_for.items())))


def _plain(value: object) -> object:
    """A set in order, so that it reads alike in every process."""
    return tuple(sorted(value)) if isinstance(value, frozenset) else value


def _made(view: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    with _nobody_in_particular():
        return view(**arguments)


@contextmanager
def _nobody_in_particular() -> Iterator[None]:
    """Somebody with the rights of the reader, and without a name or a key of her own."""
    reader = door.actor()
    g.actor, g.alike = replace(reader, person=0, name=NAME), True
    try:
        yield
    finally:
        g.actor, g.alike = reader, False


def token() -> str:
    """What templates call csrf_token(): the reader's own token, or what stands for it in a text that is kept."""
    own: str = TOKEN if g.get("alike") else generate_csrf()
    return own


def _parts(text: str) -> tuple[bytes, ...]:
    """The text cut at what is the reader's own; each cut is a part by itself."""
    parts = [text]
    for mark in (NAME, TOKEN):
        parts = [piece for part in parts for piece in _cut(part, mark)]
    return tuple(part.encode() for part in parts)


def _cut(text: str, mark: str) -> Iterator[str]:
    for number, piece in enumerate(text.split(mark)):
        if number:
            yield mark
        yield piece


def _filled(parts: tuple[bytes, ...]) -> bytes:
    own = {NAME.encode(): str(escape(door.actor().name)).encode(), TOKEN.encode(): generate_csrf().encode()}
    return b"".join(own.get(part, part) for part in parts)
