"""Blind scoring of a unit's matrix: a round is opened, each scores alone, it is closed, discussed and settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.commands.links import correlate_all
from hoshin.commands.scorings import ScoresWish, close_scoring, open_scoring, save_scores
from hoshin.engine.plans import LINKED_KINDS, Kind, State
from hoshin.engine.scorings import Tally, tally
from hoshin.errors import Missing, Refused, Stale
from hoshin.forms.scorings import read_scores, read_settled
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item
from hoshin.model.scorings import Scoring
from hoshin.model.units import Unit
from hoshin.queries.scorings import closed_scores, latest_scoring, own_scores, scorers
from hoshin.queries.unit_plans import UnitPlan, load_unit_plan
from hoshin.queries.units import get_unit
from hoshin.reports.matrix import PRESETS, QUESTIONS, stands_in
from hoshin.web import door
from hoshin.web.plan_context import chosen_cycle

bp = Blueprint("scorings", __name__)
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The unit's matrix as it is scored: its plan, its corners, and the last round."""

    unit: Unit
    cycle: Cycle
    plan: UnitPlan
    corners: tuple[Corner, ...]
    scoring: Scoring | None

    @property
    def pairs(self) -> list[Pair]:
        """Every pair that may be scored."""
        return [(upper.id, lower.id) for corner in self.corners for upper in corner.uppers for lower in corner.lowers]


@dataclass(frozen=True, slots=True)
class Corner:
    """One corner: the question it asks, and the items that meet there, uppers as columns."""

    title: str
    question: str
    uppers: tuple[Item, ...]
    lowers: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One pair of a closed round, with what stands now."""

    name: str
    question: str
    tally: Tally
    stands: int
    version: int

    @property
    def suggested(self) -> int:
        """What to settle on unless somebody chooses otherwise: the median, where people are not far apart."""
        return self.tally.median if self.tally.spread <= 1 else self.stands


@bp.get("/units/<int:unit_id>/scoring")
@door.allow(read=Act.OPEN_SCORING)
def show(unit_id: int) -> tuple[str, int]:
    """No round yet, one's own scores, or what all of them come to."""
    return _page(_load(unit_id, Act.OPEN_SCORING))


@bp.post("/units/<int:unit_id>/scoring")
@door.allow(write=Act.SCORE)
def score(unit_id: int) -> Response | tuple[str, int]:
    """Keep what the reader thinks."""
    sheet = _load(unit_id, Act.SCORE)
    address = _address(sheet)
    if sheet.scoring is None:
        raise Missing("there is no round to score")
    scoring_id = sheet.scoring.id
    try:
        scores = read_scores(typed=request.form, pairs=sheet.pairs)
        count = door.perform(save_scores, wish=ScoresWish(scoring_id=scoring_id, scores=scores))
    except Refused as refusal:
        door.problems_flashed(refusal.problems)
        return door.done(address)
    said = f"{count} {'pair' if count == 1 else 'pairs'}"
    return door.done(address, f"Kept: you have scored {said}. Nobody else sees how.")


@bp.post("/units/<int:unit_id>/scoring/open")
@door.allow(write=Act.RUN_SCORING)
def begin(unit_id: int) -> Response:
    """A new round."""
    sheet = _load(unit_id, Act.RUN_SCORING)
    address, cycle_id = _address(sheet), sheet.cycle.id
    made = door.attempt(open_scoring, unit_id=unit_id, cycle_id=cycle_id)
    return door.done(address, "The round is open." if made else "")


@bp.post("/units/<int:unit_id>/scoring/close")
@door.allow(write=Act.RUN_SCORING)
def close(unit_id: int) -> Response:
    """Nobody scores any more; everybody sees."""
    sheet = _load(unit_id, Act.RUN_SCORING)
    if sheet.scoring is None:
        raise Missing("there is no round to close")
    address, scoring_id = _address(sheet), sheet.scoring.id
    closed = door.attempt(close_scoring, scoring_id=scoring_id, version=None)
    return door.done(address, "The round is closed. Discuss what is far apart, then settle." if closed else "")


