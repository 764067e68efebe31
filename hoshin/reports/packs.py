"""The report of a review as plain facts that JSON can keep: the page shows them live, a pack shows them for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hoshin.engine.cadence import ReviewKind
from hoshin.engine.calendars import BY_MONTHS, FiscalCalendar
from hoshin.engine.counts import Counts
from hoshin.engine.figures import show_percent
from hoshin.model.reviews import Presence, Review, ReviewState
from hoshin.queries.agenda import Agenda
from hoshin.queries.catchball import Listed
from hoshin.queries.reviews import Open
from hoshin.queries.roadblocks import InTheWay
from hoshin.reports.countermeasures import View, answer_row
from hoshin.reports.metrics import metric_list
from hoshin.reports.render import day

FORMAT = 1
"""Goes up when the facts of a pack change their shape; the sheet must go on showing the older ones."""

KINDS = {
    ReviewKind.WEEKLY: "Weekly check-in",
    ReviewKind.MONTHLY: "Monthly review",
    ReviewKind.QUARTERLY: "Quarterly review",
    ReviewKind.ANNUAL: "Annual review",
    ReviewKind.DIAGNOSIS: "President’s diagnosis",
}
STATES = {
    ReviewState.PLANNED: ("○", "planned"), ReviewState.HELD: ("✓", "held"), ReviewState.CANCELLED: ("✗", "cancelled"),
}  # fmt: skip
PRESENCES = {Presence.PRESENT: "present", Presence.EXCUSED: "excused", Presence.ABSENT: "absent"}


def period_text(*, review: Review, calendar: FiscalCalendar) -> str:
    """What a review looks at, as people say it: Apr 2026, Q1 FY2026, FY2026, or the week of 6 Apr 2026."""
    if review.kind is ReviewKind.WEEKLY:
        return f"week of {day(review.first_day)}"
    months = (review.last_day.year - review.first_day.year) * 12 + review.last_day.month - review.first_day.month + 1
    frequency = BY_MONTHS.get(months)
    if frequency is None:
        return f"{day(review.first_day)} to {day(review.last_day)}"
    return calendar.label(period=calendar.period_of(day=review.first_day, frequency=frequency))


def title_of(*, review: Review, unit: str) -> str:
    """What a review is called wherever it is listed."""
    return f"{KINDS[review.kind]}: {unit}"


def content_of(*, agenda: Agenda) -> dict[str, Any]:
    """The whole report as text, whole numbers and lists: what can be kept as JSON and shown again alike."""
    review, calendar = agenda.review, agenda.organisation.calendar
    looked_at = agenda.looked_at
    counts = looked_at.counts
    return {
        "format": FORMAT,
        "title": title_of(review=review, unit=agenda.unit.name),
        "organisation": agenda.organisation.name,
        "unit": agenda.unit.name,
        "kind": review.kind.value,
        "cycle": agenda.cycle.name,
        "period": period_text(review=review, calendar=calendar),
        "figures_of": agenda.found.period_label,
        "planned_on": day(review.planned_on),
        "seen_on": day(agenda.today),
        "seen_at": _here(agenda, agenda.at).strftime("%H:%M"),
        "counts": _counts(counts),
        "first_counts": _counts(looked_at.first_counts),
        "headline": _headline(agenda, counts),
        **_metrics(agenda, counts),
        "more": {
            "metrics": looked_at.more, "countermeasures": agenda.more_answers, "overdue": agenda.more_overdue,
        },
        "countermeasures": _countermeasures(agenda),
        "roadblocks": [_roadblock(agenda, one) for one in agenda.roadblocks],
        "balls": [_ball(agenda, one) for one in agenda.balls],
        "overdue": _overdue(agenda),
        "previous": day(agenda.previous.planned_on) if agenda.previous else "",
        "decisions": [_open(agenda, one) for one in agenda.decisions],
        "tasks": [_open(agenda, one) for one in agenda.tasks],
        **_minutes(agenda),
    }


def counts_in(*, content: Mapping[str, Any]) -> Counts:
    """The counts of a report, to be shown as everywhere."""
    return Counts(**content["counts"])


def note_in(*, content: Mapping[str, Any]) -> str:
    """What stands beside the ratio when targets were moved (rule 6); often empty."""
    now, first = Counts(**content["counts"]), Counts(**content["first_counts"])
    if (now.hits, now.due) == (first.hits, first.due):
        return ""
    return f"As first agreed: {first.hits} of {first.due} ({show_percent(value=first.ratio)})."


def _counts(counts: Counts) -> dict[str, int]:
    return asdict(counts)


def _here(agenda: Agenda, instant: datetime) -> datetime:
    return instant.astimezone(ZoneInfo(agenda.organisation.time_zone))


def _headline(agenda: Agenda, counts: Counts) -> str:
    """The one sentence that opens the meeting."""
    if not counts.due:
        return "No metric of this unit is due in this period."
    said = f"{counts.hits} of {counts.due} due metrics hit target"
    turned, red = agenda.looked_at.newly, agenda.looked_at.red
    if turned:
        return f"{said}; {turned} turned red."
    return f"{said}; {red} red, none of them newly." if red else f"{said}; none is red."


def _metrics(agenda: Agenda, counts: Counts) -> dict[str, Any]:
    looked_at = agenda.looked_at
    keys = looked_at.listed
    listed = metric_list(
        plan=agenda.found.plan, report=agenda.found.report, node=("unit", agenda.unit.name, counts, list(keys)),
        readable=frozenset(keys), words=agenda.words,
    )  # fmt: skip
    rows = [
        {
            "key": one.key, "name": one.name, "unit": one.unit, "owner": one.owner, "verdict": one.verdict,
            "actual": one.actual, "target": one.target, "note": one.note, "newly": one.key in looked_at.newly_red,
        }
        for one in listed.rows
    ]  # fmt: skip
    return {"metrics": sorted(rows, key=lambda one: not one["newly"]), "outside": looked_at.outside}


def _countermeasures(agenda: Agenda) -> list[dict[str, Any]]:
    view = View(
        calendar=agenda.organisation.calendar, time_zone=agenda.organisation.time_zone, today=agenda.today,
        hits_to_close=agenda.organisation.hits_to_close, people=agenda.people, units=agenda.units,
    )  # fmt: skip
    rows = [
        answer_row(
            answer=one, marks=agenda.marks[one.kpi.id], steps=agenda.steps.get(one.countermeasure.id, (0, 0)), view=view
        )
        for one in agenda.answers
    ]
    return [
        {
            "key": one.id, "kpi": one.kpi, "unit": one.unit, "owner": one.owner, "state": one.state,
            "written": one.is_written, "since": one.opened_for, "days": one.days, "steps": one.steps,
            "verdict": one.standing.verdict.value, "said": one.standing.said,
        }
        for one in rows
    ]  # fmt: skip


def _roadblock(agenda: Agenda, found: InTheWay) -> dict[str, Any]:
    row, item = found.roadblock, found.item
    return {
        "key": row.id, "name": row.name, "owner": agenda.people.get(row.owner_id or 0, ""),
        "escalated": found.is_escalated,
        "raised_in": agenda.units.get(row.raised_in_id, ""), "about": item[2] if item else "",
        "days": (agenda.today - _here(agenda, row.raised_at).date()).days,
        "why": found.levels[-1].reason if found.is_escalated else "",
    }  # fmt: skip


def _ball(agenda: Agenda, one: Listed) -> dict[str, Any]:
    held = one.ball.held_since or agenda.at
    side = one.ball.holder.value if one.ball.holder else ""
    holder = {"thrower": one.match.thrower, "catcher": one.match.catcher}.get(side)
    return {
        "key": one.ball.id, "source": one.source, "thrower": agenda.units.get(one.match.thrower, ""),
        "catcher": agenda.units.get(one.match.catcher, ""), "round": one.ball.round,
        "holder": agenda.units.get(holder, "") if holder else side, "days": (agenda.at - held).days,
    }  # fmt: skip


def _overdue(agenda: Agenda) -> list[dict[str, Any]]:
    return [
        {
            "key": one.id, "name": one.name, "owner": agenda.people.get(one.owner_id or 0, ""),
            "unit": agenda.units.get(one.unit_id, ""), "due_on": day(one.due_on), "status": one.status.value,
            "days": (agenda.today - one.due_on).days if one.due_on else 0,
        }
        for one in agenda.overdue
    ]  # fmt: skip


def _open(agenda: Agenda, one: Open) -> dict[str, Any]:
    thing = one.thing
    due = getattr(thing, "due_on", None)
    return {
        "key": thing.id, "review": one.review.id, "when": day(one.review.planned_on), "text": thing.text,
        "done_on": day(thing.done_on), "owner": agenda.people.get(getattr(thing, "owner_id", None) or 0, ""),
        "due_on": day(due), "late": bool(due and not thing.done_on and due < agenda.today),
    }  # fmt: skip


def _minutes(agenda: Agenda) -> dict[str, Any]:
    found, names = agenda.minutes, agenda.people
    return {
        "minutes": agenda.review.minutes,
        "attendance": [
            {"name": names.get(person, ""), "presence": PRESENCES[presence]}
            for person, presence in sorted(found.presence.items(), key=lambda one: names.get(one[0], ""))
        ],
        "decided": [one.text for one in found.decisions],
        "taken_on": [
            {"text": one.text, "owner": names.get(one.owner_id or 0, ""), "due_on": day(one.due_on)}
            for one in found.actions
        ],
    }
