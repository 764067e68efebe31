"""What the pages of targets and actuals have in common: saving a grid whole or not at all, and saying why not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from hoshin.commands.outcomes import Amendment, NotRecorded, Outcome
from hoshin.commands.proposals import ProposalWish, propose
from hoshin.commands.readings import CellWish, save_cells
from hoshin.engine.calendars import FiscalCalendar
from hoshin.errors import Refused, Stale
from hoshin.forms.grids import Cell, Grid
from hoshin.web import door


class GridForm(Protocol):
    """A form around a grid."""

    grid: Grid
    wishes: list[CellWish]
    reason: Any


def told(*, saved: int, proposed: Sequence[str]) -> str:
    """What to say of cells that were saved, and of agreed targets that wait for the level above."""
    said = [f"{saved} cell{'' if saved == 1 else 's'} saved."] if saved else []
    if proposed:
        which = "1 agreed target is" if len(proposed) == 1 else f"{len(proposed)} agreed targets are"
        said.append(f"{which} {'; '.join(dict.fromkeys(proposed))}. Until then the agreed one counts.")
    return " ".join(said) or "Nothing was changed."


@dataclass
class Saving:
    """One attempt to save a grid: how many cells were saved, or who was first and what would be amended."""

    saved: int = 0
    proposed: Sequence[str] = ()
    asks: str = ""
    stale: Sequence[str] = ()
    amendments: Sequence[Amendment] = ()

    def save(self, form: GridForm, *, revise: bool, first: date | None = None) -> None:
        """Save all changed cells; a refusal marks them and goes on to the door as Stale or Refused."""
        reason = form.reason.data or ""
        self._try(form, save_cells, cells=form.wishes, reason=reason, revise=revise, first=first)

    def propose(self, form: GridForm, *, first: date | None) -> None:
        """Put all changed cells before the level above; refused as `save` is."""
        self._try(form, propose, wish=ProposalWish(cells=form.wishes, reason=form.reason.data or "", first=first))

    def _try(self, form: GridForm, command: Callable[..., Outcome], **wish: Any) -> None:
        try:
            outcome = door.perform(command, **wish)
        except NotRecorded as refusal:
            self.asks = " or ".join(sorted(refusal.outcome.asks))
            theirs = form.grid.take(outcome=refusal.outcome)
            form.reason.errors = list(dict.fromkeys(one.message for one in refusal.outcome.unreasoned))
            self.stale, self.amendments = list(theirs), refusal.outcome.amendments
            if theirs:
                raise Stale(theirs) from refusal
            raise Refused from refusal
        self.saved, self.proposed = outcome.saved, [one.message for one in outcome.proposed]

    @property
    def message(self) -> str:
        """What to say after it went well."""
        return told(saved=self.saved, proposed=self.proposed)

    def carry(self, form: GridForm, *, fresh: Iterable[Cell]) -> None:
        """What was typed goes onto the cells as they stand now."""
        form.grid.carry_to(fresh=fresh, stale=self.stale)


@dataclass(frozen=True, slots=True)
class Change:
    """One agreed target that would change, ready to be shown."""

    kpi: str
    period: str
    before: str
    after: str


def changes(*, amendments: Sequence[Amendment], names: dict[int, str], calendar: FiscalCalendar) -> list[Change]:
    """What an amendment changes, in words."""
    return [
        Change(
            kpi=names.get(one.kpi_id, ""),
            period=calendar.label(period=one.period),
            before=one.before or "none",
            after=one.after or "none",
        )
        for one in amendments
    ]
