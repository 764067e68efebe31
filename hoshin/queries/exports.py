"""Everything that a tidy sheet of the plan is written from; readings some hundred KPIs at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.engine.plans import Kind
from hoshin.model.actions import Action, ActionHelper
from hoshin.model.cycles import Cycle, CycleKPI
from hoshin.model.items import Item, Objective, Priority
from hoshin.model.kpis import KPI, Reading
from hoshin.model.links import Correlation, Deployment
from hoshin.model.people import Person
from hoshin.model.units import Organisation
from hoshin.queries.unit_lists import UnitLine, list_units, paths_of
from hoshin.queries.units import get_organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The whole plan as rows, each list in its order on the page."""

    organisation: Organisation
    units: Sequence[UnitLine]
    paths: Mapping[int, str]
    cycles: Sequence[Cycle]
    people: Mapping[int, Person]
    items: Mapping[int, Item]
    helpers: Mapping[int, Sequence[int]]
    links: Sequence[Correlation]
    deployments: Sequence[Deployment]
    session: Session
    members: frozenset[tuple[int, int]]

    def readings_of(self, *, kpis: Sequence[int]) -> Sequence[Reading]:
        """The readings of these KPIs, by KPI and period: all of them at once would not fit into a small machine."""
        query = select(Reading).where(Reading.kpi_id.in_(kpis)).order_by(Reading.kpi_id, Reading.period)
        return self.session.scalars(query).all()

    def of(self, *kinds: Kind) -> list[Item]:
        """The items of these kinds, in order."""
        return [one for one in self.items.values() if one.kind in kinds]


def load_book(*, session: Session) -> Book:
    """The whole plan, drafts and archived items too; raises Missing while there is no organisation."""
    units = list_units(session=session)
    place = {one.id: index for index, one in enumerate(units)}
    items: list[Item] = []
    for table in (Objective, Priority, Action, KPI):
        found: list[Item] = list(session.scalars(select(table)))
        items += sorted(found, key=lambda one: (place[one.unit_id], one.position, one.id))
    helpers: dict[int, list[int]] = defaultdict(list)
    helping = select(ActionHelper.action_id, ActionHelper.person_id).order_by(ActionHelper.person_id)
    for action, person in session.execute(helping):
        helpers[action].append(person)
    return Book(
        organisation=get_organisation(session=session),
        units=units,
        paths=paths_of(units=units),
        cycles=session.scalars(select(Cycle).order_by(Cycle.first_day)).all(),
        people={one.id: one for one in session.scalars(select(Person))},
        items={one.id: one for one in items},
        helpers=helpers,
        links=session.scalars(select(Correlation).order_by(Correlation.id)).all(),
        deployments=session.scalars(select(Deployment).order_by(Deployment.id)).all(),
        session=session,
        members=frozenset(session.execute(select(CycleKPI.cycle_id, CycleKPI.kpi_id))),
    )
