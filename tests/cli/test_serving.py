"""The planner is started as a person starts it: `hoshin start` and `hoshin serve` as real processes on a real port."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

PATIENCE = 300.0
"""Seconds a busy machine may take for what takes one."""
BELOW = range(20_000, 32_000)
"""Ports that no system hands out by itself: one found free here is not lost to somebody's connection meanwhile."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A shell of its own: no database yet."""
    return {**os.environ, "HOSHIN_INSTANCE": str(tmp_path / "instance"), "PYTHONPATH": str(Path(__file__).parents[2])}


@pytest.fixture
def port() -> int:
    """A port that is free at this moment."""
    return free_port()


def free_port() -> int:
    """One of BELOW that nobody listens on."""
    while True:
        with socket.socket() as trial, suppress(OSError):
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(("127.0.0.1", secrets.choice(BELOW)))
            return int(trial.getsockname()[1])


@contextmanager
def running(environment: dict[str, str], port: int, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A command that serves, once it answers; stopped at the end."""
    command = [sys.executable, "-m", "hoshin", *words, "--port", str(port)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            await_answer(port, process.poll)
            yield process
        finally:
            process.terminate()


def await_answer(port: int, ended: Callable[[], int | None]) -> None:
    """Wait until somebody answers there; fails when the process has `ended`."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and ended() is None:
        try:
            assert _get(port, "/healthz") == 200
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the planner does not answer")


def _get(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def test_the_first_start_brings_the_example_and_three_sign_ins_and_the_next_one_does_not(
    environment: dict[str, str], port: int, tmp_path: Path
) -> None:
    with running(environment, port, "start") as process:
        assert _get(port, "/sign-in") == 200
        process.terminate()
        out, _ = process.communicate(timeout=PATIENCE)
    assert "due metrics hit target" in out or "metrics is due yet" in out
    assert f"http://127.0.0.1:{port}" in out
    assert [one.split()[0] for one in out.splitlines() if "@tarnbridge.example" in one and "  " in one][-3:] == [
        "executive",
        "department",
        "member",
    ]
    database = tmp_path / "instance" / "hoshin.sqlite"
    assert database.stat().st_mode & 0o777 == 0o600
    with running(environment, port, "start") as process:
        process.terminate()
        out, _ = process.communicate(timeout=PATIENCE)
    assert f"http://127.0.0.1:{port}" in out
    assert "executive  " not in out
    assert "./run user reset EMAIL" in out


def test_serve_says_its_address_on_standard_error_and_a_taken_port_is_one_clear_line(
    environment: dict[str, str], port: int
) -> None:
    with running(environment, port, "serve") as process:
        assert _get(port, "/") == 302  # an empty database offers to begin
        second = subprocess.run(
            [sys.executable, "-m", "hoshin", "serve", "--port", str(port)],
            env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        process.terminate()
        out, err = process.communicate(timeout=PATIENCE)
    assert out == ""
    assert f"http://127.0.0.1:{port}\n" in err
    assert second.returncode == 1
    assert second.stdout == ""
    assert len(second.stderr.splitlines()) == 1
    assert "choose another port with --port" in second.stderr
