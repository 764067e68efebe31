"""Reads how far a cycle is, and which months of which units are to be locked."""

from __future__ import annotations

from datetime import date

from wtforms import BooleanField, SelectMultipleField, SubmitField

from hoshin.commands.cycle_settings import CycleWish
from hoshin.commands.locks import LockWish
from hoshin.engine.plans import Rotation
from hoshin.forms.fields import Form, prose, words
from hoshin.forms.people import VersionField
from hoshin.model.cycles import CycleState

STATES = (
    (CycleState.PLANNING.value, "Planning: the plan is being written"),
    (CycleState.OPEN.value, "Open: figures are recorded and reviewed"),
)
ROTATIONS = (
    (Rotation.PRIORITY.value, "its priorities become the answering unit’s objectives"),
    (Rotation.ACTION.value, "its actions become the answering unit’s objectives"),
)


class CycleForm(Form):
    """State, rotation and whether catchball is played."""

    state = words(label="State", choices=STATES)
    rotation = words(label="How a matrix becomes the next level’s", choices=ROTATIONS)
    catchball = BooleanField("Play catchball")
    version = VersionField()

    def to_wish(self) -> CycleWish:
        """The wish."""
        return CycleWish(
            state=CycleState(self.state.data),
            rotation=Rotation(self.rotation.data),
            version=self.version.number,
            catchball=bool(self.catchball.data),
        )


class LocksForm(Form):
    """Ticked cells (`unit:YYYY-MM-DD`) and whole months (`YYYY-MM-DD`), a reason, and which button was pressed."""

    cells = SelectMultipleField("Months")
    months = SelectMultipleField("Whole months")
    why = prose(label="Reason", most=1000)
    lock = SubmitField("Lock")
    unlock = SubmitField("Unlock")

    def to_wish(self, *, units: list[int]) -> LockWish:
        """The wish; a whole month means this month of all these units."""
        ticked = [one.split(":") for one in self.cells.data or []]
        cells = [(int(unit), date.fromisoformat(day)) for unit, day in ticked]
        whole = [(unit, date.fromisoformat(day)) for day in self.months.data or [] for unit in units]
        return LockWish(cells=[*cells, *whole], lock=not self.unlock.data, why=self.why.data or "")
