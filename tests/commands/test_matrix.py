"""A matrix edited where it stands: what is good is saved, conflicts say who and what, and drafts are taken back."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands import items
from hoshin.commands.links import CorrelationWish, correlate
from hoshin.commands.matrix import (
    AddWish,
    CellOutcome,
    Fate,
    ItemChange,
    ItemOutcome,
    PlaceWish,
    RenameWish,
    Sheet,
    WithdrawWish,
    change_items,
    save_cells,
)
from hoshin.engine.plans import Kind, State
from hoshin.errors import Forbidden
from hoshin.model.cycles import Cycle, CycleKPI
from hoshin.model.items import Item, Objective, Priority
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI, KPIKind
from hoshin.model.links import Correlation
from hoshin.model.people import Role
from hoshin.model.units import Unit
from tests import factories
from tests.factories import NOW
from tests.statements import counted


@dataclass
class Desk:
    """A department with a head, a facilitator, two objectives and two priorities, nothing linked."""

    session: Session
    unit: Unit
    cycle: Cycle
    head: Actor
    office: Actor
    objectives: tuple[Objective, Objective]
    priorities: tuple[Priority, Priority]

    def cells(self, *wishes: CorrelationWish, by: Actor | None = None) -> list[CellOutcome]:
        """Save cells as the head, or as somebody else."""
        return save_cells(session=self.session, wishes=wishes, by=by or self.head, at=NOW)

    def change(self, *wishes: ItemChange, by: Actor | None = None) -> list[ItemOutcome]:
        """Change items as the head, or as somebody else."""
        sheet = Sheet(self.unit.id, self.cycle.id)
        return change_items(session=self.session, sheet=sheet, wishes=wishes, by=by or self.head, at=NOW)

    def cell(
        self, upper: int = 0, lower: int = 0, strength: int = 9, version: int = 0, why: str = ""
    ) -> CorrelationWish:
        """A wish about one objective and one priority."""
        ends = self.objectives[upper].id, self.priorities[lower].id
        return CorrelationWish(
            upper_id=ends[0], lower_id=ends[1], strength=strength, rationale=why, version=version
        )

    def names(self, kind: Kind) -> list[str]:
        """The unit's items of one kind in their order, archived ones left out."""
        query = select(Item.name).where(Item.kind == kind, Item.archived_at.is_(None), Item.unit_id == self.unit.id)
        return list(self.session.scalars(query.order_by(Item.position, Item.id)))


@pytest.fixture
def desk(session: Session) -> Desk:
    factories.organisation(session)
    cycle, unit = factories.cycle(session), factories.unit(session)
    head = factories.person(session, "Opal Head", Role.HEAD, unit)
    office = factories.person(session, "Fay Office", Role.FACILITATOR, unit)
    return Desk(
        session=session,
        unit=unit,
        cycle=cycle,
        head=factories.actor(session, head),
        office=factories.actor(session, office),
        objectives=(
            factories.objective(session, "Delight", unit, position=1),
            factories.objective(session, "Grow", unit, position=2),
        ),
        priorities=(
            factories.priority(session, "Halve lead time", unit, position=1),
            factories.priority(session, "Open the south", unit, position=2),
        ),
    )


def test_the_good_cells_are_saved_and_the_bad_ones_are_answered(desk: Desk) -> None:
    backwards = CorrelationWish(upper_id=desk.priorities[0].id, lower_id=desk.objectives[0].id, strength=9, version=0)
    missing = CorrelationWish(upper_id=desk.objectives[0].id, lower_id=99_999, strength=9, version=0)
    odd = desk.cell(1, 1, strength=4)
    good, refused, gone, strange = desk.cells(desk.cell(why="Because"), backwards, missing, odd)
    assert (good.version, good.theirs, good.refusal) == (1, None, "")
    assert refused.refusal == "a priority is not linked down to an objective"
    assert gone.refusal == "this item is no longer there"
    assert "strong" in strange.refusal
    assert desk.session.scalars(select(Correlation.rationale)).all() == ["Because"]


