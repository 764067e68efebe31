"""`hoshin attain`: its formats, its defaults, and what it refuses."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from hoshin.cli import shell
from hoshin.errors import Missing, Refused
from tests.planting import plant

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, session: Session, tmp_path: Path) -> Run:
    """`run("--format", "json")` on the planted plan."""
    plant(session)
    session.commit()
    environ = {"HOSHIN_DATABASE_URL": database_url, "HOSHIN_INSTANCE": str(tmp_path)}
    return lambda *words: CliRunner().invoke(shell.hoshin, ["attain", *words], env=environ)


def answer(run: Run, *words: str) -> Any:
    result = run("--format", "json", *words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_json_for_a_month(run: Run) -> None:
    found = answer(run, "--period", "2026-04")
    whole = found["nodes"][0]
    assert (whole["kind"], whole["total"], whole["hits"], whole["misses"], whole["no_data"]) == (
        "organisation", 5, 2, 2, 1,
    )  # fmt: skip
    assert (whole["ratio"], whole["coverage"], whole["measured_ratio"]) == ("0.400000", "0.800000", "0.500000")
    assert [one["unit"] for one in found["nodes"] if one["kind"] == "priority"] == [None]
    assert sum(one["total"] for one in found["depths"]) == whole["total"]


@pytest.mark.parametrize(
    ("words", "cycle", "period"),
    [
        (["--cycle", "2026"], "FY2026", None),
        (["--cycle", "fy2026", "--mode", "year-end"], "FY2026", "2026"),
        (["--period", "2026-Q1"], "FY2026", "2026-Q1"),
        (["--as-of", "2026-05-20"], "FY2026", "2026-04"),
        (["--as-of", "2026-01-02"], "FY2026", "2026-01"),
    ],
)
def test_the_question(run: Run, words: list[str], cycle: str, period: str | None) -> None:
    found = answer(run, *words)
    assert found["cycle"] == cycle
    assert period in (None, found["period"])


def test_as_of_a_day_before_anything_was_recorded_there_is_no_metric(run: Run) -> None:
    assert answer(run, "--as-of", "2026-05-19", "--period", "2026-04")["nodes"][0]["total"] == 0
    early = answer(run, "--as-of", "2026-05-19", "--period", "2026-04", "--known-at", "2026-06-01T00:00+00:00")
    assert early["nodes"][0]["total"] == 5
    assert early["known_at"] == "2026-06-01T00:00:00+00:00"


def test_a_day_alone_means_its_end(run: Run) -> None:
    found = answer(run, "--period", "2026-04", "--known-at", "2026-05-20")
    assert found["nodes"][0]["total"] == 5
    assert found["known_at"] == "2026-05-20T23:59:59.999999+00:00"


def test_the_table_and_the_sheet_say_the_same(run: Run) -> None:
    table = run("--period", "2026-04").stdout
    assert "2 of 5 due metrics hit target (40 %)" in table
    rows = list(csv.DictReader(run("--period", "2026-04", "--format", "csv").stdout.splitlines()))
    whole = next(one for one in rows if one["list"] == "node" and one["kind"] == "organisation")
    assert (whole["hits"], whole["total"], whole["ratio"]) == ("2", "5", "0.400000")


@pytest.mark.parametrize(
    ("words", "failure", "said"),
    [
        (["--as-of", "yesterday"], Refused, "--as-of: a day is written like"),
        (["--as-of", "9999-12-31"], Refused, "choose a day between"),
        (["--known-at", "soon"], Refused, "--known-at: an instant is written like"),
        (["--known-at", "0001-01-01T00:00+14:00"], Refused, "an instant is written like"),
        (["--period", "May"], Refused, "is not a period such as"),
        (["--period", "2025-05", "--cycle", "2026"], Refused, "outside FY2026"),
        (["--cycle", "2031"], Missing, "there is no cycle 2031"),
        (["--cycle", "\udcff"], Missing, "there is no cycle"),
    ],
)
def test_refusals_name_the_word(run: Run, words: list[str], failure: type[Exception], said: str) -> None:
    error = run(*words).exception
    assert isinstance(error, failure)
    assert said in str(error)


def test_an_empty_database_says_so(database_url: str, tmp_path: Path) -> None:
    environ = {"HOSHIN_DATABASE_URL": database_url, "HOSHIN_INSTANCE": str(tmp_path)}
    error = CliRunner().invoke(shell.hoshin, ["attain"], env=environ).exception
    assert "no organisation yet" in str(error)
