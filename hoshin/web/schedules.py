"""Actions in time: the board by status, the timeline, what an action waits for and how it comes again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.access.rules import Subject
from hoshin.commands.actions import ProgressWish, report_progress
from hoshin.commands.schedules import schedule
from hoshin.engine.calendars import add_months, month_end
from hoshin.engine.plans import Kind
from hoshin.forms.fields import choices_of
from hoshin.forms.items import ProgressForm
from hoshin.forms.schedules import ScheduleForm
from hoshin.model.actions import Action
from hoshin.queries.action_lists import count_actions, list_actions
from hoshin.queries.schedules import blocker_ids, blockers_of, find_coming, list_possible_blockers, repeating
from hoshin.queries.unit_lists import list_units, names_of
from hoshin.queries.unit_plans import helpers_by_action, people_names
from hoshin.reports.board import make_board, make_timeline
from hoshin.web import door
from hoshin.web.action_views import filter_form, kept_words, narrowed, views
from hoshin.web.addresses import item_address
from hoshin.web.item_pages import edit_page, writable
from hoshin.web.paging import page_of
from hoshin.web.plan_context import chosen_cycle

bp = Blueprint("schedules", __name__)
MOST_CARDS, MOST_BARS = 300, 60


@bp.get("/actions/board")
@door.allow(read=Act.READ_STRATEGY)
def board() -> tuple[str, int]:
    """The actions of a cycle in columns by status; a button moves a card."""
    found = _Found()
    cards = found.some(0, MOST_CARDS)
    helping = helpers_by_action(session=door.session(), action_ids=[one.id for one in cards])

    def may_move(one: Action) -> bool:
        people = {one.owner_id, *helping.get(one.id, ())}
        subject = Subject(unit=one.unit_id, responsible=frozenset(key for key in people if key is not None))
        return door.can(Act.REPORT_PROGRESS, subject)

    columns = make_board(
        actions=cards, units=found.units, people=found.people, blockers=found.blockers(cards), may_move=may_move,
        repeating=repeating(session=door.session(), action_ids=[one.id for one in cards]), today=door.today(),
    )  # fmt: skip
    return door.page("schedules/board.html", columns=columns, left_out=found.total - len(cards), **found.model())


@bp.get("/actions/timeline")
@door.allow(read=Act.READ_STRATEGY)
def show_timeline() -> tuple[str, int]:
    """The actions of a cycle along its months."""
    found = _Found()
    page = page_of(total=found.total, size=MOST_BARS)
    shown = found.some(page.offset, page.last - page.offset)
    drawing = make_timeline(
        title="Actions from their first day to the day they are due", actions=shown, people=found.people,
        blockers=found.blockers(shown), address=lambda one: item_address(Kind.ACTION, one.id),
        span=found.span(shown), today=door.today(),
    )  # fmt: skip
    return door.page("schedules/timeline.html", timeline=drawing, shown=shown, page=page, **found.model())


class _Found:
    """The actions that the address asks for, as the list shows them, and what all the views need."""

    def __init__(self) -> None:
        session = door.session()
        self.cycle = chosen_cycle()
        self.wish = narrowed(cycle_id=self.cycle.id if self.cycle else 0)
        self.total = count_actions(session=session, actor=door.actor(), wish=self.wish)
        self.units = names_of(units=list_units(session=session), archived=True)
        self.people = people_names(session=session)

    def some(self, offset: int, most: int) -> Sequence[Action]:
        """So many of the actions, the earliest due first."""
        actor = door.actor()
        return list_actions(
            session=door.session(), actor=actor, wish=self.wish, by_day=True, offset=offset, most=most
        )

    def blockers(self, shown: Sequence[Action]) -> Any:
        """What the actions shown wait for."""
        keys = [one.id for one in shown]
        return blockers_of(session=door.session(), actor=door.actor(), action_ids=keys)

    def span(self, shown: Sequence[Action]) -> Any:
        """The days to draw: the cycle's, and beyond where something falls due later."""
        first = self.cycle.first_day if self.cycle else door.today().replace(day=1)
        last = self.cycle.last_day if self.cycle else month_end(day=add_months(day=first, months=11))
        latest = max((one.due_on for one in shown if one.due_on), default=last)
        return first, max(last, min(latest, add_months(day=last, months=12)))

    def model(self) -> dict[str, Any]:
        """The filters and the ways to the other views."""
        return {"form": filter_form(self.units), "cycle": self.cycle, "views": views(), "kept": kept_words()}


@bp.post("/actions/<int:item_id>/status")
@door.allow(write=Act.REPORT_PROGRESS)
def move(item_id: int) -> Response:
    """Put a card into another column; back to the board as it was."""
    form = ProgressForm(request.form)
    back = url_for("schedules.board", **kept_words())
    if not form.validate():
        return door.done(back, "Choose one of the columns.", "error")
    wish: ProgressWish = form.to_wish()
    moved = door.attempt(report_progress, item_id=item_id, wish=wish)
    return door.done(back, f"“{moved.name}” is {moved.status.value} now." if moved else "")


@bp.route("/actions/<int:item_id>/schedule", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_PLAN, write=Act.WRITE_PLAN)
def edit(item_id: int) -> Response | tuple[str, int]:
    """What the action waits for, and whether it comes again."""
    item = writable(item_id, Action)
    form = ScheduleForm(request.form, data=_data(item))
    others = list_possible_blockers(session=door.session(), actor=door.actor(), action=item)
    names = {one.id: f"{one.name} ({one.status.value})" for one in others}
    kept = dict.fromkeys(blocker_ids(session=door.session(), action_id=item_id), "something restricted")
    form.blockers.choices = choices_of(names=kept | names)
    return edit_page(
        form, item_id, Action, "schedules/edit.html",
        lambda: door.perform(schedule, item_id=item_id, wish=form.to_wish()),
    )  # fmt: skip


def _data(item: Action) -> dict[str, Any]:
    found = find_coming(session=door.session(), action_id=item.id)
    rule = found.recurrence if found and not found.recurrence.stopped else None
    return {
        "version": item.version,
        "blockers": blocker_ids(session=door.session(), action_id=item.id),
        "step": rule.step.value if rule else "",
        "every": rule.every if rule else 1,
        "until": rule.until if rule else None,
    }
