"""Catchball in the browser: thrown, countered, accepted in one click, seen side by side, and on paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.commands import catchball
from hoshin.engine.catchball import BallState, Side
from hoshin.model.catchball import Ball, Message
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item
from hoshin.model.kpis import KPI
from hoshin.model.people import Grant, Person, Role
from tests import factories
from tests.commands import playing
from tests.commands.playing import Company
from tests.factories import NOW
from tests.statements import statements_again
from tests.web.conftest import Arrange, Clock

ClientFor = Callable[[Person], FlaskClient]


@dataclass
class Game:
    """The company, its ball in Assembly's hand, and a browser of each."""

    firm: Company
    ball: int
    opal: FlaskClient
    lena: FlaskClient


@pytest.fixture
def firm(arrange: Arrange) -> Company:
    """The company, with nothing thrown yet."""
    return arrange(playing.company)


@pytest.fixture
def game(arrange: Arrange, firm: Company, client_for: ClientFor) -> Game:
    """The priority is thrown, and Assembly has drafted its plan."""

    def begin(session: Session) -> int:
        ball = playing.thrown(session, firm)
        playing.write_plan(session, firm, ball)
        return ball.id

    return Game(firm, arrange(begin), client_for(firm.opal), client_for(firm.lena))


def ball_of(look: Arrange) -> Ball:
    """The ball as it is stored."""
    return look(playing.only_ball)


def offer(number: int, **more: str) -> dict[str, str]:
    """What an offer's form sends."""
    return {"number": str(number), "wording": "Halve lead time", "reason": "two lines are down", **more}


def test_several_are_thrown_from_the_plan_with_one_message(firm: Company, client_for: ClientFor, look: Arrange) -> None:
    opal = client_for(firm.opal)
    assert "Throw to other units" in opal.get(f"/units/{firm.ops.id}/plan?cycle=FY2026").text
    address = f"/units/{firm.ops.id}/throw?cycle=FY2026"
    page = opal.get(address).text
    assert "Halve lead time" in page
    nothing = opal.post(address, data={"message": "Customers leave"})
    assert nothing.status_code == 422
    assert "choose at least one unit" in nothing.text
    assert "Customers leave" in nothing.text, "what was typed is kept"
    wanted = {"source_ids": [str(firm.priority.id)], "unit_ids": [str(firm.line.id)], "message": "Customers leave"}
    assert opal.post(address, data=wanted).status_code == 303
    assert ball_of(look).state is BallState.THROWN
    assert "Halve lead time" in opal.get("/balls?view=thrown").text
    lena = client_for(firm.lena)
    for inbox in ("/balls", "/"):
        assert "Halve lead time" in lena.get(inbox).text
    assert lena.get(f"/units/{firm.ops.id}/throw").status_code == 403


def test_accepted_in_one_click_and_signed_by_the_other(game: Game, look: Arrange) -> None:
    page = game.lena.get(f"/balls/{game.ball}").text
    assert "✓ Accept" in page
    assert "Days from order" in page, "the plan that goes along is shown"
    game.lena.post(f"/balls/{game.ball}/accept", data={"number": "1"})
    theirs = game.opal.get(f"/balls/{game.ball}").text
    assert "10 in May 2026" in theirs
    said = game.opal.post(f"/balls/{game.ball}/accept", data={"number": "2"}, follow_redirects=True).text
    assert "Both sides have signed" in said
    assert ball_of(look).state is BallState.AGREED
    again = game.opal.post(f"/balls/{game.ball}/accept", data={"number": "2"}, follow_redirects=True).text
    assert "it is agreed already" in again


def test_a_counter_offer_is_shown_side_by_side(game: Game, look: Arrange) -> None:
    address = f"/balls/{game.ball}/offer/return"
    assert game.lena.get(address).status_code == 200
    refused = game.lena.post(address, data=offer(1, reason="", target="8 days"))
    assert refused.status_code == 422
    assert "say why" in refused.text
    assert "8 days" in refused.text
    assert game.lena.post(address, data=offer(1, target="8 days")).status_code == 303
    assert ball_of(look).holder is Side.THROWER
    page = game.opal.get(f"/balls/{game.ball}").text
    assert "Offer 2 beside offer 1" in page
    assert "<ins>8 days</ins>" in page
    assert "two lines are down" in page
    late = game.lena.post(address, data=offer(1, target="9 days"))
    assert late.status_code == 422
    assert "not your turn" in late.text
    assert "the ball is in another hand" in game.lena.get(address, follow_redirects=True).text


