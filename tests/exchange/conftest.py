"""A shell on the test's own database, and the test's docstring as the file to import."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from tests.shells import Run, runner


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database_url: str, tmp_path: Path) -> Run:
    """`hoshin` on the database of the test."""
    monkeypatch.setenv("HOSHIN_DATABASE_URL", database_url)
    monkeypatch.setenv("HOSHIN_INSTANCE", str(tmp_path / "instance"))
    return runner(monkeypatch=monkeypatch, capsys=capsys)


@pytest.fixture
def plan(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The test's docstring as the file plan.csv."""
    return write(tmp_path / "plan.csv", inspect.cleandoc(request.function.__doc__ or ""))


def write(path: Path, text: str) -> Path:
    """The text as a file; its lines may be indented as they stand in a test."""
    path.write_text(inspect.cleandoc(text) + "\n", encoding="utf-8")
    return path
