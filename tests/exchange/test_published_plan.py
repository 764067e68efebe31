"""A real, published plan goes in through a map, and its attainment comes out right at every level."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shells import Run, attained, counts, node

DATA = Path(__file__).parent / "data"
FILE, MAP = DATA / "gsa_fy2018_apr.csv", DATA / "gsa.toml"


@pytest.fixture
def gsa(run: Run) -> Run:
    """The shell, with the plan of the General Services Administration imported."""
    said = run("import", FILE, "--map", MAP)
    assert said.code == 0, said.err
    return run


def test_fiscal_year_2018(gsa: Run) -> None:
    answer = attained(gsa, "--cycle", "FY2018", "--mode", "year-end")
    whole = node(answer, "organisation")
    assert counts(whole) == (28, 16, 8, 0, 4)
    assert (whole["ratio"], whole["measured_ratio"], whole["coverage"]) == ("0.571429", "0.666667", "0.857143")
    assert {one["name"]: counts(one) for one in answer["nodes"] if one["kind"] == "objective"} == {
        "Real Estate": (9, 3, 5, 0, 1),
        "Acquisition": (6, 4, 2, 0, 0),
        "Technology": (5, 3, 0, 0, 2),
        "Service Expansion": (8, 6, 1, 0, 1),
    }


def test_fiscal_year_2016(gsa: Run) -> None:
    answer = attained(gsa, "--cycle", "2016", "--mode", "year-end")
    assert counts(node(answer, "organisation")) == (27, 12, 2, 0, 13)


def test_fiscal_year_2019_has_targets_and_no_readings_yet(gsa: Run) -> None:
    whole = node(attained(gsa, "--cycle", "FY2019", "--mode", "year-end"), "organisation")
    assert counts(whole) == (27, 0, 0, 22, 5)
    assert whole["coverage"] == "0.000000"


def test_the_objective_spelled_two_ways_is_reported_and_kept_apart(run: Run) -> None:
    said = run("import", FILE, "--map", MAP)
    assert "likely duplicate priority, kept apart: “Reduce the cost of Federal inventory.”" in said.out
    names = {one["name"] for one in attained(run, "--cycle", "2018")["nodes"] if one["kind"] == "priority"}
    assert {"Reduce the cost of Federal inventory.", "Reduce the Cost of Federal Inventory"} <= names


def test_the_same_file_again_changes_nothing(gsa: Run) -> None:
    before = attained(gsa, "--cycle", "2018", "--mode", "year-end")
    said = gsa("import", FILE, "--map", MAP)
    assert (said.code, said.err) == (0, "")
    assert "nothing changes" in said.out
    assert attained(gsa, "--cycle", "2018", "--mode", "year-end") == before


def test_it_comes_out_and_goes_in_elsewhere_without_its_map(gsa: Run, tmp_path: Path, sqlite_template: Path) -> None:
    asked = ("--cycle", "2018", "--mode", "year-end")
    before = attained(gsa, *asked)
    assert gsa("export", tmp_path / "gsa.csv").code == 0
    assert gsa("import", tmp_path / "gsa.csv").out.count("nothing changes") == 1
    assert attained(gsa, *asked) == before
