"""What the page of a long job says: how far it is, what it waits for, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hoshin.model.jobs import Job, JobState, Order

DOING = {
    "reading": "Reading the file", "checking": "Checking the rows", "storing": "Storing",
    "storing alone": "Storing, for which everybody else who saves waits; this can no longer be stopped",
    "page": "Setting page",
}  # fmt: skip
SLOW_START = 60
"""After so many seconds of waiting the page asks whether the job process runs at all."""


@dataclass(frozen=True, slots=True)
class JobSheet:
    """One job for its page; `percent` is None where nobody knows, `state` is a word for the style of the page."""

    title: str
    state: str
    said: str
    percent: int | None
    is_over: bool
    may_cancel: bool
    has_file: bool
    result: dict[str, Any]


def job_sheet(*, order: Order, job: Job, now: datetime) -> JobSheet:
    """The job as its owner sees it."""
    state = _state(order, job)
    counted = state == "working" and order.of > 0 and order.doing != "storing alone"
    return JobSheet(
        title=order.title,
        state=state,
        said=_said(state, order, job, now),
        percent=min(100, 100 * order.done // order.of) if counted else None,
        is_over=state in ("done", "failed", "cancelled"),
        may_cancel=state in ("waiting", "working") and order.doing != "storing alone" and order.cancelled_at is None,
        has_file=state == "done" and job.kind == "paper",
        result=order.result or {},
    )


def _state(order: Order, job: Job) -> str:
    if job.state is JobState.DONE:
        return "done"
    if job.state is JobState.FAILED:
        return "cancelled" if order.cancelled_at is not None else "failed"
    return "working" if job.state is JobState.CLAIMED else "waiting"


def _said(state: str, order: Order, job: Job, now: datetime) -> str:
    if state == "working":
        if order.cancelled_at is not None:
            return "It is being stopped."
        if order.doing == "storing alone":
            return f"{DOING[order.doing]}."
        count = f": {order.done:,} of {order.of:,}" if order.of else f" {order.done}" if order.doing == "page" else ""
        return f"{DOING.get(order.doing, 'It has been taken up')}{count}."
    if state == "waiting":
        if job.attempts:
            return "It did not work out just now, and is tried again by itself."
        if (now - order.asked_at).total_seconds() > SLOW_START:
            return "It still waits. If it stays like this, ask your administrator whether the job process runs."
        return "It waits for its turn."
    words = {
        "done": "It is done.", "cancelled": "It was stopped. Nothing was changed.",
        "failed": "It could not be done. Nothing was changed.",
    }  # fmt: skip
    return words[state]
