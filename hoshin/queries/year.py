"""What the seven steps of a year are derived from, for one unit and all below it, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, with_polymorphic

from hoshin.engine.cadence import ReviewKind
from hoshin.engine.calendars import Frequency
from hoshin.engine.plans import Kind, State
from hoshin.engine.steps import Piece, Thing, Unlisted, YearFacts
from hoshin.model.cycles import Cycle, CycleState
from hoshin.model.items import Item, Objective, Priority
from hoshin.model.links import Correlation
from hoshin.model.reviews import Review, ReviewState
from hoshin.model.units import Organisation
from hoshin.queries.attainment import Attainment
from hoshin.queries.closing import count_undecided
from hoshin.queries.unit_lists import unit_tree, units_inside
from hoshin.queries.year_lists import Lists, Some, answering


@dataclass(frozen=True, slots=True)
class YearQuestion:
    """Whose year it is (None: the top unit’s), in which cycle, when, and which items whoever asks may read."""

    organisation: Organisation
    unit_id: int | None
    today: date
    now: datetime
    attainment: Attainment
    readable: Container[int]
    most: int | None = None
    """So many things of a kind that may be missing by the thousand are named, the others counted; None names all."""

    @property
    def cycle(self) -> Cycle:
        """The cycle, which the attainment was asked for."""
        return self.attainment.cycle


def load_year(*, session: Session, question: YearQuestion) -> YearFacts:
    """The facts of the seven steps; counts are the truth, names only those that may be read."""
    return _Loading(session, question).facts()


class _Loading:
    def __init__(self, session: Session, question: YearQuestion) -> None:
        self.session, self.asked, self.cycle = session, question, question.cycle
        self.units = unit_tree(session=session)
        self.unit = next(one for one in self.units.values() if question.unit_id in (None, one.id))
        self.inside = self._units_below()
        self.is_top = self.unit.parent_id is None
        self.day = min(max(question.today, self.cycle.first_day), self.cycle.last_day)
        self.organisation = question.organisation

    def _units_below(self) -> frozenset[int]:
        """The unit and everything below it that is not archived."""
        return units_inside(units=(one for one in self.units.values() if one.archived_at is None), top=self.unit.id)

    def facts(self) -> YearFacts:
        """All of them."""
        objectives, priorities = self._pieces()
        cycle, found = self.cycle, self.asked.attainment
        months = self._months_due()
        return YearFacts(
            cycle=cycle.name,
            has_vision=bool(self.organisation.true_north.strip()),
            has_state=bool(self.organisation.current_state.strip()),
            objectives=objectives,
            priorities=priorities,
            hands_down=len(self.inside) > 1,
            begun=cycle.first_day <= self.asked.today,
            over=months == 12,
            closed=cycle.state is CycleState.CLOSED,
            months=months,
            period=found.period_label,
            undecided=count_undecided(session=self.session, cycle=cycle, unit_ids=self.inside) if months == 12 else 0,
            **self._listed(months),
            **self._reviews(),
        )

    def _listed(self, months: int) -> dict[str, Any]:
        """What may be missing by the thousand."""
        asked, report = self.asked, self.asked.attainment.report
        lists = Lists(self.session, self.cycle, self.units, self.inside, asked.readable, asked.most)
        node = ("organisation", 0) if self.is_top else ("unit", self.unit.id)
        there = report.nodes.get(node)
        agreed, handed = lists.handed(now=asked.now)
        unread = lists.unread(attainment=asked.attainment, node=node) if there and months else Some([], 0)
        overdue, unanswered = lists.overdue(today=asked.today), lists.unanswered()
        return {
            "metrics": there.counts.total if there else 0,
            "agreed": agreed,
            "handed": handed.rows,
            "unread": unread.rows,
            "overdue": overdue.rows,
            "unanswered": unanswered.rows,
            "unlisted": Unlisted(handed.more, unread.more, overdue.more, unanswered.more),
        }

    def _months_due(self) -> int:
        calendar = self.organisation.calendar
        months = calendar.periods(first=self.cycle.first_day, last=self.cycle.last_day, frequency=Frequency.MONTH)
        return sum(calendar.is_due(period=one, as_of=self.asked.today) for one in months)

    def _name(self, key: int, name: str) -> str:
        return name if key in self.asked.readable else ""

    # ------------------------------------------------------------ the plan

    def _pieces(self) -> tuple[list[Piece], list[Piece]]:
        """The unit's objectives and priorities; drafts that answer somebody are the fourth step's business."""
        rows, caught = self._rows(), answering(session=self.session, cycle=self.cycle, unit_id=self.unit.id)
        objectives = [one for one in rows if one.kind is Kind.OBJECTIVE and one.id not in caught]
        priorities = [one for one in rows if one.kind is Kind.PRIORITY]
        lasting = {one.id for one in priorities if one.life.in_force(on=self.day)}
        served = self._served(lasting)
        wanted = [self._piece(one, one.id in served) for one in objectives if self._is_wanted(one)]
        return wanted, [self._piece(one, True) for one in priorities if self._is_wanted(one)]

    def _rows(self) -> Sequence[Item]:
        both = with_polymorphic(Item, [Objective, Priority])
        of_the_cycle = or_(both.kind == Kind.OBJECTIVE, (both.kind == Kind.PRIORITY) & (both.cycle_id == self.cycle.id))
        query = select(both).where(both.unit_id == self.unit.id, both.archived_at.is_(None), of_the_cycle)
        return self.session.scalars(query.order_by(both.position, both.id)).all()

    def _is_wanted(self, item: Item) -> bool:
        """In force in the cycle, or a draft of a cycle that is still being written."""
        if item.state is State.DRAFT:
            return self.cycle.state is not CycleState.CLOSED
        return item.life.in_force(on=self.day)

    def _piece(self, item: Item, served: bool) -> Piece:
        backed = not self.is_top or not isinstance(item, Objective) or item.sponsor_id is not None
        return Piece(item.id, self._name(item.id, item.name), item.state is State.DRAFT, served, backed)

    def _served(self, priorities: Collection[int]) -> frozenset[int]:
        query = select(Correlation.upper_id).where(Correlation.lower_id.in_(priorities))
        return frozenset(self.session.scalars(query))

    # ------------------------------------------------------------ the year as it runs

    def _reviews(self) -> dict[str, Any]:
        query = select(Review).where(Review.cycle_id == self.cycle.id, Review.unit_id == self.unit.id)
        rows = self.session.scalars(query.order_by(Review.planned_on, Review.id)).all()
        kept = [one for one in rows if one.state is not ReviewState.CANCELLED]
        monthly, annual = _of(kept, ReviewKind.MONTHLY), _of(kept, ReviewKind.ANNUAL)
        return {
            "monthly_planned": len(monthly), "monthly_held": _held(monthly), "monthly_late": self._late(monthly),
            "annual_planned": len(annual), "annual_held": _held(annual), "annual_late": self._late(annual),
        }  # fmt: skip

    def _late(self, reviews: Sequence[Review]) -> list[Thing]:
        calendar = self.organisation.calendar
        late = [one for one in reviews if one.state is ReviewState.PLANNED and one.planned_on < self.asked.today]
        found = []
        for one in late:
            monthly = one.kind is ReviewKind.MONTHLY
            frequency = Frequency.MONTH if monthly else Frequency.YEAR
            period = calendar.label(period=calendar.period_of(day=one.first_day, frequency=frequency))
            found.append(Thing(one.id, f"The {'monthly' if monthly else 'annual'} review of {period}"))
        return found


def _of(reviews: Sequence[Review], kind: ReviewKind) -> list[Review]:
    return [one for one in reviews if one.kind is kind]


def _held(reviews: Sequence[Review]) -> int:
    return sum(one.state is ReviewState.HELD for one in reviews)
