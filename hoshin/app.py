"""Puts the product together: settings, extensions, doors. It knows all rooms, and nobody imports it but the shell."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from typing import Any

from flask import Flask, g, request, url_for
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFError, CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response

from hoshin import web
from hoshin.bell import ringer
from hoshin.config import Settings, resource_dir
from hoshin.db import Database
from hoshin.reports.render import FILTERS
from hoshin.web import door, failures, fresh, gate, kept, menu, repeats, told, watch, wire

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
LARGEST_REQUEST = 32 * 1024 * 1024
MOST_PARTS = 50_000


class KeyConverter(IntegerConverter):
    """A key in an address: what no database could hold is not found, rather than an error."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"min": 1, "max": 2**31 - 1, **options})


def create_app(*, settings: Settings, clock: Callable[[], datetime] = door.utc_now) -> Flask:
    """The application for one database; `clock` gives the instant of a request."""
    app = watch.Planner(
        "hoshin",
        template_folder=str(resource_dir(name="templates")),
        static_folder=str(resource_dir(name="static")),
        instance_path=str(settings.instance),
    )
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        MAX_FORM_PARTS=MOST_PARTS,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        BOOTSTRAP_SERVE_LOCAL=True,
        WTF_CSRF_TIME_LIMIT=None,
        **{repeats.TRUSTED: settings.proxy_repeats},
    )
    app.extensions["hoshin_database"] = Database(
        url=settings.database_url, replica_url=settings.replica_url, limits=settings.limits,
        ring=ringer(url=settings.redis_url),
    )  # fmt: skip
    app.extensions["hoshin_clock"] = clock
    app.url_map.converters["int"] = KeyConverter
    watch.install(app=app)
    wire.install(app=app)
    fresh.install(app=app)
    told.install(app=app)
    _prepare_pages(app)
    _open_doors(app)
    return app


def _prepare_pages(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals["strengths"] = door.strengths
    Bootstrap5(app)
    CSRFProtect(app)
    app.jinja_env.globals["csrf_token"] = kept.token
    app.context_processor(_layout)
    app.after_request(_protect)
    app.teardown_appcontext(_close)
    failures.install(app=app)
    app.register_error_handler(CSRFError, failures.lost_form)


def _layout() -> dict[str, object]:
    """What the layouts need on every page."""
    known = g.get("organisation")
    return {
        "actor": door.actor() if door.actor().person is not None else None,
        "nav": menu.entries() if door.actor().person is not None else [],
        "organisation_name": known.name if known else g.get("organisation_name"),
        "csrf_token": kept.token,
        "asset": lambda path: url_for("static", filename=path),
        "current_path": request.path,
    }


def _protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint not in gate.OPEN_ENDPOINTS:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _close(_error: BaseException | None) -> None:
    for name in ("report_session", "session"):
        if name in g:
            g.get(name).close()


def _open_doors(app: Flask) -> None:
    gate.install(app=app)
    for module in pkgutil.iter_modules(web.__path__):
        blueprint = getattr(import_module(f"hoshin.web.{module.name}"), "bp", None)
        if blueprint is not None:
            app.register_blueprint(blueprint)
    for rule in app.url_map.iter_rules():
        if rule.endpoint in gate.OPEN_ENDPOINTS:
            continue
        view = app.view_functions[rule.endpoint]
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            if door.act_of(view=view, method=method) is None:
                raise RuntimeError(f"{method} {rule.rule} declares no act: nobody can say who may use it")
