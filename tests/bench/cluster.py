"""A whole company's planner on one machine, of real parts: nginx, application servers, pgbouncer, PostgreSQL twice.

Everything listens on 127.0.0.1, lives in one folder and ends with the `with` block. PostgreSQL and pgbouncer refuse to
run as root and are then run as `postgres`, the account that Debian's package makes for them.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from hoshin.config import Settings

ACCOUNT = "postgres"
PATIENCE = 60.0
SECRET = "only for this measurement"
HERE = str(Path(__file__).resolve().parents[2])

PGBOUNCER = """[databases]
hoshin = host=127.0.0.1 port={primary} dbname=hoshin user={account}
reports = host=127.0.0.1 port={replica} dbname=hoshin user={account}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
pool_mode = transaction
auth_type = any
max_client_conn = 500
default_pool_size = 20
query_wait_timeout = 10
logfile = {folder}/pgbouncer.log
"""

NGINX = """worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log warn;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    client_max_body_size 32m;
    {temporary}
    upstream planner {{
        {servers}
        keepalive 32;
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://planner;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_set_header X-Request-ID $request_id;
            proxy_connect_timeout 2s;
            proxy_read_timeout 120s;
            # a request that got no answer at all is asked again of the other server, a change only if it was never sent
            proxy_next_upstream error timeout http_503;
        }}
    }}
}}
"""


class NotThere(Exception):
    """A program that the measurement needs is not installed."""


@dataclass
class Part:
    """One process of the company, known by its name."""

    name: str
    process: subprocess.Popen[bytes]


@dataclass
class Company:
    """The running parts; `address` is where people go."""

    folder: Path
    ports: Mapping[str, int]
    parts: dict[str, Part] = field(default_factory=dict)
    workers: int = 1

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of nginx."""
        return "127.0.0.1", self.ports["nginx"]

    @property
    def database_url(self) -> str:
        """The primary itself, for loading."""
        return f"postgresql://{ACCOUNT}@127.0.0.1:{self.ports['primary']}/hoshin"

    @property
    def settings(self) -> Settings:
        """What the application servers run with."""
        return Settings(database_url=self.database_url, secret_key=SECRET, instance=self.folder)

    def environment(self) -> dict[str, str]:
        """The environment of the application servers: all they know about the world."""
        pool = f"postgresql://{ACCOUNT}@127.0.0.1:{self.ports['pgbouncer']}"
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([HERE, *filter(None, [os.environ.get("PYTHONPATH")])]),
            "HOSHIN_INSTANCE": str(self.folder / "instance"),
            "HOSHIN_DATABASE_URL": f"{pool}/hoshin",
            "HOSHIN_REPLICA_URL": f"{pool}/reports",
            "HOSHIN_SECRET_KEY": SECRET,
            "HOSHIN_LOG_FORMAT": "json",
        }

    def start_server(self, name: str, *, workers: int) -> None:
        """Start an application server and wait until it is ready."""
        command = ["serve", "--port", str(self.ports[name]), "--workers", str(workers)]
        self.run(name, [sys.executable, "-m", "hoshin", *command], environment=self.environment())
        wait_until(lambda: answers(self.ports[name], "/readyz?without=jobs"), of=name)

    def stop(self, name: str, how: int = signal.SIGTERM) -> None:
        """Stop one part; SIGTERM lets it finish what it is doing."""
        part = self.parts.pop(name)
        part.process.send_signal(how)
        part.process.wait(timeout=2 * PATIENCE)

    def spent(self) -> dict[str, float]:
        """Seconds of the processor that each running part has used so far, its children's among them."""
        children: dict[int, list[int]] = {}
        used: dict[int, float] = {}
        for file in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                fields = file.read_text("ascii", "replace").rpartition(")")[2].split()
                process = int(file.parent.name)
                children.setdefault(int(fields[1]), []).append(process)
                used[process] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

        def tree(process: int) -> float:
            return used.get(process, 0.0) + sum(map(tree, children.get(process, ())))

        return {name: tree(part.process.pid) for name, part in self.parts.items()}

    def run(
        self, name: str, command: Sequence[str], *, environment: Mapping[str, str] | None = None, as_: str = ""
    ) -> None:
        """Start a program in the background, its output in a file of the folder."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [*_as(as_), *command], env=environment, stdout=log, stderr=log, cwd=self.folder, start_new_session=True
            )
        self.parts[name] = Part(name, process)


@contextmanager
def company(*, folder: Path, servers: int = 2) -> Iterator[Company]:
    """PostgreSQL primary and replica, pgbouncer and nginx, with an empty database; no application server runs yet."""
    programs()
    names = ["primary", "replica", "pgbouncer", "nginx", *(f"server{n + 1}" for n in range(servers))]
    made = Company(folder, dict(zip(names, free_ports(len(names)), strict=True)))
    folder.chmod(0o755)
    try:
        _start_primary(made)
        _start_replica(made)
        _start_pgbouncer(made)
        _start_nginx(made, servers)
        yield made
    finally:
        for name in reversed(list(made.parts)):
            with suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(made.parts[name].process.pid, signal.SIGINT if name in ("primary", "replica") else 15)
                made.parts[name].process.wait(timeout=PATIENCE)


def programs() -> dict[str, str]:
    """Where the programs are; NotThere says what to install."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parent.name))
    path = os.pathsep.join([*(map(str, reversed(homes))), os.environ.get("PATH", ""), "/usr/sbin"])
    wanted = ("postgres", "initdb", "pg_basebackup", "pgbouncer", "nginx")
    found = {name: shutil.which(name, path=path) for name in wanted}
    if missing := [name for name, place in found.items() if place is None]:
        raise NotThere(f"{', '.join(missing)} not found; as root: apt install postgresql pgbouncer nginx")
    return {name: str(place) for name, place in found.items()}


