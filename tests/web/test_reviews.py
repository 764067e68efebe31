"""Reviews through the browser: list, meeting page, frozen pack, diagnosis, commitment and the calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from pypdf import PdfReader
from sqlalchemy.orm import Session

from hoshin.commands import meetings
from hoshin.commands.meetings import DecisionWish, HoldWish, MinutesWish
from hoshin.engine.cadence import ReviewKind
from hoshin.model.cycles import MonthLock
from hoshin.model.kpis import Reading
from hoshin.model.people import Person
from hoshin.model.reviews import Pack, Presence, Review
from hoshin.model.roadblocks import Roadblock, RoadblockState
from hoshin.model.units import Organisation
from hoshin.queries.agenda import load_agenda, reader_of
from hoshin.queries.reviews import list_actions, list_decisions
from hoshin.reports.packs import content_of
from tests import factories, reviewing
from tests.reviewing import ALL, NOW, House
from tests.statements import statements_again
from tests.web.conftest import Arrange, Clock

SignedIn = Callable[[Person], FlaskClient]
APRIL = date(2026, 4, 1)


@pytest.fixture
def house(arrange: Arrange) -> House:
    """The house of tests/reviewing.py with all its reviews planned."""

    def work(session: Session) -> House:
        made = reviewing.build(session)
        reviewing.plan_all(session, made, *ALL)
        session.flush()
        for row in [*session]:  # planning holds the plan, which lets go of everything loaded before
            session.refresh(row)
        return made

    return arrange(work)


def _key(look: Arrange, house: House, kind: ReviewKind = ReviewKind.MONTHLY, month: int = 4) -> int:
    return look(lambda session: reviewing.review_of(session, house, house.plan.operations, kind, month).id)


def _fields(house: House, **more: str) -> dict[str, str]:
    return {
        "minutes": "The tool is worn.", f"presence_{house.plan.head.id}": "present", "decision_1": "Buy a tool",
        "task_1": "Order it", "owner_1": str(house.plan.staff.id), "due_1": "2026-06-01", "version": "1", **more,
    }  # fmt: skip


def test_the_list_shows_what_comes_and_what_lies_behind(house: House, client_for: SignedIn) -> None:
    client = client_for(house.plan.head)
    page = client.get(f"/reviews?unit={house.plan.operations.id}&kind=monthly").text
    assert "day has passed" in page
    assert "Operations" in page
    assert "Laboratory" not in client.get("/reviews?kind=annual").text.partition("<tbody>")[2]
    rows = client.get("/reviews?format=csv&kind=monthly").text.splitlines()
    assert len(rows) == 1 + 3 * 12, "the restricted unit is not listed"
    assert client.get("/reviews?when=past").status_code == 200


def test_the_agenda_writes_itself(house: House, client_for: SignedIn, look: Arrange) -> None:
    page = client_for(house.plan.head).get(f"/reviews/{_key(look, house)}").text
    assert "1 of 3 due metrics hit target; 1 turned red." in page
    red = page.partition('id="report-red"')[2].partition("</section>")[0]
    assert red.index("Complaints") < red.index("Lead time")
    assert red.count("turned red</span>") == 1
    answers = page.partition('id="report-answers"')[2].partition("</section>")[0]
    assert "Lead time" in answers
    blocks = page.partition('id="report-roadblocks"')[2].partition("</section>")[0]
    assert "No budget for the tool" in blocks
    assert "escalated here" in blocks
    assert "18 days" in blocks
    late = page.partition('id="report-overdue"')[2].partition("</section>")[0]
    assert "Change the tool" in late
    assert "19 days" in late
    assert "Train the team" not in late


def test_a_review_of_a_hidden_unit_is_not_there(house: House, client_for: SignedIn, look: Arrange) -> None:
    key = look(lambda session: reviewing.review_of(session, house, house.plan.secret).id)
    client = client_for(house.plan.head)
    for address in ("", "/move", "/pack.pdf", "/agenda.pdf"):
        assert client.get(f"/reviews/{key}{address}").status_code == 404
    assert client.post(f"/reviews/{key}/minutes", data={}).status_code == 404
    assert client_for(house.plan.executive).get(f"/reviews/{key}").status_code == 200


def test_minutes_are_taken_without_a_script_and_stay_when_refused(
    house: House, client_for: SignedIn, look: Arrange
) -> None:
    client, key = client_for(house.plan.head), _key(look, house)
    assert client.post(f"/reviews/{key}/minutes", data=_fields(house)).status_code == 303
    page = client.get(f"/reviews/{key}").text
    assert 'value="Buy a tool"' in page
    assert "The tool is worn." in page
    stale = client.post(f"/reviews/{key}/minutes", data=_fields(house, minutes="Mine"))
    assert stale.status_code == 409
    assert "Mine" in stale.text
    assert "The tool is worn." in stale.text
    wrong = client.post(f"/reviews/{key}/minutes", data=_fields(house, due_1="soon", version="2"))
    assert wrong.status_code == 422
    staff = client_for(house.plan.staff)
    assert staff.post(f"/reviews/{key}/minutes", data=_fields(house, version="2")).status_code == 403
    assert "Keep the minutes" not in staff.get(f"/reviews/{key}").text
    assert "Buy a tool" in staff.get(f"/reviews/{key}").text


def test_last_times_decisions_come_back_until_they_are_carried_out(
    house: House, client_for: SignedIn, look: Arrange
) -> None:
    client, april, may = client_for(house.plan.head), _key(look, house), _key(look, house, month=5)
    client.post(f"/reviews/{april}/minutes", data=_fields(house))
    client.post(f"/reviews/{april}/hold", data={"version": "2"})
    page = client.get(f"/reviews/{may}").text.partition('id="last-time"')[2]
    assert "Buy a tool" in page
    assert "Order it" in page
    found = look(lambda session: list_decisions(session=session, review_id=april)[0].id)
    answer = client.post(f"/reviews/{april}/decisions/{found}", data={"from": str(may)})
    assert answer.headers["Location"] == f"/reviews/{may}#last-time"
    assert "✓ 20 May 2026" in client.get(f"/reviews/{may}").text


def test_what_i_took_on_waits_at_home_and_is_ticked_there(
    house: House, client_for: SignedIn, look: Arrange
) -> None:
    april, staff = _key(look, house), client_for(house.plan.staff)
    client_for(house.plan.head).post(f"/reviews/{april}/minutes", data=_fields(house))
    key = look(lambda session: list_actions(session=session, review_id=april)[0].id)
    assert "Taken on in reviews" in staff.get("/").text
    assert "✓ Done" in staff.get(f"/reviews/{april}").text
    answer = staff.post(f"/reviews/{april}/actions/{key}", data={"from": "home"})
    assert answer.headers["Location"] == "/#mine"
    assert "Taken on in reviews" not in staff.get("/").text


@pytest.mark.parametrize("kind", ["kpis", "priorities"])
def test_a_roadblock_is_raised_from_what_it_is_in_the_way_of(house: House, client_for: SignedIn, kind: str) -> None:
    staff = client_for(house.plan.staff)
    item = house.plan.kpis["Complaints"] if kind == "kpis" else house.plan.priority
    key, unit = item.id, item.unit_id
    page = staff.get(f"/{kind}/{key}").text
    address = f"/units/{unit}/roadblocks/new?item={key}"
    assert address in page
    assert f'<option selected value="{key}"' in staff.get(address).text
    staff.post(address, data={"name": "No gauge", "item_id": str(key)})
    assert "✗ No gauge" in staff.get(f"/{kind}/{key}").text


def test_the_agenda_of_a_review_to_come_is_printed_with_lines_to_write_on(
    house: House, client_for: SignedIn, look: Arrange
) -> None:
    client, key = client_for(house.plan.head), _key(look, house)
    assert f"/reviews/{key}/agenda.pdf" in client.get(f"/reviews/{key}").text
    printed = client.get(f"/reviews/{key}/agenda.pdf")
    assert printed.mimetype == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(printed.data)).pages)
    for words in ("Agenda:", "Complaints", "No budget for the tool", "To be written in the meeting", "Decisions"):
        assert words in text
    client.post(f"/reviews/{key}/hold", data={"version": "1"})
    assert client.get(f"/reviews/{key}/agenda.pdf").status_code == 303
    assert "/agenda.pdf" not in client.get(f"/reviews/{key}").text


def test_the_pack_stays_byte_for_byte_whatever_is_edited_later(
    house: House, client_for: SignedIn, look: Arrange, arrange: Arrange, clock: Clock
) -> None:
    client, key = client_for(house.plan.head), _key(look, house)
    assert client.get(f"/reviews/{key}/pack.pdf").status_code == 404
    client.post(f"/reviews/{key}/minutes", data=_fields(house))
    held = client.post(f"/reviews/{key}/hold", data={"version": "2", "lock": "y"})
    assert held.status_code == 303
    first = client.get(f"/reviews/{key}/pack.pdf")
    assert first.mimetype == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(first.data)).pages)
    for words in ("Complaints", "Buy a tool", "The tool is worn.", "20 May 2026", "No budget for the tool"):
        assert words in text

    def edit(session: Session) -> None:
        kpi = house.plan.kpis["Complaints"]
        session.get_one(Reading, (APRIL, kpi.id)).actual = Decimal(0)
        session.get_one(Person, house.plan.head.id).name = "Somebody Else"
        session.get_one(Roadblock, 1).name = "Gone"

    arrange(edit)
    clock.now = datetime(2026, 8, 1, tzinfo=UTC)
    client = client_for(house.plan.head)
    client.post(f"/reviews/{key}/minutes", data=_fields(house, minutes="Mended", version="3"))
    assert client.get(f"/reviews/{key}/pack.pdf").data == first.data
    page = client.get(f"/reviews/{key}").text
    assert "Held on 20 May 2026" in page
    assert "1 of 3 due metrics hit target; 1 turned red." in page
    assert "Mended" in page
    locks = look(lambda session: session.query(MonthLock).all())
    assert [(one.unit_id, one.month) for one in locks] == [(house.plan.operations.id, APRIL)]

    def without_paper(session: Session) -> None:
        session.get_one(Pack, key).printed = None

    arrange(without_paper)
    again = client.get(f"/reviews/{key}/pack.pdf").data
    assert "".join(page.extract_text() for page in PdfReader(BytesIO(again)).pages) == text


def test_a_pack_holds_only_what_every_reader_of_the_unit_may_see(house: House, arrange: Arrange) -> None:
    """The company's pack speaks of the restricted laboratory in numbers only."""

    def work(session: Session) -> dict[str, object]:
        review = reviewing.review_of(session, house, house.plan.top)
        reader = reader_of(session=session, unit_id=house.plan.top.id)
        return content_of(agenda=load_agenda(session=session, actor=reader, review=review, at=NOW))

    content = arrange(work)
    assert "Prototypes" not in str(content)
    assert content["outside"] == 1
    assert content["counts"] == {"total": 5, "hits": 2, "misses": 2, "no_data": 1, "not_due": 0, "no_target": 0}
    assert content["balls"] == []


