"""The timeline: bars end on their due day, lateness has a sign, arrows lead to what waits, and the template is XML."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import jinja2

from hoshin.charts.palette import PALETTE
from hoshin.charts.timeline import Task, Timeline, timeline

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
SVG = "{http://www.w3.org/2000/svg}"


def draw(*tasks: Task, today: date = date(2026, 5, 20)) -> Timeline:
    return timeline(key="t", title="Actions", tasks=tasks, first=YEAR[0], last=YEAR[1], today=today)


def task(key: str, start: date, end: date | None, **more: object) -> Task:
    return Task(key, f"Task {key}", start, end, **{"status": "open", **more})  # type: ignore[arg-type]


def test_a_bar_runs_from_its_start_to_the_end_of_its_due_day() -> None:
    whole, first = draw(task("a", *YEAR), task("b", date(2026, 1, 1), date(2026, 1, 1))).bars
    assert (whole.x, whole.x + whole.width) == (250.0, 970.0)
    assert first.x == 250.0
    assert first.width < 4


def test_what_lies_outside_is_drawn_at_the_edge() -> None:
    bar = draw(task("a", date(2020, 1, 1), date(2030, 1, 1))).bars[0]
    assert (bar.x, bar.width) == (250.0, 720.0)


def test_lateness_and_status_have_a_sign_and_a_word_beside_their_colour() -> None:
    late, done, blocked = draw(
        task("a", YEAR[0], date(2026, 5, 19)),
        task("b", YEAR[0], date(2026, 5, 19), status="done", progress=100),
        task("c", YEAR[0], None, status="blocked"),
    ).bars
    assert (late.sign, late.ink) == ("!", PALETTE.miss)
    assert "overdue" in late.said
    assert (done.sign, done.late, done.done_width) == ("✓", False, done.width)
    assert (blocked.sign, blocked.open_end) == ("✗", True)
    assert "without a due day" in blocked.said


def test_an_arrow_leads_from_the_blocker_to_what_waits_and_says_so() -> None:
    found = draw(
        task("a", YEAR[0], date(2026, 3, 1)),
        task("b", date(2026, 4, 1), date(2026, 6, 1), waits_for=("a", "gone")),
        task("c", YEAR[0], date(2026, 6, 1), waits_for=("b",)),
    )
    assert [one.said for one in found.arrows] == ["Task b waits for Task a", "Task c waits for Task b"]
    assert all(one.path.startswith("M") for one in found.arrows)


def test_months_stand_on_the_axis_and_today_only_when_it_is_inside() -> None:
    assert [one.label for one in draw().ticks][:2] == ["Jan 2026", "Feb"]
    assert len(draw().ticks) == 12
    assert draw().today is not None
    assert draw(today=date(2027, 1, 1)).today is None


def test_the_template_is_well_formed_and_escapes() -> None:
    loader = jinja2.FileSystemLoader(Path(__file__).parents[2] / "templates")
    environment = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, autoescape=True)
    found = draw(Task("a", 'Cut <b> & "waste"', YEAR[0], None, "open", 40, href="/actions/1"))
    text = environment.get_template("charts/timeline.svg").render(timeline=found)
    root = ElementTree.fromstring(text[text.index("<svg") :])
    assert [one.get("href") for one in root.iter(f"{SVG}a")] == ["/actions/1"]
    assert any("Cut <b>" in (one.text or "") for one in root.iter(f"{SVG}text"))
