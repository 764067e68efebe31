"""Random plans of up to a million KPIs, written past the product's own doors: units, items, shared links, readings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from hoshin.model.versions import touch_everything
from tests import factories

SIZES = {"S": 300, "M": 10_000, "L": 100_000, "XL": 1_000_000}
NOW = datetime(2027, 6, 30, 9, 0, tzinfo=UTC)
"""When everything of the year has fallen due."""
FOUNDED = datetime(2026, 1, 2, 9, 0, tzinfo=UTC)
KNOWN = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
"""A moment after which one reading in a hundred was revised."""
MONTHS = [date(2026, month, 1) for month in range(1, 13)]
OBJECTIVES, PRIORITIES, ACTIONS = range(2), range(2, 5), range(5, 10)
PER_UNIT = 10
KPIS_PER_UNIT = 1000 / 15
KIND = ("objective", "objective", "priority", "priority", "priority", *["action"] * 5)

STATUS = """CASE WHEN {0} IS NULL AND {1} IS NULL THEN 't' WHEN actual IS NULL THEN 'd'
    WHEN ({0} IS NULL OR {0} <= actual) AND ({1} IS NULL OR actual <= {1}) THEN 'h' ELSE 'm' END"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the plan became."""

    kpis: int
    nodes: int
    edges: int
    links: int
    readings: int


def fill(*, engine: Engine, kpis: int, seed: int = 1) -> Sizes:
    """Write a random plan of so many KPIs for one year into an empty database."""
    dice = np.random.default_rng(seed)
    units = max(round(kpis / KPIS_PER_UNIT), 3)
    with Session(engine.execution_options(hoshin_writes=True)) as session:
        factories.organisation(session, "Company")
        factories.cycle(session)
        session.commit()
    with engine.connect().execution_options(hoshin_writes=True) as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA cache_size = -400000")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # every key is known to be there
            connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '256MB'")
        _units(connection, units)
        first = units * PER_UNIT + 1
        _items(connection, units, first, kpis, dice)
        edges, links = _links(connection, units, first, kpis, dice)
        _readings(connection)
        connection.commit()
    with Session(engine.execution_options(hoshin_writes=True)) as session:
        touch_everything(session=session)
        session.commit()
    tidy(engine)
    return Sizes(kpis, units * PER_UNIT, edges, links, kpis * 12)


