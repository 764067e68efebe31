"""Where this installation keeps its things, read once from the environment."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation may decide; everything else is a setting of the organisation, in the database."""

    database_url: str
    secret_key: str
    instance: Path
    secure_cookies: bool = False
    smtp_url: str = ""
    base_url: str = ""


def resource_dir(*, name: str) -> Path:
    """The folder of templates, static files or migrations: in the installed package, else beside it in a checkout."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


def settings_from(*, environ: Mapping[str, str]) -> Settings:
    """The settings that HOSHIN_INSTANCE, HOSHIN_DATABASE_URL, HOSHIN_SECRET_KEY and HOSHIN_SECURE_COOKIES describe.

    HOSHIN_SMTP_URL, as smtp(s)://user:password@host:port?from=address, lets the job process send mail; the links in it
    begin with HOSHIN_BASE_URL, the address at which people open the planner.

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
    )


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
