"""The plan of one cycle as the engine wants it: as it stands now, or as it was known at a past moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Executable, Result, Select, select
from sqlalchemy.orm import Session

from hoshin.engine import plans
from hoshin.engine.calendars import CycleSpan, FiscalCalendar, Frequency, NamedBy
from hoshin.engine.metrics import Aggregation, KPIClass, Metric, Reading as EngineReading
from hoshin.engine.plans import Kind, Life, Rotation, State
from hoshin.model.base import Base, facts
from hoshin.model.cycles import Cycle, CycleKPI
from hoshin.model.items import Item
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI, Figures, Reading, Revision
from hoshin.model.links import Correlation, Deployment
from hoshin.model.people import Person
from hoshin.model.units import Unit
from hoshin.queries.units import get_organisation

Facts = dict[str, Any]
Table = dict[int, Facts]
"""Rows by key, each as plain facts: what the past is rebuilt from."""

SETTINGS = ("organisation", "cycle")
STRUCTURE = (*SETTINGS, "unit", "objective", "priority", "action", "kpi", "correlation", "deployment")
"""The subjects whose journal lines are undone to see the plan, and the rules it was judged by, as they were."""


def load_plan(
    *, session: Session, cycle: Cycle | None, known_at: datetime | None = None, figures: bool = True
) -> plans.Plan:
    """The plan for one cycle, using only what was recorded by `known_at` (None: everything).

    Without `figures` its metrics have no readings, which are most of a plan. A fixed number of statements, whatever
    the size of the plan.
    """
    tables = Tables.read(session=session, known_at=known_at)
    metrics = _metrics(session, tables.rows["kpi"], cycle, known_at, figures)
    names = select(Person.id, Person.name)
    return build_plan(
        session=session, cycle=cycle, tables=tables, metrics=metrics, people=dict(session.execute(names).all())
    )


def build_plan(
    *, session: Session, cycle: Cycle | None, tables: Tables, metrics: Mapping[int, Metric], people: Mapping[int, str]
) -> plans.Plan:
    """The plan, or part of one, that these rows describe; two statements, for the settings and the cycles."""
    organisation = get_organisation(session=session)
    settings = tables.rows["organisation"].get(organisation.id) or facts(of=organisation)
    cycles = {one.id: one.name for one in session.scalars(select(Cycle))}
    return plans.Plan(
        organisation=organisation.name,
        calendar=FiscalCalendar(settings["fiscal_start_month"], NamedBy(settings["named_by"]), settings["due_days"]),
        units=tables.units(),
        items=[_item(row, cycles) for kind in Kind for row in tables.ordered(subject=kind.value)],
        links=[
            plans.Link(row["upper_id"], row["lower_id"], row["strength"]) for row in tables.rows["correlation"].values()
        ],
        deployments=[
            plans.Deployment(row["source_id"], row["objective_id"], _life(row))
            for row in tables.rows["deployment"].values()
        ],
        metrics=metrics,
        people=people,
        rotation=_rotation(tables.rows["cycle"], cycle),
        least_strength=settings["least_strength"],
    )


@dataclass(slots=True)
class Tables:
    """The structural rows by subject, of the whole plan or of a part of it."""

    rows: dict[str, Table] = field(default_factory=lambda: defaultdict(dict))
    as_kept: Sequence[plans.Unit] | None = None
    """The units in their order, where these were kept and are as they stand."""

    @classmethod
    def read(cls, *, session: Session, known_at: datetime | None) -> Tables:
        """All of them, taken back to a past moment by undoing the journal from its end."""
        tables = cls()
        tables.add(session=session, subject="unit", query=UNITS)
        tables.add_items(session=session, query=ITEMS)
        tables.add(session=session, subject="correlation", query=LINKS.order_by(LINKS.selected_columns.id))
        tables.add(session=session, subject="deployment", query=DEPLOYMENTS.order_by(DEPLOYMENTS.selected_columns.id))
        if known_at is not None:
            # settings are not read above: only undone ones stand here
            tables.undo(lines=lines_after(session=session, known_at=known_at))
        return tables

    def add(self, *, session: Session, subject: str, query: Executable) -> list[Facts]:
        """Take in the rows of units, links or deployments; gives those of this query."""
        found = _facts(session.execute(query))
        self.rows[subject] |= {row["id"]: row for row in found}
        return found

    def add_items(self, *, session: Session, query: Executable) -> list[Facts]:
        """Take in the rows of items of any kind; gives those of this query."""
        found = _facts(session.execute(query))
        for row in found:
            self.rows[row["kind"].value][row["id"]] = row
        return found

    def units(self) -> Sequence[plans.Unit]:
        """The units as the engine wants them, in their order."""
        return self.as_kept or units_of(rows=self.ordered(subject="unit"))

    def undo(self, *, lines: Iterable[tuple[str, str, Facts | None]]) -> None:
        """Put the rows back to what they were before these lines, latest first, were written."""
        for subject, key, before in lines:
            if subject == "unit":
                self.as_kept = None
            if before is None:
                self.rows[subject].pop(int(key), None)
            else:
                self.rows[subject][int(key)] = before

    def ordered(self, *, subject: str) -> list[Facts]:
        """The rows of units or of one kind of item, as their lists show them."""
        return sorted(self.rows[subject].values(), key=lambda row: (row["position"], row["id"]))


def units_of(*, rows: Iterable[Facts]) -> list[plans.Unit]:
    """The rows of units as the engine wants them."""
    return [plans.Unit(row["id"], row["name"], row["parent_id"]) for row in rows]


def _facts(result: Result[Any]) -> list[Facts]:
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result]


ITEM_FACTS = ("id", "kind", "unit_id", "cycle_id", "name", "owner_id", "state", "valid_from", "valid_to", "position")
KPI_FACTS = ("frequency", "aggregation", "kpi_class")


def _columns(table: type[Base], *names: str) -> list[Any]:
    return [table.__table__.c[name] for name in names]


UNITS: Select[Any] = select(*_columns(Unit, "id", "name", "parent_id", "position"))
ITEMS: Select[Any] = select(*_columns(Item, *ITEM_FACTS), *_columns(KPI, *KPI_FACTS)).select_from(
    Item.__table__.outerjoin(KPI.__table__, KPI.__table__.c.id == Item.__table__.c.id)
)
LINKS: Select[Any] = select(*_columns(Correlation, "id", "upper_id", "lower_id", "strength"))
DEPLOYMENTS: Select[Any] = select(
    *_columns(Deployment, "id", "source_id", "objective_id", "state", "valid_from", "valid_to")
)
"""The rows that a plan is made from, all of them; a part of a plan asks for some."""


def lines_after(*, session: Session, known_at: datetime) -> Sequence[tuple[str, str, Facts | None]]:
    """What the journal says of the plan after the moment, latest first: subject, key, and the row before the change."""
    lines = session.execute(
        select(JournalLine.subject, JournalLine.subject_id, JournalLine.before)
        .where(JournalLine.at > known_at, JournalLine.subject.in_(STRUCTURE))
        .order_by(JournalLine.id.desc())
    )
    return [(subject, key, before) for subject, key, before in lines]


def _day(value: str | date | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _life(row: Facts) -> Life:
    return Life(State(row["state"]), _day(row["valid_from"]), _day(row["valid_to"]))


def _rotation(undone: Table, cycle: Cycle | None) -> Rotation:
    if cycle is None:
        return Rotation.PRIORITY
    known = undone.get(cycle.id)
    return Rotation(known["rotation"]) if known else cycle.rotation


def _item(row: Facts, cycles: Mapping[int, str]) -> plans.Item:
    return plans.Item(
        key=row["id"],
        kind=Kind(row["kind"]),
        unit=row["unit_id"],
        name=row["name"],
        life=_life(row),
        cycle=cycles.get(row["cycle_id"]) if row["cycle_id"] is not None else None,
        owner=row["owner_id"],
        kpi_class=KPIClass(row["kpi_class"]) if row.get("kpi_class") else None,
    )


def _metrics(
    session: Session, kpis: Table, cycle: Cycle | None, known_at: datetime | None, figures: bool
) -> dict[int, Metric]:
    if cycle is None:
        return {}
    members = select(CycleKPI.kpi_id).where(CycleKPI.cycle_id == cycle.id)
    if known_at is not None:
        members = members.where(CycleKPI.recorded_at <= known_at)
    readings = load_readings(session=session, span=cycle.span, known_at=known_at) if figures else {}
    return _made(kpis, session.scalars(members), readings)


def some_metrics(
    *, session: Session, tables: Tables, cycle: Cycle, known_at: datetime | None = None
) -> dict[int, Metric]:
    """The metrics of a part of a plan with their readings, in two statements."""
    kpis = tables.rows["kpi"]
    members = select(CycleKPI.kpi_id).where(CycleKPI.cycle_id == cycle.id, CycleKPI.kpi_id.in_(list(kpis)))
    if known_at is not None:
        members = members.where(CycleKPI.recorded_at <= known_at)
    readings = load_readings(session=session, span=cycle.span, known_at=known_at, kpi_ids=kpis)
    return _made(kpis, session.scalars(members), readings)


def bare_metric(*, row: Facts, readings: Mapping[date, EngineReading] | None = None) -> Metric:
    """The metric of a row of a KPI, with these readings or without any."""
    return Metric(row["id"], Frequency(row["frequency"]), Aggregation(row["aggregation"]), readings or {})


def _made(
    kpis: Table, members: Iterable[int], readings: Mapping[int, Mapping[date, EngineReading]]
) -> dict[int, Metric]:
    return {key: bare_metric(row=kpis[key], readings=readings.get(key)) for key in members if key in kpis}


READING_FACTS = (
    "kpi_id", "period", "band_low", "band_high", "actual", "first_low", "first_high",
    "ytd_band_low", "ytd_band_high", "ytd_actual", "ytd_first_low", "ytd_first_high",
)  # fmt: skip


def load_readings(
    *, session: Session, span: CycleSpan, known_at: datetime | None = None, kpi_ids: Collection[int] | None = None
) -> dict[int, dict[date, EngineReading]]:
    """The readings of all KPIs, or of these, for the periods that begin within the span, by KPI and first day.

    One statement.
    """
    table: type[Reading] | type[Revision] = Reading if known_at is None else Revision
    query = select(*_columns(table, *READING_FACTS)).where(table.period.between(span.first, span.last))
    if kpi_ids is not None:
        query = query.where(table.kpi_id.in_(list(kpi_ids)))
    if known_at is not None:
        query = query.where(Revision.recorded_at <= known_at).order_by(Revision.recorded_at, Revision.id)
    found: dict[int, dict[date, EngineReading]] = defaultdict(dict)
    for row in session.execute(query):
        found[row.kpi_id][row.period] = Figures.as_reading(row)  # type: ignore[arg-type] # a row has the same names
    return found