def put(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Many rows at once, by the fastest door of each driver."""
    names = ", ".join(columns)
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        raw.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
        return
    with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def instant(connection: Connection, at: datetime) -> Any:
    """A moment as the database keeps it."""
    return f"{at:%Y-%m-%d %H:%M:%S.%f}" if connection.dialect.name == "sqlite" else at


def _units(connection: Connection, units: int) -> None:
    put(
        connection,
        "units",
        ("id", "parent_id", "name", "kind", "restricted", "preset", "position", "version"),
        ((one, (one - 2) // 5 + 1, f"Unit {one}", "team", False, "classic", one, 1) for one in range(2, units + 1)),
    )
    put(
        connection,
        "people",
        ("id", "name", "email", "title", "home_unit_id", "version", "placed", "sought"),
        ((one, f"Person {one}", f"{one}@example.org", "", one, 1, *folded(one)) for one in range(1, units + 1)),
    )


def folded(key: int) -> tuple[str, str]:
    """How such a person is put in order and searched (see hoshin.model.folded)."""
    return f"person {key}", f"person {key} {key}@example.org "


def _items(connection: Connection, units: int, first: int, kpis: int, dice: np.random.Generator) -> None:
    columns = ("id", "kind", "unit_id", "cycle_id", "name", "description", "owner_id", "state", "end_reason",
               "position", "version")  # fmt: skip
    nodes = ((number, number // PER_UNIT + 1, KIND[number % PER_UNIT]) for number in range(units * PER_UNIT))
    put(
        connection,
        "items",
        columns,
        (
            (
                number + 1,
                kind,
                unit,
                None if kind == "objective" else 1,
                f"{kind} {number}",
                "",
                unit,
                "active",
                "",
                0,
                1,
            )
            for number, unit, kind in nodes
        ),
    )
    homes = dice.integers(1, units + 1, kpis).tolist()
    put(
        connection,
        "items",
        columns,
        (
            (first + place, "kpi", unit, None, f"KPI {place}", "", unit, "active", "", 0, 1)
            for place, unit in enumerate(homes)
        ),
    )
    for kind, table in (("objective", "objectives"), ("priority", "priorities")):
        connection.execute(text(f"INSERT INTO {table} (id) SELECT id FROM items WHERE kind = '{kind}'"))
    connection.execute(
        text("INSERT INTO actions (id, status, progress) SELECT id, 'open', 0 FROM items WHERE kind = 'action'")
    )
    connection.execute(
        text("""INSERT INTO kpis (id, uom, direction, frequency, aggregation, kpi_kind, kpi_class)
                SELECT id, '', 'at least', 'month', 'last', 'result',
                       CASE id % 3 WHEN 0 THEN 'fundamental' ELSE 'breakthrough' END FROM items WHERE kind = 'kpi'""")
    )
    connection.execute(
        text("INSERT INTO cycle_kpis (cycle_id, kpi_id, recorded_at) SELECT 1, id, :at FROM kpis").bindparams(
            at=instant(connection, FOUNDED)
        )
    )


def _links(connection: Connection, units: int, first: int, kpis: int, dice: np.random.Generator) -> tuple[int, int]:
    """Every item below one of its own unit, objectives below a priority of the unit above, a fifth below two."""
    unit = np.arange(units)
    lower, upper = [], []
    for many, below, above in ((1, PRIORITIES, OBJECTIVES), (1, ACTIONS, PRIORITIES)):
        for place in below:
            lower.append(unit * PER_UNIT + place)
            upper.append(unit * PER_UNIT + dice.integers(above[0], above[-1] + 1, units * many))
    twice = dice.integers(0, units, round(units * 3.7))
    lower.append(twice * PER_UNIT + dice.integers(ACTIONS[0], ACTIONS[-1] + 1, len(twice)))
    upper.append(twice * PER_UNIT + dice.integers(PRIORITIES[0], PRIORITIES[-1] + 1, len(twice)))
    among = _pairs(np.concatenate(upper) + 1, np.concatenate(lower) + 1)
    homes = np.array(
        connection.execute(text("SELECT unit_id FROM items WHERE kind = 'kpi' ORDER BY id")).scalars().all()
    )
    leaf = np.concatenate([np.arange(kpis), dice.integers(0, kpis, round(kpis * 0.74))])
    node = (homes[leaf] - 1) * PER_UNIT + dice.integers(0, PER_UNIT, len(leaf)) + 1
    direct = _pairs(node, leaf + first)
    strength = dice.choice([1, 3, 9], len(among) + len(direct)).tolist()
    pairs = [*among, *direct]
    put(
        connection,
        "correlations",
        ("id", "upper_id", "lower_id", "strength", "rationale", "version"),
        ((at + 1, *pair, strength[at], "", 1) for at, pair in enumerate(pairs)),
    )
    return len(among) + _deployments(connection, units, dice), len(direct)


def _deployments(connection: Connection, units: int, dice: np.random.Generator) -> int:
    unit = np.arange(1, units)
    parent = (unit - 1) // 5
    source, answer = [], []
    for place in OBJECTIVES:
        source.append(parent * PER_UNIT + dice.integers(PRIORITIES[0], PRIORITIES[-1] + 1, units - 1) + 1)
        answer.append(unit * PER_UNIT + place + 1)
    shared = unit[dice.random(units - 1) < 0.4]
    aside = np.maximum((shared - 1) // 5 - dice.integers(0, 2, len(shared)), 0)  # the unit above, or its sister
    source.append(aside * PER_UNIT + dice.integers(PRIORITIES[0], PRIORITIES[-1] + 1, len(shared)) + 1)
    answer.append(shared * PER_UNIT + 1)
    pairs = _pairs(np.concatenate(source), np.concatenate(answer))
    put(
        connection,
        "deployments",
        ("id", "source_id", "objective_id", "state", "version"),
        ((at + 1, *pair, "active", 1) for at, pair in enumerate(pairs)),
    )
    return len(pairs)


def _pairs(upper: Any, lower: Any) -> list[tuple[int, int]]:
    """Each pair once, in random order as the hash has it."""
    span = int(max(upper.max(), lower.max())) + 1
    kept = np.unique(upper * span + lower)
    return list(zip((kept // span).tolist(), (kept % span).tolist(), strict=True))


def _readings(connection: Connection) -> None:
    """Twelve months of every KPI; what it says follows from its key, so that the data are the same everywhere."""
    dice = "(id % 1000 * 7919 + {month} * 104729) % 1000"
    for index in ("ix_readings_kpi", "ix_readings_status"):
        connection.execute(text(f"DROP INDEX {index}"))
    for month in MONTHS:
        roll = dice.format(month=month.month)
        connection.execute(
            text(f"""
                INSERT INTO readings (period, kpi_id, amended, recorded_at, version, target, actual, band_low,
                                      first_low, note, status)
                SELECT period, id, amended, recorded_at, 1, target, actual, target, first_low, '',
                       {STATUS.format("target", "null")} || {STATUS.format("first_low", "null")}
                FROM (SELECT :period AS period, id, {roll} = 7 AS amended,
                             CASE WHEN {roll} % 100 = 3 THEN :late ELSE :at END AS recorded_at,
                             CASE WHEN {roll} < 20 THEN NULL ELSE 500000 END AS target,
                             CASE WHEN {roll} < 20 THEN NULL WHEN {roll} % 100 = 7 THEN 400000 ELSE 500000 END
                                 AS first_low,
                             CASE WHEN {roll} % 20 = 11 THEN NULL ELSE (300 + {roll} % 400) * 1000 END AS actual
                      FROM kpis ORDER BY id) AS rolled""").bindparams(
                period=_bound(connection, month), at=_bound(connection, FOUNDED), late=_bound(connection, NOW)
            )
        )
    connection.execute(text("CREATE INDEX ix_readings_kpi ON readings (kpi_id)"))
    connection.execute(text("CREATE INDEX ix_readings_status ON readings (period, kpi_id, status)"))
    _revisions(connection)


def _bound(connection: Connection, value: date | datetime) -> Any:
    if connection.dialect.name != "sqlite":
        return value
    return f"{value:%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value.isoformat()


def _revisions(connection: Connection) -> None:
    """What stands now, and for the late ones what stood before: nothing reported."""
    for late in (False, True):
        actual, status = ("NULL", "CASE status WHEN 'tt' THEN 'tt' ELSE 'dd' END") if not late else ("actual", "status")
        connection.execute(
            text(f"""
                INSERT INTO revisions (period, kpi_id, recorded_at, recorded_by, journal_id, amendment, reason, target,
                                       actual, band_low, first_low, note, status)
                SELECT period, kpi_id, {":late" if late else ":at"}, 'Person', 1, {late}, '', target,
                       {actual}, band_low, first_low, '', {status}
                FROM readings WHERE recorded_at = :late ORDER BY period, kpi_id""").bindparams(
                late=_bound(connection, NOW), **({} if late else {"at": _bound(connection, FOUNDED)})
            )
        )


def tidy(engine: Engine) -> None:
    """What the database does by itself in the night."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE")
