"""What the actions of a cycle are expected to add to KPIs, and from which month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.access.scope import readable_items
from hoshin.engine.effects import Effect
from hoshin.engine.plans import State
from hoshin.model.actions import Action, Status
from hoshin.model.kpis import KPI
from hoshin.model.links import Correlation


@dataclass(frozen=True, slots=True)
class Contribution:
    """One action's effect on a KPI; `name` is None for an action that the reader may not open.

    What is a draft, has ended or was cancelled is shown and not counted.
    """

    action_id: int
    name: str | None
    status: Status
    is_draft: bool
    amount: Decimal
    starts: date

    @property
    def counts(self) -> bool:
        """Whether the plan rests on it."""
        return not self.is_draft and self.status is not Status.CANCELLED


@dataclass(frozen=True, slots=True)
class Expected:
    """The baseline of a KPI and everything that is expected to move it, the earliest first."""

    baseline: Decimal | None
    contributions: Sequence[Contribution]

    @property
    def effects(self) -> list[Effect]:
        """The effects that count."""
        return [Effect(one.amount, one.starts) for one in self.contributions if one.counts]


def expected(*, session: Session, actor: Actor, kpis: Iterable[KPI], cycle_id: int) -> dict[int, Expected]:
    """What moves each of the KPIs in the cycle, by KPI; one statement."""
    known = {one.id: one for one in kpis}
    query = (
        select(Correlation, Action, readable_items(actor=actor).label("readable"))
        .join(Action, Action.id == Correlation.upper_id)
        .where(Correlation.lower_id.in_(list(known)), Correlation.effect.is_not(None), Action.cycle_id == cycle_id)
        .where(Action.archived_at.is_(None), Action.state != State.ENDED)
        .order_by(Correlation.effect_from, Action.position, Action.id)
    )
    found: dict[int, list[Contribution]] = {key: [] for key in known}
    for link, action, readable in session.execute(query):
        if link.effect is not None and link.effect_from is not None:
            name = action.name if readable else None
            found[link.lower_id].append(
                Contribution(
                    action.id, name, action.status, action.state is State.DRAFT, link.effect, link.effect_from
                )
            )
    return {key: Expected(one.baseline, found[key]) for key, one in known.items()}
