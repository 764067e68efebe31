"""Where this installation keeps its things, read once from the environment."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections one process of the planner keeps, and how long it waits (seconds; 0: for ever)."""

    pool_size: int = 5
    pool_overflow: int = 10
    statement_seconds: int = 0
    lock_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation may decide; everything else is a setting of the organisation, in the database."""

    database_url: str
    secret_key: str
    instance: Path
    secure_cookies: bool = False
    smtp_url: str = ""
    base_url: str = ""
    replica_url: str = ""
    limits: Limits = field(default_factory=Limits)
    log_as_json: bool = False
    metrics_port: int = 0
    redis_url: str = ""
    proxy_repeats: bool = False


def resource_dir(*, name: str) -> Path:
    """The folder of templates, static files or migrations: in the installed package, else beside it in a checkout."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


def settings_from(*, environ: Mapping[str, str]) -> Settings:
    """The settings that HOSHIN_INSTANCE, HOSHIN_DATABASE_URL, HOSHIN_SECRET_KEY and HOSHIN_SECURE_COOKIES describe.

    HOSHIN_SMTP_URL, as smtp(s)://user:password@host:port?from=address, lets the job process send mail; the links in it
    begin with HOSHIN_BASE_URL, the address at which people open the planner.

    For a whole company: HOSHIN_REPLICA_URL is a streaming replica that reports are read from; HOSHIN_POOL_SIZE and
    HOSHIN_POOL_OVERFLOW bound the connections of one process; HOSHIN_STATEMENT_TIMEOUT and HOSHIN_LOCK_TIMEOUT are the
    seconds after which a page gives up; HOSHIN_LOG_FORMAT is text or json; Prometheus asks at HOSHIN_METRICS_PORT;
    HOSHIN_REDIS_URL is the bell of the job process.
    HOSHIN_PROXY_REPEATS is 1 where a proxy numbers each request itself (X-Request-ID) and may send it twice.

    Creates the instance folder and, where none is given, a secret key in it (mode 0600).
    """
    instance = Path(environ.get("HOSHIN_INSTANCE") or Path(sys.prefix) / "var" / "hoshin-instance").absolute()
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Settings(
        database_url=environ.get("HOSHIN_DATABASE_URL") or f"sqlite:///{instance / 'hoshin.sqlite'}",
        secret_key=environ.get("HOSHIN_SECRET_KEY") or _kept_secret(instance / "secret_key"),
        instance=instance,
        secure_cookies=environ.get("HOSHIN_SECURE_COOKIES", "") == "1",
        smtp_url=environ.get("HOSHIN_SMTP_URL", ""),
        base_url=environ.get("HOSHIN_BASE_URL", "").rstrip("/"),
        replica_url=environ.get("HOSHIN_REPLICA_URL", ""),
        limits=Limits(
            pool_size=_number(environ, "HOSHIN_POOL_SIZE", 5, least=1),
            pool_overflow=_number(environ, "HOSHIN_POOL_OVERFLOW", 10),
            statement_seconds=_number(environ, "HOSHIN_STATEMENT_TIMEOUT", 60),
            lock_seconds=_number(environ, "HOSHIN_LOCK_TIMEOUT", 20),
        ),
        log_as_json=_word(environ, "HOSHIN_LOG_FORMAT", ("text", "json")) == "json",
        metrics_port=_number(environ, "HOSHIN_METRICS_PORT", 0, most=65535),
        redis_url=environ.get("HOSHIN_REDIS_URL", ""),
        proxy_repeats=environ.get("HOSHIN_PROXY_REPEATS", "") == "1",
    )


def _word(environ: Mapping[str, str], name: str, words: Sequence[str]) -> str:
    """One of the words, by default the first; ValueError names the variable when it is another."""
    word = environ.get(name) or words[0]
    if word not in words:
        raise ValueError(f"{name} is {' or '.join(words)}, not {word}")
    return word


def _number(environ: Mapping[str, str], name: str, default: int, *, least: int = 0, most: int = 86_400) -> int:
    """A whole number out of the environment; ValueError names the variable when it is none."""
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and least <= int(text) <= most):
        raise ValueError(f"{name} is a whole number from {least} to {most}, not {text}")
    return int(text)


def _kept_secret(path: Path) -> str:
    """The key in the file; made on first use, atomically, so that two starting processes agree on one."""
    if not path.exists():
        mine = path.with_name(f"{path.name}.{os.getpid()}")
        handle = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(mine, path)
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    return path.read_text("ascii")
