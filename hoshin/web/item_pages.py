"""What the pages and forms of all four kinds of item have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response
from wtforms import Form

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.engine.plans import Kind, State
from hoshin.errors import Problem, Refused
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item
from hoshin.model.units import Unit
from hoshin.queries.catchball import balls_of
from hoshin.queries.items import AnyItem, get_item, subject_for
from hoshin.queries.neighbours import Neighbours, list_history, load_neighbours, load_paths
from hoshin.queries.roadblocks import BLOCKABLE, list_of_item
from hoshin.queries.unit_lists import UnitLine, list_units, paths_of
from hoshin.queries.unit_plans import people_names
from hoshin.queries.units import get_unit
from hoshin.reports.catchball import SIGNS, BallMark
from hoshin.reports.history import history
from hoshin.reports.unit_plan import counts_of, note_of
from hoshin.web import door
from hoshin.web.addresses import WORDS, edit_address, item_address, metrics_address
from hoshin.web.choosing import offer, people_to_choose
from hoshin.web.plan_context import chosen_cycle, item_attainment

Page = Response | tuple[str, int]


def readable(item_id: int, kind: type[AnyItem]) -> AnyItem:
    """The item, when the actor may read it."""
    return get_item(session=door.session(), actor=door.actor(), item_id=item_id, kind=kind)


def cycle_of(item: Item) -> Cycle | None:
    """The item's own cycle; for what outlives cycles the one that the address asks for."""
    return door.session().get(Cycle, item.cycle_id) if item.cycle_id is not None else chosen_cycle()


def item_page(item: Item, template: str, **more: Any) -> tuple[str, int]:
    """The page of one item: facts, links, answers, attainment, paths and history."""
    subject = subject_for(session=door.session(), item=item)
    units = list_units(session=door.session())
    names = people_names(session=door.session())
    cycle = cycle_of(item)
    near = load_neighbours(session=door.session(), actor=door.actor(), item=item)
    return door.page(
        template,
        item=item,
        unit=next(one for one in units if one.id == item.unit_id),
        paths_of_units={key: path or units[0].name for key, path in paths_of(units=units).items()},
        cycle=cycle,
        people=names,
        note=note_of(item=item, people=names),
        near=near,
        balls=_balls(near),
        lines=_history(item, names),
        words=WORDS,
        address=item_address,
        edit=edit_address,
        writes=door.can(Act.WRITE_PLAN, subject),
        signs=door.can(Act.PUT_IN_FORCE, subject),
        takers=_takers(item, units, cycle),
        in_the_way=list_of_item(session=door.session(), actor=door.actor(), item_id=item.id),
        blocks=_may_be_blocked(item),
        **_figures(item, cycle),
        **more,
    )


def _may_be_blocked(item: Item) -> bool:
    """Whether the reader may say that something is in its way."""
    in_use = item.archived_at is None and item.state is not State.ENDED
    return in_use and item.kind in BLOCKABLE and door.can(Act.RAISE_ROADBLOCK, Subject(unit=item.unit_id))


def _balls(near: Neighbours) -> dict[int, BallMark]:
    """The balls of the item’s answers, by deployment: whether it is agreed is said there."""
    keys = [one.id for one in (*near.answers, *near.answered_by)]
    found = balls_of(session=door.session(), actor=door.actor(), deployment_ids=keys)
    return {key: BallMark(one.id, one.state.value, SIGNS[one.state]) for key, one in found.items()}


def _history(item: Item, names: Mapping[int, str]) -> list[Any]:
    if not door.can(Act.READ_JOURNAL, Subject(unit=item.unit_id)):
        return []
    known = door.organisation()
    lines = list_history(session=door.session(), item=item)
    return history(lines=lines, people=names, time_zone=known.time_zone if known else "UTC")


