"""Printing opens nothing but our own style sheets."""

from __future__ import annotations

import io
import socket
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from hoshin.reports import pdf


def test_a_sheet_becomes_a_pdf() -> None:
    html = f'<link rel="stylesheet" href="{pdf.asset("css/sheet.css")}"><p>Attainment</p>'
    written = PdfReader(io.BytesIO(pdf.to_pdf(html=html)))
    assert "Attainment" in written.pages[0].extract_text()
    metadata: Any = written.root_object["/Metadata"]
    assert b"pdfuaid" in metadata.get_object().get_data(), "it claims PDF/UA, for whoever checks"
    assert "/StructTreeRoot" in written.root_object


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "http://127.0.0.1:9/", "data:image/png;base64,AAAA", "ftp://localhost/x", "/etc/passwd",
     "hoshin-asset:/../pyproject.toml", "hoshin-asset:/%2e%2e/pyproject.toml", "hoshin-asset://css/sheet.css",
     "hoshin-asset:/nothing.css"],
)  # fmt: skip
def test_nothing_else_is_opened(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    read = Path.read_bytes

    def watch(path: Path) -> bytes:
        opened.append(str(path))
        return read(path)

    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a sheet opened a socket")

    monkeypatch.setattr(Path, "read_bytes", watch)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    html = f'<link rel="stylesheet" href="{address}"><img src="{address}"><p>Attainment</p>'
    assert pdf.to_pdf(html=html).startswith(b"%PDF")
    assert [one for one in opened if "static" not in one and "weasyprint" not in one] == []


def test_a_machine_without_pango_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    with pytest.raises(pdf.NoPrinter, match="Pango"):
        pdf.to_pdf(html="<p>Attainment</p>")