def test_words_escalation_and_what_is_missing_are_said(game: Game, look: Arrange, client_for: ClientFor) -> None:
    game.opal.post(f"/balls/{game.ball}/comment", data={"text": "Any news?"})
    said = game.opal.post(f"/balls/{game.ball}/escalate", data={"reason": " "}, follow_redirects=True).text
    assert "say why" in said
    game.opal.post(f"/balls/{game.ball}/escalate", data={"reason": "no answer"})
    assert ball_of(look).state is BallState.ESCALATED
    chief = client_for(game.firm.chief)
    assert "Halve lead time" in chief.get("/balls").text
    chief.post(f"/balls/{game.ball}/offer/settle", data=offer(1, to="thrower"))
    assert ball_of(look).holder is Side.THROWER
    texts = look(lambda session: session.scalars(select(Message.text).order_by(Message.place)).all())
    assert texts == ["Customers leave", "Any news?", "no answer", "two lines are down"]


def test_an_amendment_is_asked_for_in_the_form(game: Game, arrange: Arrange, look: Arrange) -> None:
    def agree(session: Session) -> int:
        for who, number in ((game.firm.lena, 1), (game.firm.opal, 2)):
            by = game.firm.of(session, who)
            catchball.accept(session=session, ball_id=game.ball, number=number, by=by, at=NOW)
        return session.scalars(select(KPI.id)).one()

    kpi = arrange(agree)
    game.lena.post(f"/balls/{game.ball}/reopen", data={"reason": "a line burnt down"})
    page = game.lena.get(f"/balls/{game.ball}/offer/return").text
    assert f'name="i{kpi}"' in page
    half = game.lena.post(f"/balls/{game.ball}/offer/return", data=offer(2, **{f"i{kpi}": "14"}))
    assert "the month from which it holds" in half.text
    wanted = offer(2, **{f"i{kpi}": "14", f"m{kpi}": "2026-05-01"})
    assert game.lena.post(f"/balls/{game.ball}/offer/return", data=wanted).status_code == 303
    assert "target 14 from May 2026" in game.opal.get(f"/balls/{game.ball}").text
    assert 'value="14"' in game.opal.get(f"/balls/{game.ball}/offer/return").text, "a counter-offer keeps it"
    game.opal.post(f"/balls/{game.ball}/accept", data={"number": "3"})
    assert (ball_of(look).state, ball_of(look).agreed) == (BallState.AGREED, 3)
    sheet = game.opal.get(f"/balls/{game.ball}/agreement")
    assert "Signed by" in sheet.text
    printed = game.opal.get(f"/balls/{game.ball}/agreement?format=pdf")
    assert printed.data.startswith(b"%PDF")


def test_what_lies_on_the_table_is_printed_while_the_ball_is_in_play(game: Game, client_for: ClientFor) -> None:
    game.lena.post(f"/balls/{game.ball}/offer/return", data=offer(1, target="twelve days"))
    address = f"/balls/{game.ball}/table.pdf"
    assert address in game.opal.get(f"/balls/{game.ball}").text
    sheets = PdfReader(BytesIO(game.opal.get(address).data)).pages
    text = " ".join(sheets[0].extract_text().split())
    for words in ("twelve days", "two lines are down", "Offer 1", "Offer 2", "The ball is with Operations", "✓ Lena"):
        assert words in text
    assert len(sheets) == 1
    game.opal.post(f"/balls/{game.ball}/withdraw", data={"reason": ""})
    assert game.opal.get(address).status_code == 404
    assert address not in game.opal.get(f"/balls/{game.ball}").text


def test_other_words_under_the_thrown_item_are_shown_as_drift(game: Game, arrange: Arrange) -> None:
    arrange(lambda session: setattr(session.get_one(Item, game.firm.priority.id), "description", "Sharper words"))
    page = game.opal.get(f"/balls/{game.ball}").text
    assert "Changed since this offer was made" in page
    assert "Sharper words" in page


