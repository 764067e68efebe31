"""`hoshin serve`: the planner behind a production server, never in debug mode."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from sqlalchemy import make_url

from hoshin import logs
from hoshin.app import create_app
from hoshin.cli import metrics, shell
from hoshin.errors import Refused
from hoshin.reports.pdf import print_elsewhere
from hoshin.reports.press import PAPERS, Press

HOST, PORT, THREADS = "127.0.0.1", 8000, 8
COLLECTIONS = 20_000, 20, 50
"""A page's objects live until it is answered: looking through them as often as Python does by itself finds nothing."""


class Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """gunicorn with its settings given here instead of on a command line of its own."""

    def __init__(self, application: Callable[..., Any], options: dict[str, Any]) -> None:
        self.application, self.options = application, options
        super().__init__()

    def load_config(self) -> None:
        """Take the settings; no file and no environment variable adds to them."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        """The application, made once before the workers are born."""
        return self.application


class _Log(Logger):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's own words go where those of the planner go, in the same form."""

    def setup(self, cfg: Any) -> None:
        """Take no handler of its own."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


def _shared_memory() -> str | None:
    """Where a worker's heartbeat costs no disk."""
    folder = Path("/dev/shm")  # noqa: S108 - the system's folder, not a file of ours
    return str(folder) if folder.is_dir() and os.access(folder, os.W_OK) else None


SETTINGS: dict[str, Any] = {
    "threads": THREADS,
    "timeout": 120,
    "graceful_timeout": 60,  # whoever is being answered when a server is restarted, still is
    "preload_app": True,
    "loglevel": "warning",
    "logger_class": _Log,
    "proc_name": "hoshin",
    "control_socket_disable": True,
    "worker_tmp_dir": _shared_memory(),
}


@shell.hoshin.command()
@click.option("--host", default=HOST, show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="How many processes answer.")
@click.option(
    "--metrics-port", type=click.IntRange(0, 65535), default=None,
    help="Where Prometheus asks, on 127.0.0.1 unless --metrics-host says otherwise; HOSHIN_METRICS_PORT by default.",
)
@click.option("--metrics-host", default=HOST, show_default=True)
@click.option("--jobs", is_flag=True, help="Keep a job process beside it, as ./run does.")
@click.pass_obj
def serve(
    run: shell.Shell, host: str, port: int, workers: int, metrics_port: int | None, metrics_host: str, *, jobs: bool
) -> None:
    """Serve the planner until it is stopped; prints its address on standard error."""
    with run.opened():
        pass  # migrated; each worker opens its own connections
    measured = run.settings.metrics_port if metrics_port is None else metrics_port
    with jobs_beside() if jobs else nullcontext():
        listen(
            run=run, host=host, port=port, workers=workers, ready=lambda address: click.echo(address, err=True),
            measured_at=(metrics_host, measured) if measured else None,
        )  # fmt: skip


@contextmanager
def jobs_beside() -> Iterator[None]:
    """A job process that ends with this one, and is begun again when it dies, so that a laptop needs nothing else."""
    # -P: a folder named hoshin where the command was called must not stand in for the planner that runs here
    command = [sys.executable, "-P", "-m", "hoshin", "jobs", "keep", "--beside", str(os.getpid())]
    places = [str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH", "")]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(one for one in places if one)}
    owner = os.getpid()
    beside = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environ)  # noqa: S603 - our own program
    try:
        yield
    finally:
        if os.getpid() == owner:  # the server's workers, born as copies, come through here too
            beside.terminate()
            beside.wait()


def listen(
    *,
    run: shell.Shell,
    host: str,
    port: int,
    ready: Callable[[str], None],
    workers: int = 1,
    measured_at: tuple[str, int] | None = None,
) -> None:
    """Serve the migrated database; `ready` is told the address once it answers. Refused when a port is taken.

    `measured_at` is the host and port where Prometheus asks.
    """
    refuse_taken(host=host, port=port)
    if measured_at:
        refuse_taken(host=measured_at[0], port=measured_at[1])
    logs.set_up(as_json=run.settings.log_as_json)
    with metrics.sharing() if measured_at else nullcontext():
        application = create_app(settings=run.settings)
        print_elsewhere(printer=Press(run.settings.instance / PAPERS))
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        measuring = _measuring(application, measured_at) if measured_at else {}
        waits = waits_for_server(url=run.settings.database_url)
        settings = settings_of(place=place, workers=workers, ready=ready, waits=waits)
        Server(application, settings | measuring).run()


def settings_of(
    *, place: str, workers: int, ready: Callable[[str], None] = lambda _address: None, waits: bool = False
) -> dict[str, Any]:
    """gunicorn's settings to serve at that place; `ready` is told the address once it answers.

    `waits` says that answers wait for a database server.
    """
    one = f"hoshin.cli.workers.{'WaitingWorker' if waits else 'Worker'}"  # by name: who does not serve need not load it
    return SETTINGS | {"worker_class": one, "bind": place, "workers": workers, "when_ready": _ready_teller(ready)}


def waits_for_server(*, url: str) -> bool:
    """Whether answers wait for a server that has the database, which is no file then."""
    return make_url(url).get_backend_name() != "sqlite"


def _ready_teller(ready: Callable[[str], None]) -> Callable[[Any], None]:
    told: list[bool] = []

    def when_ready(server: Any) -> None:
        gc.collect()
        gc.freeze()  # what is loaded by now stays: no collection has to look at it again
        gc.set_threshold(*COLLECTIONS)
        if not told:
            told.append(True)
            ready("; ".join(_address(one.sock.getsockname()) for one in server.LISTENERS))

    return when_ready


def _measuring(application: Flask, measured_at: tuple[str, int]) -> dict[str, Callable[..., None]]:
    """What the processes that answer do when they are born and gone, so that Prometheus finds their figures."""
    host, port = measured_at

    def when_born(_worker: Any) -> None:
        metrics.listen(host=host, port=port, database=application.extensions["hoshin_database"])

    return {"post_worker_init": when_born, "child_exit": lambda _server, worker: metrics.forget(process=worker.pid)}


def refuse_taken(*, host: str, port: int) -> None:
    """Raise Refused, in one clear line, when nobody can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
            trial.listen(1)
        except OSError as error:
            told = error.strerror or str(error)
            raise Refused(f"cannot listen at {host}:{port} ({told}); choose another port with --port") from error


def _address(name: tuple[Any, ...]) -> str:
    host = f"[{name[0]}]" if ":" in str(name[0]) else name[0]
    return f"http://{host}:{name[1]}"
