"""What the figures are measured against: bare SQL, a recursive query over all nodes, sets in networkx, and the ORM."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import networkx
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from hoshin.engine.counts import Counts
from hoshin.engine.metrics import Asked, Mode
from hoshin.model.kpis import Reading
from hoshin.queries import figures
from hoshin.queries.figures import Figures, count
from hoshin.queries.grounds import forget, get_ground
from hoshin.readers import Reader
from tests.bench.big_plans import KNOWN, NOW

MAY = date(2026, 5, 1)
SCAN = "SELECT count(*), sum(actual), sum(band_low) FROM readings WHERE period = :period"
"""One sequential scan of the period's rows, as whoever counts without a stored verdict must make it."""

STEPS = """
    SELECT upper_id AS upper, lower_id AS lower FROM correlations
    UNION ALL SELECT source_id, objective_id FROM deployments
"""
ALL_NODES = f"""
    WITH RECURSIVE steps AS ({STEPS}), below(top, item) AS (
        SELECT id, id FROM items WHERE kind IN ('objective', 'priority', 'action')
        UNION SELECT below.top, steps.lower FROM below JOIN steps ON steps.upper = below.item
    )
    SELECT below.top, count(*),
           sum(CASE WHEN actual >= band_low THEN 1 ELSE 0 END), sum(CASE WHEN actual < band_low THEN 1 ELSE 0 END)
    FROM below JOIN readings ON readings.kpi_id = below.item AND readings.period = :period GROUP BY below.top
"""
RECOUNT = """
    SELECT count(*), sum(CASE WHEN actual >= band_low THEN 1 ELSE 0 END),
           sum(CASE WHEN actual < band_low THEN 1 ELSE 0 END) FROM readings WHERE period = :period
"""
Pooled = dict[int, tuple[int, int, int]]
"""By item how many metrics it has, how many hit and how many miss."""
Verdicts = tuple[set[int], set[int], set[int]]
"""All metrics, those that hit and those that miss."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A database with a large plan in it; everything here opens and closes its own connection, as a request does."""

    engine: Engine

    def reading(self) -> Session:
        """A session for looking only."""
        return Reader(engine=self.engine)

    def scan(self, *, periods: tuple[date, ...] = (MAY,)) -> None:
        """The physical limit: every row of the periods is read once."""
        with self.engine.connect() as connection:
            for one in periods:
                connection.execute(text(SCAN).bindparams(period=one)).all()

    def report(self, *, periods: tuple[date, ...] = (MAY,), known: bool = False) -> Figures:
        """The product's answer: the counts of every node, for each period."""
        with self.reading() as session:
            ground = get_ground(session=session, known_at=KNOWN if known else None)
            cycle = ground.year(name="FY2026")
            for one in periods:
                period = ground.calendar.parse(text=f"{one:%Y-%m}")
                asked = Asked(cycle.span, period, Mode.PERIOD, NOW.date())
                found = count(session=session, ground=ground, cycle=cycle, asked=asked)
            return found

    def forget(self) -> None:
        """Keep nothing."""
        with self.reading() as session:
            forget(session=session)

    def outdate(self, *, periods: tuple[date, ...] = (MAY,)) -> None:
        """Say that much of the periods has changed, as after an import: they must be read and counted whole."""
        outdated = text("""
            INSERT INTO versions (subject, number, rows, since) VALUES (:subject, 1, 0, 1)
            ON CONFLICT (subject) DO UPDATE SET number = versions.number + 1, since = versions.number + 1""")
        with self.engine.connect().execution_options(hoshin_writes=True) as connection:
            for one in periods:
                connection.execute(outdated.bindparams(subject=one.isoformat()))
            connection.commit()

    def recursive(self) -> Pooled:
        """All nodes in one recursive query."""
        with self.engine.connect() as connection:
            rows = connection.execute(text(ALL_NODES).bindparams(period=MAY))
            return {top: (total, hits, misses) for top, total, hits, misses in rows}

    def orm(self) -> int:
        """The period's readings as objects."""
        with self.reading() as session:
            return len(session.scalars(select(Reading).where(Reading.period == MAY)).all())

    def load(self) -> None:
        """The same period as the product loads it."""
        with self.reading() as session:
            ground = get_ground(session=session)
            figures.load_period(session=session, ground=ground, period=MAY)

    def uncount(self) -> None:
        """Say that nothing has been counted yet; the structure and the periods' verdicts stay as they are known."""
        with self.reading() as session:
            get_ground(session=session).tallies.clear()

    def networkx(self) -> tuple[Callable[[], Pooled], Callable[[], Pooled]]:
        """Sets of descendants, the graph being there already: with the verdicts known too, and with these read first.

        What a set holds is counted by intersections with those of all KPIs, of the hits and of the misses.
        """
        graph: Any = networkx.DiGraph()
        with self.engine.connect() as connection:
            nodes = connection.execute(text("SELECT id FROM items WHERE kind <> 'kpi'")).scalars().all()
            graph.add_nodes_from(nodes)
            graph.add_edges_from((upper, lower) for upper, lower in connection.execute(text(STEPS)))
        known = self._verdicts()
        return (
            lambda: _pooled(graph, nodes, known),
            lambda: _pooled(graph, nodes, self._verdicts()),
        )

    def _verdicts(self) -> Verdicts:
        """The period's KPIs, those that hit and those that miss."""
        found: tuple[set[int], set[int], set[int]] = set(), set(), set()
        with self.engine.connect() as connection:
            bare = text("SELECT kpi_id, actual >= band_low FROM readings WHERE period = :period")
            for key, hit in connection.execute(bare.bindparams(period=MAY)):
                found[0].add(key)
                if hit is not None:
                    found[1 if hit else 2].add(key)
        return found

    def wrong(self, *, found: Figures, expected: Pooled) -> list[int]:
        """The items whose counts differ from what is expected of them."""
        return [key for key, one in expected.items() if _three(item_counts(found=found, key=key)) != one]

    def recount(self, *, found: Figures) -> bool:
        """Whether the organisation's counts are those of a bare count of all readings."""
        with self.engine.connect() as connection:
            row = connection.execute(text(RECOUNT).bindparams(period=MAY)).one()
        return _three(found.counts(kind="organisation")) == tuple(int(one) for one in row)

    def walked(self, *, tops: list[int]) -> Pooled:
        """The counts below a few items, each by a recursive query of its own."""
        one = text(ALL_NODES.replace("kind IN ('objective', 'priority', 'action')", "id = :top"))
        found: Pooled = {}
        with self.engine.connect() as connection:
            for top in tops:
                for key, total, hits, misses in connection.execute(one.bindparams(period=MAY, top=top)):
                    found[key] = (total, hits, misses)
        return found


def item_counts(*, found: Figures, key: int) -> Counts:
    """The counts of an item whose kind follows from its number."""
    place = (key - 1) % 10
    return found.counts(kind="objective" if place < 2 else "priority" if place < 5 else "action", key=key)


def _three(counts: Counts) -> tuple[int, int, int]:
    return counts.total, counts.hits, counts.misses


def _pooled(graph: Any, nodes: Sequence[int], verdicts: Verdicts) -> Pooled:
    kpis, hits, misses = verdicts
    found: Pooled = {}
    for node in nodes:
        below = networkx.descendants(graph, node)
        found[node] = len(below & kpis), len(below & hits), len(below & misses)
    return found
