"""One line beside a figure of a KPI's whole year: written by who records it, journalled, never deciding anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands import closed, journal
from hoshin.errors import Missing, Problem, Refused, Stale
from hoshin.model.cycles import CycleKPI, YearCell
from hoshin.model.kpis import KPI
from hoshin.queries.items import get_item, subject_for

LONGEST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class CellNoteWish:
    """The note beside one figure of a KPI's cycle, "" for none; `seen` is what it said when it was read."""

    kpi_id: int
    cycle_id: int
    cell: YearCell
    text: str
    seen: str = ""


def set_cell_note(*, session: Session, wish: CellNoteWish, by: Actor, at: datetime) -> CycleKPI:
    """Write the note as one line.

    Raises Missing for a KPI that is not on the cycle's plan, Stale when somebody else wrote another one first, Refused
    for one that is too long or belongs to a closed cycle.
    """
    kpi = get_item(session=session, actor=by, item_id=wish.kpi_id, kind=KPI)
    require(actor=by, act=Act.RECORD_ACTUALS, subject=subject_for(session=session, item=kpi))
    held = session.get(CycleKPI, (wish.cycle_id, wish.kpi_id), with_for_update=True, populate_existing=True)
    if held is None:
        raise Missing("this KPI is not on the plan of the cycle")
    text, stands = " ".join(wish.text.split()), held.notes.get(wish.cell.value, "")
    if text == stands:
        return held
    closed.refuse_closed(session=session, cycle_id=held.cycle_id)
    if stands != wish.seen:
        raise Stale({"Note": stands})
    if len(text) > LONGEST:
        raise Refused(Problem(f"a note has at most {LONGEST} characters", field="note"))
    others = {cell: said for cell, said in held.notes.items() if cell != wish.cell.value}
    held.notes = {**others, wish.cell.value: text} if text else others
    session.flush()
    name = f"{wish.cell.value}_note"
    journal.write(
        session=session, by=by, at=at, verb="noted", thing=held, subject_id=str(kpi.id), name=kpi.name,
        before={name: stands}, after={name: text}, unit=kpi.unit_id,
    )  # fmt: skip
    return held
