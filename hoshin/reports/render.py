"""The one Jinja environment for sheets and charts, and the filters that pages share with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from hoshin.charts.signs import grades_of
from hoshin.config import resource_dir
from hoshin.engine.calendars import MONTH_NAMES
from hoshin.engine.figures import show_figure, show_percent


def percent(value: Fraction | None) -> str:
    """A ratio as a whole per cent, or n/a."""
    return show_percent(value=value)


def figure(value: Decimal | Fraction | None) -> str:
    """An exact figure without trailing zeros."""
    return show_figure(value=value)


def day(value: date | None) -> str:
    """A day as people write it: 5 May 2026."""
    return "" if value is None else f"{value.day} {MONTH_NAMES[value.month - 1]} {value.year}"


def instant(value: datetime | None) -> str:
    """An instant to the minute: 5 May 2026, 14:03."""
    return "" if value is None else f"{day(value.date())}, {value:%H:%M}"


FILTERS: Mapping[str, Callable[..., str]] = {"percent": percent, "figure": figure, "day": day, "instant": instant}


@cache
def environment() -> Environment:
    """The environment of sheets and charts: strict, escaping, and without a request."""
    found = Environment(
        loader=FileSystemLoader(resource_dir(name="templates")),
        autoescape=select_autoescape(["html", "svg", "xml"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(FILTERS)
    found.globals["strengths"] = grades_of
    return found


def render(*, template: str, **model: Any) -> str:
    """A sheet or chart as text."""
    return environment().get_template(template).render(**model)
