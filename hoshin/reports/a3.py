"""The A3 of one countermeasure: what was written, and where nothing was, what KPI and short form say already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from hoshin.charts.trend import Trend
from hoshin.engine.answers import check_of, gap, open_gap
from hoshin.engine.band_text import show_band
from hoshin.engine.figures import show_figure
from hoshin.engine.misses import Mark, Occasion
from hoshin.engine.verdicts import Verdict
from hoshin.model.countermeasures import Countermeasure
from hoshin.model.kpis import KPI
from hoshin.queries.countermeasures import A3Facts
from hoshin.reports.countermeasures import View, check_text, marks_trend, why_text

WORKED_WORDS = {"yes": "It worked", "partly": "It worked in part", "no": "It did not work"}
CHART_HEIGHT = 250.0
MOST_PREFILLED = 600
"""Characters of a KPI's own description that a sheet takes over: an A3 is one page."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One root cause; `share` as text such as 40 %, `part` the same as a number from 0 to 100 for its bar."""

    text: str
    share: str
    part: float


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the plan."""

    key: int
    text: str
    owner: str
    due_on: date | None
    effect: str
    done_on: date | None
    action_id: int | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class Effects:
    """What the steps are expected to do to the gap; `is_enough` None while nobody can say."""

    said: str
    is_enough: bool | None


@dataclass(frozen=True, slots=True)
class A3:
    """One sheet, all of it ready text."""

    title: str
    kpi: str
    unit: str
    owner: str
    background: str
    current_condition: str
    problem: str
    causes: tuple[Cause, ...]
    target_condition: str
    steps: tuple[Step, ...]
    effects: Effects
    follow_up: str
    check: tuple[str, ...]
    closing: str
    trend: Trend

    @property
    def letters(self) -> int:
        """How much is written on it."""
        texts = (self.background, self.current_condition, self.problem, self.target_condition, self.follow_up)
        rows = [one.text for one in self.causes] + [one.text for one in self.steps]
        return sum(len(one) for one in (*texts, *rows, *self.check, self.closing))


def a3(*, facts: A3Facts, view: View) -> A3:
    """The sheet."""
    found, kpi = facts.answer.countermeasure, facts.answer.kpi
    words, is_miss = prefilled(facts=facts, view=view), found.occasion is Occasion.MISS
    check = check_of(among=facts.marks, opened_for=found.reopened_for or found.opened_for)
    return A3(
        title=words["title"],
        kpi=kpi.name,
        unit=view.units.get(kpi.unit_id, ""),
        owner=view.people.get(found.owner_id or 0, "nobody yet"),
        background=words["background"],
        current_condition=words["current_condition"],
        problem=words["problem"],
        causes=causes_of(facts=facts),
        target_condition=words["target_condition"],
        steps=steps_of(facts=facts, view=view),
        effects=effects_of(facts=facts),
        follow_up=words["follow_up"],
        check=tuple(check_text(check=check, kpi=kpi, view=view)) if is_miss else (why_text(answer=facts.answer),),
        closing=_closing(found),
        trend=marks_trend(kpi=kpi, marks=facts.marks, view=view, height=CHART_HEIGHT),
    )


def prefilled(*, facts: A3Facts, view: View) -> dict[str, str]:
    """The words of the sheet by field: as written, else from what is known."""
    found, kpi = facts.answer.countermeasure, facts.answer.kpi
    return {
        "title": found.title or kpi.name,
        "background": found.background or _background(kpi, facts.serves),
        "current_condition": found.current_condition or found.gap,
        "problem": found.problem or _problem(found, kpi),
        "target_condition": found.target_condition or _target(facts, view),
        "follow_up": found.follow_up or _follow_up(kpi, view),
    }


def _background(kpi: KPI, serves: Sequence[str]) -> str:
    about = _cut(kpi.description.strip()) or f"{kpi.name} is measured every {kpi.frequency.value}."
    proves = f" It proves: {'; '.join(serves)}." if serves else " It is linked to nothing above it yet."
    return about + proves


def _cut(text: str) -> str:
    return text if len(text) <= MOST_PREFILLED else f"{text[:MOST_PREFILLED].rsplit(' ', 1)[0]} …"


def _problem(found: Countermeasure, kpi: KPI) -> str:
    if found.occasion is Occasion.ABOVE:
        return f"{kpi.name} lies far above plan. What did we not know when we planned, and what follows from it?"
    return f"{kpi.name} does not reach its target."


def _target(facts: A3Facts, view: View) -> str:
    mark = facts.marks[-1] if facts.marks else None
    plan = show_band(band=mark.band) if mark else ""
    unit = f" {facts.answer.kpi.uom}" if facts.answer.kpi.uom else ""
    if facts.answer.countermeasure.occasion is Occasion.ABOVE:
        return "A plan that fits what we know now."
    times = "in one due period" if view.hits_to_close == 1 else f"in {view.hits_to_close} due periods in a row"
    return f"{facts.answer.kpi.name} {plan}{unit} {times}." if plan else f"On target {times}."


def _follow_up(kpi: KPI, view: View) -> str:
    return (
        f"Checked against the KPI every {kpi.frequency.value}, in the review; closed after {view.hits_to_close} "
        f"{'hit' if view.hits_to_close == 1 else 'hits in a row'}, reopened by a relapse."
    )


def _asked(facts: A3Facts) -> Mark | None:
    """The mark that asked for the answer, the relapse once there is one."""
    found = facts.answer.countermeasure
    first = found.reopened_for or found.opened_for
    return next((one for one in facts.marks if one.period.first == first), None)


def causes_of(*, facts: A3Facts) -> tuple[Cause, ...]:
    """The root causes; the cause of the short form while none is written."""
    if not facts.causes:
        short = facts.answer.countermeasure.cause
        return (Cause(short, "", 0.0),) if short else ()
    return tuple(
        Cause(one.text, f"{show_figure(value=one.share)} %" if one.share is not None else "", float(one.share or 0))
        for one in facts.causes
    )


def steps_of(*, facts: A3Facts, view: View) -> tuple[Step, ...]:
    """The steps of the plan; the action of the short form while none is written."""
    uom = f" {facts.answer.kpi.uom}" if facts.answer.kpi.uom else ""
    found = facts.answer.countermeasure
    if not facts.steps:
        doer, due = view.people.get(found.doer_id or 0, ""), found.due_on
        late = due is not None and due < view.today and found.is_open
        return (Step(0, found.action, doer, due, "", None, None, late),) if found.action else ()
    return tuple(
        Step(
            key=one.id,
            text=one.text,
            owner=view.people.get(one.owner_id or 0, ""),
            due_on=one.due_on,
            effect=f"{_signed(one.effect)}{uom}" if one.effect is not None else "",
            done_on=one.done_on,
            action_id=one.action_id,
            is_late=one.done_on is None and one.due_on is not None and one.due_on < view.today,
        )
        for one in facts.steps
    )


def _signed(effect: Decimal) -> str:
    return ("+" if effect > 0 else "") + show_figure(value=effect)


def effects_of(*, facts: A3Facts) -> Effects:
    """Whether the expected effects close the gap, as a sentence; nothing to say where there is no gap."""
    mark = _asked(facts)
    if mark is None or mark.verdict is not Verdict.MISS or not facts.steps:
        return Effects("", None)
    known = [one.effect for one in facts.steps if one.effect is not None]
    unit = f" {facts.answer.kpi.uom}" if facts.answer.kpi.uom else ""
    whole = f"the gap of {show_figure(value=gap(mark=mark))}{unit}"
    if not known:
        return Effects(f"No step says yet what effect is expected of it; {whole} is to be closed.", None)
    left = open_gap(mark=mark, effects=known)
    if left > 0:
        return Effects(f"The expected effects do not close {whole}: {show_figure(value=left)}{unit} stay open.", False)
    return Effects(f"The expected effects close {whole}.", True)


def _closing(found: Countermeasure) -> str:
    if not found.outcome:
        return ""
    said = f"{WORKED_WORDS[found.worked.value]}: {found.outcome}" if found.worked else found.outcome
    return said if not found.is_open else f"Said when it was closed before: {said}"
