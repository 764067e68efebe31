"""The trend of one KPI: what the plan allows as a band, the actuals as a line; hit and miss differ by shape too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from hoshin.charts.palette import FONT, PALETTE, Palette
from hoshin.charts.scale import Axis, axis_of, tick_text
from hoshin.charts.signs import Sign, sign_of
from hoshin.charts.spark import path_of
from hoshin.charts.text import width as text_width

_SIZE = 11.0
_TOP = 26.0
_RIGHT = 12.0
_BELOW = 40.0
_LIMIT_NAMES = 74.0


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One period as given: the target's inclusive band (one side may be open), the actual, and ready texts."""

    label: str
    low: Decimal | None
    high: Decimal | None
    actual: Decimal | None
    verdict: str
    year: str = ""
    plan_text: str = ""
    actual_text: str = ""
    amended: bool = False
    note: str = ""
    signal: str = ""
    events: tuple[str, ...] = ()
    """What happened in the period, such as a countermeasure that was opened, each as a sentence."""
    reviews: tuple[str, ...] = ()
    """The reviews that looked at the period, each as a sentence."""


@dataclass(frozen=True, slots=True)
class TrendLimits:
    """Process limits of the actuals, drawn as three quiet lines."""

    mean: Decimal
    lower: Decimal
    upper: Decimal


