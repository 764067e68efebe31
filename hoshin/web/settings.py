"""The settings of the organisation."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.commands import settings as commands
from hoshin.forms.settings import SettingsForm
from hoshin.queries.cycles import has_readings
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
