"""Countermeasures, the KPIs they answer for, and the KPIs whose figures may ask for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, case, func, not_, or_, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.access.rules import Subject
from hoshin.access.scope import readable_items
from hoshin.engine.calendars import FiscalCalendar
from hoshin.engine.metrics import Metric, Reading as EngineReading
from hoshin.engine.misses import Mark, Occasion, asking_marks, due_marks, first_day
from hoshin.engine.plans import State
from hoshin.errors import Missing
from hoshin.model.countermeasures import AnswerState, Countermeasure, CountermeasureAction, RootCause
from hoshin.model.items import Item
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI, Figures, Reading
from hoshin.model.units import Organisation
from hoshin.queries.items import get_item
from hoshin.queries.links import list_correlations
from hoshin.queries.units import get_organisation

Readings = dict[int, dict[date, EngineReading]]


# ------------------------------------------------------------------ what may ask for one


@dataclass(frozen=True, slots=True)
class Watched:
    """A KPI in force with the marks that may ask for an answer."""

    kpi: KPI
    marks: Sequence[Mark]


def live_day(*, organisation: Organisation) -> date:
    """The day the organisation went live: as its settings say, else the day it was begun here."""
    return organisation.live_on or organisation.founded_at.astimezone(ZoneInfo(organisation.time_zone)).date()


_WATCHED = (KPI.state != State.DRAFT, KPI.archived_at.is_(None))


def list_watchable(*, session: Session) -> list[int]:
    """The keys of all KPIs at which `list_watched` looks, in order."""
    return list(session.scalars(select(KPI.id).where(*_WATCHED).order_by(KPI.id)))


def list_watched(*, session: Session, today: date, kpi_ids: Collection[int] | None = None) -> list[Watched]:
    """The KPIs that are no drafts and not archived (of those named, if any), by key, in three statements."""
    organisation = get_organisation(session=session)
    live_on, calendar = live_day(organisation=organisation), organisation.calendar
    query = select(KPI).where(*_WATCHED).order_by(KPI.id)
    kpis = session.scalars(query if kpi_ids is None else query.where(KPI.id.in_(list(kpi_ids)))).all()
    readings = load_marked(session=session, kpi_ids=kpi_ids, first=first_day(live_on=live_on, as_of=today))
    return [
        Watched(
            kpi,
            asking_marks(
                metric=_metric(kpi, readings), life=kpi.life, calendar=calendar, live_on=live_on, as_of=today
            ),
        )
        for kpi in kpis
    ]


def load_marked(*, session: Session, kpi_ids: Collection[int] | None, first: date) -> Readings:
    """The readings of the KPIs (None: of all) for periods that begin on or after the day, in one statement."""
    columns = (Reading.kpi_id, Reading.period, Reading.actual, Reading.band_low, Reading.band_high,
               Reading.first_low, Reading.first_high, Reading.ytd_band_low, Reading.ytd_band_high,
               Reading.ytd_actual, Reading.ytd_first_low, Reading.ytd_first_high)  # fmt: skip
    query = select(*columns).where(Reading.period >= first)
    found: Readings = defaultdict(dict)
    for row in session.execute(query if kpi_ids is None else query.where(Reading.kpi_id.in_(list(kpi_ids)))):
        found[row.kpi_id][row.period] = Figures.as_reading(row)  # type: ignore[arg-type] # a row has the same names
    return found


def _metric(kpi: KPI, readings: Mapping[int, Mapping[date, EngineReading]]) -> Metric:
    return Metric(kpi.id, kpi.frequency, kpi.aggregation, readings.get(kpi.id, {}))


def marks_of(*, session: Session, kpis: Iterable[KPI], calendar: FiscalCalendar, today: date) -> dict[int, list[Mark]]:
    """Every due mark of the KPIs in the last three years, imported history and ended metrics too; one statement."""
    wanted = list({one.id: one for one in kpis}.values())
    first = first_day(live_on=date.min.replace(year=1900), as_of=today)
    readings = load_marked(session=session, kpi_ids=[one.id for one in wanted], first=first)
    return {
        one.id: due_marks(metric=_metric(one, readings), life=one.life, calendar=calendar, as_of=today)
        for one in wanted
    }


# ------------------------------------------------------------------ countermeasures


@dataclass(frozen=True, slots=True)
class Answer:
    """A countermeasure with the KPI it answers for."""

    countermeasure: Countermeasure
    kpi: KPI

    @property
    def subject(self) -> Subject:
        """What access needs to know of it: it belongs to the KPI's people and to its own owner."""
        people = {self.kpi.owner_id, self.kpi.reporter_id, self.countermeasure.owner_id, self.countermeasure.doer_id}
        return Subject(
            unit=self.kpi.unit_id,
            draft=self.kpi.state is State.DRAFT,
            responsible=frozenset(one for one in people if one is not None),
        )


