"""What the plan looks like from afar, to see whether anybody has changed it between looking and holding it."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoshin.model.base import table_of
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item
from hoshin.model.people import Person
from hoshin.model.units import Organisation, Unit
from hoshin.model.versions import STRUCTURE_SUBJECT, Version

Mark = tuple[int | None, ...]
_COUNTED = (Organisation, Cycle, Unit, Item, Person)
"""Each row of these counts its own changes: what of it is no structure, such as a direction, shows in their sum."""
_MARK = select(
    select(Version.number).where(Version.subject == STRUCTURE_SUBJECT).scalar_subquery(),
    *(select(func.sum(table_of(model=one).c.version)).scalar_subquery() for one in _COUNTED),
)


def plan_mark(*, session: Session) -> Mark:
    """A mark of organisation, cycles, units, items, links and people as committed: another one after every change.

    Figures, locked months and rights are not in it.
    """
    return tuple(session.connection().execute(_MARK).one())
