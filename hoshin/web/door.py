"""What every view goes through: who asks and when, what they may, one session, one commit, one page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from http import HTTPStatus
from io import SEEK_END
from typing import IO, Any, TypeVar

from flask import current_app, flash, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import Form

from hoshin import measures
from hoshin.access.actions import Act
from hoshin.access.actors import NOBODY, Actor
from hoshin.access.rules import ANYWHERE, Subject, may, require as require_right
from hoshin.charts.signs import TRIANGLE, Grade, grades_of
from hoshin.db import Database
from hoshin.engine.calendars import FIRST_YEAR, LAST_YEAR
from hoshin.engine.written import point_of
from hoshin.errors import Missing, Problem, Refused, Stale
from hoshin.forms.fields import LARGEST_KEY, attach, clean, read_figures
from hoshin.model.units import Organisation
from hoshin.queries.attainment import today_in
from hoshin.queries.units import find_organisation
from hoshin.web import repeats

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PART = 64 * 1024
View = TypeVar("View", bound=Callable[..., Any])
Result = TypeVar("Result")


def allow(*, read: Act | None = None, write: Act | None = None, looks: bool = False) -> Callable[[View], View]:
    """Declare what a view stands for: `read` for GET, `write` for POST; never the same act for both.

    One that `looks` has a session for looking also on POST: it must not wait for somebody else's long transaction.
    """
    if read is not None and read is write:
        raise ValueError(f"{read}: reading and writing are two acts")

    def declare(view: View) -> View:
        view.looks = looks  # type: ignore[attr-defined] # a mark for `only_looks`
        view.acts = (read, write)  # type: ignore[attr-defined] # a mark that app.py and the gate look for
        return view

    return declare


def act_of(*, view: Callable[..., Any], method: str) -> Act | None:
    """The act that a view declares for a method, or None when it declares none."""
    acts = getattr(view, "acts", (None, None))
    return acts[0] if method in SAFE else acts[1]


def database() -> Database:
    """The database of this application."""
    found: Database = current_app.extensions["hoshin_database"]
    return found


def only_looks() -> bool:
    """Whether this request has a session for looking only: every GET, and the views that say so."""
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method in SAFE or bool(getattr(view, "looks", False))


def session() -> Session:
    """The session of this request: for looking only where it `only_looks`, else for changes."""
    if "session" not in g:
        g.session = database().reading() if only_looks() else database().writing()
    found: Session = g.session
    return found


def report_session() -> Session:
    """A session for a report: on the replica if it has caught up with all this reader may have seen, else `session`.

    What it loads belongs to the report alone; nothing of it is changed.
    """
    if "report_session" not in g:
        on_replica = database().reporting(beside=session()) if request.method in SAFE else None
        measures.read_from(server="replica" if on_replica else "primary")
        g.report_session = on_replica or session()
    found: Session = g.report_session
    return found


def now() -> datetime:
    """The instant at which this request is answered; the same for all of it."""
    if "now" not in g:
        clock: Callable[[], datetime] = current_app.extensions["hoshin_clock"]
        g.now = clock()
    found: datetime = g.now
    return found


def utc_now() -> datetime:
    """The clock of the door."""
    return datetime.now(UTC)


def organisation() -> Organisation | None:
    """The organisation of this database, or None while it is empty."""
    if "organisation" not in g:
        g.organisation = find_organisation(session=session())
    found: Organisation | None = g.organisation
    return found


def glyphs() -> str:
    """The family of signs in which the organisation draws strengths (see charts.signs)."""
    known = organisation()
    return known.glyphs.value if known else TRIANGLE


def strengths() -> Mapping[int, Grade]:
    """The signs of strong, medium and weak in that family; templates call it."""
    return grades_of(glyphs=glyphs())


def today() -> date:
    """The organisation's calendar day."""
    known = organisation()
    return today_in(organisation=known, now=now()) if known else now().date()


def actor() -> Actor:
    """Who asks; NOBODY before signing in. Set by the gate of web/sign_in.py."""
    found: Actor = g.get("actor", NOBODY)
    return found


def can(act: Act, subject: Subject = ANYWHERE) -> bool:
    """Whether a button for this should be shown."""
    return may(actor=actor(), act=act, subject=subject)


def require(act: Act, subject: Subject) -> None:
    """Raise Missing or Forbidden unless the actor may do this to the subject (for the forms of a change)."""
    require_right(actor=actor(), act=act, subject=subject)


def perform(
    command: Callable[..., Result], leads: Callable[[Result], str] | None = None, /, **wish: Any
) -> Result:
    """Run one command as the actor, now, and commit once; whatever it raises leaves nothing behind.

    `leads` gives the address of the answer, for whom it is lost on its way: only where that is no page of the request's
    own address. What a proxy sends again is done once (see web.repeats).
    """
    try:
        result = _done_once(session(), actor(), command, leads, wish)
    except BaseException:
        forget()
        raise
    return result


