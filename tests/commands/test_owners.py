"""Owners named on the matrix: one is responsible, a new one takes the part over, and nobody overwrites unseen."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor
from hoshin.commands.owners import Part, PartOutcome, PartWish, name_parts
from hoshin.model.items import Item
from hoshin.model.journal import JournalLine
from hoshin.model.people import Person, Role
from tests import factories
from tests.factories import NOW

RESPONSIBLE, SUPPORTS, NONE = Part.RESPONSIBLE, Part.SUPPORTS, Part.NONE


@dataclass
class Desk:
    """A department with a head, two people to name, and one item of each kind."""

    session: Session
    head: Actor
    staff: Actor
    ann: Person
    bo: Person
    items: dict[str, Item]

    def name(self, kind: str, person: Person, part: Part, *, by: Actor | None = None, **seen: object) -> PartOutcome:
        """Name one part as the head, or as somebody else."""
        wish = PartWish(item_id=self.items[kind].id, person_id=person.id, part=part, **seen)  # type: ignore[arg-type]
        [found] = name_parts(session=self.session, wishes=[wish], by=by or self.head, at=NOW)
        self.session.flush()
        return found

    def lines(self) -> list[tuple[str, int | None, int | None]]:
        """The journal: verb, and who was responsible before and after."""
        found = self.session.scalars(select(JournalLine).order_by(JournalLine.id)).all()
        owners = [(one.verb, (one.before or {}).get("owner_id"), (one.after or {}).get("owner_id")) for one in found]
        return [one for one in owners if one[0] in ("made responsible", "support named", "part taken back")]


@pytest.fixture
def desk(session: Session) -> Desk:
    factories.organisation(session)
    unit = factories.unit(session)
    head = factories.person(session, "Opal Head", Role.HEAD, unit)
    staff = factories.person(session, "Sam Staff", Role.STAFF, unit)
    cycle = factories.cycle(session)
    return Desk(
        session, factories.actor(session, head), factories.actor(session, staff),
        factories.person(session, "Ann Ada"), factories.person(session, "Bo Bell"),
        {
            "objective": factories.objective(session, "Delight", unit),
            "priority": factories.priority(session, "Halve", unit, cycle=cycle),
            "action": factories.action(session, "Map", unit, cycle=cycle),
            "kpi": factories.kpi(session, "Lead time", unit, cycle=cycle),
        },
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["objective", "priority", "action", "kpi"])
def test_naming_somebody_responsible_moves_the_part(desk: Desk, kind: str) -> None:
    desk.name(kind, desk.ann, RESPONSIBLE, was=NONE, owner_id=None)
    moved = desk.name(kind, desk.bo, RESPONSIBLE, was=NONE, owner_id=desk.ann.id)
    assert (moved.refusal, moved.in_conflict, moved.standing.owner_id) == ("", False, desk.bo.id)
    assert desk.lines() == [("made responsible", None, desk.ann.id), ("made responsible", desk.ann.id, desk.bo.id)]
    again = desk.name(kind, desk.bo, RESPONSIBLE, was=NONE, owner_id=desk.ann.id)
    assert not again.in_conflict, "an answer lost on the way is no conflict"
    assert desk.name(kind, desk.bo, NONE, was=RESPONSIBLE, owner_id=desk.bo.id).standing.owner_id is None


def test_an_action_has_many_helpers_and_who_answers_does_not_help(desk: Desk) -> None:
    for person in (desk.ann, desk.bo):
        desk.name("action", person, SUPPORTS, was=NONE)
    found = desk.name("action", desk.ann, RESPONSIBLE, was=SUPPORTS, owner_id=None)
    assert (found.standing.owner_id, found.standing.supports) == (desk.ann.id, (desk.bo.id,))
    found = desk.name("action", desk.ann, SUPPORTS, was=RESPONSIBLE, owner_id=desk.ann.id)
    assert (found.standing.owner_id, set(found.standing.supports)) == (None, {desk.ann.id, desk.bo.id})
    assert len(desk.lines()) == 4


@pytest.mark.parametrize("kind", ["objective", "kpi"])
def test_an_objective_has_one_sponsor_and_a_kpi_one_reporter(desk: Desk, kind: str) -> None:
    desk.name(kind, desk.ann, SUPPORTS, was=NONE)
    assert desk.name(kind, desk.bo, SUPPORTS, was=NONE).standing.supports == (desk.bo.id,)
    assert desk.name(kind, desk.bo, NONE, was=SUPPORTS).standing.supports == ()


def test_whoever_saves_second_sees_who_was_first(desk: Desk) -> None:
    desk.name("action", desk.ann, RESPONSIBLE, was=NONE, owner_id=None)
    late = desk.name("action", desk.bo, RESPONSIBLE, was=NONE, owner_id=None)
    assert (late.in_conflict, late.standing.owner_id, late.who) == (True, desk.ann.id, "Opal Head")
    blind = desk.name("action", desk.bo, RESPONSIBLE)
    assert blind.standing.owner_id == desk.bo.id, "what compares with nothing is taken as it is"


def test_what_may_not_be_is_refused_in_words(desk: Desk) -> None:
    assert "one person answers for a priority" in desk.name("priority", desk.ann, SUPPORTS).refusal
    assert desk.name("action", desk.ann, RESPONSIBLE, by=desk.staff).refusal == "you may not change this"
    desk.bo.deactivated_at = NOW
    assert "has left" in desk.name("action", desk.bo, RESPONSIBLE).refusal
    desk.items["action"].archived_at = NOW
    assert "archived" in desk.name("action", desk.ann, RESPONSIBLE).refusal
    missing = PartWish(item_id=999_999, person_id=desk.ann.id, part=RESPONSIBLE)
    [found] = name_parts(session=desk.session, wishes=[missing], by=desk.head, at=NOW)
    assert found.refusal == "this item is no longer there"
