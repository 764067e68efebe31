"""Processes of the product that need not read its modules first: one process has read them, the others are its forks.

A server or job process that a test starts, kills and starts again would spend most of its time reading modules. Forked
when they have been read, it is a process like any other: with a number, an environment and an end of its own. That the
product starts from nothing too is told in tests/cli/test_serving.py and test_metrics.py.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

MODULES = ("hoshin.cli.jobs", "hoshin.cli.serve", "hoshin.app", "psycopg", "sqlalchemy.dialects.postgresql.psycopg")
"""What has been read when a process begins."""
LARGEST = 100_000
"""Bytes of a request: a program and the variables of an environment."""


@dataclass
class Forked:
    """A process, in the words of subprocess.Popen."""

    pid: int
    stdout: TextIO
    ended: int
    """Where its end is told."""
    returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, negative the signal that killed it; raises TimeoutExpired after so many seconds."""
        if self.returncode is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self.ended, selectors.EVENT_READ)
                if not selector.select(timeout):
                    raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            self.returncode = int(os.read(self.ended, 16))
        return self.returncode

    def poll(self) -> int | None:
        """Its exit code if it has ended."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it the signal, unless it is over."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def close(self) -> None:
        """End it, wait, and let go of what it said."""
        self.kill()
        self.wait()
        self.stdout.close()
        os.close(self.ended)


class Nursery:
    """The process that has read the modules, asked for forks."""

    def __init__(self) -> None:
        """Start it; it ends with whoever made it."""
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        command = [sys.executable, "-P", __file__, str(theirs.fileno())]
        self._process = subprocess.Popen(command, env=environ, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        theirs.close()

    def begin(self, program: str, *words: str, environ: Mapping[str, str], log: Path) -> Forked:
        """A process as `python -c PROGRAM WORDS` would be one; what it says as error goes to the end of the log."""
        said, saying = os.pipe()
        ended, telling = os.pipe()
        with log.open("a") as file:
            asked = json.dumps({"program": program, "words": words, "environ": dict(environ)}).encode()
            socket.send_fds(self._line, [asked], [saying, file.fileno(), telling])
        for one in (saying, telling):
            os.close(one)
        return Forked(int(self._line.recv(16)), os.fdopen(said, encoding="utf-8"), ended)

    def close(self) -> None:
        """End it, and every process of it that still runs."""
        self._line.close()
        self._process.wait()


# ---------------------------------------------------------------- the nursery's own process


@dataclass
class Request:
    """What process is wanted, and where its output, its errors and its end are told."""

    wish: dict[str, Any]
    out: int
    log: int
    telling: int

    def fulfil(self) -> None:
        """Be that process from here on."""
        os.dup2(self.out, 1)
        os.dup2(self.log, 2)
        for one in (self.out, self.log):
            os.close(one)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.environ.clear()
        os.environ.update(self.wish["environ"])
        sys.argv = ["-c", *self.wish["words"]]
        exec(compile(self.wish["program"], "<string>", "exec"), {"__name__": "__main__"})


class Keeper:
    """Forks a process for each request and tells how each of them ended."""

    def __init__(self, line: socket.socket) -> None:
        self._line, self._selector = line, selectors.DefaultSelector()
        self._selector.register(line, selectors.EVENT_READ)
        self._running: dict[int, tuple[int, int]] = {}

    def keep(self) -> Request | None:
        """Work until nobody asks any more: None then, and in each forked process what it is to be."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is not self._line:
                    self._bury(key.data)
                    continue
                request = self._receive()
                if request is None:
                    self._end_all()
                    return None
                if self._has_forked(request):
                    return request

    def _receive(self) -> Request | None:
        asked, places, _, _ = socket.recv_fds(self._line, LARGEST, 3)
        return Request(json.loads(asked), *places) if asked else None

    def _has_forked(self, request: Request) -> bool:
        """Whether this is the new process; the old one tells its number and watches it."""
        process = os.fork()
        if process == 0:
            self._selector.close()
            self._line.close()
            for watched, telling in [*self._running.values(), (request.telling, request.telling)]:
                for one in {watched, telling}:
                    os.close(one)
            return True
        for one in (request.out, request.log):
            os.close(one)
        watched = os.pidfd_open(process)
        self._running[process] = (watched, request.telling)
        self._selector.register(watched, selectors.EVENT_READ, process)
        self._line.send(str(process).encode())
        return False

    def _bury(self, process: int) -> None:
        watched, telling = self._running.pop(process)
        self._selector.unregister(watched)
        _, status = os.waitpid(process, 0)
        with suppress(BrokenPipeError):
            os.write(telling, str(os.waitstatus_to_exitcode(status)).encode())
        for one in (watched, telling):
            os.close(one)

    def _end_all(self) -> None:
        for process in list(self._running):
            os.kill(process, signal.SIGKILL)
            self._bury(process)


def _read_modules() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # from the keyboard it is for the run, which ends this one too
    for one in MODULES:
        importlib.import_module(one)
    gc.collect()
    gc.freeze()  # what the forks share is not looked through, and so not copied, in each of them


if __name__ == "__main__":
    _read_modules()
    found = Keeper(socket.socket(fileno=int(sys.argv[1]))).keep()
    if found is not None:
        found.fulfil()
