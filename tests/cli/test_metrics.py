"""Prometheus asks a running server of two processes and gets the figures of both, and of the job process."""

from __future__ import annotations

import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

from tests.cli.test_serving import PATIENCE, _get, environment, free_port, port, running

__all__ = ["environment", "port"]


def test_two_processes_answer_with_one_set_of_figures(environment: dict[str, str], port: int, tmp_path: Path) -> None:
    measured = free_port()
    words = ("serve", "--workers", "2", "--metrics-port", str(measured))
    done = subprocess.run(
        [sys.executable, "-m", "hoshin", "jobs", "run", "--once"],
        env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    folders = tmp_path / "folders"
    folders.mkdir()
    with running(environment | {"TMPDIR": str(folders)}, port, *words):
        assert [one.name[:15] for one in folders.iterdir()] == ["hoshin-metrics-"]
        for _ in range(20):
            _get(port, "/start")
        assert _get(port, "/readyz") == 200
        for _ in range(4):  # whichever process is asked, it knows of all
            text = _figures(measured)
            assert 'hoshin_request_seconds_count{endpoint="start.show",method="GET",status="200"} 20.0' in text
            assert "hoshin_database_up 1.0" in text
            assert "hoshin_job_age_seconds 0.0" in text
            assert "hoshin_job_silence_seconds" in text
    assert list(folders.iterdir()) == []


def _figures(port: int) -> str:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", "/metrics")
    return connection.getresponse().read().decode()
