"""The grid of units and months: what is locked, locking and unlocking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs know an older release

from hoshin.access.actions import Act
from hoshin.commands import locks as commands
from hoshin.engine.calendars import MONTH_NAMES, add_months
from hoshin.forms.cycles import LocksForm
from hoshin.model.cycles import Cycle, MonthLock
from hoshin.queries.cycles import get_cycle, list_locks
from hoshin.queries.unit_lists import UnitLine, list_units, names_of
from hoshin.web import door
from hoshin.web.cycles import known_name

bp = Blueprint("locks", __name__)


@dataclass(frozen=True, slots=True)
class Cell:
    """One month of one unit: its value in the form, what it is called, and who locked it when."""

    value: str
    label: str
    locked: str


@bp.route("/cycles/<name>/locks", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_LOCKS, write=Act.LOCK_MONTHS)
def show(name: str) -> Response | tuple[str, int]:
    """The grid of one cycle."""
    cycle = get_cycle(session=door.session(), name=known_name(name))
    span, months = cycle.span, _months(cycle)
    units = [one for one in list_units(session=door.session()) if one.archived_at is None]
    keys = [one.id for one in units]
    form = _form(keys, months)
    changed: list[int] = []
    if door.accepted(form, lambda: changed.append(door.perform(commands.set_locks, wish=form.to_wish(units=keys)))):
        said = "Opened again" if form.unlock.data else "Locked"
        cells = "month of one unit" if changed[0] == 1 else "months of units"
        return door.done(url_for("locks.show", name=span.name), f"{said}: {changed[0]} {cells}.")
    rows = _rows(units, months, form)
    heads = [(one.isoformat(), MONTH_NAMES[one.month - 1], one.year) for one in months]
    return door.page("locks/show.html", form=form, span=span, rows=rows, heads=heads)


def _months(cycle: Cycle) -> list[date]:
    return [add_months(day=cycle.first_day, months=place) for place in range(12)]


def _form(units: list[int], months: list[date]) -> LocksForm:
    form = LocksForm(request.form)
    form.cells.choices = [SelectChoice(f"{unit}:{month}") for unit in units for month in months]
    form.months.choices = [SelectChoice(month.isoformat()) for month in months]
    return form


def _rows(units: list[UnitLine], months: list[date], form: LocksForm) -> list[tuple[str, list[Cell]]]:
    names = names_of(units=list_units(session=door.session()))
    found = list_locks(session=door.session(), first=months[0], last=months[-1])
    locks = {(one.unit_id, one.month): one for one in found}
    return [(names[key], [_cell(key, names[key], month, locks) for month in months]) for key in names]


def _cell(unit: int, name: str, month: date, locks: dict[tuple[int, date], MonthLock]) -> Cell:
    lock = locks.get((unit, month))
    locked = f"locked by {lock.locked_by} on {lock.locked_at:%Y-%m-%d}" if lock else ""
    return Cell(f"{unit}:{month}", f"{name}, {MONTH_NAMES[month.month - 1]} {month.year}", locked)
