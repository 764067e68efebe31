"""Turns the Markdown that people write into HTML in which nothing can run and nothing is fetched."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import nh3
from markupsafe import Markup

if TYPE_CHECKING:  # imported when the first text is read: a start must not wait for it
    from markdown_it import MarkdownIt

_TAGS = {
    "p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "code", "pre", "hr", "a", "h3", "h4", "h5", "h6",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


@cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415 - see above

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def as_html(*, text: str) -> Markup:
    """The text as HTML; headings begin at the third level, as they stand inside a page."""
    reader = _reader()
    tokens = reader.parse(text)
    for one in tokens:
        if one.type in ("heading_open", "heading_close"):
            one.tag = f"h{min(int(one.tag[1:]) + 2, 6)}"
    written = reader.renderer.render(tokens, reader.options, {})
    schemes = {"http", "https", "mailto"}
    return Markup(nh3.clean(written, tags=_TAGS, attributes={"a": {"href"}}, url_schemes=schemes))  # noqa: S704 - cleaned


def as_line(*, text: str) -> str:
    """The text without its marks, on one line, for where there is no room for paragraphs."""
    return " ".join(as_html(text=text).striptags().split())
