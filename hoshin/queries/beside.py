"""What a process keeps beside the figures because it changes with the structure alone: everybody's name, for one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hoshin.engine.tallies import CODE
from hoshin.engine.verdicts import Verdict
from hoshin.queries.figures import Figures
from hoshin.queries.grounds import may_keep, versions_in
from hoshin.readers import engine_of

Made = TypeVar("Made")

_beside: WeakKeyDictionary[Engine, dict[str, tuple[int, Any]]] = WeakKeyDictionary()


def keep_with_structure(*, session: Session, name: str, make: Callable[[], Made]) -> Made:
    """What was made of nothing but columns that model.versions counts as structure: made anew when that changes.

    Others hold the same thing, so nobody may change it.
    """
    engine = engine_of(session=session)
    if engine is None or not may_keep(session=session):
        session.flush()
        return make()
    kept, version = _beside.setdefault(engine, {}), versions_in(session=session).structure
    found = kept.get(name)
    if found is None or found[0] != version:
        found = kept[name] = (version, make())
    made: Made = found[1]
    return made


def kpis_with(*, figures: Figures, verdict: Verdict, unit: int | None = None) -> list[int]:
    """The keys, in order, of the KPIs that are counted with this verdict; of a unit those there and in all below."""
    layout = figures.now.layout
    chosen = figures.now.codes == CODE[verdict]
    if unit is not None:
        chosen &= layout.inside(unit=unit)[layout.kpi_unit]
    found: list[int] = layout.kpis[chosen].tolist()
    return found