def test_withdrawn_balls_and_strangers(game: Game, look: Arrange, arrange: Arrange, client_for: ClientFor) -> None:
    stranger = arrange(lambda session: factories.person(session, "Zoe", Role.STAFF, factories.unit(session, "Sales")))
    zoe = client_for(stranger)
    assert zoe.get(f"/balls/{game.ball}").status_code == 404
    assert zoe.get(f"/balls/{game.ball}/table.pdf").status_code == 404
    assert zoe.post(f"/balls/{game.ball}/accept", data={"number": "1"}).status_code == 404
    assert "Halve lead time" not in zoe.get("/balls").text
    assert game.opal.get(f"/balls/{game.ball}/agreement").status_code == 404
    stan = client_for(game.firm.staff)
    assert "✓ Accept" not in stan.get(f"/balls/{game.ball}").text
    assert stan.post(f"/balls/{game.ball}/accept", data={"number": "1"}).status_code == 403
    game.opal.post(f"/balls/{game.ball}/withdraw", data={"reason": ""})
    assert ball_of(look).state is BallState.WITHDRAWN
    assert game.opal.get("/balls?view=all&format=csv").text.splitlines()[1].startswith("FY2026,Halve lead time,Operat")


def test_days_in_hand_are_told_and_late_ones_marked(game: Game, clock: Clock) -> None:
    assert "today" in game.lena.get("/balls").text
    clock.now = NOW + timedelta(days=8)
    page = game.lena.get("/balls").text
    assert "8 days" in page
    assert "s-late" in page


def test_a_cycle_plays_catchball_when_it_is_opened_with_it(firm: Company, client_for: ClientFor, look: Arrange) -> None:
    chief = client_for(firm.chief)
    chief.post("/cycles", data={"name": "FY2027", "catchball": "y"})
    assert look(lambda session: session.scalars(select(Cycle.catchball).where(Cycle.name == "FY2027")).one())
    version = look(lambda session: session.scalars(select(Cycle.version).where(Cycle.name == "FY2026")).one())
    chief.post("/cycles/FY2026", data={"state": "open", "rotation": "priority", "version": str(version)})
    assert not look(lambda session: session.scalars(select(Cycle.catchball).where(Cycle.name == "FY2026")).one())


def test_a_ball_costs_the_same_number_of_statements_however_long_its_thread(
    game: Game, arrange: Arrange, client_for: ClientFor
) -> None:
    client, addresses = client_for(game.firm.opal), (f"/balls/{game.ball}", "/balls?view=all")
    few = [statements_again(client, one) for one in addresses]

    def more(session: Session) -> None:
        for number, who in enumerate((game.firm.lena, game.firm.opal) * 2, start=1):
            ball = playing.only_ball(session)
            wish = playing.wish(session, ball, number=number, target=f"{number} days")
            by = game.firm.of(session, who)
            catchball.return_ball(session=session, ball_id=ball.id, wish=wish, by=by, at=NOW)

    arrange(more)
    assert [statements_again(client, one) for one in addresses] == few


def test_where_one_heads_both_units_the_page_says_who_signs_for_which(
    arrange: Arrange, firm: Company, client_for: ClientFor
) -> None:
    def merge(session: Session) -> int:
        session.scalars(select(Grant).where(Grant.person_id == firm.lena.id)).one().person_id = firm.opal.id
        return playing.thrown(session, firm).id

    address = f"/balls/{arrange(merge)}"
    chief = firm.chief.name
    mine = client_for(firm.opal).get(address).text
    said = f"You head both units, and nobody signs for both sides: {chief}, the next superior, signs for "
    assert f"{said}{firm.line.name}." in mine
    assert "It waits for the second signature" in mine
    assert "✓ Accept" not in mine
    above = client_for(firm.chief)
    said = f"{firm.opal.name} heads both units, and nobody signs for both sides: you, the next superior, sign for"
    assert said in above.get(address).text
    above.post(f"{address}/accept", data={"number": "1"})
    assert "nobody signs for both sides" not in above.get(address).text
