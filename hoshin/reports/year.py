"""The seven steps as a page, a line on the home page and a table show them, with what each step teaches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hoshin.engine.steps import Lack, Step, StepState, Year

SIGNS = {StepState.DONE: "✓", StepState.UNDER_WAY: "~", StepState.BEHIND: "✗", StepState.AHEAD: "○"}
TONES = {
    StepState.DONE: "s-done", StepState.UNDER_WAY: "s-active", StepState.BEHIND: "s-late", StepState.AHEAD: "s-ended",
}  # fmt: skip
"""The sign and the colour of each state; the word is its own."""

MOST_SHOWN = 5
"""How many of the things that are missing stand open on a page; the rest unfolds."""

MOST_UNFOLDED = 200
"""How many of them unfold; the CSV has all."""

HELD = MOST_SHOWN + MOST_UNFOLDED
"""How many a page holds."""

CSV_HEAD = ("step", "name", "state", "said", "missing")


@dataclass(frozen=True, slots=True)
class Lesson:
    """Why a step is taken, in three sentences, and where that comes from."""

    sentences: tuple[str, str, str]
    source: str


LESSONS: Mapping[int, Lesson] = {
    1: Lesson(
        (
            "Say in one sentence where the organisation wants to be, and beside it, just as plainly, where it is.",
            "The distance between the two is what the whole plan has to cover.",
            "A vision without the facts of today leads to a list of wishes.",
        ),
        "Y. Akao (ed.), Hoshin Kanri: Policy Deployment for Successful TQM, 1991",
    ),
    2: Lesson(
        (
            "Choose three to five breakthroughs for three to five years that daily work alone would never bring.",
            "Everything that only has to be kept going stays with daily management and its own figures.",
            "Give each objective a sponsor who clears its way.",
        ),
        "M. Cowley and E. Domb, Beyond Strategic Vision: Effective Corporate Action with Hoshin Planning, 1997",
    ),
    3: Lesson(
        (
            "Ask of each objective what has to be different twelve months from now, and write that as a priority.",
            "The X-matrix puts each priority between what it serves and what will prove it: a gap can be seen.",
            "Few priorities: what everybody is to remember has to fit on one sheet.",
        ),
        "T. L. Jackson, Hoshin Kanri for the Lean Enterprise, 2006",
    ),
    4: Lesson(
        (
            "Throw the what and the why to those who are to do it; back come the how, and what cannot be done.",
            "The ball goes to and fro until both sides can sign the same plan.",
            "Whoever has helped to set a target works for it; a target that was only announced is reported on.",
        ),
        "Y. Akao (ed.), Hoshin Kanri, 1991; D. Hutchins, Hoshin Kanri: The Strategic Approach to Continuous "
        "Improvement, 2008",
    ),
    5: Lesson(
        (
            "Now the plan is daily work: figures are read where they arise, and actions are done by their day.",
            "A miss is no shame but a question: what stood in the way, and what do we do about it?",
            "One page is enough for the answer, the A3: the gap, its cause, the countermeasure, who and when.",
        ),
        "P. Dennis, Getting the Right Things Done: A Leader’s Guide to Planning and Execution, 2006",
    ),
    6: Lesson(
        (
            "Each unit looks at plan against actual every month, the teams first, so that all can use what they found.",
            "Talk about what is off plan and whether the countermeasure works; what is on plan needs no minute.",
            "Leaders come to remove what stands in the way, not to be told a story.",
        ),
        "M. Cowley and E. Domb, Beyond Strategic Vision, 1997; T. L. Jackson, Hoshin Kanri for the Lean "
        "Enterprise, 2006",
    ),
    7: Lesson(
        (
            "Once a year look at the plan itself and at the way it was made: what did we learn, what held us up?",
            "Leaders go and see: the president’s diagnosis asks about the method as much as about the figures.",
            "Then every item is kept, changed or ended for a reason, and the reasons are where the next plan begins.",
        ),
        "Y. Akao (ed.), Hoshin Kanri, 1991; B. King, Hoshin Planning: The Developmental Approach, 1989",
    ),
}


@dataclass(frozen=True, slots=True)
class LackRow:
    """One thing that is missing, and the address where it is mended (None: not for this reader)."""

    text: str
    href: str | None


@dataclass(frozen=True, slots=True)
class StepView:
    """One step as ready text."""

    number: int
    name: str
    state: str
    sign: str
    tone: str
    said: str
    is_present: bool
    lacks: tuple[LackRow, ...]
    more: tuple[LackRow, ...]
    beyond: int
    """How many more there are than the page holds."""
    lesson: Lesson


@dataclass(frozen=True, slots=True)
class PresentLine:
    """The year in one line: the present step, how it stands, and what was left unfinished before it."""

    step: str
    state: str
    sign: str
    tone: str
    said: str
    unfinished: str


def step_views(*, year: Year, address: Callable[[Lack], str | None]) -> list[StepView]:
    """The seven steps for a page."""
    return [_view(one, one is year.present, address) for one in year.steps]


def _view(step: Step, is_present: bool, address: Callable[[Lack], str | None]) -> StepView:
    rows = tuple(LackRow(one.text, address(one)) for one in step.lacks[:HELD])
    return StepView(
        number=step.number, name=step.name, state=step.state.value, sign=SIGNS[step.state], tone=TONES[step.state],
        said=step.said, is_present=is_present, lacks=rows[:MOST_SHOWN], more=rows[MOST_SHOWN:],
        beyond=max(len(step.lacks) - HELD, 0) + step.unlisted, lesson=LESSONS[step.number],
    )  # fmt: skip


def present_line(*, year: Year, cycle: str) -> PresentLine:
    """The line of the home page."""
    step = year.present
    left = ", ".join(one.name.lower() for one in year.unfinished)
    if step is None:
        done = StepState.DONE
        said = f"{cycle} is closed{'' if left else ', and all seven steps are done'}."
        return PresentLine("", done.value, SIGNS[done], TONES[done], said, f"Never finished: {left}." if left else "")
    return PresentLine(
        step=f"Step {step.number} of 7, {step.name.lower()}",
        state=step.state.value, sign=SIGNS[step.state], tone=TONES[step.state], said=step.said,
        unfinished=f"Not finished: {left}." if left else "",
    )  # fmt: skip


def csv_rows(*, year: Year) -> Sequence[Sequence[object]]:
    """A row for each thing that is missing, and one for each step that misses nothing."""
    rows: list[Sequence[object]] = []
    for one in year.steps:
        missing = [lack.text for lack in one.lacks] or [""]
        rows += [(one.number, one.name, one.state.value, one.said, text) for text in missing]
    return rows


def as_json(*, year: Year, cycle: str) -> dict[str, object]:
    """The year for programs: the number of the present step (None once it is closed), and every step."""
    return {
        "cycle": cycle,
        "present": year.present.number if year.present else None,
        "steps": [
            {
                "number": one.number,
                "name": one.name,
                "state": one.state.value,
                "said": one.said,
                "missing": [{"place": lack.place.value, "key": lack.key, "text": lack.text} for lack in one.lacks],
            }
            for one in year.steps
        ],
    }


def as_text(*, year: Year, cycle: str) -> str:
    """The year for a terminal: a line, then each step with what it lacks."""
    line = present_line(year=year, cycle=cycle)
    lines = [f"{line.step}: {line.state}. {line.said}" if line.step else line.said]
    lines += [line.unfinished] if line.unfinished else []
    for one in year.steps:
        lines += ["", f"{SIGNS[one.state]} {one.number} {one.name}: {one.state.value}. {one.said}"]
        lines += [f"    - {lack.text}" for lack in one.lacks]
    return "\n".join(lines)
