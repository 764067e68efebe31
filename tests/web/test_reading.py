"""The pages for reading: home by role, attainment and what is behind it, cascade, check, journal, search."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from hoshin.access.actors import system_actor
from hoshin.commands import journal
from hoshin.model.items import Objective
from hoshin.model.people import Person, Role
from hoshin.model.units import Organisation
from hoshin.reports import pdf
from tests import factories, statements
from tests.planting import Planted, plant
from tests.web.conftest import Arrange

BEHIND = "/attainment/metrics?node=organisation:0"
SignIn = Callable[[Person], FlaskClient]

PAGES = [
    "/",
    "/attainment?cycle=FY2026&period=2026-04",
    "/attainment?mode=ytd",
    "/attainment?mode=year-end",
    "/attainment?as_of=2026-05-20",
    "/attainment?cycle=FY2026&period=2025-04",
    "/attainment/metrics?node=organisation:0",
    "/attainment/metrics?node=level:objective",
    "/cascade",
    "/check",
    "/journal",
    "/search?q=e",
]


@pytest.fixture
def planted(arrange: Arrange) -> Planted:
    """The small plan of tests/planting.py."""
    return arrange(plant)


def text_of(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, f"{address}: {answer.status_code}"
    return " ".join(answer.get_data(as_text=True).split())


def rows_of(client: FlaskClient, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


def counted(app: Flask) -> AbstractContextManager[list[str]]:
    """The statements that the database is asked meanwhile."""
    return statements.counted(app.extensions["hoshin_database"].engine)


@pytest.mark.parametrize("address", PAGES)
def test_every_page_asks_as_many_statements_of_a_large_plan_as_of_a_small_one(
    app: Flask, arrange: Arrange, client_for: SignIn, address: str
) -> None:
    small = arrange(plant)
    client = client_for(small.executive)
    text_of(client, address)
    with counted(app) as few:
        text_of(client, address)
    arrange(_grow)
    with counted(app) as first:
        text_of(client, address)  # what this process keeps of a plan is read again when that has changed
    with counted(app) as many:
        text_of(client, address)
    # the first time, home reads the letters of every month of the year, and of which KPIs they are
    assert len(many) == len(few) <= 42
    assert len(many) <= len(first) <= 42 + 2 * 12


def _grow(session: Session) -> None:
    """Many more items, people, units and journal lines."""
    by = system_actor(name="a test")
    for number in range(12):
        unit = factories.unit(session, f"Unit {number}")
        factories.person(session, f"Person {number}", unit=unit)
        objective = factories.objective(session, f"Objective {number}", unit)
        kpi = factories.kpi(session, f"KPI {number}", unit, cycle=factories.cycle(session))
        action = factories.action(session, f"Action {number}", unit, owner_id=1)
        factories.link(session, objective, kpi)
        factories.link(session, action, kpi)
        with journal.changing(session=session, by=by, at=factories.NOW, thing=objective):
            objective.description = "changed"


class TestHome:
    """One sentence for everybody, then what matters in the role."""

    def test_the_sentence(self, planted: Planted, client_for: SignIn) -> None:
        page = text_of(client_for(planted.executive), "/")
        assert (
            "2 of 5 due metrics hit target; 2 missed, 1 not reported; breakthrough 2 of 3, fundamental 0 of 2; "
            "newly red: Complaints (Cy Staff)."
        ) in page
        assert "Apr 2026, the latest month due in FY2026. The next one falls due on 10 Jun 2026." in page
        assert "Every customer stays." in page
        assert "Do these targets stretch?" not in page

    def test_a_perfect_score_on_breakthroughs_is_asked_whether_it_stretches(
        self, arrange: Arrange, planted: Planted, client_for: SignIn
    ) -> None:
        def end(session: Session) -> None:
            session.merge(planted.kpis["Lead time"]).valid_to = factories.TODAY.replace(day=1, month=3)

        arrange(end)
        assert "Do these targets stretch?" in text_of(client_for(planted.executive), "/")

    def test_a_head_sees_her_unit_and_staff_their_work(self, planted: Planted, client_for: SignIn) -> None:
        head, staff = (text_of(client_for(one), "/") for one in (planted.head, planted.staff))
        assert 'id="unit-' in head
        assert "1 of 3 due metrics hit target" in head
        assert 'id="unit-' not in staff
        assert "Nothing waits for you" in staff

    def test_what_waits_for_me(self, arrange: Arrange, planted: Planted, client_for: SignIn) -> None:
        def give(session: Session) -> None:
            factories.action(session, "Sort the shelves", planted.operations, owner_id=planted.executive.id)
            factories.action(session, "Done long ago", planted.operations, owner_id=planted.executive.id, status="done")

        arrange(give)
        page = text_of(client_for(planted.executive), "/")
        assert "Sort the shelves" in page
        assert "Done long ago" not in page
        assert "Readings due for Apr 2026" in page
        assert "Audits done" in page

    def test_an_administrator_alone_sees_no_strategy(self, planted: Planted, client_for: SignIn) -> None:
        client = client_for(planted.administrator)
        page = text_of(client, "/")
        assert "5 active" in page
        assert "Every customer stays." not in page
        assert "due metrics hit target" not in page
        for address in (
            "/attainment",
            "/attainment/metrics?node=organisation:0",
            "/attainment.pdf",
            "/cascade",
            "/check",
        ):
            text_of(client, address, 403)

    def test_an_empty_organisation_is_led_to_its_first_step(self, arrange: Arrange, client_for: SignIn) -> None:
        def found(session: Session) -> Person:
            factories.organisation(session)
            return factories.person(session, role=Role.EXECUTIVE)

        person = arrange(found)
        assert "Begin with a planning year" in text_of(client_for(person), "/")
        assert "No planning year yet" in text_of(client_for(person), "/attainment")
        arrange(factories.cycle)
        page = text_of(client_for(person), "/")
        assert "FY2026 has no metric in force yet." in page
        assert "Write the vision" in page


class TestAttainment:
    """Every figure opens the list behind it, and nobody sees a name that is not theirs to see."""

    def test_levels_units_and_the_trend(self, planted: Planted, client_for: SignIn) -> None:
        page = text_of(client_for(planted.executive), "/attainment")
        assert "2 of 5 due metrics hit target" in page
        assert "down 20 points" in page
        assert "/attainment/metrics?node=objective:" in page.replace("%3A", ":")

    def test_counts_are_the_truth_and_names_are_not_given_away(self, planted: Planted, client_for: SignIn) -> None:
        executive, staff = client_for(planted.executive), client_for(planted.staff)
        assert "Build the new line" in text_of(executive, "/attainment")
        for address in (
            "/attainment",
            "/attainment/metrics?node=organisation:0",
            "/cascade",
            "/check",
            "/search?q=e",
            "/",
        ):
            page = text_of(staff, address)
            assert "Build the new line" not in page, address
            assert "Prototypes" not in page, address
        assert "2 of 5 due metrics hit target" in text_of(staff, "/attainment")
        assert "1 more outside your view" in text_of(staff, "/attainment/metrics?node=organisation:0")
        assert "Prototypes" in text_of(executive, "/attainment/metrics?node=organisation:0")

    def test_the_sheet_as_csv_leaves_the_same_names_out(self, planted: Planted, client_for: SignIn) -> None:
        mine = rows_of(client_for(planted.executive), "/attainment?format=csv")
        theirs = rows_of(client_for(planted.staff), "/attainment?format=csv")
        assert mine[0] == theirs[0]
        assert {one["name"] for one in mine} - {one["name"] for one in theirs} == {"Build the new line", "Prototypes"}

    def test_the_list_behind_a_figure(self, planted: Planted, client_for: SignIn) -> None:
        client = client_for(planted.executive)
        rows = rows_of(client, f"/attainment/metrics?node=objective:{planted.objective.id}&format=csv")
        assert [(one["metric"], one["verdict"], one["actual"], one["target"], one["paths"]) for one in rows] == [
            ("Lead time", "miss", "4 pieces", "≥ 5 pieces", "Grow"),
            ("Repeat orders", "hit", "5 pieces", "≥ 5 pieces", "Win back customers > Grow"),
            ("Prototypes", "hit", "1 pieces", "≥ 1 pieces", "Build the new line > Win back customers > Grow"),
        ]

    def test_a_restricted_item_on_a_path_is_called_restricted(
        self, arrange: Arrange, planted: Planted, client_for: SignIn
    ) -> None:
        """Operations has a KPI that serves the laboratory's objective, which its staff may not read."""
        arrange(lambda session: factories.link(session, planted.answer, planted.kpis["Lead time"]).id)
        rows = rows_of(
            client_for(planted.staff), f"/attainment/metrics?node=kpi:{planted.kpis['Lead time'].id}&format=csv"
        )
        assert rows[0]["paths"] == "Grow | restricted > Win back customers > Grow"

    @pytest.mark.parametrize(
        "node",
        ["", "objective", "objective:", "objective:99999999999999999999", "objective:x", "unit:0", "level:kpi",
         "depth:9", "nonsense:1", "class:other", "objective:-1"],
    )  # fmt: skip
    def test_a_figure_that_is_none_is_not_found(self, planted: Planted, client_for: SignIn, node: str) -> None:
        text_of(client_for(planted.executive), f"/attainment/metrics?node={node}", 404)

    def test_a_hidden_figure_and_none_at_all_look_the_same(self, planted: Planted, client_for: SignIn) -> None:
        client = client_for(planted.staff)
        hidden = text_of(client, f"/attainment/metrics?node=objective:{planted.answer.id}", 404)
        missing = text_of(client, "/attainment/metrics?node=objective:4711", 404)
        assert hidden.partition("<main")[2] == missing.partition("<main")[2] != ""

    @pytest.mark.parametrize(
        ("words", "status"),
        [
            ("period=May", 400), ("mode=guess", 400), ("as_of=9999-12-31", 400), ("as_of=soon", 400),
            ("cycle=FY2031", 404), ("cycle=%00", 400), ("cycle=FY2026&period=2025-04", 200), ("period=2026-Q1", 200),
            ("page=99999999999999999999", 200), ("mode=year-end&period=2026-04", 200),
        ],
    )  # fmt: skip
    def test_questions_that_are_none(self, planted: Planted, client_for: SignIn, words: str, status: int) -> None:
        text_of(client_for(planted.executive), f"/attainment?{words}", status)

    def test_before_anything_was_recorded_there_is_nothing(self, planted: Planted, client_for: SignIn) -> None:
        page = text_of(client_for(planted.executive), "/attainment?as_of=2026-05-19&period=2026-04")
        assert "No metrics here yet" in page

    def test_the_same_sheet_on_paper(self, planted: Planted, client_for: SignIn) -> None:
        answer = client_for(planted.executive).get("/attainment.pdf?period=2026-04")
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        assert answer.data.startswith(b"%PDF")
        assert "attainment-FY2026-2026-04.pdf" in answer.headers["Content-Disposition"]

    def test_a_machine_that_cannot_print_says_so(
        self, planted: Planted, client_for: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail() -> None:
            raise pdf.NoPrinter("This machine cannot make PDFs yet.")

        monkeypatch.setattr(pdf, "_weasyprint", fail)
        client = client_for(planted.executive)
        assert client.get("/attainment.pdf").status_code == 303
        assert "This machine cannot make PDFs yet." in text_of(client, "/attainment")


def test_the_cascade_reads_from_the_vision_down(planted: Planted, client_for: SignIn) -> None:
    rows = rows_of(client_for(planted.staff), "/cascade?format=csv")
    assert [(one["level"], one["kind"], one["name"], one["strength"]) for one in rows] == [
        ("1", "objective", "Grow", ""),
        ("2", "priority", "Win back customers", "9"),
        ("3", "objective", "restricted", ""),
        ("4", "kpi", "restricted", "9"),
        ("3", "kpi", "Repeat orders", "3"),
        ("2", "kpi", "Lead time", "1"),
    ]
    page = text_of(client_for(planted.executive), "/cascade")
    assert page.index("Grow") < page.index("Win back customers") < page.index("Build the new line")


class TestCheck:
    """The lint in the browser."""

    def test_findings_link_to_what_they_are_about(self, planted: Planted, client_for: SignIn) -> None:
        page = text_of(client_for(planted.executive), "/check")
        assert "HK105" in page
        assert f'href="/objectives/{planted.answer.id}"' in page
        assert "HK201" in page
        assert "Prototypes" in page

    def test_readers_see_their_own_and_how_many_more_there_are(self, planted: Planted, client_for: SignIn) -> None:
        assert "2 more outside your view" in text_of(client_for(planted.staff), "/check")


class TestJournal:
    """Who changed what, as far as the reader may read it."""

    @pytest.fixture
    def told(self, arrange: Arrange, planted: Planted) -> Planted:
        """A deputy renames and rewrites an objective of the laboratory, and Operations gets an action."""

        def change(session: Session) -> None:
            by = factories.actor(session, planted.executive)
            answer = session.get(Objective, planted.answer.id)
            assert answer is not None
            with journal.changing(session=session, by=by, at=factories.NOW, thing=answer, why="clearer words"):
                answer.name, answer.owner_id = "Build two lines", planted.head.id
            journal.created(
                session=session, by=by, at=factories.NOW,
                thing=factories.action(session, "Sweep", planted.operations),
            )  # fmt: skip

        arrange(change)
        return planted

    def test_before_after_and_why(self, told: Planted, client_for: SignIn) -> None:
        rows = rows_of(client_for(told.executive), "/journal?format=csv&subject=objective")
        assert [(one["who"], one["what was done"], one["unit"], one["why"]) for one in rows] == [
            ("Ada Chief", "changed", "Laboratory", "clearer words")
        ]
        assert rows[0]["changes"] == "Name: Build the new line → Build two lines; Owner: – → Bo Head"
        assert rows[0]["when"] == "20 May 2026, 09:00"

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("", {"Build two lines", "Sweep"}),
            ("unit={secret}", {"Build two lines"}),
            ("person={executive}", {"Build two lines", "Sweep"}),
            ("person={head}", set()),
            ("since=2026-05-20&until=2026-05-20", {"Build two lines", "Sweep"}),
            ("since=2026-05-21", set()),
            ("until=2026-05-19", set()),
        ],
    )
    def test_filters(self, told: Planted, client_for: SignIn, words: str, found: set[str]) -> None:
        keys = {"secret": told.secret.id, "executive": told.executive.id, "head": told.head.id}
        rows = rows_of(client_for(told.executive), f"/journal?format=csv&{words.format(**keys)}")
        assert {one["name"] for one in rows} == found

    def test_whoever_may_not_read_the_unit_may_not_read_its_past(self, told: Planted, client_for: SignIn) -> None:
        assert {one["name"] for one in rows_of(client_for(told.head), "/journal?format=csv")} == {"Sweep"}
        assert rows_of(client_for(told.administrator), "/journal?format=csv") == []

    @pytest.mark.parametrize("words", ["until=9999-12-31", "unit=99999999999999999999", "subject=%00", "page=0"])
    def test_filters_that_are_none(self, told: Planted, client_for: SignIn, words: str) -> None:
        assert client_for(told.executive).get(f"/journal?{words}").status_code in (400, 404)

    def test_an_administrator_reads_no_vision_in_it(
        self, arrange: Arrange, planted: Planted, client_for: SignIn
    ) -> None:
        def rename(session: Session) -> None:
            known = session.get(Organisation, 1)
            assert known is not None
            by = system_actor(name="shell")
            with journal.changing(session=session, by=by, at=factories.NOW, thing=known):
                known.name, known.true_north = "Southwind", "A secret vision"

        arrange(rename)
        page = text_of(client_for(planted.administrator), "/journal")
        assert "Southwind" in page
        assert "A secret vision" not in page


