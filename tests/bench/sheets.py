"""How fast the two sheets are served and printed, as ratios measured within one run: `./run bench sheets`.

Four goals, all of a matrix of 40 items and 300 correlations: the page takes at most three times as long as a page of
the same size without any data; its editor answers a key within 100 ms; its PDF takes at most twice what the renderer
needs for the bare drawing; a page of a long bowling chart is printed about as fast as the matrix.
"""

from __future__ import annotations

import gc
import importlib
import io
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, render_template, template_rendered
from flask.testing import FlaskClient
from jinja2 import Template
from pypdf import PdfReader

from hoshin.access.actions import Act
from hoshin.app import create_app
from hoshin.config import Settings
from hoshin.db import Database, upgrade
from hoshin.reports.render import render
from hoshin.web import door
from tests import factories
from tests.bench.keys import keystroke
from tests.bench.plans import fill

ROUNDS = 9
PRINTS = 5
ITEMS, LINKS = (5, 8, 12, 15), 300


def median(*, work: Callable[[], object], rounds: int) -> float:
    """The median of so many runs in milliseconds, one more before them being forgotten."""
    work()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def alternately(
    *, one: Callable[[], object], other: Callable[[], object], rounds: int
) -> tuple[float, float]:
    """The medians of two things measured in turns, so that what else the machine does hits both alike."""
    first: list[float] = []
    second: list[float] = []
    for work in (one, other):
        work()
    for _ in range(rounds):
        for work, taken in ((one, first), (other, second)):
            began = time.perf_counter()
            work()
            taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(first), statistics.median(second)


def prepare(folder: Path) -> tuple[Flask, FlaskClient, str, str]:
    """The application with the plan, a client of its head, the address of the matrix, and a token to sign in with."""
    url = f"sqlite:///{folder / 'bench.sqlite'}"
    database = Database(url=url)
    upgrade(engine=database.engine)
    with database.writing() as session:
        unit, _, head = fill(session, counts=ITEMS, links=LINKS)
        token, address = factories.sign_in(session, head), f"/units/{unit.id}/x-matrix"
        browsers = factories.sign_in(session, head)
        session.commit()
    app = create_app(
        settings=Settings(database_url=url, secret_key="only to measure", instance=folder), clock=lambda: factories.NOW
    )
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie.update({"_user_id": token, "_fresh": True})
    return app, client, address, browsers


def keep_models(app: Flask) -> dict[str, dict[str, Any]]:
    """From now on what every template is rendered with is kept here, by the template's name."""
    kept: dict[str, dict[str, Any]] = {}

    def note(_sender: Flask, template: Template, context: dict[str, Any], **_more: Any) -> None:
        kept[template.name or ""] = dict(context)

    template_rendered.connect(note, app, weak=False)
    return kept


def add_pages_without_data(app: Flask, model: dict[str, Any], page: str) -> None:
    """Two pages of the same size: the same template with everything it shows at hand, and the bare text of it."""
    ready = {name: value for name, value in model.items() if name not in ("g", "request", "session")}
    drawn = door.allow(read=Act.READ_HOME)(lambda: render_template("matrix/show.html", **ready))
    bare = door.allow(read=Act.READ_HOME)(lambda: page)
    app.view_functions |= {"bench.drawn": drawn, "bench.bare": bare}
    app.url_map.add(app.url_rule_class("/bench/drawn", endpoint="bench.drawn", methods=["GET"]))
    app.url_map.add(app.url_rule_class("/bench/bare", endpoint="bench.bare", methods=["GET"]))


def fetch(client: FlaskClient, address: str) -> Callable[[], bytes]:
    """Work that gets the address."""

    def work() -> bytes:
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code}")
        return bytes(answer.data)

    return work


def bare_svg(model: dict[str, Any]) -> Callable[[], bytes]:
    """Work that prints the drawing and nothing else, on a page of its size, untagged."""
    weasyprint = importlib.import_module("weasyprint")
    matrix = model["matrix"]
    drawing = render(template="charts/x_matrix.svg", matrix=matrix)
    size = f"@page {{ size: {matrix.width}px {matrix.height}px; margin: 0 }}"
    html = f"<!doctype html><style>{size} body {{ margin: 0 }}</style>{drawing}"
    return lambda: bytes(weasyprint.HTML(string=html).write_pdf())


def pages_of(content: bytes) -> int:
    """How many pages a PDF has."""
    return len(PdfReader(io.BytesIO(content)).pages)


def say(what: str, ratio: float, goal: float, *parts: str) -> None:
    """One line of the result."""
    verdict = "reached" if ratio <= goal else "MISSED"
    sys.stdout.write(f"{what:44} {ratio:5.2f} ×   goal {goal:.1f} ×  {verdict:8} {'  '.join(parts)}\n")


def main() -> None:
    """Print the ratios."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        app, client, address, token = prepare(Path(folder))
        kept = keep_models(app)
        page = fetch(client, address)()
        model = kept["matrix/show.html"]
        add_pages_without_data(app, model, page.decode())
        gc.collect()
        gc.freeze()
        served, drawn = alternately(one=fetch(client, address), other=fetch(client, "/bench/drawn"), rounds=ROUNDS)
        bare = median(work=fetch(client, "/bench/bare"), rounds=ROUNDS)
        size = f"a page of {len(page) // 1024} KiB"
        sys.stdout.write(f"{sum(ITEMS)} items, {LINKS} correlations, {size}; medians of {ROUNDS}, prints {PRINTS}\n")
        say("page : same page without data access", served / drawn, 3, f"{served:.0f} ms : {drawn:.0f} ms")
        said = f"{served / bare:5.2f} ×   {served:.0f} ms : {bare:.1f} ms"
        sys.stdout.write(f"{'page : the same bytes, nothing drawn':44} {said}\n")
        key = keystroke(app=app, token=token, address=f"{address}/editor")
        told = "no browser here" if key is None else f"{key:.0f} ms"
        verdict = "" if key is None else "reached" if key <= 100 else "MISSED"
        sys.stdout.write(f"{'a key in the editor, until it is painted':44} {told:>7}   goal 100 ms  {verdict}\n")
        printed, alone = alternately(one=fetch(client, f"{address}.pdf"), other=bare_svg(model), rounds=PRINTS)
        say("PDF : the bare SVG in the renderer", printed / alone, 2, f"{printed:.0f} ms : {alone:.0f} ms")
        bowling = fetch(client, address.replace("x-matrix", "bowling.pdf"))
        pages = pages_of(bowling())
        per_page = median(work=bowling, rounds=PRINTS) / pages
        times = f"{per_page:.0f} ms (of {pages}) : {printed:.0f} ms"
        say("bowling chart per page : X-matrix", per_page / printed, 1.25, times)
        app.extensions["hoshin_database"].dispose()


if __name__ == "__main__":
    main()
