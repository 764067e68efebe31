"""`hoshin sheet` for meetings: A3, agenda, pack, diagnosis, self-assessment; which one, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader
from sqlalchemy.orm import Session

from hoshin.cli import shell
from hoshin.engine.cadence import ReviewKind
from hoshin.engine.misses import Occasion
from hoshin.errors import Missing
from hoshin.model.countermeasures import AnswerState, Countermeasure
from hoshin.model.diagnosis import DiagnosisArea, Finding
from hoshin.model.kpis import KPI
from hoshin.model.reviews import Pack, Review, ReviewState
from hoshin.model.surveys import Survey, SurveyResult
from hoshin.queries.agenda import load_agenda, reader_of
from hoshin.reports.packs import content_of
from tests.planting import Planted, plant

Run = Callable[..., Result]
HELD = datetime(2026, 5, 12, 14, tzinfo=UTC)
ANSWERS = {
    "people": 9, "invited": 12, "named": 5, "real": 18, "shared": 4, "chances": 40, "things": 7, "priorities": 2,
    "served": {"linked": 3, "elsewhere": 2, "unlinked": 1, "unknown": 3},
    "satisfied": {"yes": 5, "partly": 2, "no": 1, "unknown": 1},
    "recommends": {"promoter": 4, "passive": 2, "detractor": 2, "unknown": 1},
    "goals": 6, "metrics": 11, "hits": 7, "due": 9, "period": "Apr 2026",
}  # fmt: skip


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is printed is the same on every database."""
    return sqlite_url


@pytest.fixture
def plan(session: Session) -> Planted:
    """A plan whose unit Operations has everything that a meeting needs, once."""
    planted = plant(session)
    _answer(session, planted.kpis["Complaints"], "Wrong parts in the box")
    _reviews(session, planted)
    survey = Survey(
        name="Q1 FY2026", cycle_id=planted.cycle.id, quarter=date(2026, 1, 1), opened_at=HELD,
        last_day=date(2026, 5, 1), closed_at=HELD,
    )  # fmt: skip
    session.add(survey)
    session.flush()
    for unit in (planted.top, planted.operations):
        session.add(SurveyResult(survey_id=survey.id, unit_id=unit.id, facts=ANSWERS))
    session.commit()
    return planted


def _answer(session: Session, kpi: KPI, gap: str, state: AnswerState = AnswerState.OPEN) -> None:
    closed = HELD if state is AnswerState.CLOSED else None
    session.add(
        Countermeasure(
            kpi_id=kpi.id, occasion=Occasion.MISS, state=state, opened_for=date(2026, 3, 1), opened_at=HELD, gap=gap,
            closed_at=closed,
        )
    )  # fmt: skip
    session.commit()


def _reviews(session: Session, planted: Planted) -> None:
    """A monthly review held in May and one planned for 2099, and a diagnosis that was scored."""
    held = _review(session, planted, ReviewKind.MONTHLY, date(2026, 5, 12), state=ReviewState.HELD, held_at=HELD)
    _review(session, planted, ReviewKind.MONTHLY, date(2099, 6, 12))
    _review(session, planted, ReviewKind.QUARTERLY, date(2099, 5, 12))
    diagnosis = _review(session, planted, ReviewKind.DIAGNOSIS, date(2026, 5, 20))
    areas = [DiagnosisArea(name=name, question="?", position=at) for at, name in enumerate(("Aims", "Work", "Results"))]
    session.add_all(areas)
    session.flush()
    session.add_all(
        Finding(review_id=diagnosis.id, area_id=one.id, area_name=one.name, scan_score=3, plan_score=4, remark="seen")
        for one in areas
    )
    reader = reader_of(session=session, unit_id=planted.operations.id)
    agenda = load_agenda(session=session, actor=reader, review=held, at=HELD)
    session.add(Pack(review_id=held.id, frozen_at=HELD, frozen_by="Hedda", content=content_of(agenda=agenda)))


