"""What a command writes stands there whole or not at all, however full the disk is."""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from hoshin.cli.files import whole, write_whole
from hoshin.db import make_engine
from hoshin.errors import Refused
from tests import factories
from tests.shells import Run, runner


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sqlite_url: str, tmp_path: Path
) -> Run:
    """The shell, with an organisation to write about."""
    monkeypatch.setenv("HOSHIN_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("HOSHIN_SECRET_KEY", "x" * 48)
    monkeypatch.setenv("HOSHIN_INSTANCE", str(tmp_path / "instance"))
    engine = make_engine(url=sqlite_url)
    with Session(engine) as session:
        factories.organisation(session, "Quayside")
        factories.cycle(session)
        session.commit()
    engine.dispose()
    return runner(monkeypatch=monkeypatch, capsys=capsys)


@contextmanager
def little_room(size: int) -> Iterator[None]:
    """As on a full disk: this process may not write a larger file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    ("room", "words"),
    [
        (20, ("export", "out.csv")), (4096, ("export", "out.xlsx")), (20, ("sheet", "tree", "--out", "out.html")),
        (20, ("sheet", "attainment", "--out", "out.xlsx")),
    ],
)  # fmt: skip
def test_a_full_disk_keeps_the_old_file_and_says_so_in_a_line(
    run: Run, tmp_path: Path, room: int, words: tuple[str, ...]
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    file = folder / words[-1]
    file.write_text("the old one", "utf-8")
    with little_room(room):
        said = run(*words[:-1], file)
    assert (said.code, said.out, len(said.problems)) == (1, "", 1), said
    assert "File too large" in said.problems[0]
    assert (file.read_text("utf-8"), os.listdir(folder)) == ("the old one", [file.name])
    assert run(*words[:-1], file).code == 0
    assert os.listdir(folder) == [file.name]


def test_a_device_without_room_is_refused_and_stays_a_device(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="/dev/full cannot be written: No space left on device"):
        write_whole(path=Path("/dev/full"), content=b"x" * 10)
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


def test_a_link_stays_a_link_and_a_file_keeps_its_permissions(tmp_path: Path) -> None:
    file, link = tmp_path / "plan.csv", tmp_path / "latest.csv"
    write_whole(path=file, content=b"old")
    file.chmod(0o640)
    link.symlink_to(file)
    write_whole(path=link, content=b"new")
    assert (link.is_symlink(), file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (True, b"new", 0o640)


def test_what_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    def write() -> None:
        with whole(path=tmp_path / "plan.csv") as part:
            part.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert list(tmp_path.iterdir()) == []


def test_of_two_who_may_not_overwrite_the_first_wins(tmp_path: Path) -> None:
    def write() -> None:
        with whole(path=tmp_path / "copy", over=False) as part:
            part.write_bytes(b"late")
            (tmp_path / "copy").write_bytes(b"first")

    with pytest.raises(Refused, match="File exists"):
        write()
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("copy", b"first")]
