"""The settings of the organisation."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response
from wtforms import Form

from hoshin.access.actions import Act
from hoshin.commands import layouts, settings as commands
from hoshin.forms.layouts import LookForm
from hoshin.forms.settings import SettingsForm
from hoshin.queries.cycles import has_readings
from hoshin.queries.units import get_organisation
from hoshin.reports.matrix import LABELS
from hoshin.web import door

bp = Blueprint("settings", __name__)


@bp.route("/settings", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_SETTINGS, write=Act.MANAGE_SETTINGS)
def edit() -> Response | tuple[str, int]:
    """All settings on one page."""
    form = SettingsForm(request.form, obj=door.organisation())
    fixed = has_readings(session=door.session())
    if door.accepted(form, lambda: door.perform(commands.change_settings, wish=form.to_wish())):
        return door.done(url_for("settings.edit"), "Saved.")
    return door.page("settings/edit.html", form=form, fixed=fixed, zones=commands.time_zones())


@bp.route("/settings/x-matrix", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_SETTINGS, write=Act.MANAGE_SETTINGS)
def edit_look() -> Response | tuple[str, int]:
    """What the strengths look like on every X-matrix, and what its arms are called."""
    form = LookForm(LABELS, request.form or None, own=get_organisation(session=door.session()))
    if door.accepted(cast(Form, form), lambda: door.perform(layouts.change_look, wish=form.to_wish())):
        return door.done(url_for("settings.edit_look"), "Saved.")
    return door.page("settings/edit_look.html", form=form, labels=LABELS)
