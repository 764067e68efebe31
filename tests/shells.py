"""Runs `hoshin` as a person at the shell does, in this process, with what was printed and the exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from hoshin.cli import main


@dataclass(frozen=True, slots=True)
class Said:
    """What one command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def problems(self) -> list[str]:
        """The lines on standard error."""
        return self.err.splitlines()


Run = Callable[..., Said]


def runner(*, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs `hoshin` with the given words."""

    def run(*words: object) -> Said:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["hoshin", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return run


def attained(run: Run, *words: object) -> dict[str, Any]:
    """The answer of `hoshin attain` as it is in JSON."""
    said = run("attain", "--format", "json", *words)
    assert said.code == 0, said.err
    answer: dict[str, Any] = json.loads(said.out)
    return answer


def node(answer: dict[str, Any], kind: str, path: str = "") -> dict[str, Any]:
    """One node of the answer; the organisation needs no path."""
    found: dict[str, Any] = next(
        one for one in answer["nodes"] if one["kind"] == kind and (not path or one["path"] == path)
    )
    return found


def counts(one: dict[str, Any]) -> tuple[int, int, int, int, int]:
    """Total, hits, misses, no data, without target."""
    return one["total"], one["hits"], one["misses"], one["no_data"], one["no_target"]
