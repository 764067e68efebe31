"""`hoshin sheet`: the sheets of the pages as files, and which combinations make no sense."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session

from hoshin.cli import shell
from hoshin.errors import Missing, Refused
from hoshin.exchange.bowling_book import read_book
from tests.databases import ON_SQLITE
from tests.planting import plant

Run = Callable[..., Result]
KINDS = ("x-matrix", "bowling", "attainment", "tree", "linear")


@pytest.fixture
def run(database_url: str, session: Session, tmp_path: Path) -> Run:
    """`run("tree", "--out", file)` on the planted plan."""
    plant(session, more=1)
    session.commit()
    environ = {"HOSHIN_DATABASE_URL": database_url, "HOSHIN_INSTANCE": str(tmp_path)}
    return lambda *words: CliRunner().invoke(shell.hoshin, ["sheet", *map(str, words)], env=environ)


@pytest.mark.parametrize("kind", KINDS)
def test_every_sheet_is_a_file_of_its_own(run: Run, tmp_path: Path, kind: str) -> None:
    """All four endings say whose sheet of which cycle it is, and nothing is printed beside the file."""
    said = {}
    for ending, read in READ.items():
        out = tmp_path / f"sheet.{ending}"
        result = run(kind, "--unit", "Operations", "--cycle", "2026", "--out", out)
        assert (result.exit_code, result.output) == (0, ""), ending
        said[ending] = read(out.read_bytes())
        assert "Operations" in said[ending], ending
        assert "FY2026" in said[ending], ending
    assert "hoshin-asset" not in said["html"]
    assert 'href="data:text/css;base64,' in said["html"]


def _words(content: bytes) -> str:
    """The texts of a drawing; it must be well-formed, drawn, and no picture of itself."""
    root = ElementTree.fromstring(content)
    names = {one.tag.partition("}")[2] for one in root.iter()}
    assert not names & {"image", "foreignObject", "use"}
    return " ".join("".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text"))


def _cells(content: bytes) -> str:
    """The cells of the first sheet of a workbook."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return " ".join(str(one) for row in book.get_sheet_by_index(0).to_python() for one in row)


def _pages(content: bytes) -> str:
    """The text of a PDF, which must be tagged and have a heading."""
    book = PdfReader(io.BytesIO(content))
    assert "/StructTreeRoot" in book.root_object
    return " ".join(page.extract_text() for page in book.pages)


READ: dict[str, Callable[[bytes], str]] = {"html": bytes.decode, "svg": _words, "xlsx": _cells, "pdf": _pages}


def test_a_bowling_chart_from_the_shell_is_read_back_in(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "sheet.xlsx"
    assert run("bowling", "--unit", "Operations", "--out", out).exit_code == 0
    content = out.read_bytes()
    assert read_book(content=content).cells == ()
    kept = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("hoshin").to_python()
    assert {str(row[0]) for row in kept[1:]} >= {"target", "actual"}, "every cell is known again"


@ON_SQLITE
def test_the_paper_of_a_pdf(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "sheet.pdf"
    words = ("--unit", "Operations", "--preset", "jackson", "--paper", "tabloid")
    assert run("x-matrix", *words, "--out", out).exit_code == 0
    [page] = PdfReader(out).pages
    assert (round(float(page.mediabox.width)), round(float(page.mediabox.height))) == (1224, 792)
    assert "Jackson" in page.extract_text()


def test_the_drawing_alone(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "sheet.svg"
    assert run("x-matrix", "--out", out).exit_code == 0
    assert out.read_text("utf-8").startswith("<?xml")
    assert "X-matrix of Northwind Instruments" in out.read_text("utf-8")


def test_attainment_of_a_part(run: Run, tmp_path: Path) -> None:
    """The whole counts the restricted unit too; a unit counts itself and what is below it."""
    whole, part = tmp_path / "whole.html", tmp_path / "part.html"
    assert run("attainment", "--out", whole).exit_code == 0
    assert run("attainment", "--unit", "Operations", "--out", part).exit_code == 0
    assert "Laboratory" in whole.read_text("utf-8")
    assert "Laboratory" not in part.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("tree", "--out", "sheet.doc"), "Error: a sheet is written as .pdf, .svg, .xlsx, .html, not as .doc"),
        (("tree", "--out", "sheet"), "not as sheet"),
        (("bowling", "--preset", "classic", "--out", "sheet.pdf"), "has no layouts"),
        (("x-matrix", "--paper", "a4", "--out", "sheet.xlsx"), "has no paper"),
        (("x-matrix",), "--out"),
        (("pie", "--out", "sheet.pdf"), "x-matrix"),
        (("x-matrix", "--preset", "round", "--out", "sheet.pdf"), "jackson"),
        (("x-matrix", "--paper", "a5", "--out", "sheet.pdf"), "tabloid"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(run: Run, words: tuple[str, ...], said: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert said in result.output


def test_what_is_not_there(run: Run, tmp_path: Path) -> None:
    for words in (("--unit", "Sales"), ("--cycle", "1999")):
        result = run("tree", *words, "--out", tmp_path / "sheet.html")
        assert isinstance(result.exception, Missing)
    result = run("tree", "--out", tmp_path / "nowhere" / "sheet.html")
    assert result.exit_code == 1
    nowhere = tmp_path / "nowhere" / "sheet.html"
    assert isinstance(result.exception, Refused)
    assert str(result.exception) == f"{nowhere} cannot be written: No such file or directory"


def test_the_file_is_written_whole_or_not_at_all(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "sheet.html"
    out.write_text("the old one")

    def fail(_part: Path, _out: Path) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", fail)
        result = run("tree", "--out", out)
    assert result.exit_code == 1
    assert "No space left" in str(result.exception)
    assert out.read_text() == "the old one"
    assert sorted(one.name for one in tmp_path.iterdir() if one.name.startswith((".sheet", "sheet"))) == ["sheet.html"]
    assert run("tree", "--out", out).exit_code == 0
