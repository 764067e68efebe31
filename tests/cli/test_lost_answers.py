"""A server dies between a change and its answer: its twin is asked again, as nginx does, and makes no other."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from hoshin.app import create_app
from hoshin.config import Settings
from hoshin.model.roadblocks import Roadblock
from tests import factories
from tests.bench.crowd import FORM, fields_of
from tests.cli.test_serving import PATIENCE, await_answer, free_port
from tests.nursery import Forked, Nursery
from tests.web.readings_house import build

SECRET = "only for this test"
LIVES = "from hoshin.cli import main; main()"
DIES = f"""
import os
from hoshin.web import repeats
repeats.done = lambda: os._exit(1)
{LIVES}
"""
"""A server whose worker is gone as soon as a change is committed."""
SERVE = ("serve", "--port")


@contextmanager
def serving(process: Forked, port: int) -> Iterator[None]:
    """While the process serves; it is stopped at the end, its workers first."""
    with closing(process):
        await_answer(port, process.poll)
        yield
        process.terminate()
        process.wait(PATIENCE)


def asked(port: int, path: str, headers: dict[str, str], form: Mapping[str, str] | None = None) -> tuple[int, str]:
    """The status and text (of a redirect: its place) of one request; (0, "") when there was no answer.

    A new cookie takes the place of the one among the headers, as in a browser.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    told = {"Content-Type": FORM} if form is not None else {}
    try:
        body = urlencode(form) if form is not None else None
        connection.request("POST" if form is not None else "GET", path, body, {**headers, **told})
        answer = connection.getresponse()
        headers["Cookie"] = (answer.getheader("Set-Cookie") or headers["Cookie"]).split(";")[0]
        return answer.status, answer.getheader("Location") or answer.read().decode()
    except (OSError, HTTPException):
        return 0, ""
    finally:
        connection.close()


@pytest.mark.parametrize("repeats", ["1", ""])
def test_what_a_killed_server_has_done_is_not_done_again(
    engine: Engine, database_url: str, tmp_path: Path, repeats: str, nursery: Nursery
) -> None:
    settings = Settings(database_url=database_url, secret_key=SECRET, instance=tmp_path)
    with Session(engine.execution_options(hoshin_writes=True)) as session:
        house = build(session)
        token = factories.sign_in(session, house.head, datetime.now(UTC))
        raising = f"/units/{house.unit.id}/roadblocks/new"
        session.commit()
    signer = SecureCookieSessionInterface().get_signing_serializer(create_app(settings=settings))
    assert signer is not None
    headers = {"Cookie": f"session={signer.dumps({'_user_id': token, '_fresh': True})}", "X-Request-ID": "a" * 32}
    environment = {
        **os.environ, "HOSHIN_INSTANCE": str(tmp_path), "HOSHIN_DATABASE_URL": database_url,
        "HOSHIN_SECRET_KEY": SECRET, "HOSHIN_PROXY_REPEATS": repeats,
    }  # fmt: skip
    dying, other = free_port(), free_port()
    begin = partial(nursery.begin, environ=environment, log=tmp_path / "log")
    with serving(begin(LIVES, *SERVE, str(other)), other), serving(begin(DIES, *SERVE, str(dying)), dying):
        _, page = asked(other, raising, headers)
        form = fields_of(page=page) | {"name": "No gauge", "description": ""}
        assert asked(dying, raising, headers, form) == (0, ""), "its answer is lost"
        status, place = asked(other, raising, headers, form)
    assert (status, place) == (303, raising if repeats else "/roadblocks/2")
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Roadblock)) == (1 if repeats else 2)