def perform_apart(
    command: Callable[..., Result], leads: Callable[[Result], str] | None = None, /, **wish: Any
) -> Result:
    """As `perform`, for a view that only looks: what it loaded is let go, and the change has a session of its own."""
    by = actor()
    forget()  # who still looks keeps a writer on SQLite from storing
    with database().writing() as apart:
        apart.expire_on_commit = False
        return _done_once(apart, by, command, leads, wish)


def _done_once(
    writing: Session,
    by: Actor,
    command: Callable[..., Result],
    leads: Callable[[Result], str] | None,
    wish: Mapping[str, Any],
) -> Result:
    repeats.note(session=writing, at=now())
    result = command(session=writing, by=by, at=now(), **wish)
    if leads is not None:
        repeats.note_place(session=writing, place=lambda: leads(result))
    writing.commit()
    repeats.done()
    return result


def begin_deed() -> None:
    """Before a view that changes something looks at anything: raises Repeated where the change is made already."""
    if not only_looks():
        repeats.note(session=session(), at=now())


def attempt(command: Callable[..., Result], **wish: Any) -> Result | None:
    """As `perform`, for a button without a form: a refusal is said on the next page, and None returns."""
    try:
        result: Result = perform(command, None, **wish)
    except Refused as refusal:
        problems_flashed(refusal.problems)
        return None
    return result


def forget() -> None:
    """Drop whatever the session holds unsaved; what was loaded must be loaded again, but for the head of the page."""
    known = g.get("organisation")
    if known is not None and "organisation_name" not in g:
        g.organisation_name = vars(known).get("name")  # as loaded: a failing database is asked nothing more
    session().rollback()
    session().expunge_all()
    g.pop("organisation", None)


def accepted(form: Form, work: Callable[[], object]) -> bool:
    """Validate the form and do the work; on refusal its problems stand at their fields, and False returns.

    `page` then answers 422, or 409 when somebody else saved first.
    """
    if request.method in SAFE:
        return False
    read_figures(form=form, point=point())
    try:
        if form.validate():
            work()
            return True
        g.status = HTTPStatus.UNPROCESSABLE_ENTITY
    except Refused as refusal:
        attach(form=form, problems=refusal.problems)
        g.status = HTTPStatus.UNPROCESSABLE_ENTITY
    except Stale as stale:
        form.form_errors.append(
            "Somebody else saved this while you were writing. Yours is kept below; theirs now reads:"
        )
        form.form_errors.extend(f"{name}: {value or '(empty)'}" for name, value in stale.theirs.items())
        g.status = HTTPStatus.CONFLICT
    return False


def done(address: str, message: str = "", kind: str = "success") -> Response:
    """After a change: say so and go on."""
    if message:
        flash(message, kind)
    return redirect(address, HTTPStatus.SEE_OTHER)


def page(template: str, /, **model: Any) -> tuple[str, int]:
    """A page made from a template and a view model, with the status that `accepted` left."""
    if "organisation_name" not in g:
        organisation()  # its name stands at the head of every page
    return render_template(template, **model), g.get("status", HTTPStatus.OK)


def problems_flashed(problems: Sequence[Problem]) -> None:
    """Say the problems of a command that has no form to show them at."""
    for problem in problems:
        flash(str(problem), "error")


def download(content: str | bytes | IO[bytes], *, name: str, mime: str) -> Response:
    """A file for keeping; one that is handed over open is sent part by part, and then closed.

    It is whole before the first part is sent: who loads slowly must not keep a snapshot of the database open.
    """
    if isinstance(content, (str, bytes)):
        response = Response(content, mimetype=mime)
    else:
        response = Response(_parts(content), mimetype=mime)
        response.content_length = content.seek(0, SEEK_END)
        response.call_on_close(content.close)
        content.seek(0)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(PART):
            yield part


def point() -> str:
    """The decimal sign of the reader's own language, as the browser tells it: a comma or a point."""
    return point_of(languages=request.accept_languages.values())


def text_arg(name: str, default: str = "", most: int = 200) -> str:
    """A word out of the address, cleaned; Refused when it is no text or too long."""
    try:
        text = clean(text=request.args.get(name, default))
    except ValueError as error:
        raise Refused(Problem(str(error), field=name)) from error
    if len(text) > most:
        raise Refused(Problem(f"at most {most} characters", field=name))
    return text


def key_arg(name: str) -> int | None:
    """A key out of the address, or None; Missing when it can be no key."""
    text = request.args.get(name, "")
    return _key(text) if text else None


def posted_keys(name: str) -> list[int]:
    """The keys that a form without fields of its own sends; Missing when one can be no key."""
    return [_key(one) for one in request.form.getlist(name)]


def _key(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 0 < int(text) <= LARGEST_KEY):
        raise Missing("there is no such thing here")
    return int(text)


def day_arg(name: str) -> date | None:
    """A day (YYYY-MM-DD) out of the address, or None; Refused when it is none."""
    text = text_arg(name)
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused(Problem("a day is written like 2026-05-31", field=name)) from error
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Refused(Problem(f"choose a day between {FIRST_YEAR} and {LAST_YEAR}", field=name))
    return day
