"""An installed wheel is the whole product: the same command, with templates, static files and migrations inside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hoshin.db import is_current, make_engine

CHECKOUT = Path(__file__).parents[2]
PACKAGES = {"hoshin": "hoshin"} | {name: f"hoshin/{name}" for name in ("templates", "static", "migrations")}
SOURCES = ("setup.cfg", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a wheel is made from, without anything that running or an earlier building has left in the checkout."""
    copy = tmp_path_factory.mktemp("source")
    for folder in PACKAGES:
        shutil.copytree(CHECKOUT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", ".*"))
    for name in SOURCES:
        shutil.copy(CHECKOUT / name, copy / name)
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the tools of this environment and no network."""
    built = tmp_path_factory.mktemp("built")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(built), str(source))
    [wheel] = built.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `hoshin` of a new environment that holds the wheel and borrows only what the wheel requires."""
    home = tmp_path_factory.mktemp("installed")
    _run(sys.executable, "-m", "venv", "--without-pip", str(home))
    python = str(home / "bin" / "python")
    _run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index", "--no-deps", str(wheel))
    [packages] = home.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin" / "hoshin"


def test_holds_every_file_and_no_other(source: Path, wheel: Path) -> None:
    """File by file, so that a new room or a new kind of file cannot be forgotten in setup.cfg."""
    expected = {f"{target}/{name}" for folder, target in PACKAGES.items() for name in _files(source / folder)}
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert found == expected


def test_answers_help(command: Path, tmp_path: Path) -> None:
    """From any folder, without the checkout."""
    assert "import" in _run(str(command), "help", home=tmp_path)


def test_knows_its_files_and_migrates(command: Path, tmp_path: Path) -> None:
    """`hoshin init` makes a database at the head of the migrations that travelled in the wheel."""
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    _run(str(command), "init", home=tmp_path, url=url)
    engine = make_engine(url=url)
    assert is_current(engine=engine)
    engine.dispose()


def _files(folder: Path) -> Iterator[str]:
    return (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _run(*command: str, home: Path | None = None, url: str = "") -> str:
    """Run it outside the checkout, with none of its paths and settings; what it complains of is the failure's text."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HOSHIN_", "PYTHON"))}
    own = {"HOSHIN_INSTANCE": str(home / "instance"), "HOSHIN_DATABASE_URL": url} if home else {}
    env = kept | own
    done = subprocess.run(command, cwd=home or "/", env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