def test_the_pack_of_a_restricted_unit_names_its_own_metrics(house: House, arrange: Arrange) -> None:
    def work(session: Session) -> dict[str, object]:
        review = reviewing.review_of(session, house, house.plan.secret)
        reader = reader_of(session=session, unit_id=house.plan.secret.id)
        return content_of(agenda=load_agenda(session=session, actor=reader, review=review, at=NOW))

    assert "Prototypes" in str(arrange(work))


def test_every_kind_of_review_has_its_page(house: House, client_for: SignedIn, look: Arrange) -> None:
    client = client_for(house.plan.executive)
    for kind, month in zip(ALL, (1, 1, 1, 1, 1), strict=True):
        assert client.get(f"/reviews/{_key(look, house, kind, month)}").status_code == 200, kind


def test_moving_and_cancelling(house: House, client_for: SignedIn, look: Arrange) -> None:
    client, key = client_for(house.plan.head), _key(look, house)
    assert client.get(f"/reviews/{key}/move").status_code == 200
    data = {"planned_on": "2026-05-22", "begins": "09:30", "lasts": "45", "place": "Room 1", "version": "1"}
    assert client.post(f"/reviews/{key}/move", data=data).status_code == 303
    page = client.get(f"/reviews/{key}").text
    assert "22 May 2026, 09:30 (UTC), 45 minutes" in page
    assert "12 May 2026 → 22 May 2026" in page
    assert client.post(f"/reviews/{key}/move", data=data | {"version": "1"}).status_code == 409
    assert client.post(f"/reviews/{key}/move", data={"planned_on": "", "version": "2"}).status_code == 422
    assert client.post(f"/reviews/{key}/cancel", data={"reason": "", "version": "2"}).status_code == 422
    assert client.post(f"/reviews/{key}/cancel", data={"reason": "Flood", "version": "2"}).status_code == 303
    assert "Plan again" in client.get(f"/reviews/{key}").text
    assert client_for(house.plan.staff).post(f"/reviews/{key}/move", data=data).status_code == 403