@dataclass(frozen=True, slots=True)
class Rule:
    """One horizontal line with its name at the right end."""

    y: float
    label: str
    strong: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A value tick (y) or a period tick (x) with its label; `strong` where a new year begins or at zero."""

    at: float
    label: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """One actual: where, which sign, and the whole of it in words."""

    x: float
    y: float
    sign: Sign
    shape: str
    said: str
    is_signal: bool = False


@dataclass(frozen=True, slots=True)
class Flag:
    """A period whose target was amended, or in which something happened."""

    x: float
    y: float
    said: str


@dataclass(frozen=True, slots=True)
class Trend:
    """The whole chart: `zones` are closed paths of what hits, `bounds` their edges, `actual` the line between dots."""

    key: str
    title: str
    said: str
    unit: str
    width: float
    height: float
    plot: tuple[float, float, float, float]
    values: tuple[Tick, ...]
    periods: tuple[Tick, ...]
    years: tuple[Tick, ...]
    zones: tuple[str, ...]
    bounds: tuple[str, ...]
    actual: str
    dots: tuple[Dot, ...]
    flags: tuple[Flag, ...]
    rules: tuple[Rule, ...]
    events: tuple[Flag, ...]
    reviews: tuple[Flag, ...]
    legend: tuple[tuple[float, str, str], ...]
    palette: Palette = field(default=PALETTE)
    font: str = FONT


_SHAPES = {"hit": "disc", "miss": "cross", "amber": "triangle"}


@dataclass(frozen=True, slots=True)
class _Plot:
    left: float
    top: float
    right: float
    bottom: float
    step: float
    axis: Axis

    def x(self, *, index: int) -> float:
        return round(self.left + (index + 0.5) * self.step, 2)

    def edge(self, *, index: int) -> float:
        return round(self.left + index * self.step, 2)

    def y(self, *, value: Decimal) -> float:
        return round(self.bottom - self.axis.share(value=value) * (self.bottom - self.top), 2)


def trend(
    *,
    key: str,
    title: str,
    points: Sequence[TrendPoint],
    unit: str = "",
    said: str = "",
    limits: TrendLimits | None = None,
    width: float = 960.0,
    height: float = 320.0,
) -> Trend:
    """Draw the periods, oldest first. `key` prefixes ids inside the SVG; `said` describes the course in words."""
    plot = _plot(points=points, width=width, height=height, limits=limits)
    actuals = [
        None if point.actual is None else (plot.x(index=index), plot.y(value=point.actual))
        for index, point in enumerate(points)
    ]
    return Trend(
        key=key,
        title=title,
        said=said,
        unit=unit,
        width=width,
        height=height,
        plot=(plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top),
        values=_values(plot=plot),
        periods=_periods(points=points, plot=plot),
        years=_years(points=points, plot=plot),
        zones=_zones(points=points, plot=plot),
        bounds=_bounds(points=points, plot=plot),
        actual=path_of(points=actuals),
        dots=_dots(points=points, plot=plot),
        flags=_flags(points=points, plot=plot),
        rules=_rules(limits=limits, plot=plot),
        events=_events(points=points, plot=plot),
        reviews=_reviews(points=points, plot=plot),
        legend=_legend(points=points, left=plot.left, has_limits=limits is not None),
    )


def _plot(*, points: Sequence[TrendPoint], width: float, height: float, limits: TrendLimits | None) -> _Plot:
    known = [value for point in points for value in (point.low, point.high, point.actual) if value is not None]
    known += [limits.lower, limits.upper] if limits else []
    axis = axis_of(values=known)
    labels = [text_width(text=tick_text(value=tick, step=axis.step), size=_SIZE) for tick in axis.ticks]
    left = round(max(labels) + 12, 2)
    right = width - (_LIMIT_NAMES if limits else _RIGHT)
    return _Plot(left, _TOP, right, height - _BELOW, (right - left) / max(1, len(points)), axis)


def _values(*, plot: _Plot) -> tuple[Tick, ...]:
    step = plot.axis.step
    return tuple(Tick(plot.y(value=tick), tick_text(value=tick, step=step), tick == 0) for tick in plot.axis.ticks)


def _periods(*, points: Sequence[TrendPoint], plot: _Plot) -> tuple[Tick, ...]:
    """As many period labels as stand side by side without touching; the last period always has its own."""
    widest = max((text_width(text=point.label, size=_SIZE) for point in points), default=0.0)
    every = max(1, int(-(-(widest + 6) // plot.step)))
    last = len(points) - 1
    return tuple(
        Tick(plot.x(index=index), point.label) for index, point in enumerate(points) if (last - index) % every == 0
    )


def _years(*, points: Sequence[TrendPoint], plot: _Plot) -> tuple[Tick, ...]:
    return tuple(
        Tick(plot.edge(index=index), point.year, index > 0)
        for index, point in enumerate(points)
        if point.year and (index == 0 or points[index - 1].year != point.year)
    )


def _runs(*, flags: Sequence[bool]) -> list[range]:
    """The unbroken stretches of true flags, as ranges of indices."""
    runs: list[range] = []
    start: int | None = None
    for index, flag in enumerate((*flags, False)):
        if flag and start is None:
            start = index
        elif not flag and start is not None:
            runs.append(range(start, index))
            start = None
    return runs


def _steps(*, run: range, values: Sequence[float], plot: _Plot) -> list[tuple[float, float]]:
    return [
        corner
        for index in run
        for corner in ((plot.edge(index=index), values[index]), (plot.edge(index=index + 1), values[index]))
    ]


def _zones(*, points: Sequence[TrendPoint], plot: _Plot) -> tuple[str, ...]:
    lows = [plot.bottom if point.low is None else plot.y(value=point.low) for point in points]
    highs = [plot.top if point.high is None else plot.y(value=point.high) for point in points]
    bounded = [point.low is not None or point.high is not None for point in points]
    return tuple(
        path_of(
            points=[
                *_steps(run=run, values=highs, plot=plot),
                *reversed(_steps(run=run, values=lows, plot=plot)),
            ]
        )
        + " Z"
        for run in _runs(flags=bounded)
    )


def _bounds(*, points: Sequence[TrendPoint], plot: _Plot) -> tuple[str, ...]:
    paths = []
    for side in ([point.low for point in points], [point.high for point in points]):
        heights = [plot.bottom if value is None else plot.y(value=value) for value in side]
        runs = _runs(flags=[value is not None for value in side])
        paths += [path_of(points=_steps(run=run, values=heights, plot=plot)) for run in runs]
    return tuple(dict.fromkeys(paths))


def _dots(*, points: Sequence[TrendPoint], plot: _Plot) -> tuple[Dot, ...]:
    dots = []
    for index, point in enumerate(points):
        if point.actual is None:
            continue
        sign = sign_of(verdict=point.verdict)
        said = f"{_name(point=point)}: {sign.glyph} {sign.word}; actual {point.actual_text or point.actual}"
        said += f", plan {point.plan_text}" if point.plan_text else ""
        said += f"; signal: {point.signal}" if point.signal else ""
        said += f"; {point.note}" if point.note else ""
        shape = _SHAPES.get(sign.key, "ring")
        dots.append(
            Dot(plot.x(index=index), plot.y(value=point.actual), sign, shape, said, is_signal=bool(point.signal))
        )
    return tuple(dots)


def _flags(*, points: Sequence[TrendPoint], plot: _Plot) -> tuple[Flag, ...]:
    flags = []
    for index, point in enumerate(points):
        bound = point.low if point.low is not None else point.high
        if point.amended and bound is not None:
            said = f"Target amended from {_name(point=point)} on" + (f": {point.note}" if point.note else "")
            flags.append(Flag(plot.edge(index=index), plot.y(value=bound), said))
    return tuple(flags)


def _rules(*, limits: TrendLimits | None, plot: _Plot) -> tuple[Rule, ...]:
    """Mean and limits; names that would touch are left to the line between them."""
    if limits is None:
        return ()
    lines = [(limits.upper, "upper limit", False), (limits.mean, "mean", True), (limits.lower, "lower limit", False)]
    heights = [plot.y(value=value) for value, _, _ in lines]
    crowded = heights[2] - heights[0] < 2 * _SIZE
    return tuple(
        Rule(y, "" if crowded and not strong else name, strong)
        for y, (_, name, strong) in zip(heights, lines, strict=True)
    )


def _events(*, points: Sequence[TrendPoint], plot: _Plot) -> tuple[Flag, ...]:
    """A pennant at the foot of each period in which something happened."""
    return tuple(
        Flag(plot.x(index=index), plot.bottom, f"{_name(point=point)}: " + "; ".join(point.events))
        for index, point in enumerate(points)
        if point.events
    )


def _reviews(*, points: Sequence[TrendPoint], plot: _Plot) -> tuple[Flag, ...]:
    """A mark at the foot of each period that was reviewed, to the left of what happened in it."""
    return tuple(
        Flag(round(plot.x(index=index) - 9, 2), plot.bottom - 8, f"{_name(point=point)}: " + "; ".join(point.reviews))
        for index, point in enumerate(points)
        if point.reviews
    )


def _name(*, point: TrendPoint) -> str:
    return f"{point.label} {point.year}".strip()


def _legend(*, points: Sequence[TrendPoint], left: float, has_limits: bool) -> tuple[tuple[float, str, str], ...]:
    """Entries (x, shape, words) for what the chart really shows."""
    keys = {sign_of(verdict=point.verdict).key for point in points if point.actual is not None}
    entries = [("zone", "hits target")]
    entries += [(shape, words) for key, shape, words in _LEGEND if key in keys]
    entries += [("ring", "no verdict")] if keys - {"hit", "miss", "amber"} else []
    entries += [("flag", "target amended")] if any(point.amended for point in points) else []
    entries += [("event", "countermeasure")] if any(point.events for point in points) else []
    entries += [("review", "review")] if any(point.reviews for point in points) else []
    entries += [("limits", "XmR limits")] if has_limits else []
    entries += [("signal", "signal")] if any(point.signal for point in points) else []
    out, x = [], left
    for shape, words in entries:
        out.append((round(x, 2), shape, words))
        x += 20 + text_width(text=words, size=_SIZE) + 16
    return tuple(out)


_LEGEND = (("hit", "disc", "hit"), ("miss", "cross", "miss"), ("amber", "triangle", "near miss"))
