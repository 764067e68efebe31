"""An amendment of an agreed target is put before the level above: its row is made, or grows while it waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import journal
from hoshin.commands.bands import Values, now_says, plain
from hoshin.engine.hands import NOBODY, Seat
from hoshin.model.kpis import KPI, Figures
from hoshin.model.people import Person
from hoshin.model.proposals import Proposal, ProposalState
from hoshin.queries.proposals import levels_above, list_stood_for, people_in, waiting_of
from hoshin.queries.unit_plans import people_names


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of the targets of one period, or, without a period, of the KPI itself."""

    period: date | None
    before: dict[str, str]
    after: dict[str, str]

    @classmethod
    def of(cls, *, period: date, reading: Figures | None, changed: Values) -> Change:
        """The change of a reading as it stands now."""
        return cls(period, {name: now_says(reading=reading, name=name) for name in changed}, _texts(changed))


def _texts(values: Values) -> dict[str, str]:
    return {name: str(text) for name, text in plain(values=values).items()}


class Desk:
    """Where the amendments of one save are put: who agrees to each KPI's, what waits already, what is proposed now."""

    def __init__(self, *, session: Session, kpis: Mapping[int, KPI], by: Actor, today: date) -> None:
        self.session, self.kpis, self.by, self.today = session, kpis, by, today
        self.put: dict[int, list[Change]] = defaultdict(list)
        self._known: _Known | None = None

    def _look(self) -> _Known:
        """Everything about all the KPIs at once, when the first of them is amended."""
        if self._known is None:
            rows, person = list(self.kpis.values()), self.by.person
            stood_for = list_stood_for(session=self.session, person=person, today=self.today)
            but = {one.id: frozenset({person or 0, *stood_for.get(one.unit_id, NOBODY)}) for one in rows}
            self._known = _Known(
                seats=levels_above(session=self.session, kpis=rows, today=self.today, but=but),
                waiting=waiting_of(session=self.session, kpi_ids=self.kpis),
                stood_for=stood_for,
                names=people_names(session=self.session),
            )
        return self._known

    def is_asked(self, kpi: KPI) -> bool:
        """Whether somebody agrees before an agreed target of the KPI changes: nobody is asked of the system."""
        return not self.by.is_system and self.by.person is not None and bool(self._look().seats[kpi.id])

    def who(self, kpi: KPI) -> str:
        """The names of those who are asked."""
        known = self._look()
        return " or ".join(sorted(known.names[one] for one in people_in(seats=known.seats[kpi.id])))

    def refuses(self, kpi: KPI) -> str:
        """Why nothing can be proposed of this KPI now; empty when it can."""
        waiting = self._look().waiting.get(kpi.id)
        people = frozenset({self.by.person or 0, *self._look().stood_for.get(kpi.unit_id, NOBODY)})
        if waiting is None or waiting.proposers & people:
            return ""
        return f"{waiting.proposed_by} has proposed other targets of this KPI: that is answered or withdrawn first"

    def write(self, *, reason: str, revises: bool, at: datetime) -> list[Proposal]:
        """One proposal for each KPI of which something was put here."""
        made = []
        for kpi_id, changes in self.put.items():
            kpi, known = self.kpis[kpi_id], self._look()
            stands_for = known.stood_for.get(kpi.unit_id, NOBODY)
            made.append(
                propose_changes(
                    session=self.session, kpi=kpi, changes=changes, waiting=known.waiting.get(kpi_id),
                    principal=min(stands_for) if stands_for and kpi.unit_id in self.by.acts_for else None,
                    reason=reason, revises=revises, by=self.by, at=at,
                )
            )  # fmt: skip
        self.put.clear()
        return made


@dataclass(frozen=True, slots=True)
class _Known:
    """What the desk has looked up; `stood_for` holds by unit whose deputy the actor is there."""

    seats: Mapping[int, tuple[Seat, ...]]
    waiting: Mapping[int, Proposal]
    stood_for: Mapping[int, frozenset[int]]
    names: Mapping[int, str]


def propose_changes(
    *,
    session: Session,
    kpi: KPI,
    changes: Sequence[Change],
    waiting: Proposal | None,
    principal: int | None,
    reason: str,
    revises: bool,
    by: Actor,
    at: datetime,
) -> Proposal:
    """Propose the changes; what the same person has proposed and nobody has answered yet grows by them."""
    if waiting is not None:
        with journal.changing(
            session=session, by=by, at=at, thing=waiting, verb="proposed more", unit=kpi.unit_id, name=kpi.name,
            why=reason,
        ):  # fmt: skip
            waiting.cells = _together(waiting.cells, changes)
            waiting.revises = waiting.revises or revises
            if reason not in waiting.reason:
                waiting.reason = f"{waiting.reason}\n{reason}"
        return waiting
    name = session.get_one(Person, principal).name if principal is not None and principal != by.person else ""
    made = Proposal(
        kpi_id=kpi.id, state=ProposalState.PROPOSED, cells=_together([], changes), revises=revises, reason=reason,
        proposed_by_id=by.person, principal_id=principal, proposed_by=by.name, proposed_for=name, proposed_at=at,
    )  # fmt: skip
    journal.created(session=session, by=by, at=at, thing=made, unit=kpi.unit_id, name=kpi.name, why=reason)
    return made


def _together(cells: Sequence[dict[str, Any]], changes: Sequence[Change]) -> list[dict[str, Any]]:
    """What was proposed and what is proposed now, by period; the later word holds."""
    found = {one["period"]: {**one, "before": dict(one["before"]), "after": dict(one["after"])} for one in cells}
    for one in changes:
        key = one.period.isoformat() if one.period else ""
        cell = found.setdefault(key, {"period": key, "before": {}, "after": {}})
        cell["before"] |= one.before
        cell["after"] |= one.after
    return [found[key] for key in sorted(found)]