def test_planning_a_year_in_the_browser(house: House, client_for: SignedIn) -> None:
    client = client_for(house.plan.head)
    address = f"/units/{house.plan.operations.id}/reviews"
    assert "Monthly review" in client.get(address).text
    data = {"cycle_id": str(house.plan.cycle.id), "kinds": ["monthly", "weekly"], "below": "y", "lasts": "60"}
    assert client.post(address, data=data).status_code == 303
    assert client.post(address, data=data | {"kinds": []}).status_code == 422
    assert client.get(f"/units/{house.plan.secret.id}/reviews").status_code == 404
    assert client_for(house.plan.staff).get(address).status_code == 403


def test_the_diagnosis_is_scored_drawn_and_printed_with_the_change_since_last_year(
    house: House, client_for: SignedIn, look: Arrange, arrange: Arrange
) -> None:
    client, key = client_for(house.plan.executive), _key(look, house, ReviewKind.DIAGNOSIS, 1)
    assert "Nothing is scored yet" in client.get(f"/reviews/{key}").text
    assert client.get(f"/reviews/{key}/scores").status_code == 200
    data = {f"plan_{area}": "4" for area in (1, 2, 3)} | {"do_1": "2", "remark_1": "Go and see", "version": "1"}
    assert client.post(f"/reviews/{key}/scores", data=data).status_code == 303
    page = client.get(f"/reviews/{key}").text
    assert 'class="radar"' in page
    assert "first time" in page

    def last_year(session: Session) -> None:
        review = session.get_one(Review, key)
        review.first_day, review.last_day = date(2025, 1, 1), date(2025, 12, 31)

    client.post(f"/reviews/{key}/hold", data={"version": "2"})
    arrange(last_year)
    arrange(lambda session: reviewing.plan_all(session, house, ReviewKind.DIAGNOSIS))
    now = look(
        lambda session: max(one.id for one in session.query(Review) if one.unit_id == house.plan.operations.id)
    )
    better = {f"plan_{area}": "5" for area in (1, 2, 3)} | {"do_1": "2", "version": "1"}
    assert client.post(f"/reviews/{now}/scores", data=better).status_code == 303
    page = client.get(f"/reviews/{now}").text
    assert "▲ +0.5" in page
    assert "Since FY2025" in page
    printed = client.get(f"/reviews/{now}/diagnosis.pdf")
    assert "Policy and objectives" in PdfReader(BytesIO(printed.data)).pages[0].extract_text()
    assert client.get(f"/reviews/{_key(look, house)}/scores").status_code == 404
    assert client_for(house.plan.staff).get(f"/reviews/{now}/scores").status_code == 403


