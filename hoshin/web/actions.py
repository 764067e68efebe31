"""Team action items: lists of them, one of them, its forms and its progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, request
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.commands.actions import create_action, edit_action, report_progress
from hoshin.engine.plans import Kind
from hoshin.exchange.tables import to_csv
from hoshin.forms.items import ActionForm, ProgressForm
from hoshin.model.actions import Action
from hoshin.queries.action_lists import count_actions, list_actions
from hoshin.queries.items import helpers_of, subject_for
from hoshin.queries.unit_lists import list_units, names_of
from hoshin.queries.unit_plans import people_names
from hoshin.reports.render import day
from hoshin.web import door
from hoshin.web.action_views import FINISHED, course_of, filter_form, narrowed, views
from hoshin.web.item_pages import Page, edit_page, item_page, new_page, offer_people, plan_form, readable, writable
from hoshin.web.paging import here_with, page_of
from hoshin.web.plan_context import chosen_cycle

bp = Blueprint("actions", __name__)


@bp.get("/actions")
@door.allow(read=Act.READ_STRATEGY)
def show_list() -> Response | tuple[str, int]:
    """The actions of a cycle, narrowed down by unit, person and status."""
    cycle = chosen_cycle()
    wish, session, actor = narrowed(cycle_id=cycle.id if cycle else 0), door.session(), door.actor()
    units, people = names_of(units=list_units(session=session), archived=True), people_names(session=session)
    if request.args.get("format") == "csv":
        return _csv(list_actions(session=session, actor=actor, wish=wish), units, people)
    page = page_of(total=count_actions(session=session, actor=actor, wish=wish))
    rows = list_actions(session=session, actor=actor, wish=wish, offset=page.offset, most=page.last - page.offset)
    return door.page(
        "actions/show_list.html", form=filter_form(units), rows=rows, page=page, units=units, people=people,
        cycle=cycle, csv=here_with(format="csv"), today=door.today(), finished=FINISHED, views=views(),
    )  # fmt: skip


def _csv(found: Sequence[Action], units: dict[int, str], people: Mapping[int, str]) -> Response:
    head = ("action", "unit", "owner", "due", "status", "progress", "state")
    rows = [
        (
            one.name, units.get(one.unit_id, ""), people.get(one.owner_id or 0, ""), one.due_on, one.status.value,
            one.progress, one.state.value,
        )
        for one in found
    ]  # fmt: skip
    return door.download(to_csv(head=head, rows=rows), name="actions.csv", mime="text/csv")


@bp.get("/actions/<int:item_id>")
@door.allow(read=Act.READ_ITEM)
def show(item_id: int) -> tuple[str, int]:
    """One action."""
    item = readable(item_id, Action)
    subject = subject_for(session=door.session(), item=item)
    return item_page(
        item, "actions/show.html", helpers=helpers_of(session=door.session(), action_id=item_id),
        reports=door.can(Act.REPORT_PROGRESS, subject), due=day(item.due_on), **course_of(item),
    )  # fmt: skip


@bp.route("/units/<int:unit_id>/actions/new", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PLAN, write=Act.WRITE_PLAN)
def new(unit_id: int) -> Page:
    """A new action."""
    _, cycle = plan_form(unit_id)
    form, cycle_id, cycle_name = ActionForm(request.form), cycle.id, cycle.name
    offer_people(form, ("owner_id", "helpers"))
    return new_page(
        form, unit_id, cycle_name, Kind.ACTION, "actions/new.html",
        lambda: door.perform(create_action, wish=form.to_wish(unit_id=unit_id, cycle_id=cycle_id)),
    )  # fmt: skip


@bp.route("/actions/<int:item_id>/edit", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PLAN, write=Act.WRITE_PLAN)
def edit(item_id: int) -> Page:
    """Rewrite an action."""
    item = writable(item_id, Action)
    helping = list(helpers_of(session=door.session(), action_id=item_id))
    form = ActionForm(request.form, obj=item, data={"helpers": helping})
    place = {"unit_id": item.unit_id, "cycle_id": item.cycle_id or 0}
    offer_people(form, ("owner_id", "helpers"))
    return edit_page(
        form, item_id, Action, "actions/edit.html",
        lambda: door.perform(edit_action, item_id=item_id, wish=form.to_wish(**place)),
    )  # fmt: skip


@bp.route("/actions/<int:item_id>/progress", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PROGRESS, write=Act.REPORT_PROGRESS)
def progress(item_id: int) -> Page:
    """Say how far an action is."""
    item = readable(item_id, Action)
    act = Act.OPEN_PROGRESS if request.method in door.SAFE else Act.REPORT_PROGRESS
    door.require(act, subject_for(session=door.session(), item=item))
    form = ProgressForm(request.form, obj=item)
    return edit_page(
        form, item_id, Action, "actions/progress.html",
        lambda: door.perform(report_progress, item_id=item_id, wish=form.to_wish()),
    )  # fmt: skip
