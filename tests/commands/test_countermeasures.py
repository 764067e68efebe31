"""Countermeasures: opened once by the figures, written, grown, closed after hits, reopened by a relapse."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hoshin.access.actors import Actor, system_actor
from hoshin.commands.countermeasures import (
    CauseWish,
    CloseWish,
    SheetWish,
    ShortWish,
    StepWish,
    close,
    put_causes,
    put_steps,
    reopen,
    write_sheet,
    write_short,
)
from hoshin.commands.countermeasures_open import open_due
from hoshin.commands.countermeasures_promote import promote_step
from hoshin.commands.items import end
from hoshin.commands.readings import CellWish, record_cells
from hoshin.db import Database
from hoshin.engine.metrics import KPIClass
from hoshin.engine.misses import Occasion
from hoshin.engine.plans import State
from hoshin.engine.verdicts import Direction
from hoshin.errors import Forbidden, Missing, Refused, Stale
from hoshin.model.actions import Action
from hoshin.model.countermeasures import AnswerState, Countermeasure, Worked
from hoshin.model.journal import JournalLine
from hoshin.model.kpis import KPI
from hoshin.model.links import Correlation
from hoshin.model.people import Person, Role
from hoshin.model.units import Organisation, Unit
from hoshin.queries.countermeasures import list_causes, list_steps, open_by_kpi
from tests import factories

SHELL = system_actor(name="shell")
JAN = date(2026, 1, 1)


def due(month: int) -> datetime:
    """The day on which a month of 2026 falls due, in the morning."""
    return datetime(2026 + month // 12, month % 12 + 1, 10, 8, tzinfo=UTC)


@dataclass
class House:
    """One unit with a head, an owner and a bystander; its KPI must reach 95 in every month of 2026."""

    session: Session
    organisation: Organisation
    unit: Unit
    kpi: KPI
    owner: Person
    head: Actor
    staff: Actor
    stranger: Actor

    def row(self, actuals: str, kpi: KPI | None = None) -> list[Countermeasure]:
        """Record H(it) and M(iss) from January on, then let the figures ask on the day the last month falls due."""
        wanted = kpi or self.kpi
        values = {"H": Decimal(95), "M": Decimal(88), "A": Decimal(200)}
        cells = [
            CellWish(
                kpi_id=wanted.id, period=date(2026, place, 1), values={"target": Decimal(95), "actual": values[one]}
            )
            for place, one in enumerate(actuals, start=1)
        ]
        at = due(len(actuals))
        assert record_cells(session=self.session, cells=cells, by=SHELL, at=at, reason="again").problems == []
        return open_due(session=self.session, by=SHELL, at=at)

    def only(self) -> Countermeasure:
        """The one countermeasure there is, read again."""
        self.session.expire_all()
        return self.session.scalars(select(Countermeasure)).one()

    def count(self) -> int:
        """How many there are."""
        return self.session.scalar(select(func.count(Countermeasure.id))) or 0

    def short(self, by: Actor, **more: object) -> None:
        """Write the short form."""
        found = self.only()
        wanted = {
            "gap": found.gap, "cause": "A worn tool", "action": "Change it weekly", "doer_id": self.owner.id,
            "due_on": date(2026, 3, 1), "owner_id": self.owner.id, "version": found.version,
        } | more  # fmt: skip
        write_short(
            session=self.session, countermeasure_id=found.id, by=by, at=due(1), wish=ShortWish(**wanted)  # type: ignore[arg-type] # as named above
        )  # fmt: skip

    def shut(self, at: datetime, by: Actor | None = None, outcome: str = "It did") -> None:
        """Close it."""
        found = self.only()
        wish = CloseWish(worked=Worked.YES, outcome=outcome, version=found.version)
        close(session=self.session, countermeasure_id=found.id, wish=wish, by=by or self.head, at=at)


@pytest.fixture
def house(session: Session) -> House:
    """The organisation went live with the year."""
    organisation = factories.organisation(session, live_on=JAN)
    factories.cycle(session)
    factories.cycle(session, 2027)
    unit, other = factories.unit(session), factories.unit(session, "Sales")
    head = factories.person(session, "Hedy", Role.HEAD, unit)
    owner = factories.person(session, "Sam", Role.STAFF, unit)
    stranger = factories.person(session, "Otto", Role.HEAD, other)
    kpi = factories.kpi(session, "On time", unit, direction=Direction.AT_LEAST, owner_id=owner.id, uom="%")
    actors = [factories.actor(session, one) for one in (head, owner, stranger)]
    return House(session, organisation, unit, kpi, owner, *actors)


# ------------------------------------------------------------------ opened by the figures


def test_a_miss_opens_one_for_the_owner_with_the_gap_written_and_once_only(house: House) -> None:
    assert len(house.row("HM")) == 1
    found = house.only()
    assert (found.state, found.occasion, found.owner_id) == (AnswerState.OPEN, Occasion.MISS, house.owner.id)
    assert (found.opened_for, found.gap) == (date(2026, 2, 1), "Feb 2026: 88 % against ≥ 95 %, 7 % off plan")
    assert open_due(session=house.session, by=SHELL, at=due(2)) == []
    assert house.row("HMM") == []
    line = house.session.scalars(select(JournalLine).where(JournalLine.subject == "countermeasure")).one()
    assert (line.by_name, line.verb, line.unit_id, line.subject_name) == ("shell", "created", house.unit.id, "On time")


def test_a_fundamental_metric_has_more_patience_and_the_settings_decide(house: House) -> None:
    house.kpi.kpi_class = KPIClass.FUNDAMENTAL
    house.session.flush()
    assert house.row("M") == []
    assert len(house.row("MM")) == 1
    house.organisation.misses_fundamental = 3
    house.session.flush()
    patient = factories.kpi(
        house.session, "Calls", house.unit, direction=Direction.AT_LEAST, kpi_class=KPIClass.FUNDAMENTAL
    )
    assert house.row("MM", patient) == []
    assert len(house.row("MMM", patient)) == 1


@pytest.mark.parametrize("state", [State.DRAFT, State.ENDED])
def test_drafts_and_ended_metrics_open_none(house: House, state: State) -> None:
    house.kpi.state, house.kpi.valid_to = state, date(2026, 2, 28) if state is State.ENDED else None
    house.session.flush()
    assert house.row("MM") == []


def test_imported_history_opens_none_until_a_later_period_misses(house: House) -> None:
    """What fell due before the organisation went live is history; nothing of it fills a row."""
    house.organisation.live_on = date(2026, 4, 1)
    house.session.flush()
    assert house.row("MM") == []
    assert house.row("MMM") != []
    assert house.only().opened_for == date(2026, 3, 1)


def test_without_a_live_day_the_day_it_was_begun_here_counts(house: House) -> None:
    house.organisation.live_on = None  # begun on 20 May 2026
    house.session.flush()
    assert house.row("MMMM") == []
    assert len(house.row("MMMMM")) == 1


def test_only_the_figures_open_one(house: House) -> None:
    with pytest.raises(Forbidden):
        open_due(session=house.session, by=house.head, at=due(1))


def test_two_who_ask_at_once_open_one(house: House, database_url: str) -> None:
    cell = CellWish(kpi_id=house.kpi.id, period=JAN, values={"target": Decimal(95), "actual": Decimal(88)})
    record_cells(session=house.session, cells=[cell], by=SHELL, at=due(1))
    house.session.commit()
    database = Database(url=database_url)

    def ask(_turn: int) -> int:
        with database.writing() as session:
            opened = open_due(session=session, by=SHELL, at=due(1))
            session.commit()
            return len(opened)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(ask, range(2))) == [0, 1]
    database.dispose()
    assert house.count() == 1


def test_far_above_plan_asks_why_too_and_once_for_each_row(house: House) -> None:
    house.kpi.baseline = Decimal(80)
    house.session.flush()
    assert [one.occasion for one in house.row("A")] == [Occasion.ABOVE]
    assert house.only().gap == "Jan 2026: 200 % against ≥ 95 %, far above plan"
    with pytest.raises(Refused, match="why it lies so far above"):
        house.shut(due(1))
    house.short(house.head)
    house.shut(due(1))
    assert house.row("AA") == [], "this row has been explained"
    assert house.row("AAH") == []
    assert len(house.row("AAHA")) == 1
    assert house.count() == 2


def test_a_miss_is_answered_beside_an_open_question_of_why(house: House) -> None:
    house.kpi.baseline = Decimal(80)
    house.session.flush()
    house.row("A")
    assert [one.occasion for one in house.row("AM")] == [Occasion.MISS]
    marked = open_by_kpi(session=house.session)[house.kpi.id]
    assert house.session.get_one(Countermeasure, marked).occasion is Occasion.MISS


# ------------------------------------------------------------------ closed and reopened


def test_it_closes_after_hits_in_a_row_with_a_line_and_a_relapse_reopens_it(house: House) -> None:
    house.row("M")
    house.row("MH")
    with pytest.raises(Refused, match="its latest 2 due periods in a row"):
        house.shut(due(2))
    house.row("MHH")
    with pytest.raises(Refused, match="say in a line"):
        house.shut(due(3), outcome=" ")
    house.shut(due(3))
    found = house.only()
    assert (found.state, found.closed_by, found.worked, found.outcome) == (
        AnswerState.CLOSED, "Hedy", Worked.YES, "It did",
    )  # fmt: skip
    assert open_by_kpi(session=house.session) == {}
    assert len(house.row("MHHM")) == 1
    again = house.only()
    assert (again.id, again.state, again.reopened_for) == (found.id, AnswerState.REOPENED, date(2026, 4, 1))
    assert again.closed_at is None
    assert house.row("MHHMM") == []


def test_a_relapse_more_than_a_year_later_is_a_new_problem(house: House) -> None:
    house.row("M")
    cells = [
        CellWish(kpi_id=house.kpi.id, period=date(2027, 12, 1), values={"target": Decimal(95), "actual": Decimal(1)})
    ]
    house.row("MHH")
    house.shut(due(3))
    record_cells(session=house.session, cells=cells, by=SHELL, at=datetime(2028, 1, 10, tzinfo=UTC))
    assert len(open_due(session=house.session, by=SHELL, at=datetime(2028, 1, 10, tzinfo=UTC))) == 1
    assert house.count() == 2


def test_the_answer_of_an_ended_metric_may_be_closed(house: House) -> None:
    house.row("M")
    end(session=house.session, item_id=house.kpi.id, reason="sold", on=date(2026, 2, 1), by=house.head, at=due(1))
    house.shut(due(1), outcome="Not needed any more")
    assert house.only().state is AnswerState.CLOSED


def test_it_is_taken_up_again_with_a_reason_only_and_never_beside_another(house: House) -> None:
    house.row("M")
    found = house.only()
    with pytest.raises(Refused, match="is open"):
        reopen(session=house.session, countermeasure_id=found.id, reason="so", by=house.head, at=due(1))
    house.row("MHH")
    house.shut(due(3))
    with pytest.raises(Refused, match="say why"):
        reopen(session=house.session, countermeasure_id=found.id, reason=" ", by=house.head, at=due(3))
    reopen(session=house.session, countermeasure_id=found.id, reason="it will not last", by=house.head, at=due(3))
    assert house.only().state is AnswerState.REOPENED
    house.shut(due(3))
    twin = Countermeasure(
        kpi_id=house.kpi.id, occasion=Occasion.MISS, state=AnswerState.OPEN, opened_for=JAN, opened_at=due(1)
    )
    house.session.add(twin)
    house.session.flush()
    with pytest.raises(Refused, match="another countermeasure"):
        reopen(session=house.session, countermeasure_id=found.id, reason="so", by=house.head, at=due(3))


# ------------------------------------------------------------------ written and grown


def test_the_owner_writes_the_short_form_and_a_stranger_does_not(house: House) -> None:
    house.row("M")
    house.short(house.staff)
    assert house.only().is_written
    with pytest.raises(Forbidden):
        house.short(house.stranger)


def test_what_somebody_may_not_see_is_not_there(house: House) -> None:
    house.row("M")
    house.unit.restricted = True
    house.session.flush()
    stranger = factories.actor(house.session, house.session.get_one(Person, house.stranger.person))
    with pytest.raises(Missing):
        house.short(stranger)


def test_who_saves_second_is_told(house: House) -> None:
    house.row("M")
    house.short(house.staff)
    with pytest.raises(Stale) as stale:
        house.short(house.head, version=1)
    assert stale.value.theirs["Cause"] == "A worn tool"
    with pytest.raises(Refused, match="no such person"):
        house.short(house.head, doer_id=999)
    with pytest.raises(Refused, match="how far off"):
        house.short(house.head, gap="")


def test_a_closed_one_is_not_rewritten(house: House) -> None:
    house.row("M")
    house.row("MHH")
    house.shut(due(3))
    with pytest.raises(Refused, match="closed"):
        house.short(house.head)


def test_shares_of_the_gap_never_exceed_the_whole(house: House) -> None:
    house.row("M")
    found = house.only()

    def put(*shares: str | None) -> None:
        causes = [CauseWish(text="Tool", share=Decimal(one) if one else None) for one in shares]
        put_causes(
            session=house.session, countermeasure_id=found.id, causes=causes, version=house.only().version,
            by=house.staff, at=due(1),
        )  # fmt: skip

    put("60", "40", None)
    assert house.only().version == 2
    with pytest.raises(Refused, match=r"come to 100\.0001 %"):
        put("60.0001", "40")
    with pytest.raises(Refused, match="between 0 and 100"):
        put("101")
    with pytest.raises(Refused, match="at most 12 causes"):
        put(*["1"] * 13)
    rows = list_causes(session=house.session, countermeasure_id=found.id)
    assert [one.share for one in rows] == [Decimal(60), Decimal(40), None]
    kept = [CauseWish(key=rows[1].id, text="Training", share=Decimal(100))]
    put_causes(session=house.session, countermeasure_id=found.id, causes=kept, version=2, by=house.staff, at=due(1))
    rows = list_causes(session=house.session, countermeasure_id=found.id)
    assert [(one.text, one.position) for one in rows] == [("Training", 1)]
    strange = [CauseWish(key=9999, text="not of this one")]
    with pytest.raises(Missing):
        put_causes(
            session=house.session, countermeasure_id=found.id, causes=strange, version=3, by=house.staff, at=due(1)
        )
    line = house.session.scalars(select(JournalLine).order_by(JournalLine.id.desc())).first()
    assert line is not None
    assert line.verb == "causes written"
    assert [len((one or {})["causes"]) for one in (line.before, line.after)] == [3, 1]


def test_a_promoted_step_is_a_draft_action_that_moves_the_kpi(house: House) -> None:
    house.row("M")
    found = house.only()
    steps = [StepWish(text="Buy the new tool", owner_id=house.owner.id, due_on=date(2026, 3, 1), effect=Decimal(3))]
    put_steps(session=house.session, countermeasure_id=found.id, steps=steps, version=1, by=house.staff, at=due(1))
    step = list_steps(session=house.session, countermeasure_id=found.id)[0]
    with pytest.raises(Forbidden):
        promote_step(session=house.session, countermeasure_id=found.id, step_id=step.id, by=house.staff, at=due(1))
    made = promote_step(session=house.session, countermeasure_id=found.id, step_id=step.id, by=house.head, at=due(1))
    assert (made.name, made.state, made.owner_id, made.unit_id) == (
        "Buy the new tool", State.DRAFT, house.owner.id, house.unit.id,
    )  # fmt: skip
    link = house.session.scalars(select(Correlation)).one()
    assert (link.upper_id, link.lower_id) == (made.id, house.kpi.id)
    with pytest.raises(Refused, match="already"):
        promote_step(session=house.session, countermeasure_id=found.id, step_id=step.id, by=house.head, at=due(1))
    with pytest.raises(Refused, match="stands on the matrix"):
        put_steps(session=house.session, countermeasure_id=found.id, steps=[], version=2, by=house.head, at=due(1))
    assert house.session.scalar(select(func.count(Action.id))) == 1


def test_an_effect_that_cannot_be_stored_is_refused_with_its_step(house: House) -> None:
    house.row("M")
    steps = [StepWish(text="One", place=1), StepWish(text="", effect=Decimal("0.00001"), place=4)]
    with pytest.raises(Refused) as refused:
        put_steps(
            session=house.session, countermeasure_id=house.only().id, steps=steps, version=1, by=house.head, at=due(1)
        )
    assert [one.field for one in refused.value.problems] == ["text_4", "effect_4"]


def test_the_words_of_the_a3_are_kept(house: House) -> None:
    house.row("M")
    wish = SheetWish(
        title="On time again", background="b", current_condition="c", problem="p", target_condition="t",
        follow_up="f", version=1,
    )  # fmt: skip
    write_sheet(session=house.session, countermeasure_id=house.only().id, wish=wish, by=house.staff, at=due(1))
    assert (house.only().title, house.only().follow_up, house.only().version) == ("On time again", "f", 2)
