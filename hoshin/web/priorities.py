"""Annual priorities: one of them, and its forms."""

from __future__ import annotations

from flask import Blueprint, request

from hoshin.access.actions import Act
from hoshin.commands.priorities import create_priority, edit_priority
from hoshin.engine.plans import Kind
from hoshin.forms.items import PriorityForm
from hoshin.model.items import Priority
from hoshin.web import door
from hoshin.web.item_pages import Page, edit_page, item_page, new_page, offer_people, plan_form, readable, writable

bp = Blueprint("priorities", __name__)


@bp.get("/priorities/<int:item_id>")
@door.allow(read=Act.READ_ITEM)
def show(item_id: int) -> tuple[str, int]:
    """One priority."""
    return item_page(readable(item_id, Priority), "priorities/show.html")


@bp.route("/units/<int:unit_id>/priorities/new", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PLAN, write=Act.WRITE_PLAN)
def new(unit_id: int) -> Page:
    """A new priority."""
    _, cycle = plan_form(unit_id)
    form, cycle_id, cycle_name = PriorityForm(request.form), cycle.id, cycle.name
    offer_people(form, ("owner_id",))
    return new_page(
        form, unit_id, cycle_name, Kind.PRIORITY, "priorities/new.html",
        lambda: door.perform(create_priority, wish=form.to_wish(unit_id=unit_id, cycle_id=cycle_id)),
    )  # fmt: skip


@bp.route("/priorities/<int:item_id>/edit", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PLAN, write=Act.WRITE_PLAN)
def edit(item_id: int) -> Page:
    """Rewrite a priority."""
    item = writable(item_id, Priority)
    form = PriorityForm(request.form, obj=item)
    place = {"unit_id": item.unit_id, "cycle_id": item.cycle_id or 0}
    offer_people(form, ("owner_id",))
    return edit_page(
        form, item_id, Priority, "priorities/edit.html",
        lambda: door.perform(edit_priority, item_id=item_id, wish=form.to_wish(**place)),
    )  # fmt: skip
