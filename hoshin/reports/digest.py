"""The weekly mail as plain text, from the lines that were kept when it was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from hoshin.reports.notices import TITLES, detail_text, path_of
from hoshin.reports.render import render


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes to whom: organisation and person by name, the planner's address, and the link that ends the mail."""

    organisation: str
    person: str
    base_url: str
    quieten_url: str


def digest_text(*, lines: Sequence[Mapping[str, Any]], head: Letterhead) -> str:
    """The body: what is new by kind, with a link each; what earlier mails told of as a number."""
    new = [one for one in lines if one["new"]]
    kinds = [kind for kind in TITLES if any(one["kind"] == kind for one in new)]
    return render(
        template="mail/digest.txt",
        head=head,
        groups=[(TITLES[kind], [_line(one, head.base_url) for one in new if one["kind"] == kind]) for kind in kinds],
        older=len(lines) - len(new),
    )


def _line(one: Mapping[str, Any], base_url: str) -> dict[str, str]:
    since = date.fromisoformat(one["since"]) if one["since"] else None
    detail = detail_text(kind=one["kind"], detail=one["detail"], since=since)
    return {
        "text": f"{one['title']} ({detail})" if detail else one["title"],
        "href": base_url + path_of(kind=one["kind"], subject_id=one["id"]),
    }
