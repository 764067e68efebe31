"""Who answers whom: taking another unit's priority over, signing the answer, ending it."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.commands.links import AnswerWish, answer, end_deployment, put_deployment_in_force, take_over
from hoshin.engine.plans import Kind, Rotation, State
from hoshin.forms.fields import choices_of
from hoshin.forms.items import EndForm, TakeOverForm
from hoshin.model.cycles import Cycle
from hoshin.model.items import Objective
from hoshin.queries.items import list_items, subject_for
from hoshin.queries.links import get_deployment
from hoshin.queries.unit_lists import list_units, names_of
from hoshin.queries.unit_plans import list_sources
from hoshin.web import door
from hoshin.web.addresses import item_address
from hoshin.web.item_pages import Page, offer_people, plan_form, readable

bp = Blueprint("deployments", __name__)


@bp.route("/units/<int:unit_id>/take-over", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PLAN, write=Act.WRITE_PLAN)
def new(unit_id: int) -> Page:
    """Take another unit's priority over: as a new objective of this unit, or as one that is there."""
    unit, cycle = plan_form(unit_id)
    form = TakeOverForm(request.form, data={"source_id": door.key_arg("source")})
    unit_name, cycle_name = unit.name, cycle.name
    form.source_id.choices = [("", "Choose …"), *_sources(unit_id, cycle)]
    own = list_items(session=door.session(), actor=door.actor(), kind=Objective, unit_id=unit_id)
    there = {one.id: one.name for one in own if one.state is not State.ENDED}
    form.objective_id.choices = choices_of(names=there, empty="a new objective of this unit")
    offer_people(form, ("owner_id",))
    made: list[int] = []
    if door.accepted(form, lambda: made.append(_take(form, unit_id))):
        return door.done(item_address(Kind.OBJECTIVE, made[0]), "Taken over. The link is live: it is never a copy.")
    return door.page(
        "deployments/new.html", form=form, unit_name=unit_name, cycle_name=cycle_name,
        has_sources=len(form.source_id.choices) > 1, back=url_for("plans.show", unit_id=unit_id, cycle=cycle_name),
    )  # fmt: skip


def _take(form: TakeOverForm, unit_id: int) -> int:
    if form.objective_id.data is None:
        return door.perform(take_over, wish=form.to_wish(unit_id=unit_id)).id
    wish = AnswerWish(source_id=form.source_id.data or 0, objective_id=form.objective_id.data)
    return door.perform(answer, wish=wish).objective_id


def _sources(unit_id: int, cycle: Cycle) -> list[tuple[str, str]]:
    """What other units could hand down: those above and beside this one first, each with its unit's name."""
    units = list_units(session=door.session())
    here = next(one for one in units if one.id == unit_id)
    names = names_of(units=units)
    near = [one.id for one in units if one.id == here.parent_id]
    near += [one.id for one in units if one.parent_id == here.parent_id and one.id != unit_id]
    order = near + [one.id for one in units if one.id not in {*near, unit_id}]
    kind = Kind.ACTION if cycle.rotation is Rotation.ACTION else Kind.PRIORITY
    found = list_sources(
        session=door.session(), actor=door.actor(), unit_ids=[one for one in order if one in names], kind=kind,
        cycle_id=cycle.id,
    )  # fmt: skip
    ordered = sorted(found, key=lambda one: (order.index(one.unit_id), one.position, one.id))
    return [(str(one.id), f"{names[one.unit_id]}: {one.name}") for one in ordered]


@bp.post("/deployments/<int:deployment_id>/put-in-force")
@door.allow(write=Act.PUT_IN_FORCE)
def put_in_force(deployment_id: int) -> Response:
    """Sign a drafted answer."""
    objective_id = get_deployment(session=door.session(), deployment_id=deployment_id).objective_id
    done = door.attempt(put_deployment_in_force, deployment_id=deployment_id)
    return door.done(item_address(Kind.OBJECTIVE, objective_id), "The answer is in force." if done else "")


@bp.route("/deployments/<int:deployment_id>/end", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PLAN, write=Act.PUT_IN_FORCE)
def end(deployment_id: int) -> Page:
    """Stop answering, with a day and a reason."""
    deployment = get_deployment(session=door.session(), deployment_id=deployment_id)
    objective = readable(deployment.objective_id, Objective)
    door.require(Act.PUT_IN_FORCE, subject_for(session=door.session(), item=objective))
    form = EndForm(request.form, data={"on": door.today()})
    back, name = item_address(Kind.OBJECTIVE, objective.id), objective.name
    if door.accepted(
        form,
        lambda: door.perform(
            end_deployment, deployment_id=deployment_id, reason=form.reason.data or "", on=form.on.data
        ),
    ):
        return door.done(back, "The answer has ended. Earlier periods keep it.")
    return door.page("items/end.html", form=form, name=name, word="Answer", back=back)