class TestSearch:
    """Names, whatever their case and accents, on both databases."""

    @pytest.mark.parametrize("words", ["ÉCLAIR straße", "eclair", "strasse", "CLAIR", "Éclair"])
    def test_case_and_accents_do_not_matter(
        self, arrange: Arrange, planted: Planted, client_for: SignIn, words: str
    ) -> None:
        arrange(lambda session: factories.objective(session, "Éclair an jeder Straße").id)
        assert "Éclair an jeder Straße" in text_of(client_for(planted.staff), f"/search?q={words}")

    def test_items_units_and_people(self, planted: Planted, client_for: SignIn) -> None:
        client = client_for(planted.staff)
        assert f'href="/people/{planted.head.id}"' in text_of(client, "/search?q=bo head")
        assert f'href="/units/{planted.operations.id}"' in text_of(client, "/search?q=operat")
        assert f'href="/kpis/{planted.kpis["Lead time"].id}"' in text_of(client, "/search?q=time lead")
        assert "Nothing found" in text_of(client, "/search?q=zeppelin")
        assert "Nothing found" not in text_of(client, "/search")

    def test_an_administrator_finds_people_and_no_plan(self, planted: Planted, client_for: SignIn) -> None:
        client = client_for(planted.administrator)
        assert "Lead time" not in text_of(client, "/search?q=lead").replace("“lead”", "")
        assert "Bo Head" in text_of(client, "/search?q=bo")

    def test_drafts_are_found_by_their_own_unit_only(self, planted: Planted, client_for: SignIn) -> None:
        assert ">A draft<" in text_of(client_for(planted.staff), "/search?q=draft")
        assert ">A draft<" not in text_of(client_for(planted.auditor), "/search?q=draft")

    @pytest.mark.parametrize("words", ["%00", "x" * 201])
    def test_what_is_no_text_is_refused(self, planted: Planted, client_for: SignIn, words: str) -> None:
        text_of(client_for(planted.staff), f"/search?q={words}", 400)
