"""Who is offered where a form asks for somebody: everybody, or of very many those who are near, and who was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import g, request

from hoshin.forms.fields import choices_of
from hoshin.queries.people import count_active, list_near, list_people
from hoshin.queries.unit_plans import people_names
from hoshin.web import door
from hoshin.web.paging import here_with

MOST_OFFERED = 500
"""Of more people than this only those of the unit, of the units above it and the heads right below are offered."""


def people_to_choose(*, unit_id: int | None = None, keep: Iterable[int] = ()) -> dict[int, str]:
    """The active people that a form about the unit offers, by name; whoever is kept is among them."""
    if not is_cut():
        return {one.id: one.name for one in list_people(session=door.session())}
    actor, inside = door.actor(), (request.view_args or {}).get("unit_id")
    near = {unit_id, inside, actor.home, *actor.heads, *actor.leads, *actor.facilitates}
    units = {one for one in near if isinstance(one, int)}
    return list_near(session=door.session(), unit_ids=units, keep=set(keep))


def offer(field: Any, offered: Mapping[int, str], empty: str | None = "–") -> None:
    """Give a field these people, and the way to everybody where some are left out."""
    field.choices = choices_of(names=offered, empty=empty)
    field.others = here_with(everybody="yes") if is_cut() else None


def offer_names(field: Any, *, chosen: int | None, empty: str) -> None:
    """Give a filter every name, of those who have left too; of very many those near, and who is chosen."""
    known = people_names(session=door.session())
    if is_cut():
        near = people_to_choose(keep=[] if chosen is None else [chosen])
        known = {key: known.get(key, name) for key, name in near.items()} | (
            {chosen: known[chosen]} if chosen in known and chosen is not None else {}
        )
    offer(field, known, empty)


def is_cut() -> bool:
    """Whether there are so many people that some are left out, unless the address asks for everybody."""
    if "people_are_cut" not in g:
        g.people_are_cut = count_active(session=door.session()) > MOST_OFFERED
    return "everybody" not in request.args and bool(g.people_are_cut)
