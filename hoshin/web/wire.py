"""What arrives over the wire is text in UTF-8: an address or form with other bytes is turned away before any view."""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from flask import Flask, Request, request
from werkzeug.formparser import FormDataParser

from hoshin.errors import Refused

SAID = "What was sent holds bytes that are no text (no UTF-8, or half a character). Nothing was changed."
"""Werkzeug would go on with such bytes as if somebody had typed their percent signs."""


class _Parser(FormDataParser):
    def parse(self, stream: IO[bytes], mimetype: str, content_length: int | None, options: Any = None) -> Any:
        """The form's fields; raises Refused where one is no text."""
        if mimetype == "application/x-www-form-urlencoded":
            sent = stream.read()
            _check(sent)
            stream = BytesIO(sent)
        return super().parse(stream, mimetype, content_length, options)


class _Request(Request):
    form_data_parser_class = _Parser


def install(*, app: Flask) -> None:
    """Look at every request before anything else does."""
    app.request_class = _Request
    app.before_request(lambda: _check(request.query_string))


def _check(sent: bytes) -> None:
    try:
        unquote_to_bytes(sent).decode()
    except UnicodeDecodeError as error:
        raise Refused(SAID) from error
