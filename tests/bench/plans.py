"""Plans of a given size to measure with: items in every arm, and as many links as were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, product, zip_longest

from sqlalchemy.orm import Session

from hoshin.engine.verdicts import Direction
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item
from hoshin.model.links import Correlation
from hoshin.model.people import Person, Role
from hoshin.model.units import Unit
from hoshin.queries.units import top_unit
from tests import factories
from tests.planting import APRIL, MARCH, read

TITLE = "Shorten the way of a quotation from the first call to the signed order, number"


def fill(session: Session, *, counts: tuple[int, int, int, int], links: int) -> tuple[Unit, Cycle, Person]:
    """An organisation whose top unit has so many objectives, priorities, actions and KPIs, linked evenly.

    Gives the unit, the cycle and somebody who may read and write all of it.
    """
    factories.organisation(session, true_north="Every customer stays, and every one of us goes home safe.")
    cycle, unit = factories.cycle(session), top_unit(session=session)
    head = factories.person(session, "Ada Chief", Role.HEAD, unit)
    people = [head, *(factories.person(session, f"Person {number}") for number in range(7))]
    owners = [people[number % len(people)].id for number in range(max(counts))]
    objectives, priorities, actions, kpis = counts
    arms: list[Sequence[Item]] = [
        [factories.objective(session, f"{TITLE} O{n}", owner_id=owners[n]) for n in range(objectives)],
        [factories.priority(session, f"{TITLE} P{n}", owner_id=owners[n]) for n in range(priorities)],
        [factories.action(session, f"{TITLE} A{n}", owner_id=owners[n]) for n in range(actions)],
        [
            factories.kpi(session, f"{TITLE} K{n}", cycle=cycle, owner_id=owners[n], direction=Direction.AT_LEAST)
            for n in range(kpis)
        ],
    ]
    for number, kpi in enumerate(arms[3]):
        read(session, kpi, MARCH, "5", str(4 + number % 3))  # type: ignore[arg-type] # the last arm holds KPIs
        read(session, kpi, APRIL, "5", str(4 + number % 3))  # type: ignore[arg-type] # as above
    _link(session, arms, links)
    session.flush()
    return unit, cycle, head


def _link(session: Session, arms: Sequence[Sequence[Item]], wanted: int) -> None:
    corners = [product(arms[upper], arms[lower]) for upper, lower in ((0, 1), (1, 2), (2, 3), (0, 3), (1, 3))]
    spread = [pair for pair in chain.from_iterable(zip_longest(*corners)) if pair is not None]
    for number, (upper, lower) in enumerate(spread[:wanted]):
        session.add(Correlation(upper_id=upper.id, lower_id=lower.id, strength=(9, 3, 1)[number % 3], rationale=""))
