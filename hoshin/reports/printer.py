"""The program of a printing process: sheets in on standard input, pages and PDFs out on standard output.

It has no secrets, no database and no network, a bound on its memory, and a new bound on its time for each print. Each
request is a line of JSON; so is each answer, the last one followed by as many bytes as it says.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
from pathlib import Path
from typing import Any, BinaryIO

from hoshin.reports.pdf import NoPrinter, print_here


def main() -> None:
    """Answer requests until the other side hangs up; the one argument is the bound on memory, in bytes."""
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints does not mix with the answers
    for line in sys.stdin.buffer:
        _answer(json.loads(line), answers)


def _answer(request: dict[str, Any], answers: BinaryIO) -> None:
    _allow(int(request["seconds"]))
    content = b""
    try:
        content = print_here(sheets=request["sheets"], on_page=lambda page: _say(answers, {"page": page}))
        said: dict[str, Any] = {"done": len(content)}
    except NoPrinter as error:
        said = {"failed": str(error)}
    except MemoryError:
        said = {"memory": True}
    except Exception as error:  # noqa: BLE001 - whatever a sheet breaks, the next one is printed
        said = {"memory": True} if _is_full() else {"broken": type(error).__name__}
    _say(answers, said, content)


def _is_full() -> bool:
    """Whether the process has come close to its bound on memory: not every library says so when it is refused more."""
    held = re.search(r"VmPeak:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))
    return held is not None and int(held[1]) * 1024 > 0.9 * resource.getrlimit(resource.RLIMIT_AS)[0]


def _allow(seconds: int) -> None:
    """So many more seconds of the processor; who takes more is ended by the system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, resource.RLIM_INFINITY))


def _say(answers: BinaryIO, said: dict[str, Any], content: bytes = b"") -> None:
    answers.write(json.dumps(said).encode() + b"\n" + content)
    answers.flush()


if __name__ == "__main__":
    main()
