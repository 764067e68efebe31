"""A timeline of actions: a bar each from start to due day, how far it is, what it waits for, and today's line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from hoshin.charts.palette import FONT, PALETTE, Palette
from hoshin.charts.text import shorten

_LABEL, _PLOT, _ROW, _BAR, _HEAD, _FOOT = 250.0, 720.0, 26.0, 12.0, 30.0, 8.0
_SIZE = 12.0
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Task:
    """One action as given. Without an end its bar runs to the edge, open; `waits_for` names keys of other tasks.

    `status` is open, in progress, done, blocked or cancelled; `progress` whole per cent.
    """

    key: str
    label: str
    start: date
    end: date | None
    status: str
    progress: int = 0
    href: str | None = None
    note: str = ""
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """One row ready to draw; `done_width` is the part that is done, `open_end` says that no end is known."""

    label: str
    href: str | None
    y: float
    x: float
    width: float
    done_width: float
    sign: str
    late: bool
    open_end: bool
    fill: str
    done_fill: str
    ink: str
    said: str


@dataclass(frozen=True, slots=True)
class Tick:
    """The first day of a month on the axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """From the end of one bar to the start of the one that waits for it, as an SVG path."""

    path: str
    said: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything to draw, in user units; `today` is None when it lies outside."""

    key: str
    title: str
    width: float
    height: float
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    arrows: tuple[Arrow, ...]
    today: float | None
    label_width: float = _LABEL
    bar_height: float = _BAR
    head: float = _HEAD
    foot: float = _FOOT
    font: str = FONT
    palette: Palette = field(default=PALETTE)


@dataclass(frozen=True, slots=True)
class _Span:
    first: date
    last: date

    def x(self, *, day: date) -> float:
        """Where the morning of a day lies; days outside lie on the edge."""
        inside = min(max(day, self.first), self.last + timedelta(days=1))
        return round(_LABEL + (inside - self.first).days * _PLOT / ((self.last - self.first).days + 1), 2)


def timeline(*, key: str, title: str, tasks: Sequence[Task], first: date, last: date, today: date) -> Timeline:
    """Shape the rows in the order given, for the days from first to last (ends included)."""
    span = _Span(first, last)
    bars = {task.key: _bar(task=task, row=row, span=span, today=today) for row, task in enumerate(tasks)}
    return Timeline(
        key=key,
        title=title,
        width=_LABEL + _PLOT + 10,
        height=_HEAD + len(tasks) * _ROW + _FOOT,
        bars=tuple(bars.values()),
        ticks=tuple(_ticks(span=span)),
        arrows=tuple(_arrows(tasks=tasks, bars=bars)),
        today=round(span.x(day=today), 2) if first <= today <= last else None,
    )


def _bar(*, task: Task, row: int, span: _Span, today: date) -> Bar:
    finished = task.status in ("done", "cancelled")
    late = task.end is not None and task.end < today and not finished
    left = span.x(day=task.start)
    right = span.x(day=(task.end or span.last) + timedelta(days=1))
    width = max(round(right - left, 2), 3.0)
    fill, done_fill, ink = _colours(status=task.status, late=late)
    return Bar(
        label=shorten(text=task.label, size=_SIZE, room=_LABEL - 30),
        href=task.href,
        y=_HEAD + row * _ROW + (_ROW - _BAR) / 2,
        x=left,
        width=width,
        done_width=round(width * task.progress / 100, 2),
        sign="!" if late else _SIGNS.get(task.status, ""),
        late=late,
        open_end=task.end is None,
        fill=fill,
        done_fill=done_fill,
        ink=ink,
        said=_said(task=task, late=late),
    )


_SIGNS: Mapping[str, str] = {"done": "✓", "blocked": "✗", "in progress": "›", "cancelled": "–", "open": "○"}


def _colours(*, status: str, late: bool) -> tuple[str, str, str]:
    """Of the bar, of the part that is done, and of the sign."""
    if late or status == "blocked":
        return PALETTE.miss_soft, PALETTE.miss_mid, PALETTE.miss
    if status == "done":
        return PALETTE.hit_soft, PALETTE.hit_mid, PALETTE.hit
    if status == "cancelled":
        return PALETTE.none_soft, PALETTE.none_mid, PALETTE.none
    return PALETTE.accent_soft, PALETTE.accent, PALETTE.accent


def _said(*, task: Task, late: bool) -> str:
    due = f"due {_day(task.end)}" if task.end else "without a due day"
    said = f"{task.label}: {task.status}, {task.progress} % done, {due}"
    return said + (", overdue" if late else "") + (f", {task.note}" if task.note else "")


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _ticks(*, span: _Span) -> Iterator[Tick]:
    """One for each month that begins in the span, thinned out when there are more than eighteen."""
    months = [
        date(number // 12, number % 12 + 1, 1)
        for number in range(span.first.year * 12 + span.first.month - 1, span.last.year * 12 + span.last.month)
    ]
    step = -(-len(months) // 18)
    for place, month in enumerate(months):
        if month >= span.first and place % step == 0:
            year = f" {month.year}" if month.month == 1 or place == 0 else ""
            yield Tick(span.x(day=month), f"{_MONTHS[month.month - 1]}{year}")


def _arrows(*, tasks: Sequence[Task], bars: Mapping[str, Bar]) -> Iterator[Arrow]:
    labels = {one.key: one.label for one in tasks}
    for task in tasks:
        for other in task.waits_for:
            if other in bars:
                yield Arrow(
                    _path(start=bars[other], end=bars[task.key]), f"{task.label} waits for {labels[other]}"
                )


def _path(*, start: Bar, end: Bar) -> str:
    """Out of the end of one bar, round the corner, into the start of the other."""
    out_x, out_y = start.x + start.width, start.y + _BAR / 2
    in_x, in_y = end.x, end.y + _BAR / 2
    if out_x + 8 <= in_x - 4:
        return f"M{out_x:g} {out_y:g} H{out_x + 6:g} V{in_y:g} H{in_x - 2:g}"
    between = end.y - (_ROW - _BAR) / 2 if in_y > out_y else end.y + _BAR + (_ROW - _BAR) / 2
    return f"M{out_x:g} {out_y:g} H{out_x + 6:g} V{between:g} H{in_x - 8:g} V{in_y:g} H{in_x - 2:g}"
