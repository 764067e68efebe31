"""The plan of a unit and the pages of its items: who sees what, and what the forms keep and refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.engine.plans import State
from hoshin.engine.verdicts import Direction
from hoshin.model.actions import Action, Status
from hoshin.model.items import Item, Objective
from hoshin.model.kpis import KPI
from hoshin.model.links import Correlation, Deployment
from hoshin.model.people import Person, Role
from hoshin.model.units import Unit
from tests import factories
from tests.statements import statements_of
from tests.web.conftest import Arrange

SignedIn = Callable[[Person], FlaskClient]


@dataclass
class World:
    """The keys of two departments, one of them restricted, and the people around them."""

    ops: int
    secret: int
    objective: int
    priority: int
    action: int
    kpi: int
    hidden: int
    head: Person
    office: Person
    staff: Person
    guest: Person
    secret_head: Person
    administrator: Person


@pytest.fixture
def world(arrange: Arrange) -> World:
    """Operations with one item of each kind, and Deals, which only its members read."""
    return arrange(_world)


def _world(session: Session) -> World:
    factories.organisation(session, true_north="Pumps that never stop")
    cycle = factories.cycle(session)
    ops, sales = factories.unit(session, "Operations"), factories.unit(session, "Sales")
    secret = factories.unit(session, "Deals", restricted=True)
    staff = factories.person(session, "Sam Staff", Role.STAFF, ops)
    objective = factories.objective(session, "Ship on the day", ops, valid_from=cycle.first_day)
    priority = factories.priority(session, "Freeze the week", ops)
    action = factories.action(session, "Log every exception", ops, owner_id=staff.id, due_on=date(2026, 3, 1))
    kpi = factories.kpi(session, "On-time delivery", ops, cycle=cycle, direction=Direction.AT_LEAST)
    factories.link(session, objective, priority, 9)
    factories.link(session, priority, action, 3)
    factories.link(session, action, kpi, 1)
    hidden = factories.priority(session, "Buy the rival", secret)
    factories.deployment(session, hidden, objective)
    return World(
        ops=ops.id,
        secret=secret.id,
        objective=objective.id,
        priority=priority.id,
        action=action.id,
        kpi=kpi.id,
        hidden=hidden.id,
        head=factories.person(session, "Hana Head", Role.HEAD, ops),
        office=factories.person(session, "Fay Office", Role.FACILITATOR, ops),
        staff=staff,
        guest=factories.person(session, "Gus Guest", Role.STAFF, sales),
        secret_head=factories.person(session, "Dee Deals", Role.HEAD, secret),
        administrator=factories.person(session, "Adi Admin", Role.ADMINISTRATOR, ops),
    )


# ------------------------------------------------------------------ reading


def test_the_menu_leads_everybody_to_their_own_plan(client_for: SignedIn, world: World) -> None:
    assert client_for(world.head).get("/plan").headers["Location"] == f"/units/{world.ops}/plan"
    assert client_for(world.secret_head).get("/plan").headers["Location"] == f"/units/{world.secret}/plan"


def test_a_plan_shows_its_four_lists_with_vision_and_attainment(client_for: SignedIn, world: World) -> None:
    page = client_for(world.guest).get(f"/units/{world.ops}/plan").text
    for said in ("Pumps that never stop", "Ship on the day", "Freeze the week", "Log every exception", "On-time"):
        assert said in page
    assert "Put in force" not in page
    assert "New objective" not in page


def test_buttons_are_for_those_who_may(client_for: SignedIn, world: World, arrange: Arrange) -> None:
    arrange(lambda session: factories.objective(session, "A draft", session.get(Unit, world.ops), state=State.DRAFT))
    page = client_for(world.office).get(f"/units/{world.ops}/plan").text
    assert "New objective" in page
    assert "Put in force" not in page
    assert "Put in force" in client_for(world.head).get(f"/units/{world.ops}/plan").text
    assert "A draft" not in client_for(world.guest).get(f"/units/{world.ops}/plan").text


def test_all_drafts_are_signed_at_once_by_the_head_alone(
    client_for: SignedIn, world: World, arrange: Arrange
) -> None:
    """Those that her page showed: what was drafted since, and what another unit drafts, stays a draft."""

    head, office = client_for(world.head), client_for(world.office)

    def draft(session: Session, *names: str, unit: int = world.ops) -> list[int]:
        home = session.get(Unit, unit)
        return [factories.objective(session, one, home, state=State.DRAFT).id for one in names]

    shown = arrange(lambda session: draft(session, "One", "Two", "Three"))
    assert "Put all 3 drafts in force" in head.get(f"/units/{world.ops}/plan").text
    assert "Put all 3" not in office.get(f"/units/{world.ops}/plan").text
    later = arrange(lambda session: draft(session, "Later") + draft(session, "Foreign", unit=world.secret))
    address = f"/units/{world.ops}/put-in-force"
    assert office.post(address, data={"draft": shown}).status_code == 403
    assert head.post(address, data={"draft": [*shown, later[1]]}).status_code == 404
    assert head.post(address, data={"draft": ["99999999999999999999"]}).status_code == 404
    answer = head.post(address, data={"draft": [*shown, world.objective]}, follow_redirects=True)
    assert "3 are in force now and count. 1 waits for a second signature or was changed meanwhile." in answer.text
    states = arrange(lambda session: {one.id: one.state for one in session.scalars(select(Item))})
    assert {states[one] for one in shown} == {State.ACTIVE}
    assert {states[one] for one in later} == {State.DRAFT}


def test_a_restricted_plan_is_not_there_for_others(client_for: SignedIn, world: World) -> None:
    guest = client_for(world.guest)
    for address in (f"/units/{world.secret}/plan", f"/units/{world.secret}/x-matrix", f"/priorities/{world.hidden}"):
        answer = guest.get(address)
        assert answer.status_code == 404
        assert "Buy the rival" not in answer.text
    assert "Deals" not in guest.get(f"/units/{world.ops}/plan").text
    assert client_for(world.secret_head).get(f"/priorities/{world.hidden}").status_code == 200


def test_an_administrator_alone_reads_no_strategy(client_for: SignedIn, world: World) -> None:
    for address in ("/plan", f"/units/{world.ops}/plan", f"/objectives/{world.objective}", "/actions"):
        assert client_for(world.administrator).get(address).status_code in (403, 404), address


def test_what_an_objective_answers_out_of_sight_is_said_to_be_restricted(client_for: SignedIn, world: World) -> None:
    page = client_for(world.guest).get(f"/objectives/{world.objective}").text
    assert "Buy the rival" not in page
    assert "restricted" in page


def test_a_page_of_one_kind_is_not_another_kinds(client_for: SignedIn, world: World) -> None:
    assert client_for(world.head).get(f"/priorities/{world.objective}").status_code == 404
    assert client_for(world.head).get("/objectives/99999999999999999999").status_code == 404


def test_every_list_comes_as_csv(client_for: SignedIn, world: World) -> None:
    answer = client_for(world.guest).get(f"/units/{world.ops}/plan?format=csv&kind=action")
    assert answer.mimetype == "text/csv"
    assert "Log every exception" in answer.text
    assert "Ship on the day" not in answer.text


def test_an_unknown_cycle_is_not_found(client_for: SignedIn, world: World) -> None:
    head = client_for(world.head)
    assert head.get(f"/units/{world.ops}/plan?cycle=FY1999").status_code == 404
    assert head.get(f"/units/{world.ops}/plan?cycle=%00").status_code == 400


def test_without_a_cycle_the_page_says_what_comes_first(client_for: SignedIn, arrange: Arrange) -> None:
    def work(session: Session) -> Person:
        factories.organisation(session)
        return factories.person(session, "Ada Ek", Role.EXECUTIVE)

    page = client_for(arrange(work)).get("/plan", follow_redirects=True)
    assert "No planning cycle yet" in page.text


PAGES = ("/units/{ops}/plan", "/units/{ops}/x-matrix", "/objectives/{objective}", "/items/{priority}/links", "/actions")


def test_a_larger_plan_takes_no_more_statements(client_for: SignedIn, world: World, arrange: Arrange) -> None:
    client = client_for(world.head)
    pages = [one.format(**vars(world)) for one in PAGES]
    few = {page: statements_of(client, page) for page in pages}
    arrange(lambda session: _grow(session, world))
    assert {page: statements_of(client, page) for page in pages} == few


def _grow(session: Session, world: World) -> None:
    ops = session.get(Unit, world.ops)
    objective, cycle = session.get_one(Objective, world.objective), factories.cycle(session)
    for number in range(6):
        priority = factories.priority(session, f"Priority {number}", ops)
        action = factories.action(session, f"Action {number}", ops, owner_id=world.head.id)
        kpi = factories.kpi(session, f"KPI {number}", ops, cycle=cycle)
        factories.link(session, objective, priority)
        factories.link(session, priority, action)
        factories.link(session, action, kpi)
        answer = factories.objective(session, f"Answer {number}")
        factories.deployment(session, priority, answer)


# ------------------------------------------------------------------ writing


def test_a_new_objective_begins_as_a_draft(client_for: SignedIn, world: World, look: Arrange) -> None:
    typed = {"name": "Halve the scrap", "owner_id": str(world.staff.id), "horizon_from": "2026", "horizon_to": "2029"}
    answer = client_for(world.office).post(f"/units/{world.ops}/objectives/new", data=typed)
    assert answer.status_code == 303
    made = look(lambda session: session.scalars(select(Objective).where(Objective.name == "Halve the scrap")).one())
    assert (made.state, made.owner_id, made.horizon_to) == (State.DRAFT, world.staff.id, 2029)


@pytest.mark.parametrize(
    ("room", "typed"),
    [
        ("priorities", {"name": "Freeze two weeks"}),
        ("actions", {"name": "M", "status": "open", "progress": "5", "helpers": "{staff}", "due_on": "2026-06-30"}),
        ("kpis", {"name": "Scrap", "direction": "at most", "frequency": "month", "aggregation": "sum",
                  "kpi_kind": "result", "kpi_class": "breakthrough", "baseline": "12.5", "uom": "%"}),
    ],
)  # fmt: skip
def test_every_kind_can_be_written(
    client_for: SignedIn, world: World, look: Arrange, room: str, typed: dict[str, str]
) -> None:
    data = {name: value.format(staff=world.staff.id) for name, value in typed.items()}
    client = client_for(world.head)
    assert client.get(f"/units/{world.ops}/{room}/new").status_code == 200
    answer = client.post(f"/units/{world.ops}/{room}/new?cycle=FY2026", data=data)
    assert answer.status_code == 303, answer.text
    assert (
        look(lambda session: session.scalars(select(Item).where(Item.name == data["name"])).one()).unit_id == world.ops
    )


def test_only_who_writes_the_plan_opens_its_forms(client_for: SignedIn, world: World) -> None:
    staff, stranger, office = (client_for(one) for one in (world.staff, world.secret_head, world.office))
    for room in ("objectives", "priorities", "actions", "kpis"):
        address = f"/units/{world.ops}/{room}/new"
        assert [one.get(address).status_code for one in (staff, stranger, office)] == [403, 403, 200], room
        assert stranger.post(address, data={"name": "Not mine"}).status_code == 403, room
        assert office.get(f"/units/{world.secret}/{room}/new").status_code == 404, room


HOSTILE = [
    ("name", ""), ("name", "x" * 501), ("name", "a\0b"), ("description", "x" * 10_001), ("owner_id", "4711"),
    ("owner_id", "99999999999999999999"), ("horizon_from", "1_000"), ("horizon_to", "²"),
    ("valid_from", "31.12.2026"), ("valid_to", "0001-01-01"),
]  # fmt: skip


def test_what_cannot_be_stored_names_its_field_and_is_kept(client_for: SignedIn, world: World) -> None:
    client = client_for(world.head)
    for field, value in HOSTILE:
        typed = {"name": "Halve the scrap", field: value}
        answer = client.post(f"/units/{world.ops}/objectives/new", data=typed)
        assert answer.status_code == 422, (field, value[:20])
        assert f'id="{field}-errors"' in answer.text, (field, value[:20])


def test_figures_that_are_none_are_refused(client_for: SignedIn, world: World) -> None:
    client = client_for(world.head)
    for value in ("NaN", "Infinity", "1e1000000", "1_000", "123456789012345", "0.00001"):
        typed = {"name": "Scrap", "baseline": value, "frequency": "month", "aggregation": "sum", "kpi_kind": "result"}
        answer = client.post(f"/units/{world.ops}/kpis/new", data=typed)
        assert answer.status_code == 422, value
        assert 'id="baseline-errors"' in answer.text, value


def test_a_stale_form_answers_409_and_keeps_what_was_typed(client_for: SignedIn, world: World) -> None:
    client = client_for(world.head)
    address = f"/priorities/{world.priority}/edit"
    first = {"name": "Freeze the month", "version": "1", "valid_from": "2026-01-01", "valid_to": "2026-12-31"}
    assert client.post(address, data=first).status_code == 303
    answer = client.post(address, data=first | {"name": "Freeze the day"})
    assert answer.status_code == 409
    assert "Freeze the day" in answer.text
    assert "Freeze the month" in answer.text


def test_a_name_with_a_line_break_stays_who_it_is(client_for: SignedIn, world: World, arrange: Arrange) -> None:
    """Files bring such names; the form shows one line, and only what is really typed anew becomes another name."""
    name = "Freeze the\nweek  early"
    arrange(lambda session: setattr(session.get(Item, world.priority), "name", name))
    client, address = client_for(world.head), f"/priorities/{world.priority}/edit"
    assert 'value="Freeze the week early"' in client.get(address).text
    stands = arrange(lambda session: session.get_one(Item, world.priority))
    for typed, kept in (("Freeze the week early", name), ("Freeze  the\tweek", "Freeze the week")):
        sent = {"name": typed, "description": typed, "version": str(stands.version)}
        assert client.post(address, data=sent).status_code == 303
        stands = arrange(lambda session: session.get_one(Item, world.priority))
        assert (stands.name, stands.description) == (kept, typed)


def test_the_edit_form_holds_what_stands(client_for: SignedIn, world: World, look: Arrange) -> None:
    page = client_for(world.head).get(f"/actions/{world.action}/edit").text
    assert "Log every exception" in page
    assert 'value="2026-03-01"' in page
    assert client_for(world.staff).get(f"/actions/{world.action}/edit").status_code == 403


def test_items_are_put_in_force_ended_and_brought_back(client_for: SignedIn, world: World, look: Arrange) -> None:
    client = client_for(world.head)

    def state() -> tuple[str, bool]:
        item = look(lambda session: session.get_one(Item, world.objective))
        return item.state.value, item.archived_at is not None

    item = f"/items/{world.objective}"
    assert client.post(f"{item}/end", data={"on": "2026-05-01"}).status_code == 422
    assert client.post(f"{item}/end", data={"on": "2026-05-01", "reason": "Done"}).status_code == 303
    assert state() == ("ended", False)
    assert client.post(f"{item}/archive").status_code == 303
    assert state() == ("ended", True)
    assert "Archived" in client.get(f"/units/{world.ops}/plan").text
    assert client.post(f"{item}/restore").status_code == 303
    assert client.post(f"{item}/resume", data={"reason": "Not done"}).status_code == 303
    assert state() == ("active", False)


def test_what_changes_a_plan_is_refused_to_others(client_for: SignedIn, world: World) -> None:
    staff, stranger, head = (client_for(one) for one in (world.staff, world.secret_head, world.head))
    typed = {"reason": "Because", "on": "2026-05-01"}
    for verb in ("put-in-force", "end", "resume", "archive", "restore", "move-up", "move-down"):
        assert staff.post(f"/items/{world.objective}/{verb}", data=typed).status_code == 403, verb
        assert stranger.post(f"/items/{world.objective}/{verb}", data=typed).status_code == 403, verb
        assert head.post(f"/items/{world.hidden}/{verb}", data=typed).status_code == 404, verb


def test_a_refused_button_says_why_on_the_next_page(client_for: SignedIn, world: World) -> None:
    answer = client_for(world.head).post(f"/items/{world.objective}/archive", follow_redirects=True)
    assert "end it first" in answer.text


def test_staff_report_the_progress_of_what_is_theirs(client_for: SignedIn, world: World, look: Arrange) -> None:
    client = client_for(world.staff)
    typed = {"status": "done", "progress": "60", "note": "All logged", "version": "1"}
    assert client.get(f"/actions/{world.action}/progress").status_code == 200
    assert client.post(f"/actions/{world.action}/progress", data=typed).status_code == 303
    made = look(lambda session: session.get_one(Action, world.action))
    assert (made.status, made.progress) == (Status.DONE, 100)
    assert client.post(f"/actions/{world.action}/progress", data=typed).status_code == 409
    assert client_for(world.guest).get(f"/actions/{world.action}/progress").status_code == 403


def test_the_list_of_actions_is_narrowed_down(client_for: SignedIn, world: World) -> None:
    client = client_for(world.guest)
    assert "Log every exception" in client.get(f"/actions?unit={world.ops}&status=open").text
    assert "Log every exception" in client.get(f"/actions?owner={world.staff.id}&status=unfinished").text
    assert "Log every exception" not in client.get("/actions?status=done").text
    assert "overdue" in client.get("/actions").text
    assert "Log every exception" in client.get("/actions?format=csv").text


# ------------------------------------------------------------------ links


def _typed(upper: int, lower: int, strength: int, was: int = 0, version: int = 0, why: str = "") -> dict[str, str]:
    pair = f"{upper}x{lower}"
    return {f"s{pair}": str(strength), f"w{pair}": str(was), f"v{pair}": str(version), f"r{pair}": why}


def test_links_are_saved_in_one_go(client_for: SignedIn, world: World, look: Arrange) -> None:
    typed = _typed(world.priority, world.kpi, 9, why="It is the promise") | _typed(
        world.objective, world.priority, 0, 9, 1
    )
    answer = client_for(world.office).post(f"/items/{world.priority}/links", data=typed)
    assert answer.status_code == 303, answer.text
    links = look(lambda session: session.scalars(select(Correlation)).all())
    stands = {(one.upper_id, one.lower_id): (one.strength, one.rationale) for one in links}
    assert stands[world.priority, world.kpi] == (9, "It is the promise")
    assert (world.objective, world.priority) not in stands


def test_links_that_somebody_else_changed_are_not_overwritten(client_for: SignedIn, world: World) -> None:
    client, address = client_for(world.head), f"/items/{world.priority}/links"
    assert client.post(address, data=_typed(world.objective, world.priority, 3, 9, 1)).status_code == 303
    assert client.post(address, data=_typed(world.objective, world.priority, 1, 9, 1)).status_code == 409
    untouched = _typed(world.objective, world.priority, 9, 9, 1) | _typed(world.priority, world.kpi, 3)
    assert client.post(address, data=untouched).status_code == 303


def test_a_kpi_of_another_unit_is_shared_by_choosing_it(
    client_for: SignedIn, world: World, arrange: Arrange, look: Arrange
) -> None:
    shared = arrange(lambda session: factories.kpi(session, "Complaints", cycle=factories.cycle(session)).id)
    typed = {"share_id": str(shared), "share_strength": "9", "share_why": "They hear it first"}
    client = client_for(world.head)
    assert client.post(f"/items/{world.priority}/links", data=typed).status_code == 303
    assert look(
        lambda session: session.scalars(select(Correlation.upper_id).where(Correlation.lower_id == shared)).one()
    )
    assert "Complaints" in client.get(f"/units/{world.ops}/x-matrix").text


def test_a_strength_that_is_none_is_refused(client_for: SignedIn, world: World) -> None:
    client = client_for(world.head)
    for value in ("2", "x", ""):
        typed = {f"s{world.objective}x{world.priority}": value}
        assert client.post(f"/items/{world.priority}/links", data=typed).status_code == 422, value


def test_a_whole_matrix_is_linked_on_one_sheet(client_for: SignedIn, world: World, look: Arrange) -> None:
    client, address = client_for(world.head), f"/units/{world.ops}/x-matrix/edit"
    assert "Will this priority move this objective?" in client.get(address).text
    assert client.post(address, data=_typed(world.objective, world.kpi, 3)).status_code == 303
    made = look(
        lambda session: session.scalars(select(Correlation).where(Correlation.upper_id == world.objective)).all()
    )
    assert {one.lower_id for one in made} == {world.priority, world.kpi}
    assert client_for(world.guest).get(address).status_code == 403


# ------------------------------------------------------------------ taking over


def test_a_priority_is_taken_over_as_a_live_link(
    client_for: SignedIn, world: World, arrange: Arrange, look: Arrange
) -> None:
    sales_head = arrange(
        lambda session: factories.person(session, "Sal Head", Role.HEAD, session.get(Unit, world.guest.home_unit_id))
    )
    client, unit = client_for(sales_head), world.guest.home_unit_id
    page = client.get(f"/units/{unit}/take-over?source={world.priority}").text
    assert f'<option selected value="{world.priority}">Operations: Freeze the week' in page
    assert "Buy the rival" not in page
    answer = client.post(f"/units/{unit}/take-over", data={"source_id": str(world.priority)})
    assert answer.status_code == 303
    made = look(lambda session: session.scalars(select(Objective).where(Objective.unit_id == unit)).one())
    assert (made.name, made.state) == ("Freeze the week", State.DRAFT)
    client.post(f"/items/{made.id}/put-in-force")
    deployment = look(
        lambda session: session.scalars(select(Deployment).where(Deployment.objective_id == made.id)).one()
    )
    assert deployment.state is State.ACTIVE
    typed = {"on": "2026-05-01", "reason": "We stop"}
    assert client_for(world.head).post(f"/deployments/{deployment.id}/end", data=typed).status_code == 403
    assert client.post(f"/deployments/{deployment.id}/end", data=typed).status_code == 303


def test_taking_over_what_is_out_of_sight_is_no_choice(client_for: SignedIn, world: World) -> None:
    answer = client_for(world.head).post(f"/units/{world.ops}/take-over", data={"source_id": str(world.hidden)})
    assert answer.status_code == 422


# ------------------------------------------------------------------ the matrix


def test_the_matrix_draws_or_lists_every_link_under_every_preset(client_for: SignedIn, world: World) -> None:
    client = client_for(world.guest)
    for preset in ("", "classic", "jackson", "cascade"):
        page = client.get(f"/units/{world.ops}/x-matrix?preset={preset}")
        assert page.status_code == 200, preset
        assert "<svg" in page.text
        assert "Will this action move this KPI?" in page.text


def test_a_layout_that_does_not_exist_is_refused(client_for: SignedIn, world: World) -> None:
    assert client_for(world.guest).get(f"/units/{world.ops}/x-matrix?preset=round").status_code == 400


def test_the_matrix_prints(client_for: SignedIn, world: World) -> None:
    answer = client_for(world.guest).get(f"/units/{world.ops}/x-matrix.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    assert client_for(world.guest).get(f"/units/{world.secret}/x-matrix.pdf").status_code == 404


def test_an_empty_plan_and_matrix_teach_the_method(client_for: SignedIn, world: World, arrange: Arrange) -> None:
    unit = arrange(lambda session: factories.unit(session, "New"))
    page = client_for(world.guest).get(f"/units/{unit.id}/plan").text
    assert page.count('class="empty"') == 4
    assert "An empty sheet" in client_for(world.guest).get(f"/units/{unit.id}/x-matrix").text


def test_a_kpi_form_asks_for_a_reason_when_hits_change(client_for: SignedIn, world: World, look: Arrange) -> None:
    typed = {
        "name": "On-time delivery", "direction": "at most", "frequency": "month", "aggregation": "last",
        "kpi_kind": "result", "kpi_class": "breakthrough", "version": "1",
    }  # fmt: skip
    client, address = client_for(world.head), f"/kpis/{world.kpi}/edit"
    assert client_for(world.office).post(address, data=typed | {"reason": "x"}).status_code == 403
    answer = client.post(address, data=typed)
    assert answer.status_code == 422
    assert 'id="reason-errors"' in answer.text
    assert client.post(address, data=typed | {"reason": "It was the wrong way round"}).status_code == 303
    assert look(lambda session: session.get_one(KPI, world.kpi)).direction is Direction.AT_MOST