def get_answer(*, session: Session, actor: Actor, countermeasure_id: int, lock: bool = False) -> Answer:
    """A countermeasure of a KPI that the actor may read; `lock` holds it until the transaction ends.

    Raises Missing otherwise.
    """
    query = select(Countermeasure).where(Countermeasure.id == countermeasure_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).first()
    if found is None:
        raise Missing("there is no such countermeasure")
    return Answer(found, get_item(session=session, actor=actor, item_id=found.kpi_id, kind=KPI))


def list_answers(*, session: Session, actor: Actor, kpi_id: int | None = None, open_only: bool = False) -> list[Answer]:
    """The countermeasures of the KPIs that the actor may read, open ones first, the longest open first."""
    query = _readable(actor)
    if kpi_id is not None:
        query = query.where(Countermeasure.kpi_id == kpi_id)
    if open_only:
        query = query.where(Countermeasure.state != AnswerState.CLOSED)
    rows = [Answer(found, kpi) for found, kpi in session.execute(query)]
    return sorted(rows, key=lambda one: (not one.countermeasure.is_open, one.countermeasure.opened_at, one.kpi.id))


def list_open_in(
    *, session: Session, actor: Actor, unit_ids: Collection[int], most: int
) -> tuple[list[Answer], int]:
    """The open countermeasures of readable KPIs of the units, the longest open first; and how many there are of all."""
    wanted = (Countermeasure.state != AnswerState.CLOSED, KPI.unit_id.in_(unit_ids))
    rows = _readable(actor).where(*wanted).order_by(Countermeasure.opened_at, KPI.id, Countermeasure.id).limit(most)
    found = [Answer(answer, kpi) for answer, kpi in session.execute(rows)]
    both = select(func.count(Countermeasure.id)).join(KPI, KPI.id == Countermeasure.kpi_id)
    return found, session.scalar(both.where(readable_items(actor=actor), *wanted)) or 0


def _readable(actor: Actor) -> Select[Countermeasure, KPI]:
    return select(Countermeasure, KPI).join(KPI, KPI.id == Countermeasure.kpi_id).where(readable_items(actor=actor))


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The countermeasures of a unit's KPIs, of an owner or doer, and open, unwritten, closed or "all"; None is any."""

    unit: int | None = None
    owner: int | None = None
    state: str = "open"


def count_answers(*, session: Session, actor: Actor, wish: Narrowed) -> int:
    """How many there are that the actor may read."""
    return session.scalar(select(func.count()).select_from(_narrowed(actor, wish).subquery())) or 0


def list_narrowed(
    *, session: Session, actor: Actor, wish: Narrowed, offset: int = 0, most: int | None = None
) -> list[Answer]:
    """Those that the actor may read, open ones first, the longest open first; at most so many."""
    is_closed = case((Countermeasure.state == AnswerState.CLOSED, 1), else_=0)
    query = _narrowed(actor, wish).order_by(is_closed, Countermeasure.opened_at, KPI.id, Countermeasure.id)
    rows = session.execute(query.offset(offset or None).limit(most))
    return [Answer(found, kpi) for found, kpi in rows]


def _narrowed(actor: Actor, wish: Narrowed) -> Select[Countermeasure, KPI]:
    query = _readable(actor)
    if wish.unit is not None:
        query = query.where(KPI.unit_id == wish.unit)
    if wish.owner is not None:
        query = query.where(or_(Countermeasure.owner_id == wish.owner, Countermeasure.doer_id == wish.owner))
    if wish.state == "closed":
        return query.where(Countermeasure.state == AnswerState.CLOSED)
    if wish.state != "all":
        query = query.where(Countermeasure.state != AnswerState.CLOSED)
    return query.where(not_(_IS_WRITTEN)) if wish.state == "unwritten" else query


_IS_WRITTEN = and_(
    Countermeasure.gap != "", Countermeasure.cause != "", Countermeasure.action != "",
    Countermeasure.doer_id.is_not(None), Countermeasure.due_on.is_not(None),
)  # fmt: skip
"""As Countermeasure.is_written says of one."""


