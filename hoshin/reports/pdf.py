"""The one place that prints: a rendered sheet in, a PDF out; it opens nothing but our own style sheets."""

from __future__ import annotations

import logging
import mimetypes
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import get_ident
from types import ModuleType
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from hoshin.config import resource_dir
from hoshin.errors import HoshinError
from hoshin.reports.pen import penned

ASSETS = "hoshin-asset:/"
"""The address under which sheets name bundled style sheets; nothing else is served."""
asset = f"{ASSETS}{{}}".format
"""Gives a sheet the address of a bundled file, as `asset('css/sheet.css')` in a template."""


class NoPrinter(HoshinError):
    """This machine cannot print: the reason is a sentence for a person."""


class Unprinted(NoPrinter):
    """This one sheet could not be printed; the reason is a sentence for a person."""


OnPage = Callable[[int], None]
"""Is told each page that has been set, by its number; whatever it raises stops the print."""


class Printer(Protocol):
    """Prints in this process or elsewhere: the first of the sheets that fits on one page, or the only one there is."""

    def __call__(self, *, sheets: Sequence[str], on_page: OnPage) -> bytes: ...


def to_pdf(*, html: str) -> bytes:
    """The sheet as PDF, tagged, so that a screen reader can follow it.

    Raises NoPrinter when the machine lacks what printing needs. Images and style sheets that are not bundled are
    left out, whatever the sheet says.
    """
    return _printers[-1](sheets=[html], on_page=_unseen)


def to_one_page(*, sheets: Iterable[str]) -> bytes:
    """The first of the sheets that fits on a single page, as PDF; the last one when none does.

    For a sheet that is one page on purpose: the caller hands it over set smaller and smaller. Raises NoPrinter as
    `to_pdf`, ValueError without any sheet.
    """
    return _printers[-1](sheets=list(sheets), on_page=_unseen)


def print_watched(*, html: str, on_page: OnPage) -> bytes:
    """As `to_pdf`, and `on_page` is told of each page as it is set."""
    return _printers[-1](sheets=[html], on_page=on_page)


def print_here(*, sheets: Sequence[str], on_page: OnPage) -> bytes:
    """Print in this process; the printer unless `print_elsewhere` names another."""
    if not sheets:
        raise ValueError("there is no sheet to print")
    weasyprint = _weasyprint()
    watch = _Pages(on_page)
    weasyprint.logger.PROGRESS_LOGGER.setLevel(logging.INFO)
    weasyprint.logger.PROGRESS_LOGGER.addHandler(watch)
    try:
        for html in sheets:
            document = _laid_out(weasyprint, html)
            if len(document.pages) == 1:
                break
        with penned(weasyprint=weasyprint):
            written: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    finally:
        weasyprint.logger.PROGRESS_LOGGER.removeHandler(watch)
    return written


def print_elsewhere(*, printer: Printer) -> None:
    """From now on this process has its sheets printed by that printer."""
    _printers[:] = [print_here, printer]


_printers: list[Printer] = [print_here]


def _unseen(_page: int) -> None:
    """Nobody waits for the pages of a short sheet."""


class _Pages(logging.Handler):
    """Hears from the renderer which page it has begun."""

    def __init__(self, on_page: OnPage) -> None:
        super().__init__(logging.INFO)
        self.on_page, self.thread = on_page, get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Pass the number of a page on; other threads print other sheets."""
        if record.thread == self.thread and isinstance(record.args, tuple) and "Page" in str(record.msg):
            self.on_page(int(str(record.args[-1])))


def _laid_out(weasyprint: ModuleType, html: str) -> Any:
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
