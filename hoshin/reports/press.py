"""Has sheets printed in a few processes of their own, each sheet once: who asks for the same again gets the same file.

A sheet is known by its whole text, so it is never out of date. A printing process that takes too long, too much
memory, or is killed, costs its own sheet and nothing else.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Any

from hoshin import measures
from hoshin.config import PACKAGE, resource_dir
from hoshin.reports.pdf import NoPrinter, OnPage, Unprinted

PAPERS = "papers"
"""The folder below an instance where a server and its job process share what has been printed."""
PROCESSES = 2
MEMORY = 1536 * 1024 * 1024
"""How much address space, in bytes, a printing process may take: enough for a chart of 10,000 KPIs."""
SECONDS = 90
"""How long one sheet may take, on the clock and of the processor."""
LETTERS = 9_000_000
"""A sheet of more letters than these, some 6,000 KPIs, may take longer, in proportion."""
PATIENCE = 60
"""How long a sheet waits for a process that is free."""
KEPT_SECONDS, KEPT_FILES = 86_400, 300
TOO_LONG = "This sheet took too long to print and was stopped. Print a part of it, or the page from the browser."
SHORT_OF_MEMORY = (-signal.SIGABRT, -signal.SIGTRAP)
"""How a process ends when one of the libraries below it is refused memory."""
TOO_BIG = "This sheet took too much memory to print and was stopped. Print a part of it, or the page from the browser."
BROKEN = "This sheet could not be printed. Print the page from the browser, and tell your administrator."
BUSY = "Too many sheets are being printed just now. Wait a minute and ask for it again."
SHARED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH")
"""What a printing process learns of our surroundings: where fonts are, and no secret."""


class _Gone(Exception):
    """The process ended before it answered."""


class _Process:
    """One printing process, as seen from here."""

    def __init__(self, *, memory: int) -> None:
        environ = {name: os.environ[name] for name in SHARED if name in os.environ}
        command = [sys.executable, "-m", "hoshin.reports.printer", str(memory)]
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env={**environ, "PYTHONPATH": str(PACKAGE.parent)},
        )  # fmt: skip
        self.waiting = b""

    def print(self, *, sheets: Sequence[str], on_page: OnPage, seconds: int) -> bytes:
        """The sheets as PDF; raises Unprinted, and whatever `on_page` raises."""
        ends = time.monotonic() + seconds
        self._ask({"sheets": list(sheets), "seconds": seconds})
        while True:
            said = json.loads(self._line(ends))
            if "page" in said:
                on_page(said["page"])
            elif "done" in said:
                return self._bytes(said["done"], ends)
            else:
                raise Unprinted(said.get("failed") or (TOO_BIG if "memory" in said else BROKEN))

    def end(self) -> None:
        """Be rid of it."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _ask(self, request: dict[str, Any]) -> None:
        assert self.process.stdin is not None  # noqa: S101 - it was made with one
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except OSError as error:
            raise _Gone from error

    def _line(self, ends: float) -> bytes:
        while b"\n" not in self.waiting:
            self._wait(ends)
        line, _, self.waiting = self.waiting.partition(b"\n")
        return line

    def _bytes(self, number: int, ends: float) -> bytes:
        parts, length = [self.waiting], len(self.waiting)
        while length < number:
            self.waiting = b""
            self._wait(ends)
            parts.append(self.waiting)
            length += len(self.waiting)
        content = b"".join(parts)
        self.waiting = content[number:]
        return content[:number]

    def _wait(self, ends: float) -> None:
        assert self.process.stdout is not None  # noqa: S101 - it was made with one
        handle = self.process.stdout.fileno()
        if not select.select([handle], [], [], max(0.0, ends - time.monotonic()))[0]:
            raise Unprinted(TOO_LONG)
        found = os.read(handle, 1 << 16)
        if not found:
            raise _Gone
        self.waiting += found


