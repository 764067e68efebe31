"""What the ways to look at actions share: the filters, the links between them, and what one action waits for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request, url_for

from hoshin.access.actions import Act
from hoshin.forms.fields import choices_of
from hoshin.forms.items import ActionFilterForm
from hoshin.model.actions import Action, Status
from hoshin.queries.action_lists import Narrowed
from hoshin.queries.items import subject_for
from hoshin.queries.schedules import blockers_of, find_coming
from hoshin.web import door
from hoshin.web.choosing import offer_names

FINISHED = frozenset({Status.DONE, Status.CANCELLED})
KEPT = ("cycle", "unit", "owner", "status")


def narrowed(*, cycle_id: int) -> Narrowed:
    """What the address asks for: of a unit, of a person, in a status."""
    return Narrowed(cycle_id, door.key_arg("unit"), door.key_arg("owner"), door.text_arg("status"))


def filter_form(units: Mapping[int, str]) -> ActionFilterForm:
    """The form for that; of very many people it offers those near."""
    form, owner = ActionFilterForm(request.args), door.key_arg("owner")
    form.unit.choices = choices_of(names=units, empty="Any unit")
    offer_names(form.owner, chosen=owner, empty="Anybody")
    return form


def views() -> dict[str, str]:
    """The three ways to look at the same actions."""
    kept = kept_words()
    return {
        "list_href": url_for("actions.show_list", **kept),
        "board_href": url_for("schedules.board", **kept),
        "timeline_href": url_for("schedules.show_timeline", **kept),
    }


def kept_words() -> dict[str, Any]:
    """The filters of this address, for the other views of the same actions."""
    return {name: value for name, value in request.args.items() if name in KEPT}


def course_of(item: Action) -> dict[str, Any]:
    """What an action's page says of its schedule."""
    session = door.session()
    subject = subject_for(session=session, item=item)
    found = find_coming(session=session, action_id=item.id)
    return {
        "blockers": blockers_of(session=session, actor=door.actor(), action_ids=[item.id]).get(item.id, []),
        "coming": found.rule if found and not found.recurrence.stopped else None,
        "schedules": door.can(Act.WRITE_PLAN, subject),
    }
