"""How the vision read earlier, out of the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.model.journal import JournalLine

TEXTS = ("true_north", "current_state")


@dataclass(frozen=True, slots=True)
class EarlierVision:
    """Both texts as they stood until somebody replaced them."""

    until: datetime
    replaced_by: str
    why: str
    true_north: str
    current_state: str


def list_earlier_visions(*, session: Session) -> list[EarlierVision]:
    """The earlier versions, the latest first; an empty beginning is left out."""
    lines = session.execute(
        select(JournalLine.at, JournalLine.by_name, JournalLine.why, JournalLine.before, JournalLine.after)
        .where(JournalLine.subject == "organisation", JournalLine.before.is_not(None))
        .order_by(JournalLine.id.desc())
    )
    return [
        EarlierVision(at, by, why, *(str(before.get(one) or "") for one in TEXTS))
        for at, by, why, before, after in lines
        if any(before.get(one) != (after or {}).get(one) for one in TEXTS) and any(before.get(one) for one in TEXTS)
    ]
