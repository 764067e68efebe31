"""Objectives, priorities, actions and KPIs: what may be written by whom, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import items
from hoshin.commands.actions import ActionWish, ProgressWish, create_action, edit_action, report_progress
from hoshin.commands.kpis import KPIWish, create_kpi, edit_kpi
from hoshin.commands.objectives import ObjectiveWish, create_objective, edit_objective
from hoshin.commands.priorities import PriorityWish, create_priority, edit_priority
from hoshin.engine.calendars import Frequency
from hoshin.engine.metrics import Aggregation
from hoshin.engine.plans import State
from hoshin.engine.verdicts import Direction
from hoshin.errors import Forbidden, Missing, Refused, Stale
from hoshin.model.actions import Status
from hoshin.model.cycles import Cycle, CycleKPI, CycleState
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI, Reading
from hoshin.model.people import Role
from hoshin.model.units import Unit
from hoshin.queries.items import helpers_of
from tests import factories
from tests.factories import NOW, TODAY


@dataclass
class Place:
    """A department in the cycle 2026 and the people around it."""

    cycle: Cycle
    unit: Unit
    other: Unit
    head: Actor
    office: Actor
    staff: Actor
    stranger: Actor


@pytest.fixture
def place(session: Session) -> Place:
    """The department."""
    factories.organisation(session)
    unit, other = factories.unit(session, "Operations"), factories.unit(session, "Sales")

    def actor(name: str, role: Role, where: Unit) -> Actor:
        return factories.actor(session, factories.person(session, name, role, where))

    return Place(
        cycle=factories.cycle(session),
        unit=unit,
        other=other,
        head=actor("Hana", Role.HEAD, unit),
        office=actor("Fay", Role.FACILITATOR, unit),
        staff=actor("Sam", Role.STAFF, unit),
        stranger=actor("Otto", Role.HEAD, other),
    )


def _objective(place: Place, **more: object) -> ObjectiveWish:
    return replace(ObjectiveWish(unit_id=place.unit.id, name="Delight customers"), **more)  # type: ignore[arg-type]


def _kpi(place: Place, **more: object) -> KPIWish:
    wish = KPIWish(unit_id=place.unit.id, name="Lead time", direction=Direction.AT_MOST, cycle_id=place.cycle.id)
    return replace(wish, **more)  # type: ignore[arg-type]


def _problems(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {one.field for one in refusal.value.problems}


# ------------------------------------------------------------------ written


def test_something_new_is_a_draft_at_the_end_of_its_list(session: Session, place: Place) -> None:
    factories.objective(session, "First", place.unit, position=4)
    made = create_objective(session=session, wish=_objective(place), by=place.office, at=NOW)
    assert (made.state, made.position, made.version) == (State.DRAFT, 5, 1)
    line = session.scalars(select(JournalLine).where(JournalLine.subject == "objective")).one()
    assert (line.verb, line.by_name, line.unit_id, line.before) == ("created", "Fay", place.unit.id, None)


@pytest.mark.parametrize("who", ["staff", "stranger"])
def test_only_head_and_facilitator_write_the_plan(session: Session, place: Place, who: str) -> None:
    with pytest.raises(Forbidden):
        create_objective(session=session, wish=_objective(place), by=getattr(place, who), at=NOW)


def test_every_problem_is_named_at_once(session: Session, place: Place) -> None:
    factories.objective(session, "Delight customers", place.unit)
    wish = _objective(
        place, owner_id=4711, sponsor_id=4711, horizon_from=2029, horizon_to=2026,
        valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 1),
    )  # fmt: skip
    with pytest.raises(Refused) as refusal:
        create_objective(session=session, wish=wish, by=place.head, at=NOW)
    assert _problems(refusal) == {"name", "owner_id", "sponsor_id", "horizon_to", "valid_to"}


def test_a_year_that_no_calendar_has_is_refused(session: Session, place: Place) -> None:
    with pytest.raises(Refused) as refusal:
        create_objective(session=session, wish=_objective(place, horizon_from=26), by=place.head, at=NOW)
    assert _problems(refusal) == {"horizon_from"}


def test_an_archived_name_says_that_it_can_be_restored(session: Session, place: Place) -> None:
    factories.objective(session, "Delight customers", place.unit, archived_at=NOW)
    with pytest.raises(Refused, match="restore it instead"):
        create_objective(session=session, wish=_objective(place), by=place.head, at=NOW)


def test_a_priority_lives_for_its_cycle_and_its_name_is_free_in_the_next(session: Session, place: Place) -> None:
    wish = PriorityWish(unit_id=place.unit.id, name="Halve lead time", cycle_id=place.cycle.id)
    made = create_priority(session=session, wish=wish, by=place.head, at=NOW)
    assert (made.valid_from, made.valid_to) == (date(2026, 1, 1), date(2026, 12, 31))
    later = replace(wish, cycle_id=factories.cycle(session, 2027).id)
    assert create_priority(session=session, wish=later, by=place.head, at=NOW) is not made
    with pytest.raises(Refused, match="already has a priority of that name"):
        create_priority(session=session, wish=wish, by=place.head, at=NOW)


def test_nothing_new_stands_in_a_closed_or_unknown_cycle(session: Session, place: Place) -> None:
    closed = factories.cycle(session, 2025, state=CycleState.CLOSED)
    for cycle_id, said in ((closed.id, "FY2025 is closed"), (4711, "has not been opened")):
        wish = PriorityWish(unit_id=place.unit.id, name="Late", cycle_id=cycle_id)
        with pytest.raises(Refused, match=said):
            create_priority(session=session, wish=wish, by=place.head, at=NOW)


def test_of_two_items_of_one_name_written_at_once_one_is_kept(engine: Engine) -> None:
    writing = engine.execution_options(hoshin_writes=True)
    with Session(writing, expire_on_commit=False) as session:
        factories.organisation(session)
        unit = factories.unit(session, "Operations")
        head = factories.actor(session, factories.person(session, "Hana", Role.HEAD, unit))
        session.commit()
    barrier = Barrier(2)
    outcomes: list[str] = []

    def write() -> None:
        barrier.wait()
        with Session(writing) as own:
            try:
                wish = ObjectiveWish(unit_id=unit.id, name="Delight customers")
                create_objective(session=own, wish=wish, by=head, at=NOW)
                own.commit()
                outcomes.append("kept")
            except Refused as refusal:
                outcomes.append(refusal.problems[0].field)

    threads = [Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(outcomes) == ["kept", "name"]


# ------------------------------------------------------------------ rewritten


def test_an_edit_read_before_somebody_elses_save_is_refused(session: Session, place: Place) -> None:
    made = create_objective(session=session, wish=_objective(place), by=place.head, at=NOW)
    edit_objective(
        session=session, item_id=made.id, wish=_objective(place, name="Theirs", version=1), by=place.office, at=NOW
    )
    with pytest.raises(Stale) as stale:
        edit_objective(
            session=session, item_id=made.id, wish=_objective(place, name="Mine", version=1), by=place.head, at=NOW
        )
    assert stale.value.theirs["Name"] == "Theirs"
    assert (made.name, made.version) == ("Theirs", 2)


def test_saving_what_stands_already_writes_nothing(session: Session, place: Place) -> None:
    made = create_objective(session=session, wish=_objective(place), by=place.head, at=NOW)
    edit_objective(session=session, item_id=made.id, wish=_objective(place, version=1), by=place.head, at=NOW)
    assert made.version == 1


def test_an_item_stays_in_its_unit_and_cycle(session: Session, place: Place) -> None:
    made = factories.priority(session, "Halve lead time", place.unit)
    wish = PriorityWish(unit_id=place.other.id, name="Halve", cycle_id=factories.cycle(session, 2027).id)
    with pytest.raises(Refused) as refusal:
        edit_priority(session=session, item_id=made.id, wish=wish, by=place.head, at=NOW)
    assert _problems(refusal) == {"unit_id", "cycle_id"}


def test_the_days_of_what_is_in_force_move_only_signed_and_with_a_reason(session: Session, place: Place) -> None:
    made = factories.objective(session, "Delight customers", place.unit)
    wish = _objective(place, valid_to=date(2026, 3, 31))
    with pytest.raises(Forbidden):
        edit_objective(session=session, item_id=made.id, wish=wish, by=place.office, at=NOW)
    with pytest.raises(Refused) as refusal:
        edit_objective(session=session, item_id=made.id, wish=wish, by=place.head, at=NOW)
    assert _problems(refusal) == {"reason"}
    edit_objective(session=session, item_id=made.id, wish=replace(wish, reason="Merged"), by=place.head, at=NOW)
    assert made.valid_to == date(2026, 3, 31)


def test_an_objective_is_no_priority(session: Session, place: Place) -> None:
    made = factories.objective(session, "Delight customers", place.unit)
    wish = PriorityWish(unit_id=place.unit.id, name="X", cycle_id=place.cycle.id)
    with pytest.raises(Missing):
        edit_priority(session=session, item_id=made.id, wish=wish, by=place.head, at=NOW)


def test_a_draft_of_another_unit_is_not_even_known(session: Session, place: Place) -> None:
    made = create_objective(session=session, wish=_objective(place), by=place.head, at=NOW)
    with pytest.raises(Missing):
        edit_objective(session=session, item_id=made.id, wish=_objective(place), by=place.stranger, at=NOW)
    made.state = State.ACTIVE
    session.flush()
    with pytest.raises(Forbidden):
        edit_objective(session=session, item_id=made.id, wish=_objective(place), by=place.stranger, at=NOW)


# ------------------------------------------------------------------ actions


def _action(place: Place, **more: object) -> ActionWish:
    wish = ActionWish(unit_id=place.unit.id, name="Map the flow", cycle_id=place.cycle.id)
    return replace(wish, **more)  # type: ignore[arg-type]


def test_helpers_are_kept_without_the_owner_and_journalled(session: Session, place: Place) -> None:
    helper, owner = factories.person(session, "Hal"), factories.person(session, "Own")
    wish = _action(place, owner_id=owner.id, helpers=(owner.id, helper.id))
    made = create_action(session=session, wish=wish, by=place.head, at=NOW)
    assert helpers_of(session=session, action_id=made.id) == [helper.id]
    edit_action(
        session=session, item_id=made.id, wish=replace(wish, helpers=(), version=made.version), by=place.head, at=NOW
    )
    assert helpers_of(session=session, action_id=made.id) == []
    last = session.scalars(select(JournalLine).order_by(JournalLine.id.desc())).first()
    assert last is not None
    assert last.before is not None
    assert last.after is not None
    assert (last.before["helpers"], last.after["helpers"]) == ([helper.id], [])


@pytest.mark.parametrize("progress", [-1, 101])
def test_progress_lies_between_nothing_and_all(session: Session, place: Place, progress: int) -> None:
    with pytest.raises(Refused) as refusal:
        create_action(session=session, wish=_action(place, progress=progress, helpers=(4711,)), by=place.head, at=NOW)
    assert _problems(refusal) == {"progress", "helpers"}


def test_done_is_complete(session: Session, place: Place) -> None:
    made = create_action(session=session, wish=_action(place, status=Status.DONE), by=place.head, at=NOW)
    assert made.progress == 100


@pytest.mark.parametrize(("part", "may"), [("owner", True), ("helper", True), ("nobody", False)])
def test_progress_is_reported_by_those_it_belongs_to(session: Session, place: Place, part: str, may: bool) -> None:
    staff = place.staff.person
    assert staff is not None
    made = factories.action(session, "Map the flow", place.unit, owner_id=staff if part == "owner" else None)
    if part == "helper":
        wish = _action(place, helpers=(staff,))
        edit_action(session=session, item_id=made.id, wish=wish, by=place.head, at=NOW)
    said = ProgressWish(status=Status.DONE, progress=40, note="All mapped")
    if may:
        report_progress(session=session, item_id=made.id, wish=said, by=place.staff, at=NOW)
        assert (made.status, made.progress) == (Status.DONE, 100)
    else:
        with pytest.raises(Forbidden):
            report_progress(session=session, item_id=made.id, wish=said, by=place.staff, at=NOW)


def test_a_line_about_an_action_is_kept_even_when_nothing_moved(session: Session, place: Place) -> None:
    made = factories.action(session, "Map the flow", place.unit)
    said = ProgressWish(status=Status.OPEN, progress=0, note="Waiting for the plant", version=1)
    report_progress(session=session, item_id=made.id, wish=said, by=place.head, at=NOW)
    line = session.scalars(select(JournalLine).where(JournalLine.subject == "action")).one()
    assert (line.why, made.version) == ("Waiting for the plant", 1)


def test_progress_read_before_somebody_elses_report_is_refused(session: Session, place: Place) -> None:
    made = factories.action(session, "Map the flow", place.unit)
    first = ProgressWish(status=Status.IN_PROGRESS, progress=40, version=1)
    report_progress(session=session, item_id=made.id, wish=first, by=place.head, at=NOW)
    with pytest.raises(Stale):
        report_progress(session=session, item_id=made.id, wish=replace(first, progress=10), by=place.head, at=NOW)


# ------------------------------------------------------------------ KPIs


def test_a_kpi_is_put_on_the_plan_of_its_cycle(session: Session, place: Place) -> None:
    made = create_kpi(session=session, wish=_kpi(place), by=place.office, at=NOW)
    assert (made.valid_from, made.valid_to) == (date(2026, 1, 1), None)
    assert session.get(CycleKPI, (place.cycle.id, made.id)) is not None


def test_a_kpi_with_wrong_particulars_is_refused(session: Session, place: Place) -> None:
    wish = _kpi(place, reporter_id=4711, uom="x" * 81, tolerance=Decimal(-1), cycle_id=4711)
    with pytest.raises(Refused) as refusal:
        create_kpi(session=session, wish=wish, by=place.head, at=NOW)
    assert _problems(refusal) == {"reporter_id", "uom", "tolerance", "cycle_id"}


def _in_force(session: Session, place: Place) -> KPI:
    made = factories.kpi(session, "Lead time", place.unit, cycle=place.cycle, direction=Direction.AT_MOST)
    for month in (1, 12):
        session.add(
            Reading(
                kpi_id=made.id, period=date(2026, month, 1), target=Decimal(10), band_high=Decimal(10),
                first_high=Decimal(10), recorded_at=NOW,
            )
        )  # fmt: skip
    session.flush()
    return made


@pytest.mark.parametrize(
    "change",
    [{"direction": Direction.AT_LEAST}, {"tolerance": Decimal(1)}, {"aggregation": Aggregation.SUM}],
)
def test_what_decides_hits_changes_only_signed_and_with_a_reason(
    session: Session, place: Place, change: dict[str, object]
) -> None:
    made = _in_force(session, place)
    wish = _kpi(place, **change)
    with pytest.raises(Forbidden):
        edit_kpi(session=session, item_id=made.id, wish=wish, by=place.office, at=NOW)
    with pytest.raises(Refused) as refusal:
        edit_kpi(session=session, item_id=made.id, wish=wish, by=place.head, at=NOW)
    assert _problems(refusal) == {"reason"}


def test_another_direction_leaves_due_months_as_they_were_judged(session: Session, place: Place) -> None:
    made = _in_force(session, place)
    wish = _kpi(place, direction=Direction.AT_LEAST, reason="It was the wrong way round")
    edit_kpi(session=session, item_id=made.id, wish=wish, by=place.head, at=NOW)
    january, december = (session.get_one(Reading, (date(2026, month, 1), made.id)) for month in (1, 12))
    assert (january.band_low, january.band_high) == (None, Decimal(10))
    assert (december.band_low, december.band_high) == (Decimal(10), None)


def test_a_facilitator_corrects_the_words_of_a_kpi(session: Session, place: Place) -> None:
    made = _in_force(session, place)
    edit_kpi(session=session, item_id=made.id, wish=_kpi(place, uom="days"), by=place.office, at=NOW)
    assert made.uom == "days"


def test_a_frequency_cannot_change_under_readings(session: Session, place: Place) -> None:
    made = _in_force(session, place)
    with pytest.raises(Refused) as refusal:
        edit_kpi(session=session, item_id=made.id, wish=_kpi(place, frequency=Frequency.QUARTER), by=place.head, at=NOW)
    assert _problems(refusal) == {"frequency"}


# ------------------------------------------------------------------ lives


def test_a_draft_comes_into_force_once_and_by_the_head(session: Session, place: Place) -> None:
    made = create_objective(session=session, wish=_objective(place), by=place.office, at=NOW)
    with pytest.raises(Forbidden):
        items.put_in_force(session=session, item_id=made.id, by=place.office, at=NOW)
    items.put_in_force(session=session, item_id=made.id, by=place.head, at=NOW)
    assert made.state == "active"
    with pytest.raises(Refused, match="active already"):
        items.put_in_force(session=session, item_id=made.id, by=place.head, at=NOW)


def test_an_end_needs_a_day_and_a_reason_and_can_be_taken_back(session: Session, place: Place) -> None:
    made = factories.objective(session, "Delight customers", place.unit, valid_from=date(2026, 1, 1))
    for reason, on in (("", TODAY), ("Over", date(2025, 12, 31))):
        with pytest.raises(Refused):
            items.end(session=session, item_id=made.id, reason=reason, on=on, by=place.head, at=NOW)
    items.end(session=session, item_id=made.id, reason="Over", on=TODAY, by=place.head, at=NOW)
    assert (made.state, made.valid_to, made.end_reason) == (State.ENDED, TODAY, "Over")
    with pytest.raises(Refused):
        items.resume(session=session, item_id=made.id, reason=" ", by=place.head, at=NOW)
    items.resume(session=session, item_id=made.id, reason="Not over", by=place.head, at=NOW)
    assert (made.state, made.valid_to) == ("active", None)


def test_what_is_in_force_is_not_archived(session: Session, place: Place) -> None:
    made = factories.objective(session, "Delight customers", place.unit)
    with pytest.raises(Refused, match="end it first"):
        items.archive(session=session, item_id=made.id, by=place.head, at=NOW)
    items.end(session=session, item_id=made.id, reason="Over", on=TODAY, by=place.head, at=NOW)
    items.archive(session=session, item_id=made.id, by=place.head, at=NOW)
    assert made.archived_at == NOW
    items.restore(session=session, item_id=made.id, by=place.head, at=NOW)
    assert made.archived_at is None


@pytest.mark.parametrize(("steps", "expected"), [(-1, "BAC"), (1, "ACB"), (9, "ACB"), (-9, "BAC")])
def test_items_move_within_their_list(session: Session, place: Place, steps: int, expected: str) -> None:
    made = [factories.objective(session, name, place.unit, position=at) for at, name in enumerate("ABC", start=1)]
    items.move(session=session, item_id=made[1].id, steps=steps, by=place.head, at=NOW)
    assert "".join(one.name for one in sorted(made, key=lambda one: one.position)) == expected
