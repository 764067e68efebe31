"""What must hold after everything that went wrong: no figure lost, and every server counts as a bare query does."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import text

from hoshin.db import make_engine
from tests.bench.cluster import Company
from tests.bench.crowd import Account, Address, Browser, Cell, Notes

READINGS = "SELECT kpi_id, period, actual FROM readings"
RECOUNT = """
    SELECT units.name, count(*),
           sum(CASE WHEN actual >= coalesce(band_low, actual) AND actual <= coalesce(band_high, actual)
                     AND coalesce(band_low, band_high) IS NOT NULL THEN 1 ELSE 0 END),
           sum(CASE WHEN actual < band_low OR actual > band_high THEN 1 ELSE 0 END)
    FROM readings JOIN items ON items.id = kpi_id JOIN units ON units.id = unit_id
    WHERE period = CAST(:period AS date) GROUP BY units.name
"""
"""By unit: its own metrics, how many hit and how many miss; nothing of the product is used."""
Three = tuple[int, int, int]


def lost(*, company: Company, saved: Mapping[Cell, set[Decimal]]) -> list[tuple[Cell, str]]:
    """The cells that hold nothing of what was said to be saved there, with what they hold."""
    engine = make_engine(url=company.database_url)
    with engine.connect() as connection:
        rows = connection.execute(text(READINGS))
        stored = {(kpi, f"{period}"): None if one is None else Decimal(one).scaleb(-4) for kpi, period, one in rows}
    engine.dispose()
    return [(cell, f"holds {stored.get(cell)}") for cell, values in saved.items() if stored.get(cell) not in values]


def miscounted(*, company: Company, account: Account, month: str, servers: Sequence[str]) -> list[str]:
    """Where the servers, each asked directly, count other than the bare query: the whole, and every unit's own."""
    engine, found = make_engine(url=company.database_url), []
    with engine.connect() as connection:
        rows = connection.execute(text(RECOUNT), {"period": f"{month}-01"})
        right = {name: (int(total), int(hits), int(misses)) for name, total, hits, misses in rows}
    engine.dispose()
    for server in servers:
        browser = Browser(Address("127.0.0.1", company.ports[server]), account, Notes())
        seen = browser.ask("attainment", f"/attainment?format=csv&period={month}")
        problems = _differences(seen.text, right) if seen.status == 200 else [f"answers {seen.status}"]
        found += [f"{server}: {one}" for one in problems]
    return found


def _differences(sheet: str, right: Mapping[str, Three]) -> list[str]:
    told = _told(sheet)
    hits, misses = sum(one[1] for one in right.values()), sum(one[2] for one in right.values())
    wanted = {**right, "": (sum(one[0] for one in right.values()), hits, misses)}
    differing = {name: three for name, three in wanted.items() if told.get(name) != three}
    return [f"{name or 'all'} {told.get(name)}, not {three}" for name, three in differing.items()]


def _told(sheet: str) -> dict[str, Three]:
    """What the server says by unit name, and of the organisation under no name."""
    found: dict[str, Three] = {}
    for row in csv.DictReader(io.StringIO(sheet)):
        if row["list"] == "node" and row["kind"] in ("unit-own", "organisation"):
            name = row["name"] if row["kind"] == "unit-own" else ""
            found[name] = (int(row["total"]), int(row["hits"]), int(row["misses"]))
    return found