def test_a_conflict_tells_both_values_who_and_when(desk: Desk) -> None:
    desk.cells(desk.cell(strength=3, why="Mine"), by=desk.office)
    [found] = desk.cells(desk.cell(strength=9, version=0))
    assert found.theirs is not None
    assert (found.theirs.strength, found.theirs.rationale, found.theirs.version) == (3, "Mine", 1)
    assert (found.theirs.who, found.theirs.when) == ("Fay Office", NOW)
    [settled] = desk.cells(desk.cell(strength=9, version=1))
    assert (settled.version, settled.theirs) == (2, None)


def test_a_link_taken_away_meanwhile_is_a_conflict_too(desk: Desk) -> None:
    desk.cells(desk.cell())
    desk.cells(desk.cell(strength=0, version=1), by=desk.office)
    [found] = desk.cells(desk.cell(strength=3, version=1))
    assert found.theirs is not None
    assert (found.theirs.strength, found.theirs.version, found.theirs.who) == (0, 0, "Fay Office")


@pytest.mark.parametrize("strength", [9, 0])
def test_a_cell_sent_twice_because_the_answer_was_lost_is_no_conflict(desk: Desk, strength: int) -> None:
    desk.cells(desk.cell(strength=1))
    sent = desk.cell(strength=strength, version=1)
    first, again = desk.cells(sent), desk.cells(sent)
    assert first[0].theirs is again[0].theirs is None
    assert first[0].version == again[0].version == (2 if strength else 0)


def test_staff_change_nothing(desk: Desk) -> None:
    staff = factories.actor(desk.session, factories.person(desk.session, "Sam", Role.STAFF, desk.unit))
    assert [one.refusal for one in desk.cells(desk.cell(), by=staff)] == ["you may not change this"]
    with pytest.raises(Forbidden):
        desk.change(AddWish(key="a", kind=Kind.ACTION, name="Sneak in"), by=staff)


def test_titles_become_drafts_in_their_order_behind_one_another(desk: Desk) -> None:
    found = desk.change(
        AddWish(key="a", kind=Kind.PRIORITY, name="First", after=str(desk.priorities[0].id)),
        AddWish(key="b", kind=Kind.PRIORITY, name="Second", after="a"),
        AddWish(key="c", kind=Kind.KPI, name="Lead time", kpi_kind=KPIKind.PROCESS),
    )
    assert [one.fate for one in found] == [Fate.SAVED] * 3
    assert desk.names(Kind.PRIORITY) == ["Halve lead time", "First", "Second", "Open the south"]
    kpi = desk.session.get_one(KPI, found[2].id)
    assert (kpi.state, kpi.kpi_kind) == (State.DRAFT, KPIKind.PROCESS)
    assert desk.session.get(CycleKPI, (desk.cycle.id, kpi.id)) is not None


def test_an_item_that_is_there_already_is_taken_for_the_same(desk: Desk) -> None:
    """So that a lost answer makes no twins."""
    wish = AddWish(key="a", kind=Kind.OBJECTIVE, name="Last longer")
    [made], [again] = desk.change(wish), desk.change(wish)
    assert (again.fate, again.id) == (Fate.EXISTS, made.id)
    assert desk.names(Kind.OBJECTIVE) == ["Delight", "Grow", "Last longer"]


@pytest.mark.parametrize("name", ["", "x" * 501])
def test_a_name_has_a_length(desk: Desk, name: str) -> None:
    key = str(desk.priorities[0].id)
    found = desk.change(
        AddWish(key="a", kind=Kind.ACTION, name=name),
        RenameWish(key=key, name=name, was="Halve lead time", version=1),
    )
    assert [one.fate for one in found] == [Fate.REFUSED] * 2
    assert desk.session.scalar(select(func.count(JournalLine.id))) == 0


def test_a_new_name_is_refused_when_another_item_has_it(desk: Desk) -> None:
    key = str(desk.priorities[0].id)
    [found] = desk.change(RenameWish(key=key, name="Open the south", was="Halve lead time", version=1))
    assert (found.fate, found.sentence) == (Fate.REFUSED, "this unit already has a priority of that name")