@dataclass(slots=True)
class Press:
    """The printing processes of this process, begun when they are needed, and the folder of what has been printed.

    The folder may be lost at any time; processes that share it print no sheet twice.
    """

    folder: Path
    seconds: int = SECONDS
    memory: int = MEMORY
    owner: int = field(default=0)
    places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(PROCESSES))
    guard: Any = field(default_factory=Lock)
    idle: list[_Process] = field(default_factory=list)

    def __call__(self, *, sheets: Sequence[str], on_page: OnPage) -> bytes:
        """The sheets as PDF, printed now or before; raises NoPrinter with a sentence for a person."""
        kept = self.folder / f"{_key(sheets)}.pdf"
        with self._alone(kept):
            content = _read(kept)
            measures.looked_up(cache="paper", found=content is not None)
            if content is None:
                content = self._print(sheets, on_page)
                self._keep(kept, content)
        return content

    def end(self) -> None:
        """End the processes that wait."""
        with self.guard:
            while self.idle:
                self.idle.pop().end()

    @contextmanager
    def _alone(self, kept: Path) -> Iterator[None]:
        """Whoever else wants the same sheet, in whatever process, waits until it is there."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with kept.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _print(self, sheets: Sequence[str], on_page: OnPage) -> bytes:
        if not self.places.acquire(timeout=PATIENCE):
            raise NoPrinter(BUSY)
        try:
            return self._on_some_process(sheets, on_page)
        finally:
            self.places.release()

    def _on_some_process(self, sheets: Sequence[str], on_page: OnPage) -> bytes:
        process = self._take()
        try:
            content = process.print(sheets=sheets, on_page=on_page, seconds=self._seconds(sheets))
        except _Gone:
            raise Unprinted(_why(process)) from None
        except BaseException:
            process.end()
            raise
        with self.guard:
            self.idle.append(process)
        return content

    def _take(self) -> _Process:
        with self.guard:
            if self.owner != os.getpid():  # a server's workers are born as copies: each has processes of its own
                self.owner, self.idle = os.getpid(), []
            while self.idle:
                process = self.idle.pop()
                if process.process.poll() is None:
                    return process
                process.end()
        return _Process(memory=self.memory)

    def _seconds(self, sheets: Sequence[str]) -> int:
        return self.seconds * max(1, round(sum(map(len, sheets)) / LETTERS))

    def _keep(self, kept: Path, content: bytes) -> None:
        mine = kept.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
        mine.replace(kept)
        _sweep(self.folder)


def _why(process: _Process) -> str:
    """What a person is told of a process that has ended before its sheet was there."""
    process.end()
    ended = process.process.returncode
    if ended == -signal.SIGXCPU:
        return TOO_LONG
    return TOO_BIG if ended in SHORT_OF_MEMORY else BROKEN


def _key(sheets: Sequence[str]) -> str:
    """The sheets by their text, and by the style sheets that they name."""
    known = sha256(_styles())
    for one in sheets:
        known.update(sha256(one.encode()).digest())
    return known.hexdigest()


def _styles() -> bytes:
    folder = resource_dir(name="static") / "css"
    return b"".join(f"{one.name} {one.stat().st_mtime_ns}".encode() for one in sorted(folder.glob("*.css")))


def _read(kept: Path) -> bytes | None:
    try:
        return kept.read_bytes()
    except FileNotFoundError:
        return None


def _sweep(folder: Path) -> None:
    """Forget what is a day older than the sheet that was printed just now, and the oldest of too many."""
    found = []
    for one in folder.iterdir():
        with suppress(FileNotFoundError):
            found.append((one.stat().st_mtime, one))
    old = max(when for when, _ in found) - KEPT_SECONDS
    printed = sorted((one for one in found if one[1].suffix == ".pdf"), reverse=True)
    for _, file in [*(one for one in found if one[0] < old), *printed[KEPT_FILES:]]:
        file.unlink(missing_ok=True)
