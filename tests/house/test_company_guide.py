"""The files that the guide gives a company name only what the planner knows; `./run bench company` runs with them."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from hoshin import config
from hoshin.cli import shell

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "company"


def test_every_variable_is_one_that_the_planner_reads() -> None:
    lines = (GUIDE / "hoshin.env").read_text("utf-8").splitlines()
    names = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    known = Path(config.__file__).read_text("utf-8")
    assert len(names) >= 5
    assert {one for one in names if f'"{one}"' not in known} == set()


@pytest.mark.parametrize("unit", ["hoshin-serve.service", "hoshin-jobs.service"])
def test_every_command_has_the_options_that_it_is_given(unit: str) -> None:
    text = (GUIDE / unit).read_text("utf-8")
    words = shlex.split(next(line for line in text.splitlines() if line.startswith("ExecStart=")))[1:]
    command = [one for one in words if one.isalpha()]
    told = CliRunner().invoke(shell.hoshin, [*command, "--help"])
    assert told.exit_code == 0
    assert [one for one in words if one.startswith("--") and one not in told.output] == []


def test_the_readme_names_every_file() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert {one.name for one in GUIDE.iterdir() if one.name not in readme} == set()
