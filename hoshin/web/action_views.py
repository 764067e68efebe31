"""What the ways to look at actions share: the filters, the links between them, and what one action waits for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request, url_for

from hoshin.access.actions import Act
from hoshin.model.actions import Action, Status
from hoshin.queries.items import subject_for
from hoshin.queries.schedules import blockers_of, find_coming
from hoshin.queries.unit_plans import helpers_by_action
from hoshin.web import door

FINISHED = frozenset({Status.DONE, Status.CANCELLED})
KEPT = ("cycle", "unit", "owner", "status")


def wanted(rows: Sequence[Action]) -> list[Action]:
    """Those that the address asks for: of a unit, of a person, in a status."""
    unit, owner, status = door.key_arg("unit"), door.key_arg("owner"), door.text_arg("status")
    helping = helpers_by_action(session=door.session(), action_ids=[one.id for one in rows]) if owner else {}
    return [
        one
        for one in rows
        if unit in (None, one.unit_id)
        and (owner is None or owner == one.owner_id or owner in helping.get(one.id, ()))
        and (status in ("", one.status.value) or (status == "unfinished" and one.status not in FINISHED))
    ]


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
