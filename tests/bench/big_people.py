"""The people of a big plan: heads, staff, reporters and the strategy office, so that it resembles a company at work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from hoshin.model.base import Base
from hoshin.model.versions import touch_everything
from tests.bench.big_plans import FOUNDED, folded, instant, put, tidy

PEOPLE = {"S": 300, "M": 10_000, "L": 100_000, "XL": 100_000}
"""As many as the plan has KPIs; who has a million KPIs has no more people."""
KINDS = ("company", "division", "department")
TRUE_NORTH = "Every customer is served on the day they ask, and every one of us goes home safe."

STATEMENTS = (
    # the head keeps objectives and priorities; an action or KPI belongs to somebody of the unit, another one types it
    "UPDATE items SET owner_id = unit_id + :units * (1 + id % :staff) WHERE kind IN ('action', 'kpi')",
    """UPDATE kpis SET reporter_id = (SELECT unit_id + :units * (1 + (items.id + 1) % :staff)
                                      FROM items WHERE items.id = kpis.id)""",
    """UPDATE actions SET status = CASE id % 5 WHEN 0 THEN 'done' WHEN 1 THEN 'open' WHEN 2 THEN 'blocked'
                                               ELSE 'in progress' END,
                          progress = CASE id % 5 WHEN 0 THEN 100 WHEN 1 THEN 0 ELSE id % 90 END""",
    "UPDATE organisation SET true_north = :north",
    # what was revised was revised long ago: somebody types today
    "UPDATE readings SET recorded_at = :early WHERE recorded_at > :early",
    "UPDATE revisions SET recorded_at = :early WHERE recorded_at > :early",
)


@dataclass(frozen=True, slots=True)
class Crew:
    """Who is who: person `unit` heads that unit, and every `units`-th person after her works in it."""

    units: int
    staff: int

    @property
    def people(self) -> int:
        """All of them."""
        return self.units * (1 + self.staff)

    def member(self, *, unit: int, number: int) -> int:
        """The key of one of a unit's staff, counted from 0."""
        return unit + self.units * (1 + number % self.staff)


def settle(*, engine: Engine, people: int) -> Crew:
    """Put about so many people into the units of a big plan, at least two in each, and give them the work.

    The chief executive is person 1, at the top. Others of the staff there are the strategy office (2 facilitators), an
    auditor, and an administrator who is also an executive, who may therefore read files in.
    """
    with engine.connect().execution_options(hoshin_writes=True) as connection:
        units = int(connection.execute(text("SELECT count(*) FROM units")).scalar_one())
        crew = Crew(units, max(people // units - 1, 5))
        columns = ("id", "name", "email", "title", "home_unit_id", "version", "placed", "sought")
        put(connection, "people", columns, _staff(crew))
        grants = enumerate(_grants(crew), 1)
        put(connection, "grants", ("id", "person_id", "role", "unit_id"), ((key, *one) for key, one in grants))
        early = instant(connection, FOUNDED + timedelta(days=1))
        values = {"units": crew.units, "staff": crew.staff, "north": TRUE_NORTH, "early": early}
        for statement in STATEMENTS:
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), named)
        _name_kinds(connection)
        _count_on(connection)
        connection.commit()
    with Session(engine.execution_options(hoshin_writes=True)) as session:
        touch_everything(session=session)
        session.commit()
    tidy(engine)
    return crew


def _staff(crew: Crew) -> Iterator[tuple[object, ...]]:
    for key in range(crew.units + 1, crew.people + 1):
        yield key, f"Person {key}", f"{key}@example.org", "", (key - 1) % crew.units + 1, 1, *folded(key)


def _grants(crew: Crew) -> Iterator[tuple[int, str, int]]:
    for unit in range(1, crew.units + 1):
        yield unit, "head", unit
    yield 1, "executive", 1
    office = [crew.member(unit=1, number=number) for number in range(5)]
    roles = ("facilitator", "facilitator", "auditor", "administrator", "executive")
    for key, role in zip([*office[:4], office[3]], roles, strict=True):
        yield key, role, 1
    for key in range(crew.units + 1, crew.people + 1):
        if key != office[2]:  # an auditor reads, and belongs to nobody
            yield key, "staff", (key - 1) % crew.units + 1


def _name_kinds(connection: Connection) -> None:
    """What a unit is follows from how far below the top it stands; whatever is lower is a team."""
    for depth, kind in enumerate(KINDS):
        above = "parent_id IS NULL"
        for _ in range(depth):
            above = f"parent_id IN (SELECT id FROM units WHERE {above})"
        connection.execute(text(f"UPDATE units SET kind = :kind WHERE {above}"), {"kind": kind})


def _count_on(connection: Connection) -> None:
    """PostgreSQL numbers new rows after those that were written with their keys."""
    if connection.dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        sequence = column is not None and connection.scalar(
            text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
        )
        if column is not None and sequence:
            highest = f"(SELECT coalesce(max({column.name}), 0) + 1 FROM {table.name})"
            connection.execute(text(f"SELECT setval(CAST(:sequence AS regclass), {highest}, false)"),
                               {"sequence": sequence})  # fmt: skip