def _figures(item: Item, cycle: Cycle | None) -> dict[str, Any]:
    if cycle is None:
        return {"counts": None, "period": "", "metrics_href": None, "sight": []}
    attainment = item_attainment([item.id], cycle)
    return {
        "counts": counts_of(report=attainment.report, item=item),
        "period": attainment.period_label,
        "metrics_href": metrics_address(item.kind.value, item.id, cycle.name),
        "sight": [
            [
                {
                    "kind": WORDS[node.far.kind],
                    "name": node.far.name,
                    "href": item_address(node.far.kind, node.far.id) if node.far.readable else None,
                    "strength": node.strength,
                    "restricted": not node.far.readable,
                }
                for node in path
            ]
            for path in load_paths(session=door.session(), actor=door.actor(), item_id=item.id, attainment=attainment)
            if len(path) > 1
        ],
    }


def _takers(item: Item, units: Sequence[UnitLine], cycle: Cycle | None) -> list[UnitLine]:
    """The units for which the actor may take the item over, when the cycle hands its kind down."""
    if cycle is None or item.kind.value != cycle.rotation.value or item.archived_at is not None:
        return []
    return [
        one
        for one in units
        if one.id != item.unit_id
        and one.archived_at is None
        and one.id in door.actor().heads | door.actor().leads | door.actor().facilitates
    ]


def offer_people(form: Form, names: Iterable[str]) -> None:
    """Give the fields that name people their choices; who has left stays where she is chosen already."""
    fields: list[Any] = [form[name] for name in names]
    chosen = [one.data if isinstance(one.data, list) else [one.data] for one in fields]
    keys = [[one for one in data if isinstance(one, int)] for data in chosen]
    active = people_to_choose(keep={one for data in keys for one in data})
    for field, data in zip(fields, keys, strict=True):
        gone = [one for one in data if one not in active]
        known = people_names(session=door.session()) if gone else {}
        offered = active | {one: f"{known[one]} (left)" for one in gone if one in known}
        offer(field, offered, empty=None if isinstance(field.data, list) else "–")


def plan_form(unit_id: int) -> tuple[Unit, Cycle]:
    """The unit and cycle that a form for something new is about; raises unless the actor may write the plan."""
    door.require(Act.OPEN_PLAN if request.method in door.SAFE else Act.WRITE_PLAN, Subject(unit=unit_id))
    unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    cycle = chosen_cycle()
    if cycle is None:
        raise Refused(Problem("no cycle has been opened yet"))
    return unit, cycle


def new_page(form: Any, unit_id: int, cycle_name: str, kind: Kind, template: str, create: Callable[[], Item]) -> Page:
    """The form for something new; saved, it leads to the new item."""
    made: list[Item] = []
    if door.accepted(form, lambda: made.append(create())):
        message = f"“{made[0].name}” is on the plan as a draft. Link it to what it serves, then put it in force."
        return door.done(item_address(kind, made[0].id), message)
    unit = get_unit(session=door.session(), actor=door.actor(), unit_id=unit_id)
    back = url_for("plans.show", unit_id=unit.id, cycle=cycle_name, _anchor=kind.value)
    return door.page(template, form=form, unit_name=unit.name, cycle_name=cycle_name, back=back)


def edit_page(
    form: Any,
    item_id: int,
    kind: type[AnyItem],
    template: str,
    save: Callable[[], Item],
    said: Callable[[AnyItem], str] = lambda _item: "Saved.",
) -> Page:
    """The form for an item; saved, it leads back to the item and says so."""
    if door.accepted(form, save):
        item = readable(item_id, kind)
        return door.done(item_address(item.kind, item.id), said(item))
    item = readable(item_id, kind)
    subject = subject_for(session=door.session(), item=item)
    return door.page(
        template,
        form=form,
        name=item.name,
        is_draft=item.state == "draft",
        signs=door.can(Act.PUT_IN_FORCE, subject),
        back=item_address(item.kind, item.id),
    )


def writable(item_id: int, kind: type[AnyItem]) -> AnyItem:
    """The item for its form; raises unless the actor may write the plan."""
    item = readable(item_id, kind)
    act = Act.OPEN_PLAN if request.method in door.SAFE else Act.WRITE_PLAN
    door.require(act, subject_for(session=door.session(), item=item))
    return item
