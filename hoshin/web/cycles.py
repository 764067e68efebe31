"""Planning cycles: the list, opening the next one, and how each stands."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.commands import cycle_settings as commands
from hoshin.errors import Problem, Refused
from hoshin.exchange.tables import to_csv
from hoshin.forms.cycles import CycleForm
from hoshin.model.cycles import CycleState
from hoshin.queries.cycles import get_cycle, list_cycles
from hoshin.queries.units import get_organisation
from hoshin.web import door

bp = Blueprint("cycles", __name__)


@bp.get("/cycles")
@door.allow(read=Act.READ_CYCLES)
def show_list() -> Response | tuple[str, int]:
    """All cycles, the latest first."""
    rows = list_cycles(session=door.session())
    if request.args.get("format") == "csv":
        lines = [
            (one.name, one.first_day, one.last_day, one.state.value, one.rotation.value, one.catchball) for one in rows
        ]
        head = ("cycle", "first day", "last day", "state", "rotation", "catchball")
        return door.download(to_csv(head=head, rows=lines), name="cycles.csv", mime="text/csv")
    return door.page(
        "cycles/show_list.html", rows=rows, today=door.today(), following=_following(),
        manages=door.can(Act.MANAGE_CYCLES), reads=door.can(Act.READ_STRATEGY),
        locks=door.can(Act.LOCK_MONTHS), settings=door.can(Act.OPEN_SETTINGS),
    )  # fmt: skip


def _following() -> str:
    """The name of the cycle that would be opened next."""
    calendar = get_organisation(session=door.session()).calendar
    rows = list_cycles(session=door.session())
    span = calendar.next_cycle(cycle=rows[0].span) if rows else calendar.cycle_of(day=door.today())
    return span.name


@bp.post("/cycles")
@door.allow(write=Act.MANAGE_CYCLES)
def open_next() -> Response:
    """Open the next one; its name is sent along, so that pressing twice opens one."""
    cycle = door.attempt(
        commands.open_next_cycle, name=request.form.get("name", ""), catchball=bool(request.form.get("catchball"))
    )
    return door.done(url_for("cycles.show_list"), f"{cycle.name} is open for planning." if cycle else "")


@bp.route("/cycles/<name>", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_CYCLES, write=Act.MANAGE_CYCLES)
def edit(name: str) -> Response | tuple[str, int]:
    """How a cycle stands."""
    cycle = get_cycle(session=door.session(), name=known_name(name))
    if cycle.state is CycleState.CLOSED and request.method == "GET":
        return door.done(url_for("closings.show", name=cycle.name), f"{cycle.name} is closed.", "info")
    span, form = cycle.span, CycleForm(request.form, obj=cycle)
    if door.accepted(form, lambda: door.perform(commands.change_cycle, name=span.name, wish=form.to_wish())):
        return door.done(url_for("cycles.show_list"), f"{span.name} is saved.")
    return door.page("cycles/edit.html", form=form, span=span)


def known_name(text: str) -> str:
    """The name of a cycle out of an address; Refused when no cycle can be called that."""
    if len(text) > 20 or not text.isalnum() or not text.isascii():
        raise Refused(Problem("a cycle is called FY2026 or 2026", field="cycle"))
    return text
