"""What the page of a long job says: how far it is, what it waits for, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hoshin.commands.slates import Said
from hoshin.model.jobs import Job, JobState, Order

DOING = {
    "reading": "Reading the file", "checking": "Checking the rows", "comparing": "Comparing with what is stored",
    "plan": "Storing the plan", "storing": "Storing figures",
    "drawing": "Drawing the chart", "page": "Setting page",
}  # fmt: skip
STOPPING = "It is being stopped."
EXAMPLE_STATES = {
    JobState.WAITING: "waiting", JobState.CLAIMED: "working", JobState.DONE: "done", JobState.FAILED: "failed",
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


def job_sheet(
    *, order: Order, job: Job, now: datetime, said: Said | None = None, is_stopping: bool = False
) -> JobSheet:
    """The job as its owner sees it; `said` and `is_stopping` are what its slate says while nobody can write."""
    state = _state(order, job)
    how_far = said or Said(order.doing, order.done, order.of)
    is_stopping = is_stopping or order.cancelled_at is not None
    return JobSheet(
        title=order.title,
        state=state,
        said=STOPPING if state == "working" and is_stopping else _said(state, how_far, order.asked_at, job, now),
        percent=percent_of(said=how_far) if state == "working" else None,
        is_over=state in ("done", "failed", "cancelled"),
        may_cancel=state in ("waiting", "working") and not is_stopping,
        has_file=state == "done" and job.kind == "paper",
        result=order.result or {},
    )


def percent_of(*, said: Said) -> int | None:
    """How far it is; None where nobody knows."""
    return min(100, 100 * said.done // said.of) if said.of > 0 else None


@dataclass(frozen=True, slots=True)
class ExampleSheet:
    """The example on its way into an empty planner; `has_worker` says whether a job process is there to do it."""

    state: str
    said: str
    percent: int | None
    is_over: bool
    may_cancel: bool
    has_worker: bool


def example_sheet(*, job: Job, said: Said | None, is_stopping: bool, has_worker: bool) -> ExampleSheet:
    """How far it is, for whoever opens the planner meanwhile."""
    facts, state = job.facts, EXAMPLE_STATES[job.state]
    how_far = said or Said(facts.get("doing", ""), facts.get("done", 0), facts.get("of", 0))
    is_stopping = is_stopping or bool(facts.get("stopped"))
    if state == "failed" and (is_stopping or job.error == "Cancelled"):
        state = "cancelled"
    words = {
        "done": "The example is here.", "failed": "The example could not be loaded. Nothing was changed.",
        "cancelled": "It was stopped. Nothing was changed.", "working": "The example is being loaded.",
        "waiting": "The example will be loaded in a moment.",
    }  # fmt: skip
    return ExampleSheet(
        state=state,
        said=STOPPING if state == "working" and is_stopping else words[state],
        percent=percent_of(said=how_far) if state == "working" else None,
        is_over=state in ("done", "failed", "cancelled"),
        may_cancel=state in ("waiting", "working") and not is_stopping,
        has_worker=has_worker,
    )


def _state(order: Order, job: Job) -> str:
    if job.state is JobState.DONE:
        return "done"
    if job.state is JobState.FAILED:
        return "cancelled" if order.cancelled_at is not None else "failed"
    return "working" if job.state is JobState.CLAIMED else "waiting"


def _said(state: str, how_far: Said, asked_at: datetime, job: Job, now: datetime) -> str:
    if state == "working":
        done, of, what = how_far.done, how_far.of, how_far.what
        count = f": {done:,} of {of:,}" if of else f" {done}" if what == "page" else ""
        return f"{DOING.get(what, 'It has been taken up')}{count}."
    if state == "waiting":
        if job.attempts:
            return "It did not work out just now, and is tried again by itself."
        if (now - asked_at).total_seconds() > SLOW_START:
            return "It still waits. If it stays like this, ask your administrator whether the job process runs."
        return "It waits for its turn."
    words = {
        "done": "It is done.", "cancelled": "It was stopped. Nothing was changed.",
        "failed": "It could not be done. Nothing was changed.",
    }  # fmt: skip
    return words[state]
