"""The forms in which a KPI is defined and redefined."""

from __future__ import annotations

from flask import Blueprint, request

from hoshin.access.actions import Act
from hoshin.commands.kpis import create_kpi, edit_kpi
from hoshin.engine.plans import Kind
from hoshin.forms.items import KPIForm
from hoshin.model.kpis import KPI
from hoshin.web import door
from hoshin.web.item_pages import Page, edit_page, new_page, offer_people, plan_form, writable
from hoshin.web.proposals import asked_names

bp = Blueprint("kpi_forms", __name__)


@bp.route("/units/<int:unit_id>/kpis/new", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PLAN, write=Act.WRITE_PLAN)
def new(unit_id: int) -> Page:
    """A new KPI, put on the plan of the cycle."""
    _, cycle = plan_form(unit_id)
    form, cycle_id, cycle_name = KPIForm(request.form), cycle.id, cycle.name
    offer_people(form, ("owner_id", "reporter_id"))
    return new_page(
        form, unit_id, cycle_name, Kind.KPI, "kpi_forms/new.html",
        lambda: door.perform(create_kpi, wish=form.to_wish(unit_id=unit_id, cycle_id=cycle_id)),
    )  # fmt: skip


@bp.route("/kpis/<int:item_id>/edit", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PLAN, write=Act.WRITE_PLAN)
def edit(item_id: int) -> Page:
    """Redefine a KPI."""
    item = writable(item_id, KPI)
    form, unit_id = KPIForm(request.form, obj=item), item.unit_id
    offer_people(form, ("owner_id", "reporter_id"))
    return edit_page(
        form, item_id, KPI, "kpi_forms/edit.html",
        lambda: door.perform(edit_kpi, item_id=item_id, wish=form.to_wish(unit_id=unit_id, cycle_id=None)),
        lambda saved: _said(form, saved),
    )  # fmt: skip


def _said(form: KPIForm, saved: KPI) -> str:
    """What became of the form: another aggregation of agreed targets waits for the level above."""
    if form.aggregation.data == saved.aggregation.value:
        return "Saved."
    return f"Saved. How the year to date is taken was agreed: the change is proposed to {asked_names([saved])}."
