"""A bowling chart is filled cell by cell: the good cells are saved, each other one is answered for itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands.cell_notes import CellNoteWish, set_cell_note
from hoshin.commands.countermeasures_open import THE_FIGURES, open_due
from hoshin.commands.forecasts import ForecastWish, set_forecast
from hoshin.commands.outcomes import Amendment, NotRecorded, Outcome
from hoshin.commands.readings import CellWish, record_cells
from hoshin.errors import Forbidden, HoshinError, Missing, Problem, Refused, Stale


class Fate(StrEnum):
    """What became of one cell; *reason* means that only the reason of an amendment is missing.

    *Proposed* is an agreed target that waits for the level above: it stands as it was.
    """

    SAVED = "saved"
    PROPOSED = "proposed"
    REFUSED = "refused"
    STALE = "stale"
    REASON = "reason"


@dataclass(frozen=True, slots=True)
class Filled:
    """The answer for one cell, with a sentence unless it was saved."""

    fate: Fate
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Filling:
    """What became of all the cells, in their order, and which agreed targets change or would."""

    cells: tuple[Filled, ...]
    amendments: tuple[Amendment, ...]


Wish = CellWish | ForecastWish | CellNoteWish | Problem
"""One cell as wished for; a Problem is one that could not even be read."""

SAVED = Filled(Fate.SAVED)


def fill_cells(
    *,
    session: Session,
    wishes: Sequence[Wish],
    by: Actor,
    at: datetime,
    reason: str = "",
    first: date | None = None,
) -> Filling:
    """Save every cell that can be saved. What the actor may not change is refused for itself, not the whole.

    A miss that shows itself by them opens its countermeasure in the same transaction.
    """
    filling = _Filling(session, by, at, reason, first)
    numbered = list(enumerate(wishes))
    filling.record([(place, one) for place, one in numbered if isinstance(one, CellWish)])
    for place, one in numbered:
        if isinstance(one, (ForecastWish, CellNoteWish)):
            filling.answers[place] = filling.of_year(one)
        elif isinstance(one, Problem):
            filling.answers[place] = Filled(Fate.REFUSED, one.message)
    filling.open_answers()
    return Filling(tuple(filling.answers[place] for place, _ in numbered), tuple(filling.amendments))


class _Filling:
    """One batch at work."""

    def __init__(self, session: Session, by: Actor, at: datetime, reason: str, first: date | None) -> None:
        self.session, self.by, self.at, self.reason, self.first = session, by, at, reason, first
        self.answers: dict[int, Filled] = {}
        self.amendments: list[Amendment] = []
        self.touched: set[int] = set()

    def record(self, cells: Sequence[tuple[int, CellWish]]) -> None:
        """All at once; when one of them is not the actor's, KPI by KPI, so that the others are saved."""
        if not cells:
            return
        try:
            self._take(cells)
        except (Missing, Forbidden):
            for kpi in sorted({one.kpi_id for _, one in cells}):
                self._alone([(place, one) for place, one in cells if one.kpi_id == kpi])

    def _alone(self, cells: Sequence[tuple[int, CellWish]]) -> None:
        try:
            self._take(cells)
        except HoshinError as error:
            said = "you may not change this" if isinstance(error, Forbidden) else "this KPI is no longer there"
            if len(cells) == 1:
                self.answers[cells[0][0]] = Filled(Fate.REFUSED, said)
                return
            for cell in cells:
                self._alone([cell])

    def _take(self, cells: Sequence[tuple[int, CellWish]]) -> None:
        placed = [replace(one, place=Problem("", field=str(place))) for place, one in cells]
        with self.session.begin_nested():
            outcome = record_cells(
                session=self.session, cells=placed, by=self.by, at=self.at, reason=self.reason, first=self.first
            )
        self.amendments += outcome.amendments
        told = _told(outcome)
        for place, one in cells:
            self.answers[place] = told.get(place, SAVED)
            if place not in told:
                self.touched.add(one.kpi_id)

    def of_year(self, wish: ForecastWish | CellNoteWish) -> Filled:
        """Write one forecast, or one note beside a figure of the year, inside a savepoint of its own."""
        try:
            with self.session.begin_nested():
                _set_of_year(self.session, wish, self.by, self.at)
        except Stale as stale:
            return Filled(Fate.STALE, _theirs(stale))
        except Refused as refusal:
            return Filled(Fate.REFUSED, "; ".join(one.message for one in refusal.problems))
        except HoshinError:
            return Filled(Fate.REFUSED, "you may not change this")
        return SAVED

    def open_answers(self) -> None:
        """A miss asks for its countermeasure."""
        if self.touched:
            open_due(session=self.session, by=THE_FIGURES, at=self.at, kpi_ids=self.touched)


def _told(outcome: Outcome) -> dict[int, Filled]:
    """What was wrong with which cell."""
    told = {int(one.field): Filled(Fate.REFUSED, one.message) for one in outcome.problems}
    told |= {int(one.field): Filled(Fate.PROPOSED, one.message) for one in outcome.proposed}
    told |= {int(one.field): Filled(Fate.STALE, one.message) for one in outcome.stale}
    return told | {int(one.field): Filled(Fate.REASON, one.message) for one in outcome.unreasoned}


def save_book(
    *,
    session: Session,
    cells: Sequence[CellWish],
    of_year: Sequence[tuple[ForecastWish | CellNoteWish, Problem]],
    by: Actor,
    at: datetime,
    reason: str = "",
    first: date | None = None,
) -> Outcome:
    """Save a whole workbook, or nothing of it; forecasts and notes of the year count among what was saved.

    Raises NotRecorded or Refused with the place of each cell that cannot be saved.
    """
    outcome = record_cells(session=session, cells=cells, by=by, at=at, reason=reason, first=first)
    for wish, place in of_year:
        try:
            _set_of_year(session, wish, by, at)
        except Stale as stale:
            outcome.problems.append(replace(place, message=_theirs(stale)))
        except Refused as refusal:
            outcome.problems += [replace(place, message=one.message) for one in refusal.problems]
    if outcome.problems:
        raise NotRecorded(outcome)
    if outcome.saved:
        open_due(session=session, by=THE_FIGURES, at=at, kpi_ids={one.kpi_id for one in cells})
    outcome.saved += len(of_year)
    return outcome


def _set_of_year(session: Session, wish: ForecastWish | CellNoteWish, by: Actor, at: datetime) -> None:
    if isinstance(wish, CellNoteWish):
        set_cell_note(session=session, wish=wish, by=by, at=at)
    else:
        set_forecast(session=session, wish=wish, by=by, at=at)


def _theirs(stale: Stale) -> str:
    return f"somebody else wrote {next(iter(stale.theirs.values()), '') or 'none'} in the meantime"
