"""Does the plan add up: effects on an action's links, the KPI's page that sums them, and targets made from them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.model.actions import Action, Status
from hoshin.model.kpis import KPI
from hoshin.model.links import Correlation
from tests import factories
from tests.web.conftest import Arrange
from tests.web.readings_house import House, SignedIn, build, record


@dataclass
class Scene:
    """Lead time stands at 10 days and wants 8; two actions carry it."""

    house: House
    first: Action
    second: Action

    def form(self, action: Action, effect: str, starts: str, seen: str = "|", version: str = "1") -> dict[str, str]:
        pair = f"{action.id}x{self.house.lead_time.id}"
        return {
            f"s{pair}": "3", f"w{pair}": "3", f"v{pair}": version, f"r{pair}": "", f"q{pair}": "",
            f"e{pair}": effect, f"f{pair}": starts, f"m{pair}": seen,
        }  # fmt: skip


@pytest.fixture
def scene(arrange: Arrange) -> Scene:
    """The plan of these tests."""

    def work(session: Session) -> Scene:
        house = build(session)
        for month in (11, 12):
            record(session, house.lead_time, month, target=8)
        first, second = (factories.action(session, name, house.unit) for name in ("Map the flow", "Buy a press"))
        for one in (first, second):
            factories.link(session, one, house.lead_time)
        return Scene(house, first, second)

    return arrange(work)


def _save(client: FlaskClient, scene: Scene, action: Action, *more: str) -> int:
    return client.post(f"/items/{action.id}/links", data=scene.form(action, *more)).status_code


def _links(look: Arrange) -> list[tuple[Decimal | None, date | None]]:
    query = select(Correlation.effect, Correlation.effect_from).order_by(Correlation.id)
    return [(row[0], row[1]) for row in look(lambda session: session.execute(query).all()) if row[0] is not None]


def test_the_kpi_says_how_much_of_its_gap_its_actions_explain(
    client_for: SignedIn, scene: Scene, arrange: Arrange, look: Arrange
) -> None:
    client, page = client_for(scene.house.head), f"/kpis/{scene.house.lead_time.id}"
    assert "No action says yet what it will add" in client.get(page).text
    assert _save(client, scene, scene.first, "-1.2", "2026-03") == 303
    assert _save(client, scene, scene.second, "-0.5", "2026-09") == 303
    assert _links(look) == [(Decimal("-1.2"), date(2026, 3, 1)), (Decimal("-0.5"), date(2026, 9, 1))]
    assert "Plan covers 85 %" in client.get(page).text
    assert "expected effect -1.2 from Mar 2026" in client.get(f"/actions/{scene.first.id}").text
    arrange(lambda session: setattr(session.get(Action, scene.second.id), "status", Status.CANCELLED))
    text = client.get(page).text
    assert "Plan covers 60 %" in text
    assert "cancelled, not counted" in text
    assert _save(client, scene, scene.first, "", "", "-1.2|2026-03", "2") == 303
    assert _links(look) == [(Decimal("-0.5"), date(2026, 9, 1))]


@pytest.mark.parametrize(
    ("typed", "said"),
    [(("-1", ""), "the month it starts"), (("", "2026-03"), "an amount"), (("lots", "2026-03"), "is not a figure"),
     (("1.00001", "2026-03"), "4 digits after"), (("1", "soon"), "Not a valid")],
)  # fmt: skip
def test_half_an_effect_is_refused_at_its_row(
    client_for: SignedIn, scene: Scene, look: Arrange, typed: tuple[str, str], said: str
) -> None:
    answer = client_for(scene.house.head).post(f"/items/{scene.first.id}/links", data=scene.form(scene.first, *typed))
    assert answer.status_code == 422
    assert said in answer.text
    assert _links(look) == []


def test_only_actions_have_effects(client_for: SignedIn, scene: Scene) -> None:
    page = client_for(scene.house.head).get(f"/items/{scene.house.priority}/links").text
    assert "Expected effect" not in page


def test_a_year_of_targets_follows_from_dates_and_effects(client_for: SignedIn, scene: Scene) -> None:
    client, unit = client_for(scene.house.head), scene.house.unit.id
    ask = {"fill": "1", "ramp_row": f"target.{scene.house.lead_time.id}", "ramp_kind": "effects"}
    assert "actions with effects" in client.post(f"/units/{unit}/targets?cycle=FY2026", data=ask).text
    _save(client, scene, scene.first, "-1.2", "2026-03")
    _save(client, scene, scene.second, "-0.5", "2026-09")
    page = client.post(f"/units/{unit}/targets?cycle=FY2026", data=ask).text
    for month, target in ((1, "10"), (2, "10"), (3, "8.8"), (8, "8.8"), (9, "8.3"), (12, "8.3")):
        assert f'name="target.{scene.house.lead_time.id}.2026-{month:02}-01" value="{target}"' in page


def test_an_action_that_the_reader_may_not_open_is_restricted(
    client_for: SignedIn, scene: Scene, arrange: Arrange
) -> None:
    def hide(session: Session) -> None:
        secret = factories.unit(session, "Secret", restricted=True)
        action = factories.action(session, "Hidden press", secret)
        link = factories.link(session, action, session.get_one(KPI, scene.house.lead_time.id))
        link.effect, link.effect_from = Decimal(-1), date(2026, 2, 1)

    arrange(hide)
    page = client_for(scene.house.staff).get(f"/kpis/{scene.house.lead_time.id}").text
    assert "Plan covers 50 %" in page
    assert "Hidden press" not in page


def test_the_kpi_prints_with_its_trend_and_says_signal_or_noise(
    client_for: SignedIn, scene: Scene, arrange: Arrange
) -> None:
    def read(session: Session) -> None:
        for month, actual in enumerate((9, 10, 9, 10, 9, 10), start=1):
            record(session, scene.house.lead_time, month, actual=actual)

    arrange(read)
    client = client_for(scene.house.staff)
    page = client.get(f"/kpis/{scene.house.lead_time.id}").text
    assert "The latest month is noise: it lies within the limits, 6.84 to 12.16" in page
    answer = client.get(f"/kpis/{scene.house.lead_time.id}.pdf?cycle=FY2026")
    text = PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()
    assert "Lead time" in text
    assert "upper limit" in text
    assert client.get("/kpis/99999.pdf").status_code == 404