def test_the_template_is_the_executives(house: House, client_for: SignedIn) -> None:
    client = client_for(house.plan.executive)
    assert "Policy and objectives" in client.get("/diagnosis").text
    rest = {f"{field}_{place}": "" for place in range(4, 12) for field in ("name", "question")}
    data = {"name_1": "A", "name_2": "B", "name_3": "C", "question_3": "Why?"} | rest
    assert client.post("/diagnosis", data=data).status_code == 303
    few = {"name_1": "A", "name_2": "", "name_3": "", "question_3": ""}
    assert client.post("/diagnosis", data=few).status_code == 422
    assert client_for(house.plan.head).get("/diagnosis").status_code == 403


# ------------------------------------------------------------------ calendar


def _events(data: bytes) -> dict[str, Any]:
    """The events of a calendar by UID."""
    found: Any = Calendar.from_ical(data)
    return {str(one["uid"]): one for one in found.walk("VEVENT")}


def _address(client: FlaskClient) -> str:
    page = client.post("/account/calendar").text
    return page.partition('id="address" value="http://localhost')[2].partition('"')[0]


def test_the_feed_is_a_calendar_that_follows_and_can_be_revoked(
    house: House, client_for: SignedIn, client: FlaskClient, look: Arrange
) -> None:
    head, key = client_for(house.plan.head), _key(look, house)
    address = _address(head)
    answer = client.get(address)
    assert answer.content_type == "text/calendar; charset=utf-8"
    before = _events(answer.data)
    uid = look(lambda session: session.get_one(Review, key).uid) + "@hoshin"
    event_ = before[uid]
    assert (event_["dtstart"].dt, event_["dtend"].dt) == (date(2026, 5, 12), date(2026, 5, 13))
    assert event_["dtstart"].params["VALUE"] == "DATE"
    assert (event_["sequence"], str(event_["status"])) == (0, "CONFIRMED")
    data = {"planned_on": "2026-05-22", "begins": "09:30", "lasts": "45", "version": "1"}
    head.post(f"/reviews/{key}/move", data=data)
    moved = _events(client.get(address).data)
    assert set(moved) == set(before), "stable UIDs"
    assert moved[uid]["dtstart"].dt == datetime(2026, 5, 22, 9, 30, tzinfo=UTC)
    assert moved[uid]["dtend"].dt == datetime(2026, 5, 22, 10, 15, tzinfo=UTC)
    assert moved[uid]["sequence"] == 1
    head.post(f"/reviews/{key}/cancel", data={"reason": "Flood", "version": "2"})
    gone = _events(client.get(address).data)
    assert (gone[uid]["sequence"], str(gone[uid]["status"])) == (2, "CANCELLED")
    head.post("/account/calendar/revoke")
    assert client.get(address).status_code == 404


