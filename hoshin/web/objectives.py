"""Strategic objectives: one of them, and its forms."""

from __future__ import annotations

from flask import Blueprint, request

from hoshin.access.actions import Act
from hoshin.commands.objectives import create_objective, edit_objective
from hoshin.engine.plans import Kind
from hoshin.forms.items import ObjectiveForm
from hoshin.model.items import Objective
from hoshin.web import door
from hoshin.web.item_pages import Page, edit_page, item_page, new_page, offer_people, plan_form, readable, writable

bp = Blueprint("objectives", __name__)


@bp.get("/objectives/<int:item_id>")
@door.allow(read=Act.READ_ITEM)
def show(item_id: int) -> tuple[str, int]:
    """One objective."""
    return item_page(readable(item_id, Objective), "objectives/show.html")


@bp.route("/units/<int:unit_id>/objectives/new", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PLAN, write=Act.WRITE_PLAN)
def new(unit_id: int) -> Page:
    """A new objective."""
    _, cycle = plan_form(unit_id)
    form = ObjectiveForm(request.form)
    offer_people(form, ("owner_id", "sponsor_id"))
    return new_page(
        form, unit_id, cycle.name, Kind.OBJECTIVE, "objectives/new.html",
        lambda: door.perform(create_objective, wish=form.to_wish(unit_id=unit_id)),
    )  # fmt: skip


@bp.route("/objectives/<int:item_id>/edit", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PLAN, write=Act.WRITE_PLAN)
def edit(item_id: int) -> Page:
    """Rewrite an objective."""
    item = writable(item_id, Objective)
    form, unit_id = ObjectiveForm(request.form, obj=item), item.unit_id
    offer_people(form, ("owner_id", "sponsor_id"))
    return edit_page(
        form, item_id, Objective, "objectives/edit.html",
        lambda: door.perform(edit_objective, item_id=item_id, wish=form.to_wish(unit_id=unit_id)),
    )  # fmt: skip
