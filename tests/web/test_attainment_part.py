"""The attainment page of a large organisation: opened unit by unit, lists by pages, every figure the same."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.orm import Session

from hoshin.model.cycles import CycleKPI
from hoshin.model.units import Unit
from hoshin.reports import home
from hoshin.web import attainment_part
from tests import factories
from tests.planting import Planted, plant
from tests.web.conftest import Arrange
from tests.web.readings_house import SignedIn

TEAMS = 5


@pytest.fixture
def planted(arrange: Arrange, monkeypatch: pytest.MonkeyPatch) -> Planted:
    """The small plan, and below Operations more teams than stand on a page, each with an objective, a KPI, an owner."""
    monkeypatch.setattr(attainment_part, "MOST", 3)
    found = arrange(plant)
    arrange(lambda session: _grow(session, found))
    return found


def _grow(session: Session, planted: Planted) -> None:
    parent = session.get_one(Unit, planted.operations.id)
    cycle = factories.cycle(session)
    for number in range(1, TEAMS + 1):
        team = factories.unit(session, f"Team {number}", parent)
        owner = factories.person(session, f"Owner {number}", None, team)
        priority = factories.priority(session, f"Priority {number}", team)
        kpi = factories.kpi(session, f"Metric {number}", team, owner_id=owner.id)
        factories.link(session, factories.objective(session, f"Aim {number}", team), priority)
        factories.link(session, priority, kpi)
        session.add(CycleKPI(cycle_id=cycle.id, kpi_id=kpi.id, recorded_at=factories.NOW))


def _page(client_for: SignedIn, planted: Planted, query: str = "", status: int = 200) -> str:
    answer = client_for(planted.executive).get(f"/attainment{query}")
    assert answer.status_code == status
    return " ".join(answer.text.split()).replace("&amp;", "&")


def _section(page: str, name: str) -> str:
    return page.partition(f'id="{name}"')[2].partition("</section>")[0]


def _heads(section: str) -> list[str]:
    heads = re.findall(r'<th scope="row">(.*?)</th>', section)
    return [re.sub("<[^>]+>", " ", one).strip().split("  ")[0] for one in heads]


def test_units_open_one_below_the_other(client_for: SignedIn, planted: Planted) -> None:
    page = _section(_page(client_for, planted), "units")
    assert "Team 1" not in page
    way = re.search(r'href="([^"]*)">(\d+) units? below<span class="visually-hidden"> Operations', page)
    assert way is not None
    assert int(way[2]) >= TEAMS
    opened = _page(client_for, planted, way[1].partition("/attainment")[2].partition("#")[0])
    units = _section(opened, "units")
    assert _heads(units)[1] == "Operations"
    assert 'rel="up"' in units
    shown = _heads(units)[2:]
    assert len(shown) == 3
    more = re.search(r'rel="next" href="/attainment(\?[^"#]*)#units"', units)
    assert more is not None
    beyond = _heads(_section(_page(client_for, planted, more[1]), "units"))[2:]
    assert {f"Team {one}" for one in range(1, TEAMS + 1)} <= {*shown, *beyond}
    assert not {*shown} & {*beyond}


def test_objectives_come_page_by_page_with_their_priorities(client_for: SignedIn, planted: Planted) -> None:
    found, query = [], ""
    for _ in range(9):
        section = _section(_page(client_for, planted, query), "objectives")
        lower = section.partition("<details")[2]
        found += [one for one in _heads(lower) if one.startswith("Aim")]
        assert lower.count("Priority") == sum(one.startswith("Aim") for one in _heads(lower))
        following = re.search(r'rel="next" href="/attainment(\?[^"#]*)#objectives"', lower)
        if following is None:
            break
        query = following[1]
    assert found == [f"Aim {one}" for one in range(1, TEAMS + 1)]


def test_owners_are_found_by_name(client_for: SignedIn, planted: Planted) -> None:
    page = _section(_page(client_for, planted), "owners")
    assert 'name="owner"' in page
    assert len(_heads(page)) == 3
    assert _heads(_section(_page(client_for, planted, "?owner=oWNER+4"), "owners")) == ["Owner 4"]
    nobody = _section(_page(client_for, planted, "?owner=%3Cscript%3E"), "owners")
    assert "Nobody of that name" in nobody
    assert "<script>" not in nobody


def test_an_opened_unit_keeps_its_own_lists(client_for: SignedIn, planted: Planted) -> None:
    opened = _page(client_for, planted, f"?unit={planted.operations.id}")
    assert "owners of metrics of Operations and the units below" in opened
    assert "of Operations and the units below, with their priorities" in opened
    assert "due metrics hit target" in opened


@pytest.mark.parametrize(
    ("query", "status"),
    [("?unit=4711", 404), ("?unit=x", 404), ("?unit=0", 404), ("?unit=99999999999999999999", 404), ("?owners=0", 400),
     ("?units=-1", 400), ("?objectives=%00", 400), ("?owners=999999999", 200), ("?owner=" + "x" * 101, 400),
     ("?owner=%F0%9F%8E%B2%27%22", 200)],
)  # fmt: skip
def test_whatever_is_asked_is_answered(client_for: SignedIn, planted: Planted, query: str, status: int) -> None:
    answer = client_for(planted.executive).get(f"/attainment{query}")
    assert answer.status_code in ({status, 422} if status == 400 else {status})


def test_home_names_a_few_that_turned_red_and_links_to_the_list_of_all(
    client_for: SignedIn, planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(planted.executive)
    named = re.findall(r'missed:</span></span> <a class="item-link" href="/kpis/(\d+)"', client.get("/").text)
    assert named
    monkeypatch.setattr(home, "MOST_LISTED", 0)
    page = " ".join(client.get("/?by=units").text.split()).replace("&amp;", "&")
    link = re.search(r'<a href="([^"]*only=newly-red[^"]*)">(\d+) more that turned red', page)
    assert link is not None
    listed = client.get(link[1]).text
    keys = re.findall(r'<th scope="row"><a class="item-link" href="/kpis/(\d+)"', listed)
    assert len(keys) == int(link[2])
    assert set(named) == set(keys)
    assert "newly red" in listed
    assert client.get(link[1] + "&format=csv").text.count("\n") == len(keys) + 1
