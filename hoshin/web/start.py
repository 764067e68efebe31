"""The first page of an empty database: begin with the example, or begin your own organisation."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, current_app, g, request, session as cookie, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.commands import sign_in, start as commands, start_example as commands_example
from hoshin.commands.example_wish import Shown
from hoshin.commands.jobs import EXAMPLE, KEPT
from hoshin.commands.passwords import hash_password, new_token, password_from, token_hash
from hoshin.commands.settings import time_zones
from hoshin.commands.slates import Slate
from hoshin.commands.start_example import MARK
from hoshin.errors import Missing
from hoshin.exchange.example import read
from hoshin.forms.start import StartForm
from hoshin.model.heartbeats import JOBS
from hoshin.model.jobs import Job, JobState
from hoshin.queries.health import find_heartbeat
from hoshin.queries.jobs import find_job
from hoshin.reports.jobs import example_sheet
from hoshin.web import door
from hoshin.web.health import QUIET
from hoshin.web.sign_in import agent, let_in

bp = Blueprint("start", __name__)
SEED = "example"
"""Under what name a browser's cookie keeps what the passwords of the example are made from."""


@bp.route("/start", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_START, write=Act.START)
def show() -> Response | tuple[str, int]:
    """Offered while there is no organisation, and never again."""
    if door.organisation() is not None:
        return _taken()
    if request.method in door.SAFE and _is_example_coming():
        return door.done(url_for("start.example"))
    form = StartForm(request.form, fiscal_start_month=1, time_zone="UTC")
    founded: list[commands.Founded] = []
    try:
        if door.accepted(form, lambda: founded.append(_found(form))):
            return _go_on(founded[0])
    except commands.Taken:
        return _taken()
    return door.page("start/show.html", form=form, zones=time_zones())


@bp.route("/start/example", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_START, write=Act.START)
def example() -> Response | tuple[str, int]:
    """Begin with the example organisation, and follow it on its way in; its sign-ins are for the browser that asked."""
    if request.method not in door.SAFE:
        return _ask_for_example()
    job, seed = find_job(session=door.session(), name=EXAMPLE), _seed()
    is_mine = job is not None and seed != "" and job.facts.get(MARK) == token_hash(token=seed)
    if door.organisation() is not None and not (is_mine and _is_fresh(job)):
        raise Missing("this planner has been set up already")
    if job is None:
        return door.done(url_for("start.show"))
    slate = Slate(database=door.database(), job_id=job.id)
    last = find_heartbeat(session=door.session(), name=JOBS)
    sheet = example_sheet(
        job=job, said=slate.read(), is_stopping=slate.is_stopping,
        has_worker=last is not None and door.now() - last <= QUIET,
    )  # fmt: skip
    return door.page("start/example.html", job=sheet, shown=_sign_ins(seed) if is_mine else [])


@bp.post("/start/example/stop")
@door.allow(write=Act.START, looks=True)
def stop_example() -> Response:
    """Stop it, for whoever asked for it, also while it keeps everybody else from writing."""
    job, seed = find_job(session=door.session(), name=EXAMPLE), _seed()
    if job is None or not seed or job.facts.get(MARK) != token_hash(token=seed):
        raise Missing("there is nothing of yours to stop")
    slate, is_running = Slate(database=door.database(), job_id=job.id), job.state is JobState.CLAIMED
    if not (is_running and slate.stop()):
        door.perform_apart(commands_example.stop_example)
    return door.done(url_for("start.example"))


def _ask_for_example() -> Response | tuple[str, int]:
    """Write it down once, however often it is pressed; the passwords are kept nowhere but as hashes."""
    if door.organisation() is not None:
        return _taken()
    seed = new_token()
    door.forget()  # hashing is slow on purpose, as below
    hashes = {one.email: hash_password(password=password) for one, password in _sign_ins(seed)}
    try:
        is_first = door.perform(commands_example.ask_for_example, hashes=hashes, mark=token_hash(token=seed))
    except commands.Taken:
        return _taken()
    if is_first:
        cookie[SEED] = seed
    return door.done(url_for("start.example"))


def _is_example_coming() -> bool:
    job = find_job(session=door.session(), name=EXAMPLE)
    return job is not None and job.state in (JobState.WAITING, JobState.CLAIMED)


def _seed() -> str:
    found = cookie.get(SEED, "")
    return found if isinstance(found, str) else ""


def _sign_ins(seed: str) -> list[tuple[Shown, str]]:
    """The people to sign in as with their passwords, which only this browser's cookie and the planner's secret make."""
    secret = str(current_app.secret_key)
    people = commands_example.people_to_begin_with(wish=read())
    return [(one, password_from(secret=secret, seed=f"{seed}:{one.email}")) for one in people]


def _is_fresh(job: Job | None) -> bool:
    return job is not None and job.ended_at is not None and door.now() - job.ended_at <= KEPT


def _taken() -> tuple[str, int]:
    """Gone for who comes later; who pressed the button a moment too late is told why."""
    if request.method in door.SAFE:
        raise Missing("this planner has been set up already")
    g.status = HTTPStatus.CONFLICT
    return door.page("start/taken.html")


def _found(form: StartForm) -> commands.Founded:
    form.check()
    door.forget()  # argon2 is slow on purpose: nobody waits for the database meanwhile
    wish = form.to_wish(password_hash=hash_password(password=form.password.data or ""))
    return door.perform(commands.found_organisation, wish=wish)


def _go_on(founded: commands.Founded) -> Response:
    """Sign the administrator in; an executive other than her still needs a way in."""
    person, executive = founded.administrator.id, founded.executive.id
    wish = sign_in.SignInWish(email=founded.administrator.email or "", password="", agent=agent())
    let_in(token=door.perform(sign_in.begin_sign_in, person=person, wish=wish))
    if executive == person:
        return door.done("/", "Your organisation is here. Write the vision first, then the units.")
    return door.done(
        url_for("people.show", person_id=executive),
        "Your organisation is here. Make a reset link for the executive, who chooses a password with it.",
    )