def _start_primary(made: Company) -> None:
    data = _owned(made.folder / "primary")
    do([programs()["initdb"], "-D", str(data), "-U", ACCOUNT, "-A", "trust", "-E", "UTF8", "--no-locale"], as_=ACCOUNT)
    with (data / "pg_hba.conf").open("a", encoding="utf-8") as rules:
        rules.write("host replication all 127.0.0.1/32 trust\n")
    _start_postgres(made, "primary")
    psql(made, "postgres", "CREATE DATABASE hoshin")


def _start_replica(made: Company) -> None:
    data = _owned(made.folder / "replica")
    source = ["-h", "127.0.0.1", "-p", str(made.ports["primary"]), "-U", ACCOUNT]
    do([programs()["pg_basebackup"], *source, "-D", str(data), "-R", "-X", "stream", "-c", "fast"], as_=ACCOUNT)
    _start_postgres(made, "replica")


def _start_postgres(made: Company, name: str) -> None:
    settings = {
        "port": made.ports[name], "listen_addresses": "127.0.0.1", "unix_socket_directories": "",
        "max_connections": 120, "shared_buffers": "256MB", "hot_standby_feedback": "on", "wal_level": "replica",
    }  # fmt: skip
    words = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    made.run(name, [programs()["postgres"], "-D", str(made.folder / name), *words], as_=ACCOUNT)
    wait_until(lambda: _opens(made.ports[name]), of=name)
    wait_until(lambda: _is_there(made, name), of=name)


def _is_there(made: Company, name: str) -> bool:
    import psycopg  # noqa: PLC0415 - only this measurement talks to a server directly

    try:
        with psycopg.connect(host="127.0.0.1", port=made.ports[name], user=ACCOUNT, dbname="postgres"):
            return True
    except psycopg.OperationalError:
        return False


def psql(made: Company, database: str, statement: str) -> None:
    """Run one statement on the primary, outside of a transaction."""
    import psycopg  # noqa: PLC0415 - as above

    place = {"host": "127.0.0.1", "port": made.ports["primary"], "user": ACCOUNT, "dbname": database}
    with psycopg.connect(autocommit=True, **place) as connection:  # type: ignore[arg-type] # as psycopg takes them
        connection.execute(statement.encode())


def _start_pgbouncer(made: Company) -> None:
    ports, folder = made.ports, _owned(made.folder / "pool")
    text = PGBOUNCER.format(
        primary=ports["primary"], replica=ports["replica"], port=ports["pgbouncer"], folder=folder, account=ACCOUNT
    )
    file = made.folder / "pgbouncer.ini"
    file.write_text(text, "utf-8")
    made.run("pgbouncer", [programs()["pgbouncer"], str(file)], as_=ACCOUNT)
    wait_until(lambda: _opens(ports["pgbouncer"]), of="pgbouncer")


def _start_nginx(made: Company, servers: int) -> None:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    text = NGINX.format(
        folder=made.folder,
        port=made.ports["nginx"],
        servers="\n        ".join(
            f"server 127.0.0.1:{made.ports[f'server{n + 1}']} max_fails=0;" for n in range(servers)
        ),
        temporary="\n    ".join(f"{kind}_temp_path {made.folder / kind};" for kind in kinds),
    )
    file = made.folder / "nginx.conf"
    file.write_text(text, "utf-8")
    made.run("nginx", [programs()["nginx"], "-c", str(file), "-p", str(made.folder)])
    wait_until(lambda: _opens(made.ports["nginx"]), of="nginx")


def _owned(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        account = pwd.getpwnam(ACCOUNT)
        os.chown(folder, account.pw_uid, account.pw_gid)
    return folder


def _as(account: str) -> list[str]:
    if not account or os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={account}", f"--regid={account}", "--clear-groups"]


def do(command: Sequence[str], *, as_: str = "", environment: Mapping[str, str] | None = None) -> None:
    """Run a program to its end."""
    subprocess.run([*_as(as_), *command], check=True, capture_output=True, env=environment, cwd="/")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens at just now."""
    trials = [socket.socket() for _ in range(count)]
    for one in trials:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in trials]
    for one in trials:
        one.close()
    return ports


def _opens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def answers(port: int, path: str) -> bool:
    """Whether a server gives 200 for the address."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def wait_until(happens: Callable[[], bool], *, of: str) -> None:
    """Wait for a part to answer; TimeoutError names it."""
    end = time.monotonic() + 2 * PATIENCE
    while not happens():
        if time.monotonic() > end:
            raise TimeoutError(f"{of} does not answer")
        time.sleep(0.1)
