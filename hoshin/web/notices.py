"""The notice centre: what waits for the reader, read and quietened here, and the link in a mail that ends the mail."""

from __future__ import annotations

from flask import Blueprint, current_app, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.commands.news import choose_rhythm, end_mail, mark_read, set_quiet
from hoshin.errors import Missing, Problem, Refused
from hoshin.exchange.signed import read_person
from hoshin.forms.news import QuietForm, ReadForm, RhythmForm
from hoshin.model.news import Rhythm
from hoshin.queries.notices import (
    Notice,
    NoticeKind,
    find_standing,
    list_notices,
    marked,
    quiet_kinds,
    rhythm_of,
)
from hoshin.queries.people import find_person
from hoshin.reports.notices import TITLES, groups
from hoshin.web import door

bp = Blueprint("notices", __name__)
PLACES = (
    ("notices", "Notices", "notices.show", Act.READ_NOTICES),
    ("checkins", "Check-in", "checkins.edit_mine", Act.OPEN_CHECK_IN),
    ("roadblocks", "Roadblocks", "roadblocks.show_list", Act.READ_ROADBLOCKS),
    ("actions", "Actions", "actions.show_list", Act.READ_STRATEGY),
)


@bp.app_context_processor
def _work() -> dict[str, object]:
    return {"work_tabs": tabs}


def tabs(here: str) -> list[dict[str, object]]:
    """The pages of the week's work that the reader may open."""
    return [
        {"label": label, "href": url_for(endpoint), "current": key == here}
        for key, label, endpoint, act in PLACES
        if door.can(act)
    ]


@bp.get("/notices")
@door.allow(read=Act.READ_NOTICES)
def show() -> tuple[str, int]:
    """Everything that waits for the reader, by kind."""
    person = door.actor().person or 0
    shown = marked(session=door.session(), person_id=person, notices=_mine())
    quiet = quiet_kinds(session=door.session(), person_id=person)
    form = RhythmForm(data={"rhythm": rhythm_of(session=door.session(), person_id=person)})
    return door.page(
        "notices/show.html", groups=groups(found=shown), unread=sum(not one.is_read for one in shown),
        root=request.script_root, quiet=[(one.value, TITLES[one.value]) for one in NoticeKind if one.value in quiet],
        form=form,
    )  # fmt: skip


def _mine() -> list[Notice]:
    standing = find_standing(session=door.session(), now=door.now())
    return list_notices(session=door.session(), actor=door.actor(), now=door.now(), standing=standing)


@bp.post("/notices/read")
@door.allow(write=Act.CHOOSE_NOTICES)
def read() -> Response:
    """One notice has been read, or all of them."""
    form = ReadForm(request.form)
    if not form.validate():
        raise Refused(Problem("there is no such notice", field="key"))
    wanted = form.key.data or ""
    count = door.perform(mark_read, keys=[one.key for one in _mine() if wanted in ("", one.key)])
    return door.done(url_for("notices.show"), "" if wanted else f"{count} marked as read.")


@bp.post("/notices/quiet")
@door.allow(write=Act.CHOOSE_NOTICES)
def quieten() -> Response:
    """Nothing more of a kind, or hear of it again."""
    form = QuietForm(request.form)
    if not form.validate():
        raise Refused(Problem("choose one of the kinds", field="kind"))
    quiet, kind = form.quiet.data == "yes", form.kind.data or ""
    door.perform(set_quiet, kind=kind, quiet=quiet)
    title = TITLES.get(kind, "")
    said = f"Quiet now: {title}. It can be heard again below." if quiet else f"You will hear of it again: {title}."
    return door.done(url_for("notices.show"), said)


@bp.post("/notices/mail")
@door.allow(write=Act.CHOOSE_NOTICES)
def choose() -> Response:
    """Weekly mail, or none."""
    form = RhythmForm(request.form)
    if not form.validate():
        raise Refused(Problem("weekly or never", field="rhythm"))
    door.perform(choose_rhythm, rhythm=Rhythm(form.rhythm.data))
    return door.done(url_for("notices.show"), "Saved.")


@bp.get("/news/quieten/<string:token>")
@door.allow(read=Act.OPEN_QUIETEN)
def open_quieten(token: str) -> tuple[str, int]:
    """The page behind the link in a mail: looking at it changes nothing, as mail programs look ahead."""
    person = find_person(session=door.session(), person_id=_signed(token))
    if person is None:
        raise Missing("this link is not genuine")
    is_quiet = rhythm_of(session=door.session(), person_id=person.id) is Rhythm.NEVER
    return door.page("notices/quieten.html", address=person.email or person.name, is_quiet=is_quiet)


@bp.post("/news/quieten/<string:token>")
@door.allow(write=Act.QUIETEN)
def end_by_link(token: str) -> tuple[str, int]:
    """One click ends the mail, signed in or not: a person's, or her mail program's (RFC 8058)."""
    person = find_person(session=door.session(), person_id=_signed(token))
    if person is None:
        raise Missing("this link is not genuine")
    address = person.email or person.name
    door.perform(end_mail, person_id=person.id)
    return door.page("notices/quieten.html", address=address, is_quiet=True)


def _signed(token: str) -> int:
    return read_person(secret=current_app.config["SECRET_KEY"], token=token) or 0


@bp.record_once
def _let_mail_programs_in(state: BlueprintSetupState) -> None:
    """A mail program sends no form secret; the signature in the address stands for it."""
    state.app.extensions["csrf"].exempt(end_by_link)