def test_hours_are_the_organisations_and_change_with_summer_time(
    house: House, client_for: SignedIn, client: FlaskClient, look: Arrange, arrange: Arrange
) -> None:
    def zone(session: Session) -> None:
        session.get_one(Organisation, 1).time_zone = "Europe/Berlin"

    arrange(zone)
    head = client_for(house.plan.head)
    for month, key in ((1, _key(look, house, month=1)), (4, _key(look, house))):
        data = {"planned_on": f"2026-{month + 1:02}-12", "begins": "09:00", "lasts": "60", "version": "1"}
        head.post(f"/reviews/{key}/move", data=data)
    starts = [one["dtstart"].dt for one in _events(client.get(_address(head)).data).values()]
    hours = sorted(one for one in starts if isinstance(one, datetime))
    assert hours == [datetime(2026, 2, 12, 8, tzinfo=UTC), datetime(2026, 5, 12, 7, tzinfo=UTC)]


def test_a_wrong_secret_is_not_found_and_a_deputy_of_nothing_sees_nothing(
    house: House, client: FlaskClient, client_for: SignedIn
) -> None:
    assert client.get("/calendar/wrong.ics").status_code == 404
    assert client.get("/calendar/%ED%A0%80.ics").status_code == 404
    assert _events(client.get(_address(client_for(house.plan.administrator))).data) == {}


