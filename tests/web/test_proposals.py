"""Amendments in the browser: typed over an agreed target, proposed on a form, answered with a click, seen at home."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.model.kpis import KPI, Reading
from hoshin.model.people import Person, Role
from hoshin.model.proposals import Proposal
from tests import factories
from tests.statements import statements_again
from tests.web import readings_house
from tests.web.conftest import Arrange
from tests.web.readings_house import House, SignedIn, cell, record


@dataclass
class Above:
    """The company of the figures, with an executive above Operations."""

    house: House
    chief: Person

    @property
    def kpi(self) -> KPI:
        """The KPI whose target of June was agreed."""
        return self.house.lead_time


@pytest.fixture
def above(arrange: Arrange) -> Above:
    """Lead time is agreed at 9 in June; Cleo stands above Hedy."""

    def make(session: Session) -> Above:
        house = readings_house.build(session)
        record(session, house.lead_time, 6, target=9)
        return Above(house, factories.person(session, "Cleo", Role.EXECUTIVE))

    return arrange(make)


def _typed(above: Above, value: str = "12") -> dict[str, str]:
    return cell("target", above.kpi, 6, value, "9", 1) | {"reason": "supplier lost", "first": "2026-06-01"}


def _target(look: Arrange, above: Above) -> Decimal | None:
    key = (date(2026, 6, 1), above.kpi.id)
    return look(lambda session: session.get_one(Reading, key).target)


def _proposal(look: Arrange) -> Proposal:
    return look(lambda session: session.scalars(select(Proposal).order_by(Proposal.id.desc())).first() or Proposal())


def test_typing_over_an_agreed_target_offers_to_propose_it_and_then_does(
    above: Above, client_for: SignedIn, look: Arrange
) -> None:
    head, address = client_for(above.house.head), f"/units/{above.house.unit.id}/targets?cycle=FY2026"
    assert "Another one is proposed to Cleo" in head.get(address).text
    asked = head.post(address, data=_typed(above) | {"reason": ""}).text
    assert "These agreed targets will be proposed anew" in asked
    assert "the agreement of Cleo" in asked
    saved = head.post(address, data=_typed(above), follow_redirects=True).text
    assert "1 agreed target is proposed to Cleo: it counts when agreed. Until then the agreed one counts." in saved
    assert _target(look, above) == 9
    for page in (address, f"/units/{above.house.unit.id}/bowling?cycle=FY2026"):
        assert "Another target is proposed and waits" in head.get(page).text


def test_a_bowling_cell_is_answered_as_proposed(above: Above, client_for: SignedIn, look: Arrange) -> None:
    one = {"kpi": above.kpi.id, "period": "2026-06-01", "name": "target", "text": "12", "seen": "9", "version": 1}
    sent = {"cells": [one], "reason": "supplier lost", "first": "2026-06-01"}
    address = f"/units/{above.house.unit.id}/bowling/cells?cycle=FY2026"
    answer = client_for(above.house.head).post(address, json=sent).get_json()
    assert answer["cells"] == [{"outcome": "proposed", "sentence": "proposed to Cleo: it counts when agreed"}]
    assert _target(look, above) == 9


def test_the_owner_proposes_and_the_level_above_agrees_with_a_click(
    above: Above, client_for: SignedIn, look: Arrange
) -> None:
    owner, chief = client_for(above.house.staff), client_for(above.chief)
    form = f"/kpis/{above.kpi.id}/amend?cycle=FY2026"
    assert "It waits for Cleo" in owner.get(form).text
    said = owner.post(form, data=_typed(above), follow_redirects=True).text
    assert "Other targets are proposed" in said
    key = _proposal(look).id
    assert "Amendments to agree to" in chief.get("/").text
    assert "proposed by Sam" in chief.get("/notices").text
    assert "It waits for you" in chief.get(f"/amendments/{key}").text
    done = chief.post(f"/amendments/{key}/agree", data={"version": "1"}, follow_redirects=True)
    assert "The new targets count from now on" in done.text
    assert _target(look, above) == 12
    page = owner.get(f"/kpis/{above.kpi.id}?cycle=FY2026").text
    assert "agreed by Cleo" in page
    assert "Amendments to agree to" not in chief.get("/").text


def test_it_is_returned_with_a_reason_and_its_proposer_is_told(
    above: Above, client_for: SignedIn, look: Arrange
) -> None:
    head, chief = client_for(above.house.head), client_for(above.chief)
    head.post(f"/kpis/{above.kpi.id}/amend?cycle=FY2026", data=_typed(above))
    address = f"/amendments/{_proposal(look).id}"
    refused = chief.post(f"{address}/return", data={"version": "1", "text": " "})
    assert (refused.status_code, "say why" in refused.text) == (422, True)
    assert head.post(f"{address}/agree", data={"version": "1"}).status_code == 422
    chief.post(f"{address}/return", data={"version": "1", "text": "we promised 9"})
    assert "returned: we promised 9" in head.get("/notices").text
    assert "we promised 9" in head.get("/amendments?view=mine&format=csv").text
    assert _target(look, above) == 9


def test_a_facilitator_and_a_stranger_do_not_propose(above: Above, client_for: SignedIn, arrange: Arrange) -> None:
    for who in (above.house.facilitator, above.house.outsider):
        assert client_for(who).get(f"/kpis/{above.kpi.id}/amend").status_code == 403
    arrange(lambda session: setattr(session.merge(above.house.unit), "restricted", True))
    assert client_for(above.house.outsider).get(f"/kpis/{above.kpi.id}/amend").status_code == 404


def test_nothing_agreed_is_said_and_more_proposals_take_no_more_statements(
    above: Above, client_for: SignedIn, arrange: Arrange
) -> None:
    head = client_for(above.house.head)
    assert "Nothing was agreed yet" in head.get(f"/kpis/{above.house.safety.id}/amend?cycle=FY2026").text
    head.post(f"/kpis/{above.kpi.id}/amend?cycle=FY2026", data=_typed(above))
    few = statements_again(head, "/amendments")
    arrange(lambda session: record(session, above.house.safety, 6, target=1))
    typed = cell("target", above.house.safety, 6, "2", "1", 1) | {"reason": "more people", "first": "2026-06-01"}
    head.post(f"/kpis/{above.house.safety.id}/amend?cycle=FY2026", data=typed)
    assert "Accidents" in head.get("/amendments").text
    assert statements_again(head, "/amendments") == few


def test_another_aggregation_waits_too_and_reads_in_words(above: Above, client_for: SignedIn, look: Arrange) -> None:
    head, chief, address = client_for(above.house.head), client_for(above.chief), f"/kpis/{above.kpi.id}/edit"
    form = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', head.get(address).text))
    typed = {
        **form, "direction": "at most", "frequency": "month", "aggregation": "sum", "reason": "days add up",
        "kpi_class": "breakthrough", "kpi_kind": above.kpi.kpi_kind.value,
        "owner_id": str(above.kpi.owner_id or ""),
    }  # fmt: skip
    said = head.post(address, data=typed, follow_redirects=True).text
    assert "How the year to date is taken was agreed: the change is proposed to Cleo." in said
    assert look(lambda session: session.get_one(KPI, above.kpi.id).aggregation.value) == "last"
    row = _proposal(look)
    page = chief.get(f"/amendments/{row.id}").text
    for words in ("Year to date", "the last period", "<strong>the sum of the periods</strong>", "days add up"):
        assert words in page
    assert "Year to date: the last period → the sum of the periods" in chief.get("/amendments").text
    chief.post(f"/amendments/{row.id}/agree", data={"version": str(row.version)})
    assert look(lambda session: session.get_one(KPI, above.kpi.id).aggregation.value) == "sum"
