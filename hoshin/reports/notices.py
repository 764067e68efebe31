"""Notices as ready text, by kind, each with the path of its page; the same for the page and the mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hoshin.queries.notices import Marked, NoticeKind
from hoshin.reports.render import day

PLACES: Mapping[str, str] = {
    NoticeKind.BALL.value: "/balls/{}",
    NoticeKind.AMENDMENT.value: "/amendments/{}",
    NoticeKind.COUNTERMEASURE.value: "/countermeasures/{}",
    NoticeKind.ROADBLOCK.value: "/roadblocks/{}",
    NoticeKind.ACTION.value: "/actions/{}",
    NoticeKind.READING.value: "/kpis/{}",
    NoticeKind.CHECK_IN.value: "/units/{}/check-in",
    NoticeKind.REVIEW.value: "/reviews/{}",
    NoticeKind.SURVEY.value: "/surveys/{}/answer",
}
TITLES: Mapping[str, str] = {
    NoticeKind.BALL.value: "Balls in my hand",
    NoticeKind.AMENDMENT.value: "Amendments of targets",
    NoticeKind.COUNTERMEASURE.value: "Countermeasures",
    NoticeKind.ROADBLOCK.value: "Roadblocks I have",
    NoticeKind.ACTION.value: "Actions overdue",
    NoticeKind.READING.value: "Readings due",
    NoticeKind.CHECK_IN.value: "Weekly check-in",
    NoticeKind.REVIEW.value: "Reviews",
    NoticeKind.SURVEY.value: "Does everyone know the plan?",
}
_SINCE: Mapping[str, str] = {
    NoticeKind.BALL.value: "since", NoticeKind.AMENDMENT.value: "on", NoticeKind.COUNTERMEASURE.value: "open since",
    NoticeKind.ROADBLOCK.value: "raised on", NoticeKind.ACTION.value: "was due", NoticeKind.REVIEW.value: "planned for",
    NoticeKind.SURVEY.value: "until",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice; `path` begins with a slash."""

    key: str
    title: str
    detail: str
    path: str
    is_read: bool


@dataclass(frozen=True, slots=True)
class NoticeGroup:
    """The notices of one kind, unread ones first."""

    kind: str
    title: str
    rows: tuple[NoticeRow, ...]


def groups(*, found: Sequence[Marked]) -> list[NoticeGroup]:
    """By kind, in the order of the kinds; kinds without a notice are left out."""
    made = []
    for kind in NoticeKind:
        rows = tuple(_row(one) for one in found if one.notice.kind is kind)
        if rows:
            made.append(NoticeGroup(kind.value, TITLES[kind.value], rows))
    return made


def _row(one: Marked) -> NoticeRow:
    told = one.notice
    return NoticeRow(
        key=told.key,
        title=told.title,
        detail=detail_text(kind=told.kind.value, detail=told.detail, since=told.since),
        path=path_of(kind=told.kind.value, subject_id=told.subject_id),
        is_read=one.is_read,
    )


def path_of(*, kind: str, subject_id: int) -> str:
    """Where the thing is, from the root of the planner."""
    return PLACES[kind].format(subject_id)


def detail_text(*, kind: str, detail: str, since: date | None) -> str:
    """What stands beside the title: to be written, was due 5 May 2026."""
    when = f"{_SINCE[kind]} {day(since)}" if since is not None and kind in _SINCE else ""
    return ", ".join(one for one in (detail, when) if one)
