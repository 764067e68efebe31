"""Every file that a command writes stands under its name whole, or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hoshin.errors import Refused


@contextmanager
def whole(*, path: Path, over: bool = True) -> Iterator[Path]:
    """A file beside it to write to, which takes the name when the block is done and everything has reached the disk.

    Without `over` a file that is there stays. Raises Refused in one line where something fails (a full disk, say): then
    nothing of it is left, and what stood under the name before stands there still. A device is written to as it is.
    """
    try:
        path = path.resolve()
        if path.exists() and not path.is_file():
            yield path
            return
        if path.exists() and not over:
            raise FileExistsError(0, "File exists")
        part = path.with_name(f".{path.name[:200]}.{os.getpid()}.part")
        try:
            yield part
            _settle(part, path, over)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror or error}") from error


def write_whole(*, path: Path, content: bytes) -> None:
    """The file with this content; Refused as `whole` says."""
    with whole(path=path) as part:
        part.write_bytes(content)


def _settle(part: Path, path: Path, over: bool) -> None:
    """Let the bytes reach the disk, then the name; a file that is replaced hands its permissions on."""
    if over and path.exists():
        os.chmod(part, stat.S_IMODE(path.stat().st_mode))
    _to_disk(part)
    if over:
        part.replace(path)
    else:
        os.link(part, path)  # refuses, where a rename would not, when somebody has been quicker
    with suppress(OSError):  # not every file system knows how to sync a folder
        _to_disk(path.parent)


def _to_disk(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