def test_the_executive_sees_her_own_reviews_and_the_diagnoses_below(
    house: House, client: FlaskClient, client_for: SignedIn
) -> None:
    found = _events(client.get(_address(client_for(house.plan.executive))).data)
    titles = [str(one["summary"]) for one in found.values()]
    assert any("President’s diagnosis: Laboratory" in one for one in titles)
    assert not any("Monthly review: Operations" in one for one in titles)


# ------------------------------------------------------------------ commitment


def test_commitment_states_facts_by_name(house: House, client_for: SignedIn, arrange: Arrange) -> None:
    def work(session: Session) -> None:
        house_objective = session.get_one(type(house.plan.objective), house.plan.objective.id)
        house_objective.sponsor_id = house.plan.executive.id
        review = reviewing.review_of(session, house, house.plan.top)
        boss = house.actor(session, house.plan.executive)
        wish = MinutesWish(presence={house.plan.executive.id: Presence.PRESENT}, decisions=[DecisionWish(text="A")])
        meetings.keep_minutes(session=session, review_id=review.id, wish=wish, by=boss, at=NOW)
        meetings.hold(session=session, review_id=review.id, wish=HoldWish(), content={}, by=boss, at=NOW)
        block = session.get_one(Roadblock, 1)
        block.owner_id = block.resolved_by_id = house.plan.executive.id
        block.state, block.resolved_at = RoadblockState.RESOLVED, datetime(2026, 5, 12, tzinfo=UTC)

    arrange(work)
    client = client_for(house.plan.executive)
    address = f"/objectives/{house.plan.objective.id}/promises"
    data = {"text": "Two engineers", "person_id": str(house.plan.executive.id), "promised_on": "2026-05-01"}
    assert client.post(address, data=data | {"due_on": "2026-05-10"}).status_code == 303
    page = client.get("/commitment").text
    for words in ("Ada Chief", "Grow", "✓ 1 of 1", "in 10 days", "0 of 1 given", "✗ 1 overdue"):
        assert words in page, words
    assert client.post(f"{address}/1/give", data={"version": "1"}).status_code == 303
    assert "1 of 1 given" in client.get("/commitment").text
    line = client.get("/commitment?format=csv").text.splitlines()[1]
    assert line.startswith("Ada Chief,Grow,1,1,0,0,1,10,0,0,1,1")
    staff = client_for(house.plan.staff)
    assert staff.get(address).status_code == 200
    assert staff.post(address, data=data).status_code == 403


def test_longer_lists_take_no_more_statements(
    house: House, client_for: SignedIn, arrange: Arrange, look: Arrange
) -> None:
    client, key = client_for(house.plan.head), _key(look, house)
    pages = (f"/reviews/{key}", "/reviews", "/commitment")

    def statements() -> list[int]:
        return [statements_again(client, address) for address in pages]

    before = statements()

    def more(session: Session) -> None:
        for place in range(5):
            factories.action(session, f"Late {place}", house.plan.operations, due_on=date(2026, 5, 2))
            factories.kpi(session, f"KPI {place}", house.plan.operations, cycle=house.plan.cycle)
            factories.objective(session, f"Aim {place}", sponsor_id=house.plan.head.id)

    arrange(more)
    assert statements() == before


def test_the_home_page_names_the_readers_next_reviews(house: House, client_for: SignedIn) -> None:
    page = client_for(house.plan.head).get("/").text
    section = page.partition('id="reviews"')[2].partition("</section>")[0]
    assert ">26 May 2026<" in section, "the team checks in on Monday, the department on Tuesday"
    assert "Weekly check-in" in section
    assert "id=\"reviews\"" not in client_for(house.plan.administrator).get("/").text
