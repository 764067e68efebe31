"""Leadership commitment: the facts of a cycle, and the promises made for an objective."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.commands import promises as commands
from hoshin.exchange.tables import to_csv
from hoshin.forms.fields import read_key
from hoshin.forms.promises import PromiseForm
from hoshin.model.items import Objective
from hoshin.queries.commitment import list_promises, load_commitment
from hoshin.queries.cycles import list_cycles
from hoshin.queries.items import get_item
from hoshin.queries.unit_plans import people_names
from hoshin.queries.units import get_organisation
from hoshin.reports.commitment import CSV_HEAD, csv_rows, leaders, promise_row, promise_rows
from hoshin.web import door
from hoshin.web.choosing import offer, people_to_choose
from hoshin.web.paging import here_with
from hoshin.web.plan_context import chosen_cycle, cycle_switch

bp = Blueprint("commitment", __name__)


@bp.get("/commitment")
@door.allow(read=Act.READ_STRATEGY)
def show() -> Response | tuple[str, int]:
    """What each leader did in the cycle, by name."""
    cycle = chosen_cycle()
    if cycle is None:
        return door.page("reviews/no_cycle.html", may_open=door.can(Act.OPEN_CYCLES))
    facts = load_commitment(session=door.session(), actor=door.actor(), cycle=cycle, today=door.today())
    zone = get_organisation(session=door.session()).time_zone
    rows = leaders(facts=facts, first=cycle.first_day, last=cycle.last_day, today=door.today(), zone=zone)
    if request.args.get("format") == "csv":
        written = to_csv(head=CSV_HEAD, rows=csv_rows(rows=rows))
        return door.download(written, name=f"commitment-{cycle.name}.csv", mime="text/csv")
    return door.page(
        "commitment/show.html", rows=rows, cycle=cycle, csv=here_with(format="csv"),
        promises=promise_rows(facts=facts, names=people_names(session=door.session()), today=door.today()),
        switch=cycle_switch(list_cycles(session=door.session()), cycle),
    )  # fmt: skip


@bp.route("/objectives/<int:item_id>/promises", methods=["GET", "POST"])
@door.allow(read=Act.READ_ITEM, write=Act.PROMISE)
def promises(item_id: int) -> Response | tuple[str, int]:
    """What was promised for an objective, and noting one promise more."""
    objective = get_item(session=door.session(), actor=door.actor(), item_id=item_id, kind=Objective)
    form = PromiseForm(request.form or None, promised_on=door.today(), person_id=objective.sponsor_id)
    chosen = [form.person_id.data] if form.person_id.data else []
    offer(form.person_id, people_to_choose(unit_id=objective.unit_id, keep=chosen))
    if door.accepted(form, lambda: door.perform(commands.promise, objective_id=item_id, wish=form.to_wish())):
        return door.done(url_for("commitment.promises", item_id=item_id), "The promise is noted.")
    objective = get_item(session=door.session(), actor=door.actor(), item_id=item_id, kind=Objective)
    names = people_names(session=door.session())
    rows = [
        promise_row(promise=one, objective=(objective.id, objective.name), names=names, today=door.today())
        for one in list_promises(session=door.session(), objective_id=item_id)
    ]
    return door.page(
        "commitment/promises.html", form=form, rows=rows, objective=objective,
        sponsor=names.get(objective.sponsor_id or 0),
        writes=door.can(Act.PROMISE, commands.subject_of(objective=objective)),
    )  # fmt: skip


@bp.post("/objectives/<int:item_id>/promises/<int:promise_id>/give")
@door.allow(write=Act.PROMISE)
def give(item_id: int, promise_id: int) -> Response:
    """It was given today."""
    made = door.attempt(commands.give, promise_id=promise_id, version=_version())
    return door.done(url_for("commitment.promises", item_id=item_id), "Noted as given." if made else "")


@bp.post("/objectives/<int:item_id>/promises/<int:promise_id>/withdraw")
@door.allow(write=Act.PROMISE)
def withdraw(item_id: int, promise_id: int) -> Response:
    """It does not stand any more."""
    reason = request.form.get("reason", "")[:1000]
    made = door.attempt(commands.withdraw, promise_id=promise_id, reason=reason, version=_version())
    return door.done(url_for("commitment.promises", item_id=item_id), "Noted as withdrawn." if made else "")


def _version() -> int | None:
    try:
        return read_key(request.form.get("version"))
    except ValueError:
        return -1
