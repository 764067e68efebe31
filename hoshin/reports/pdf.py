"""The one place that prints: a rendered sheet in, a PDF out; it opens nothing but our own style sheets."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote, urlsplit

from hoshin.config import resource_dir
from hoshin.errors import HoshinError

ASSETS = "hoshin-asset:/"
"""The address under which sheets name bundled style sheets; nothing else is served."""
asset = f"{ASSETS}{{}}".format
"""Gives a sheet the address of a bundled file, as `asset('css/sheet.css')` in a template."""


class NoPrinter(HoshinError):
    """This machine cannot print: the reason is a sentence for a person."""


def to_pdf(*, html: str) -> bytes:
    """The sheet as PDF, tagged, so that a screen reader can follow it.

    Raises NoPrinter when the machine lacks what printing needs. Images and style sheets that are not bundled are
    left out, whatever the sheet says.
    """
    written: bytes = _laid_out(html).write_pdf(pdf_tags=True)
    return written


def to_one_page(*, sheets: Iterable[str]) -> bytes:
    """The first of the sheets that fits on a single page, as PDF; the last one when none does.

    For a sheet that is one page on purpose: the caller hands it over set smaller and smaller. Raises NoPrinter as
    `to_pdf`, ValueError without any sheet.
    """
    document = None
    for html in sheets:
        document = _laid_out(html)
        if len(document.pages) == 1:
            break
    if document is None:
        raise ValueError("there is no sheet to print")
    written: bytes = document.write_pdf(pdf_tags=True)
    return written


def _laid_out(html: str) -> Any:
    weasyprint = _weasyprint()
    fetcher = _Bundled(weasyprint.urls.URLFetcherResponse)
    return weasyprint.HTML(string=html, base_url=ASSETS, url_fetcher=fetcher).render()


class _Bundled:
    """WeasyPrint's way to anything outside the sheet: serves files under static/, refuses all else."""

    _fail_on_errors = False  # WeasyPrint asks: a missing picture leaves a gap, it does not stop the print

    def __init__(self, response: Callable[..., Any]) -> None:
        self.response = response

    def fetch(self, url: str, headers: object = None) -> Any:
        """The bundled file; ValueError for every other address."""
        file = _bundled_file(url)
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return self.response(url, file.read_bytes(), {"Content-Type": kind})

    __call__ = fetch


def _bundled_file(url: str) -> Path:
    static = resource_dir(name="static").resolve()
    if url.startswith(ASSETS):
        found = (static / unquote(urlsplit(url).path).lstrip("/")).resolve()
        if found.is_relative_to(static) and found.is_file():
            return found
    raise ValueError("a sheet may use bundled files only")


def _weasyprint() -> ModuleType:
    try:
        import weasyprint  # noqa: PLC0415 - slow to import, and not there on every machine
    except (ImportError, OSError) as error:
        raise NoPrinter(
            "This machine cannot make PDFs yet: the Pango library is missing (on Debian: apt install libpango-1.0-0 "
            "libpangoft2-1.0-0). The page itself can be printed from the browser."
        ) from error
    found: ModuleType = weasyprint
    return found