def test_two_new_names_at_once_are_a_conflict_but_a_new_place_is_none(desk: Desk) -> None:
    key = str(desk.priorities[1].id)
    desk.change(PlaceWish(key=key), by=desk.office)
    assert desk.names(Kind.PRIORITY) == ["Open the south", "Halve lead time"]
    [saved] = desk.change(RenameWish(key=key, name="Go south", was="Open the south", version=1))
    assert (saved.fate, saved.name) == (Fate.SAVED, "Go south")
    [late] = desk.change(RenameWish(key=key, name="Leave the north", was="Open the south", version=1))
    assert (late.fate, late.name, late.version) == (Fate.CONFLICT, "Go south", saved.version)


def test_a_shared_kpi_is_changed_at_home(desk: Desk) -> None:
    kpi = factories.kpi(desk.session, "Complaints", factories.unit(desk.session, "Sales"))
    [found] = desk.change(RenameWish(key=str(kpi.id), name="Grumbles", was="Complaints", version=1))
    assert (found.fate, found.sentence) == (Fate.REFUSED, "this KPI is at home in another unit and is changed there")


def test_pasted_drafts_are_taken_back_without_a_trace_on_the_plan(desk: Desk) -> None:
    made = desk.change(*(AddWish(key=kind.value, kind=kind, name="By mistake") for kind in Kind))
    gone = desk.change(*(WithdrawWish(key=str(one.id)) for one in made))
    assert [one.fate for one in gone] == [Fate.GONE] * 4
    assert desk.session.scalars(select(Item).where(Item.name == "By mistake")).all() == []
    lines = desk.session.scalars(select(JournalLine.verb).where(JournalLine.subject_name == "By mistake")).all()
    assert sorted(lines) == ["created"] * 4 + ["removed"] * 4


def test_a_draft_that_somebody_linked_is_archived_and_comes_back_by_its_name(desk: Desk) -> None:
    add = AddWish(key="a", kind=Kind.ACTION, name="Map the flow")
    [made] = desk.change(add)
    wish = CorrelationWish(upper_id=desk.priorities[0].id, lower_id=made.id or 0, strength=9)
    correlate(session=desk.session, wish=wish, by=desk.office, at=NOW)
    desk.change(WithdrawWish(key=str(made.id)))
    assert desk.names(Kind.ACTION) == []
    [back] = desk.change(add)
    assert (back.fate, back.id) == (Fate.SAVED, made.id)
    assert desk.names(Kind.ACTION) == ["Map the flow"]


def test_what_is_in_force_is_not_taken_back(desk: Desk) -> None:
    [made] = desk.change(AddWish(key="a", kind=Kind.OBJECTIVE, name="Last longer"))
    items.put_in_force(session=desk.session, item_id=made.id or 0, by=desk.head, at=NOW)
    [found] = desk.change(WithdrawWish(key=str(made.id)))
    assert (found.fate, found.sentence) == (Fate.REFUSED, "this objective is active and can no longer be taken back")


def test_what_is_refused_leaves_nothing_half_done(desk: Desk) -> None:
    found = desk.change(
        AddWish(key="a", kind=Kind.ACTION, name="Good"),
        PlaceWish(key="nobody"),
        RenameWish(key="a", name="Better", was="Good", version=1),
    )
    assert [one.fate for one in found] == [Fate.SAVED, Fate.REFUSED, Fate.SAVED]
    assert desk.names(Kind.ACTION) == ["Better"]


def test_a_large_paste_asks_little_for_each_cell_and_each_title(desk: Desk, engine: Engine) -> None:
    """Items are not moved one by one, and what stands at an end of many cells is looked up once."""
    keys = [f"n{number}" for number in range(60)]
    add = [
        AddWish(key=key, kind=Kind.ACTION, name=key, after=before)
        for key, before in zip(keys, ["", *keys[:-1]], strict=True)
    ]
    with counted(engine) as titles:
        made = desk.change(*add)
    assert desk.names(Kind.ACTION) == [one.name for one in add]
    wishes = [
        CorrelationWish(upper_id=upper.id, lower_id=one.id or 0, strength=9, version=0)
        for upper in desk.priorities
        for one in made
    ]
    with counted(engine) as cells:
        desk.cells(*wishes)
    assert 1 < len(titles) / len(add) < 14
    assert 1 < len(cells) / len(wishes) < 6
