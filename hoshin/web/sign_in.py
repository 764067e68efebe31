"""Signing in and out in the browser."""

from __future__ import annotations

import unicodedata

from flask import Blueprint, redirect, request, session as cookie
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.commands import sign_in as commands
from hoshin.commands.passwords import is_password
from hoshin.errors import Refused
from hoshin.forms.sign_in import SignInForm
from hoshin.web import door
from hoshin.web.gate import Browser

bp = Blueprint("sign_in", __name__)

HOME = "/"
WRONG = "This e-mail address and this password do not belong together. Check both and try again."
WAIT = "Too many attempts with this address. Wait a quarter of an hour, or ask an administrator for a reset link."


@bp.route("/sign-in", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_SIGN_IN, write=Act.SIGN_IN)
def show() -> Response | tuple[str, int]:
    """The sign-in form; afterwards the page that was asked for."""
    form = SignInForm(request.form, next=request.args.get("next", ""))
    if door.actor().person is not None:
        return redirect(local_path(form.next.data))
    if door.accepted(form, lambda: _enter(form)):
        return door.done(local_path(form.next.data))
    return door.page("sign_in/show.html", form=form)


def _enter(form: SignInForm) -> None:
    """Count, look up, check outside any transaction (argon2 is slow on purpose), and only then open the sign-in."""
    wish = form.to_wish(agent=agent())
    door.perform(commands.count_attempt, wish=wish)
    attempt = door.perform(commands.look_up, wish=wish)
    if attempt.must_wait:
        raise Refused(WAIT)
    if not is_password(password=wish.password, password_hash=attempt.password_hash) or attempt.person is None:
        raise Refused(WRONG)
    let_in(token=door.perform(commands.begin_sign_in, person=attempt.person, wish=wish))


def agent() -> str:
    """The name that this browser gives itself, without anything that is no text."""
    return "".join(one for one in request.user_agent.string if unicodedata.category(one)[0] != "C")


def let_in(*, token: str) -> None:
    """Give this browser the token of its sign-in, and nothing that was in its cookie before."""
    cookie.clear()
    login_user(Browser(token))


@bp.post("/sign-out")
@door.allow(write=Act.SIGN_OUT)
def sign_out() -> Response:
    """End this browser's sign-in."""
    token = cookie.get("_user_id")
    if isinstance(token, str):
        door.perform(commands.sign_out, token=token)
    logout_user()
    cookie.clear()
    response = door.done("/sign-in", "You are signed out.")
    response.headers["Clear-Site-Data"] = '"cache"'  # nobody who sits down here next finds a page that was kept
    return response


def local_path(address: str | None) -> str:
    """The address if it is a path of this planner, else the home page: no link may send people elsewhere."""
    text = address or ""
    strange = any(one == "\\" or unicodedata.category(one)[0] == "C" for one in text)
    if not text.startswith("/") or text.startswith("//") or strange or len(text) > 2000:
        return HOME
    return text
