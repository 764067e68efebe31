"""The figures about this server for Prometheus, on a port of their own, whichever of its processes is asked."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from sqlalchemy.exc import SQLAlchemyError

from hoshin.db import Database
from hoshin.model.heartbeats import JOBS
from hoshin.queries.health import find_heartbeat, job_age, job_retries

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus_client looks for the folder in which all processes of a server keep their figures."""


class _Listener(ThreadingMixIn, WSGIServer):
    """All processes listen at the port; the system gives each question to one of them."""

    allow_reuse_port = True
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    """Nobody wants a line in the log for each question of Prometheus."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def sharing() -> Iterator[None]:
    """Have the processes that are born meanwhile keep their figures in one folder, which goes with this process.

    Before prometheus_client is imported anywhere, because it looks for the folder just then.
    """
    owner, folder = os.getpid(), tempfile.mkdtemp(prefix="hoshin-metrics-")
    os.environ[SHARED] = folder
    try:
        yield
    finally:
        if os.getpid() == owner:  # the server's workers, born as copies, come through here too
            shutil.rmtree(folder, ignore_errors=True)


def forget(*, process: int) -> None:
    """A process has ended: what it had counted stays counted, what it was just then doing does not."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - see sharing

    mark_process_dead(process)  # type: ignore[no-untyped-call]


def listen(*, host: str, port: int, database: Database, clock: Callable[[], datetime] | None = None) -> WSGIServer:
    """Answer at the port, in a thread of this process, for as long as it lives."""
    from prometheus_client import CollectorRegistry, make_wsgi_app  # noqa: PLC0415 - see sharing
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415 - see sharing

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(JobFigures(database, clock or (lambda: datetime.now(UTC))))
    server = make_server(host, port, make_wsgi_app(registry), _Listener, _Quiet)
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


class JobFigures:
    """How long the oldest due job has been waiting and the job process silent, asked for when Prometheus asks."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self.database, self.clock = database, clock

    def collect(self) -> Iterable[Any]:
        """The figures of this moment; none when the database does not answer, which is a figure too."""
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - see sharing

        found = self._found()
        yield GaugeMetricFamily("hoshin_database_up", "Whether the database answers", value=int(found is not None))
        if found is None:
            return
        age, retries, silence = found
        yield GaugeMetricFamily("hoshin_job_age_seconds", "How long the oldest due job has been waiting", value=age)
        yield GaugeMetricFamily("hoshin_job_retries", "How often jobs were taken up once more", value=retries)
        if silence is not None:
            yield GaugeMetricFamily("hoshin_job_silence_seconds", "Since the job process was last alive", value=silence)

    def _found(self) -> tuple[float, int, float | None] | None:
        at = self.clock()
        try:
            with self.database.reading() as session:
                age = job_age(session=session, at=at).total_seconds()
                retries = job_retries(session=session)
                last = find_heartbeat(session=session, name=JOBS)
        except SQLAlchemyError:
            return None
        return age, retries, (at - last).total_seconds() if last else None