@bp.post("/units/<int:unit_id>/scoring/settle")
@door.allow(write=Act.WRITE_PLAN)
def settle(unit_id: int) -> Response:
    """What was agreed upon becomes the correlations of the matrix."""
    sheet = _load(unit_id, Act.WRITE_PLAN)
    address = _address(sheet)
    links = {(one.upper_id, one.lower_id): one for one in sheet.plan.links}
    try:
        wishes = read_settled(typed=request.form, pairs=sheet.pairs, links=links)
        door.perform(correlate_all, wishes=wishes)
    except Refused as refusal:
        door.problems_flashed(refusal.problems)
        return door.done(address)
    except Stale:
        return door.done(address, "Somebody has changed a link meanwhile; nothing was saved. Look again.", "error")
    return door.done(address, f"Settled: {len(wishes)} {'link' if len(wishes) == 1 else 'links'} changed.")


def _load(unit_id: int, act: Act) -> Sheet:
    door.require(act, Subject(unit=unit_id))
    unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    cycle = chosen_cycle()
    if cycle is None:
        raise Missing("no planning cycle has been opened yet")
    plan = load_unit_plan(session=door.session(), actor=door.actor(), unit_id=unit_id, cycle=cycle)
    scoring = latest_scoring(session=door.session(), unit_id=unit_id, cycle_id=cycle.id)
    return Sheet(unit, cycle, plan, _corners(unit, plan), scoring)


def _corners(unit: Unit, plan: UnitPlan) -> tuple[Corner, ...]:
    """The corners of the layout in which the unit's matrix opens, that ask a question and hold two items at least."""
    arms = PRESETS[unit.preset.value].arms
    shown = [one for one in plan.items if one.state is not State.ENDED]
    sides = {side: tuple(one for one in shown if stands_in(arm=arm, item=one)) for side, arm in arms.items()}
    corners = []
    for row, column in (("south", "west"), ("north", "west"), ("north", "east"), ("south", "east")):
        upper, lower = (row, column) if (arms[row].kind, arms[column].kind) in LINKED_KINDS else (column, row)
        kinds = (arms[upper].kind, arms[lower].kind)
        if kinds in QUESTIONS and sides[upper] and sides[lower]:
            title = f"{arms[lower].label} × {arms[upper].label}"
            corners.append(Corner(title, QUESTIONS[kinds], sides[upper], sides[lower]))
    return tuple(corners)


def _address(sheet: Sheet) -> str:
    return url_for("scorings.show", unit_id=sheet.unit.id, cycle=sheet.cycle.name)


def _page(sheet: Sheet) -> tuple[str, int]:
    scoring = sheet.scoring
    subject = Subject(unit=sheet.unit.id)
    model: dict[str, Any] = {
        "unit": sheet.unit,
        "cycle": sheet.cycle,
        "scoring": scoring,
        "corners": sheet.corners,
        "runs": door.can(Act.RUN_SCORING, subject),
        "settles": door.can(Act.WRITE_PLAN, subject),
        "names": scorers(session=door.session(), scoring_id=scoring.id) if scoring else (),
        "mine": {},
        "rows": (),
    }
    person = door.actor().person
    if scoring is not None and scoring.closed_at is None and person is not None:
        found = own_scores(session=door.session(), scoring_id=scoring.id, person_id=person)
        model["mine"] = {pair: one.strength for pair, one in found.items()}
    if scoring is not None and scoring.closed_at is not None:
        model["rows"] = _rows(sheet, closed_scores(session=door.session(), scoring=scoring))
    return door.page("scorings/show.html", **model)


def _rows(sheet: Sheet, scores: Mapping[Pair, list[int]]) -> list[Row]:
    """Every scored pair that still stands on the matrix, what is farthest apart first."""
    items = {one.id: one for one in sheet.plan.items}
    links = {(one.upper_id, one.lower_id): one for one in sheet.plan.links}
    rows = []
    for (upper, lower), found in scores.items():
        if upper in items and lower in items:
            stands = links.get((upper, lower))
            kinds: tuple[Kind, Kind] = (items[upper].kind, items[lower].kind)
            name = f"{items[upper].name} × {items[lower].name}"
            counted = tally(upper=upper, lower=lower, scores=found)
            strength, version = (stands.strength, stands.version) if stands else (0, 0)
            rows.append(Row(name, QUESTIONS.get(kinds, ""), counted, strength, version))
    return sorted(rows, key=lambda one: (-one.tally.spread, -one.tally.median, one.name))
