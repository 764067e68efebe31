"""One's own account: password and signed-in browsers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.commands import account as commands
from hoshin.commands.passwords import hash_password, is_password
from hoshin.errors import Problem, Refused
from hoshin.forms.account import OwnPasswordForm
from hoshin.queries.people import find_person, list_sign_ins
from hoshin.queries.units import get_organisation
from hoshin.web import door

bp = Blueprint("account", __name__)

BROWSERS = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Browser:
    """One signed-in browser as its owner sees it."""

    id: int
    browser: str
    begun: datetime


@bp.route("/account", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_OWN_ACCOUNT, write=Act.CHANGE_OWN_ACCOUNT)
def show() -> Response | tuple[str, int]:
    """Who I am here, my password, and the browsers I am signed in with."""
    form = OwnPasswordForm(request.form)
    here = g.sign_in_id
    if door.accepted(form, lambda: _change_password(form, here)):
        return door.done(url_for("account.show"), "Your password is changed; your other browsers are signed out.")
    person = find_person(session=door.session(), person_id=door.actor().person or 0)
    return door.page("account/show.html", form=form, person=person, sign_ins=_browsers(), here=here)


def _browsers() -> list[Browser]:
    """The browsers I am signed in with, told in words, the latest seen first."""
    zone = ZoneInfo(get_organisation(session=door.session()).time_zone)
    rows = list_sign_ins(session=door.session(), person_id=door.actor().person or 0)
    return [Browser(one.id, _said(one.agent), one.begun_at.astimezone(zone)) for one in rows]


def _said(agent: str) -> str:
    """“Firefox on Linux” out of what a browser says of itself; the first fitting word counts."""
    browser = next((name for word, name in BROWSERS if word in agent), "A browser")
    system = next((name for word, name in SYSTEMS if word in agent), "")
    return f"{browser} on {system}" if system else browser


def _change_password(form: OwnPasswordForm, here: int) -> None:
    """Look, let go of the database while argon2 works, then change."""
    person = find_person(session=door.session(), person_id=door.actor().person or 0)
    known = person.password_hash if person else None
    door.forget()
    if not is_password(password=form.old.data or "", password_hash=known):
        raise Refused(Problem("This is not your password", field="old"))
    wish = commands.PasswordWish(checked_hash=known, new_hash=hash_password(password=form.password.data or ""))
    door.perform(commands.change_password, wish=wish, keep=here)


@bp.post("/account/sign-ins/<int:sign_in_id>/end")
@door.allow(write=Act.CHANGE_OWN_ACCOUNT)
def end(sign_in_id: int) -> Response:
    """Sign one browser out."""
    door.perform(commands.end_sign_in, sign_in=sign_in_id)
    return door.done(url_for("account.show"), "That browser is signed out.")


@bp.post("/account/sign-ins/end-others")
@door.allow(write=Act.CHANGE_OWN_ACCOUNT)
def end_others() -> Response:
    """Sign all browsers out but this one."""
    ended = door.perform(commands.end_other_sign_ins, keep=g.sign_in_id)
    return door.done(url_for("account.show"), f"{ended} other browsers are signed out.")
