"""The vision: reading it, how it read earlier, and writing it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.commands import vision as commands
from hoshin.forms.vision import VisionForm
from hoshin.queries.units import get_organisation
from hoshin.queries.vision import list_earlier_visions
from hoshin.reports.prose import as_html
from hoshin.reports.render import day
from hoshin.web import door

bp = Blueprint("vision", __name__)


@bp.get("/vision")
@door.allow(read=Act.READ_STRATEGY)
def show() -> tuple[str, int]:
    """True North, where we stand, and the earlier versions."""
    known = get_organisation(session=door.session())
    zone = ZoneInfo(known.time_zone)
    earlier = [
        (day(one.until.astimezone(zone).date()), one, as_html(text=one.true_north), as_html(text=one.current_state))
        for one in list_earlier_visions(session=door.session())
    ]
    return door.page(
        "vision/show.html",
        true_north=as_html(text=known.true_north),
        current_state=as_html(text=known.current_state),
        earlier=earlier,
        writes=door.can(Act.WRITE_VISION),
    )


@bp.route("/vision/edit", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_VISION, write=Act.WRITE_VISION)
def edit() -> Response | tuple[str, int]:
    """Write both texts."""
    form = VisionForm(request.form, obj=get_organisation(session=door.session()))
    if door.accepted(form, lambda: door.perform(commands.write_vision, wish=form.to_wish())):
        return door.done(url_for("vision.show"), "The vision is saved.")
    return door.page("vision/edit.html", form=form)