def list_own(*, session: Session, actor: Actor) -> list[Answer]:
    """The open countermeasures that wait for the actor: hers as owner or doer, the unowned ones of the units she heads.

    The ones whose short form is not written yet come first.
    """
    heads = actor.heads | actor.leads
    hers = or_(Countermeasure.owner_id == actor.person, Countermeasure.doer_id == actor.person)
    unowned = and_(Countermeasure.owner_id.is_(None), KPI.unit_id.in_(heads))
    query = _readable(actor).where(Countermeasure.state != AnswerState.CLOSED, or_(hers, unowned))
    mine = [Answer(found, kpi) for found, kpi in session.execute(query.order_by(KPI.id, Countermeasure.id))]
    return sorted(mine, key=lambda one: (one.countermeasure.is_written, one.countermeasure.opened_at))


def list_of_kpis(*, session: Session, kpi_ids: Collection[int]) -> Sequence[Countermeasure]:
    """All countermeasures of the KPIs, the latest opened last, whoever asks; for commands, not for showing."""
    query = select(Countermeasure).where(Countermeasure.kpi_id.in_(list(kpi_ids)))
    return session.scalars(
        query.order_by(Countermeasure.opened_at, Countermeasure.id).execution_options(populate_existing=True)
    ).all()


def open_by_kpi(*, session: Session, kpi_ids: Collection[int] | None = None) -> dict[int, int]:
    """The open countermeasure of each KPI that has one, by KPI: what charts mark; misses before *far above*."""
    query = select(Countermeasure.kpi_id, Countermeasure.id, Countermeasure.occasion)
    query = query.where(Countermeasure.state != AnswerState.CLOSED).order_by(Countermeasure.id)
    rows = session.execute(query if kpi_ids is None else query.where(Countermeasure.kpi_id.in_(list(kpi_ids)))).all()
    found = {row.kpi_id: row.id for row in rows if row.occasion is Occasion.ABOVE}
    return found | {row.kpi_id: row.id for row in rows if row.occasion is Occasion.MISS}


def list_causes(*, session: Session, countermeasure_id: int) -> Sequence[RootCause]:
    """Its root causes in their order."""
    query = select(RootCause).where(RootCause.countermeasure_id == countermeasure_id)
    return session.scalars(query.order_by(RootCause.position, RootCause.id)).all()


def list_steps(*, session: Session, countermeasure_id: int) -> Sequence[CountermeasureAction]:
    """The steps of its plan in their order."""
    query = select(CountermeasureAction).where(CountermeasureAction.countermeasure_id == countermeasure_id)
    return session.scalars(query.order_by(CountermeasureAction.position, CountermeasureAction.id)).all()


def count_steps(*, session: Session) -> dict[int, tuple[int, int]]:
    """How many steps each open countermeasure has, and how many of them are done."""
    query = (
        select(CountermeasureAction.countermeasure_id, CountermeasureAction.done_on)
        .join(Countermeasure, Countermeasure.id == CountermeasureAction.countermeasure_id)
        .where(Countermeasure.state != AnswerState.CLOSED)
    )
    found: dict[int, tuple[int, int]] = {}
    for key, done_on in session.execute(query):
        steps, done = found.get(key, (0, 0))
        found[key] = (steps + 1, done + (done_on is not None))
    return found


def list_served(*, session: Session, actor: Actor, upper_ids: Iterable[int]) -> Sequence[str]:
    """The names of those of the items above that the actor may read: what the KPI proves."""
    above = select(Item.name).where(Item.id.in_(list(upper_ids)), readable_items(actor=actor))
    return session.scalars(above.order_by(Item.id)).all()


@dataclass(frozen=True, slots=True)
class A3Facts:
    """What an A3 is made from; `serves` names what the KPI proves."""

    answer: Answer
    marks: Sequence[Mark]
    causes: Sequence[RootCause]
    steps: Sequence[CountermeasureAction]
    serves: Sequence[str]


def load_a3(*, session: Session, actor: Actor, answer: Answer, calendar: FiscalCalendar, today: date) -> A3Facts:
    """Everything that stands on the A3 of a countermeasure that the actor may read."""
    found, kpi = answer.countermeasure, answer.kpi
    links = list_correlations(session=session, item_ids=[kpi.id])
    above = [one.upper_id for one in links if one.lower_id == kpi.id]
    return A3Facts(
        answer=answer,
        marks=marks_of(session=session, kpis=[kpi], calendar=calendar, today=today)[kpi.id],
        causes=list_causes(session=session, countermeasure_id=found.id),
        steps=list_steps(session=session, countermeasure_id=found.id),
        serves=list_served(session=session, actor=actor, upper_ids=above),
    )


def list_changes(*, session: Session, countermeasure_id: int, most: int = 40) -> Sequence[JournalLine]:
    """What the journal says of it, the latest first."""
    query = select(JournalLine).where(
        JournalLine.subject == "countermeasure", JournalLine.subject_id == str(countermeasure_id)
    )
    return session.scalars(query.order_by(JournalLine.id.desc()).limit(most)).all()
