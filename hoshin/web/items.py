"""What is done alike with every item: put in force, end, resume, archive, restore, move up and down."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.commands import items as commands
from hoshin.forms.items import EndForm, ResumeForm
from hoshin.model.items import Item
from hoshin.queries.items import subject_for
from hoshin.web import door
from hoshin.web.addresses import WORDS, item_address
from hoshin.web.item_pages import Page, readable

bp = Blueprint("items", __name__)


def _back(item_id: int) -> str:
    """To where the button stood: the item's page, or its list on the plan."""
    item = readable(item_id, Item)
    if request.form.get("back") == "item":
        return item_address(item.kind, item.id)
    cycle = door.text_arg("cycle", most=20) or None
    return url_for("plans.show", unit_id=item.unit_id, cycle=cycle, _anchor=item.kind.value)


@bp.post("/items/<int:item_id>/put-in-force")
@door.allow(write=Act.PUT_IN_FORCE)
def put_in_force(item_id: int) -> Response:
    """A draft counts from now on."""
    item = door.attempt(commands.put_in_force, item_id=item_id)
    return door.done(_back(item_id), f"“{item.name}” is in force and counts." if item else "")


@bp.route("/items/<int:item_id>/end", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PLAN, write=Act.PUT_IN_FORCE)
def end(item_id: int) -> Page:
    """End what is in force, with a day and a reason."""
    item = readable(item_id, Item)
    door.require(Act.PUT_IN_FORCE, subject_for(session=door.session(), item=item))
    form = EndForm(request.form, data={"on": door.today()})
    kind, name = item.kind, item.name
    if door.accepted(
        form,
        lambda: door.perform(commands.end, item_id=item_id, reason=form.reason.data or "", on=form.on.data),
    ):
        return door.done(item_address(kind, item_id), f"“{name}” has ended. Earlier periods keep it.")
    return door.page("items/end.html", form=form, name=name, word=WORDS[kind], back=item_address(kind, item_id))


@bp.route("/items/<int:item_id>/resume", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PLAN, write=Act.PUT_IN_FORCE)
def resume(item_id: int) -> Page:
    """Bring what had ended back into force, with a reason."""
    item = readable(item_id, Item)
    door.require(Act.PUT_IN_FORCE, subject_for(session=door.session(), item=item))
    form = ResumeForm(request.form)
    kind, name = item.kind, item.name
    if door.accepted(form, lambda: door.perform(commands.resume, item_id=item_id, reason=form.reason.data or "")):
        return door.done(item_address(kind, item_id), f"“{name}” is in force again.")
    return door.page("items/resume.html", form=form, name=name, word=WORDS[kind], back=item_address(kind, item_id))


@bp.post("/items/<int:item_id>/archive")
@door.allow(write=Act.WRITE_PLAN)
def archive(item_id: int) -> Response:
    """Take a draft or something ended out of the lists."""
    item = door.attempt(commands.archive, item_id=item_id)
    return door.done(_back(item_id), f"“{item.name}” is archived and can be restored." if item else "")


@bp.post("/items/<int:item_id>/restore")
@door.allow(write=Act.WRITE_PLAN)
def restore(item_id: int) -> Response:
    """Bring something archived back into the lists."""
    item = door.attempt(commands.restore, item_id=item_id)
    return door.done(_back(item_id), f"“{item.name}” is back." if item else "")


@bp.post("/items/<int:item_id>/move-up")
@door.allow(write=Act.WRITE_PLAN)
def move_up(item_id: int) -> Response:
    """One place up in its list."""
    door.attempt(commands.move, item_id=item_id, steps=-1)
    return door.done(_back(item_id))


@bp.post("/items/<int:item_id>/move-down")
@door.allow(write=Act.WRITE_PLAN)
def move_down(item_id: int) -> Response:
    """One place down in its list."""
    door.attempt(commands.move, item_id=item_id, steps=1)
    return door.done(_back(item_id))
