"""The metrics behind a unit that a meeting looks at: how many there are, which are red, and the rows it can talk of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from sqlalchemy import not_, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.access.scope import readable_items
from hoshin.engine.attainment import NodeKey
from hoshin.engine.columns import Flags, places
from hoshin.engine.counts import Counts
from hoshin.engine.forest import Whole
from hoshin.engine.tallies import CODE, Codes
from hoshin.engine.verdicts import Verdict
from hoshin.model.items import Item
from hoshin.queries.attainment import Attainment, Question, earlier_question, load_part
from hoshin.queries.columns import read_lists
from hoshin.queries.figures import Figures, count
from hoshin.queries.grounds import get_ground
from hoshin.queries.unit_plans import people_names

MOST_LISTED = 300
"""So many metrics stand in a meeting's report, those that ask for attention first; the others are counted."""
ORDER = (Verdict.MISS, Verdict.NO_DATA, Verdict.NO_TARGET, Verdict.HIT, Verdict.NOT_DUE)


@dataclass(frozen=True, slots=True)
class LookedAt:
    """The metrics behind one unit for one reader.

    `found` holds those that are listed, by their keys in the order of the plan, with their judgements. `red` and
    `newly_red` are told of all, whoever reads; `outside` are those that the reader may not open, `more` those for
    which there was no room.
    """

    found: Attainment
    counts: Counts
    first_counts: Counts
    listed: Sequence[int]
    newly_red: frozenset[int]
    red: int
    newly: int
    outside: int
    more: int


def look_at(*, session: Session, actor: Actor, question: Question, unit: NodeKey | None, at: datetime) -> LookedAt:
    """What stands behind the node of a unit, None being an archived one; a fixed number of statements."""
    counted = load_part(session=session, question=question, now=at)
    if counted.figures is None:
        return _judged(session, actor, counted, unit)
    looking = _Looking(session, actor, counted, counted.figures, unit)
    keys = looking.keys()
    found = load_part(session=session, question=question, now=at, item_ids=keys)
    named = replace(found, plan=replace(found.plan, people=people_names(session=session)))
    node = named.report.nodes.get(unit) if unit else None
    return LookedAt(
        found=named,
        counts=node.counts if node else Counts(),
        first_counts=node.as_first_agreed if node else Counts(),
        listed=[one.key for one in named.plan.items if one.key in looking.chosen],
        newly_red=frozenset(looking.chosen & set(looking.newly)),
        red=looking.red,
        newly=len(looking.newly),
        outside=looking.outside,
        more=looking.more,
    )


class _Looking:
    """The metrics behind the unit as columns."""

    def __init__(
        self, session: Session, actor: Actor, found: Attainment, figures: Figures, unit: NodeKey | None
    ) -> None:
        self.session, self.layout = session, figures.now.layout
        codes = np.where(self._behind(unit), figures.now.codes, 0)
        before = self._before(found)
        missed = codes == CODE[Verdict.MISS]
        turned = missed & (before != CODE[Verdict.MISS]) if before is not None else np.zeros_like(missed)
        self.red, self.newly = int(missed.sum()), self.layout.kpis[turned].tolist()
        hidden = select(Item.id).where(not_(readable_items(actor=actor)))
        restricted = np.isin(self.layout.kpis, np.array(session.scalars(hidden).all(), np.int64))
        self.outside = int((restricted & (codes != 0)).sum())
        self.codes, self.turned = np.where(restricted, 0, codes), turned & ~restricted
        self.more, self.chosen = 0, set[int]()

    def _behind(self, unit: NodeKey | None) -> Flags:
        everything = np.full(len(self.layout.kpis), unit is not None, np.bool_)
        if unit is None or unit[0] == "organisation":
            return everything
        return everything & self.layout.inside(unit=int(unit[1]))[self.layout.kpi_unit]

    def _before(self, found: Attainment) -> Codes | None:
        """How each KPI stood in the period before; None at the start of a cycle."""
        earlier = earlier_question(calendar=found.plan.calendar, asked=found.asked)
        if earlier is None:
            return None
        ground = get_ground(session=self.session, known_at=found.known_at)
        return count(session=self.session, ground=ground, cycle=found.cycle, asked=earlier).now.codes

    def keys(self) -> list[int]:
        """The keys of those that are listed, in any order."""
        at = np.flatnonzero(self.codes)
        rank = np.zeros(len(CODE) + 1, np.int64)
        for place, verdict in enumerate(ORDER):
            rank[CODE[verdict]] = place + 1
        if len(at) > MOST_LISTED:
            ranks = np.where(self.turned[at], 0, rank[self.codes[at]])
            at = at[np.lexsort((self._positions()[at], ranks))[:MOST_LISTED]]
        self.more = int(np.count_nonzero(self.codes)) - len(at)
        found: list[int] = self.layout.kpis[at].tolist()
        self.chosen = set(found)
        return found

    def _positions(self) -> Whole:
        ids, positions = read_lists(session=self.session, columns=["id", "position"], source="items")
        found = np.zeros(len(self.layout.kpis) + 1, np.int64)  # the last one takes what has no place
        found[places(keys=self.layout.kpis, of=ids)] = positions
        return found[:-1]


def _judged(session: Session, actor: Actor, found: Attainment, unit: NodeKey | None) -> LookedAt:
    """The same where figures are too large for columns, so that each metric of the plan was judged by itself."""
    report, before = found.report, found.before
    node = report.nodes.get(unit) if unit else None
    behind = report.metrics_of(node=node.key) if node else []
    red = _missed(behind, found)
    newly = red - _missed(behind, replace(found, report=before)) if before else frozenset[int]()
    readable = frozenset(session.scalars(select(Item.id).where(readable_items(actor=actor))))
    mine = [key for key in behind if key in readable]
    return LookedAt(
        found=found,
        counts=node.counts if node else Counts(),
        first_counts=node.as_first_agreed if node else Counts(),
        listed=mine,
        newly_red=newly,
        red=len(red),
        newly=len(newly),
        outside=len(behind) - len(mine),
        more=0,
    )


def _missed(keys: Iterable[int], found: Attainment) -> frozenset[int]:
    judged = found.report.judgements
    return frozenset(key for key in keys if key in judged and judged[key].verdict is Verdict.MISS)