def _review(session: Session, planted: Planted, kind: ReviewKind, on: date, **more: object) -> Review:
    """It looks at that month of 2026, whenever it is held."""
    first, last = on.replace(year=2026, day=1), on.replace(year=2026, day=28)
    made = Review(
        unit_id=planted.operations.id, cycle_id=planted.cycle.id, kind=kind, first_day=first, last_day=last,
        generated_on=on, planned_on=on, uid=f"{kind.value}-{on}", announced_at=HELD,
        **more,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


@pytest.fixture
def run(database_url: str, plan: Planted, tmp_path: Path) -> Run:
    """`run("a3", "--out", file)` on the unit Operations."""
    assert plan.operations.name == "Operations"
    environ = {"HOSHIN_DATABASE_URL": database_url, "HOSHIN_INSTANCE": str(tmp_path)}
    return lambda kind, *words: CliRunner().invoke(
        shell.hoshin, ["sheet", kind, "--unit", "Operations", *map(str, words)], env=environ
    )


PAPERS = {
    "a3": "Wrong parts in the box", "agenda": "Quarterly review: Operations", "pack": "Monthly review: Operations",
    "diagnosis": "Aims", "self-assessment": "Q1 FY2026",
}  # fmt: skip


@pytest.mark.parametrize("kind", PAPERS)
def test_each_is_written_for_paper_and_for_the_screen(run: Run, tmp_path: Path, kind: str) -> None:
    for ending in ("html", "pdf"):
        out = tmp_path / f"paper.{ending}"
        result = run(kind, "--out", out)
        assert (result.exit_code, result.output) == (0, "")
    html = (tmp_path / "paper.html").read_text("utf-8")
    assert PAPERS[kind] in html
    assert "hoshin-asset" not in html
    printed = PdfReader(tmp_path / "paper.pdf")
    assert PAPERS[kind] in " ".join(" ".join(page.extract_text() for page in printed.pages).split())
    assert len(printed.pages) == 1 or kind in ("agenda", "pack")


def test_the_review_asked_for(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "paper.html"
    assert run("agenda", "--review", "monthly", "--out", out).exit_code == 0
    assert "12 Jun 2099" in out.read_text("utf-8")
    assert run("agenda", "--on", "2099-06-01", "--out", out).exit_code == 0
    assert "12 Jun 2099" in out.read_text("utf-8")


def test_a_pack_comes_out_byte_for_byte_as_it_was_printed(run: Run, session: Session, tmp_path: Path) -> None:
    session.query(Pack).one().printed = b"%PDF the very paper"
    session.commit()
    out = tmp_path / "paper.pdf"
    assert run("pack", "--out", out).exit_code == 0
    assert out.read_bytes() == b"%PDF the very paper"


def test_which_countermeasure(run: Run, session: Session, plan: Planted, tmp_path: Path) -> None:
    """The only open one needs no name; of several the KPI says which, and a closed one is found by it too."""
    out = tmp_path / "paper.html"
    _answer(session, plan.kpis["Repeat orders"], "Nobody called back")
    result = run("a3", "--out", out)
    assert (result.exit_code, result.output) == (2, "Error: --kpi says which: “Repeat orders”, “Complaints”\n")
    assert run("a3", "--kpi", "Repeat orders", "--out", out).exit_code == 0
    assert "Nobody called back" in out.read_text("utf-8")
    _answer(session, plan.kpis["Lead time"], "Parts came late", AnswerState.CLOSED)
    assert run("a3", "--kpi", "Lead time", "--out", out).exit_code == 0
    assert "Parts came late" in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a3", "--kpi", "Bliss"), "there is no countermeasure of “Bliss” in Operations"),
        (("pack", "--on", "2026-05-11"), "no review of Operations was held up to 11 May 2026"),
        (("pack", "--review", "annual"), "no annual review of Operations was held up to"),
        (("agenda", "--on", "2099-06-13"), "no review of Operations is planned from 13 Jun 2099 on"),
        (("diagnosis", "--on", "2026-05-19"), "no president’s diagnosis of Operations was scored up to 19 May 2026"),
        (("self-assessment", "--on", "2026-05-11"), "no self-assessment was counted up to 11 May 2026"),
    ],
)
def test_what_is_not_there(run: Run, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    result = run(*words, "--out", tmp_path / "paper.pdf")
    assert isinstance(result.exception, Missing)
    assert said in str(result.exception)
    assert not (tmp_path / "paper.pdf").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pack", "--out", "paper.xlsx"), "the paper pack is written as .pdf, .html, not as .xlsx"),
        (("a3", "--paper", "a4", "--out", "paper.pdf"), "a3 has a paper of its own"),
        (("a3", "--on", "2026-05-11", "--out", "paper.pdf"), "a3 has none"),
        (("pack", "--cycle", "2026", "--out", "paper.pdf"), "pack is found by its day"),
        (("pack", "--kpi", "Complaints", "--out", "paper.pdf"), "pack is of the whole unit"),
        (("diagnosis", "--review", "annual", "--out", "paper.pdf"), "diagnosis has but one kind"),
        (("agenda", "--on", "11.5.2026", "--out", "paper.pdf"), "does not match"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(run: Run, words: tuple[str, ...], said: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert said in result.output
