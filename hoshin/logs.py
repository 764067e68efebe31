"""What the processes say about themselves: one JSON line an event on standard error, never a title or a value."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

Fields = MutableMapping[str, Any]


def set_up(*, as_json: bool, stream: TextIO | None = None) -> None:
    """Send this process's log to the stream (default: standard error).

    As JSON lines from `info` on, or as text from `warning` on; records of the libraries come out in the same form.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_messages,
    ]
    drawn: Any = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, drawn],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO if as_json else logging.WARNING)


def _without_messages(_logger: object, _method: str, fields: Fields) -> Fields:
    """An error's own words may quote what somebody typed: its class and the lines it came through say enough."""
    raised = fields.pop("exc_info", None)
    if raised:
        fields["raised"] = trace(raised=raised)
    return fields


def trace(*, raised: object) -> list[str]:
    """The classes and places of an exception (True: the one in hand) and its causes, without their messages."""
    error = sys.exc_info()[1] if raised is True else raised[1] if isinstance(raised, tuple) else raised
    lines: list[str] = []
    while isinstance(error, BaseException):
        lines.append(f"{type(error).__module__}.{type(error).__qualname__}")
        lines.extend(f"  {one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(error.__traceback__))
        error = error.__cause__
    return lines


def say(*, event: str, level: int = logging.INFO, **fields: object) -> None:
    """Log one event. `fields` are ids, names of endpoints and figures about the process, nothing a person wrote."""
    if not logging.getLogger("planner").isEnabledFor(level):  # a line is put together only where somebody reads it
        return
    if structlog.is_configured():
        structlog.get_logger("planner").log(level, event, **fields)
    else:  # served by somebody else's server: its log has no form of ours
        logging.getLogger("planner").log(level, "%s %s", event, fields)


def about(*, fields: Mapping[str, object]) -> None:
    """Put these fields on everything that this request or job logs from here on, and nothing from before."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**fields)
