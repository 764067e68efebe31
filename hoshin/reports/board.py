"""Actions as cards on a board by status, and as tasks of a timeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hoshin.charts.timeline import Task, Timeline, timeline
from hoshin.engine.plans import State
from hoshin.model.actions import Action, Status
from hoshin.queries.schedules import Blocker
from hoshin.reports.render import day

COLUMNS = (Status.OPEN, Status.IN_PROGRESS, Status.BLOCKED, Status.DONE, Status.CANCELLED)


@dataclass(frozen=True, slots=True)
class Card:
    """One action; `waits_for` names what is not finished yet, `moves` the columns that a button may put it into."""

    id: int
    name: str
    unit: str
    owner: str
    due: str
    late: bool
    progress: int
    version: int
    is_draft: bool
    repeats: bool
    waits_for: tuple[str, ...]
    moves: tuple[Status, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One status with its cards."""

    status: Status
    cards: tuple[Card, ...]


def make_board(
    *,
    actions: Sequence[Action],
    units: Mapping[int, str],
    people: Mapping[int, str],
    blockers: Mapping[int, Sequence[Blocker]],
    repeating: Mapping[int, object],
    may_move: Callable[[Action], bool],
    today: date,
) -> list[Column]:
    """The columns in their order; in each, what is due first stands first."""
    found: dict[Status, list[Card]] = {one: [] for one in COLUMNS}
    for one in sorted(actions, key=lambda each: (each.due_on is None, each.due_on or date.max, each.id)):
        moves = tuple(status for status in COLUMNS if status is not one.status) if may_move(one) else ()
        found[one.status].append(
            Card(
                id=one.id,
                name=one.name,
                unit=units.get(one.unit_id, ""),
                owner=people.get(one.owner_id or 0, ""),
                due=day(one.due_on),
                late=is_late(action=one, today=today),
                progress=one.progress,
                version=one.version,
                is_draft=one.state is State.DRAFT,
                repeats=one.id in repeating,
                waits_for=tuple(each.name for each in blockers.get(one.id, ()) if not each.is_finished),
                moves=moves if one.state is not State.ENDED else (),
            )
        )
    return [Column(status, tuple(cards)) for status, cards in found.items()]


def is_late(*, action: Action, today: date) -> bool:
    """Whether it should have been finished before today."""
    finished = action.status in (Status.DONE, Status.CANCELLED)
    return action.due_on is not None and action.due_on < today and not finished


def make_timeline(
    *,
    title: str,
    actions: Sequence[Action],
    people: Mapping[int, str],
    blockers: Mapping[int, Sequence[Blocker]],
    address: Callable[[Action], str],
    span: tuple[date, date],
    today: date,
) -> Timeline:
    """The drawing over the span of days, the earliest due first."""
    tasks = [
        Task(
            key=str(one.id),
            label=one.name,
            start=one.valid_from or span[0],
            end=one.due_on,
            status=one.status.value,
            progress=one.progress,
            href=address(one),
            note=people.get(one.owner_id or 0, ""),
            waits_for=tuple(str(each.id) for each in blockers.get(one.id, ())),
        )
        for one in sorted(actions, key=lambda each: (each.due_on is None, each.due_on or date.max, each.id))
    ]
    return timeline(key="actions", title=title, tasks=tasks, first=span[0], last=span[1], today=today)
