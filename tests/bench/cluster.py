"""A whole company's planner on one machine, of real parts: nginx, servers, pgbouncer, PostgreSQL twice, Redis.

Each part runs with the file of `docs/company` that the guide gives for it; only addresses, places and secrets differ.
Everything listens on 127.0.0.1, lives in one folder and ends with the `with` block. PostgreSQL and pgbouncer refuse to
run as root and are then run as `postgres`, the account that Debian's package makes for them.
"""

from __future__ import annotations

import os
import pwd
import shlex
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
from tests.bench.crowd import Address

ACCOUNT = "postgres"
PACKAGES = "postgresql pgbouncer nginx openssl redis-server"
PATIENCE = 60.0
SECRET = PASSWORD = "only-for-this-measurement"
HERE = Path(__file__).resolve().parents[2]
GUIDE = HERE / "docs" / "company"
INSTALLED = "/opt/hoshin/bin/hoshin"
"""Where the guide has put the planner."""

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
    def address(self) -> Address:
        """Where nginx answers, and the certificate that it shows."""
        return Address("127.0.0.1", self.ports["nginx"], self.folder / "planner.pem")

    @property
    def database_url(self) -> str:
        """The primary itself, for loading."""
        return f"postgresql://hoshin:{PASSWORD}@127.0.0.1:{self.ports['primary']}/hoshin"

    @property
    def settings(self) -> Settings:
        """What the application servers run with."""
        return Settings(database_url=self.database_url, secret_key=SECRET, instance=self.folder)

    def environment(self, name: str) -> dict[str, str]:
        """What the guide tells every process of the planner; a server's own folder is its own."""
        text = guided("hoshin.env", {
            "pool.internal:6432": f"127.0.0.1:{self.ports['pgbouncer']}",
            "redis.internal:6379": f"127.0.0.1:{self.ports['redis']}",
            "PASSWORD": PASSWORD,
            "HOSHIN_SECRET_KEY=": f"HOSHIN_SECRET_KEY={SECRET}",
            "/var/lib/hoshin": str(self.folder / f"{name}-instance"),
        })  # fmt: skip
        told = dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))
        return {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")]), **told}

    def start_server(self, name: str, *, workers: int) -> None:
        """Start an application server and wait until it is ready."""
        self._serve(name, "hoshin-serve.service", {
            "0.0.0.0": "127.0.0.1",
            "--port 8000": f"--port {self.ports[name]}",
            "--workers 4": f"--workers {workers}",
            "--metrics-port 9100": f"--metrics-port {self.ports[f'{name}-metrics']}",
        })  # fmt: skip
        wait_until(lambda: answers(self.ports[name], "/readyz?without=jobs"), of=name)

    def start_jobs(self) -> None:
        """Start the job process."""
        self._serve("jobs", "hoshin-jobs.service", {})

    def start_redis(self) -> None:
        """Start the bell of the job process, once more where it has died."""
        file = self.folder / "redis.conf"
        file.write_text(guided("redis.conf", {
            "bind 0.0.0.0": "bind 127.0.0.1",
            "port 6379": f"port {self.ports['redis']}",
            "PASSWORD": PASSWORD,
        }), "utf-8")  # fmt: skip
        self.run("redis", [programs()["redis-server"], str(file)])
        wait_until(lambda: _opens(self.ports["redis"]), of="redis")

    def _serve(self, name: str, unit: str, changes: Mapping[str, str]) -> None:
        text = guided(unit, {INSTALLED: f"{sys.executable} -m hoshin", **changes})
        command = next(line for line in text.splitlines() if line.startswith("ExecStart=")).partition("=")[2]
        self.run(name, shlex.split(command), environment=self.environment(name))

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
def company(*, folder: Path) -> Iterator[Company]:
    """PostgreSQL primary and replica, pgbouncer, Redis and nginx; the database is empty, no application server runs."""
    programs()
    applications = [f"server{n + 1}" for n in range(2)]
    parts = ["primary", "replica", "pgbouncer", "redis", "nginx"]
    names = [*parts, *applications, *(f"{one}-metrics" for one in applications)]
    made = Company(folder, dict(zip(names, free_ports(len(names)), strict=True)))
    folder.chmod(0o755)
    try:
        _start_primary(made)
        _start_replica(made)
        _start_pgbouncer(made)
        made.start_redis()
        _start_nginx(made)
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
    wanted = ("postgres", "initdb", "pg_basebackup", "pgbouncer", "nginx", "openssl", "redis-server")
    found = {name: shutil.which(name, path=path) for name in wanted}
    if missing := [name for name, place in found.items() if place is None]:
        raise NotThere(f"{', '.join(missing)} not found; as root: apt install {PACKAGES}")
    return {name: str(place) for name, place in found.items()}


def _start_primary(made: Company) -> None:
    data = _owned(made.folder / "primary")
    do([programs()["initdb"], "-D", str(data), "-U", ACCOUNT, "-A", "trust", "-E", "UTF8", "--no-locale"], as_=ACCOUNT)
    rules = data / "pg_hba.conf"
    rules.write_text(f"host hoshin hoshin 127.0.0.1/32 scram-sha-256\n{rules.read_text('utf-8')}", "utf-8")
    _start_postgres(made, "primary")
    psql(made, f"CREATE ROLE hoshin LOGIN PASSWORD '{PASSWORD}'")
    psql(made, "CREATE DATABASE hoshin OWNER hoshin")
    psql(made, "GRANT SET ON PARAMETER session_replication_role TO hoshin")  # a big plan is written with it


def _start_replica(made: Company) -> None:
    data = _owned(made.folder / "replica")
    source = ["-h", "127.0.0.1", "-p", str(made.ports["primary"]), "-U", ACCOUNT]
    do([programs()["pg_basebackup"], *source, "-D", str(data), "-R", "-X", "stream", "-c", "fast"], as_=ACCOUNT)
    _start_postgres(made, "replica")


def _start_postgres(made: Company, name: str) -> None:
    guide = dict(line.split(" = ") for line in guided("postgresql.conf", {}).splitlines() if " = " in line)
    here = {"port": made.ports[name], "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
    settings = guide | here
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


def psql(made: Company, statement: str, *, at: str = "primary") -> None:
    """Run one statement as the database's administrator, outside of a transaction."""
    import psycopg  # noqa: PLC0415 - as above

    place = {"host": "127.0.0.1", "port": made.ports[at], "user": ACCOUNT, "dbname": "postgres"}
    with psycopg.connect(autocommit=True, **place) as connection:  # type: ignore[arg-type] # as psycopg takes them
        connection.execute(statement.encode())


def _start_pgbouncer(made: Company) -> None:
    ports, folder = made.ports, _owned(made.folder / "pool")
    text = guided("pgbouncer.ini", {
        "host=db1.internal port=5432": f"host=127.0.0.1 port={ports['primary']}",
        "host=db2.internal port=5432": f"host=127.0.0.1 port={ports['replica']}",
        "listen_addr = *": "listen_addr = 127.0.0.1\nunix_socket_dir =",
        "listen_port = 6432": f"listen_port = {ports['pgbouncer']}",
        "/etc/pgbouncer/userlist.txt": str(made.folder / "userlist.txt"),
    })  # fmt: skip
    (made.folder / "userlist.txt").write_text(f'"hoshin" "{PASSWORD}"\n', "utf-8")
    file = made.folder / "pgbouncer.ini"
    file.write_text(f"{text}logfile = {folder}/pgbouncer.log\n", "utf-8")
    made.run("pgbouncer", [programs()["pgbouncer"], str(file)], as_=ACCOUNT)
    wait_until(lambda: _opens(ports["pgbouncer"]), of="pgbouncer")


def _start_nginx(made: Company) -> None:
    pem, key, folder = made.folder / "planner.pem", made.folder / "planner.key", made.folder
    do([programs()["openssl"], "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=planner",
        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(pem)])  # fmt: skip
    (folder / "planner.conf").write_text(guided("planner.conf", {
        "app1.internal:8000": f"127.0.0.1:{made.ports['server1']}",
        "app2.internal:8000": f"127.0.0.1:{made.ports['server2']}",
        "listen 443 ssl": f"listen 127.0.0.1:{made.ports['nginx']} ssl",
        "/etc/hoshin/planner.pem": str(pem),
        "/etc/hoshin/planner.key": str(key),
    }), "utf-8")  # fmt: skip
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{kind}_temp_path {folder / kind};" for kind in kinds)
    file = folder / "nginx.conf"
    file.write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log warn; "
        "events { worker_connections 2048; } "
        f"http {{ access_log off; {temporary} include {folder}/planner.conf; }}\n", "utf-8",
    )  # fmt: skip
    made.run("nginx", [programs()["nginx"], "-c", str(file), "-p", str(folder)])
    wait_until(lambda: _opens(made.ports["nginx"]), of="nginx")


def guided(name: str, changes: Mapping[str, str]) -> str:
    """A file of the guide with what differs here; ValueError when the guide no longer says what is to be changed."""
    text = (GUIDE / name).read_text("utf-8")
    for old, new in changes.items():
        if old not in text:
            raise ValueError(f"{name} does not say {old!r}")
        text = text.replace(old, new)
    return text


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
