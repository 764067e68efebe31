"""Which balls somebody is shown: the list, the rule and the look at one ball say the same for every role."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor, system_actor
from hoshin.access.rules import may
from hoshin.errors import Missing
from hoshin.model.people import Role
from hoshin.queries.ball_pages import load_ball
from hoshin.queries.catchball import list_balls, load_listed, subject_of
from tests import factories
from tests.commands import playing
from tests.factories import TODAY

READ = {
    "chief", "opal", "lena", "stan", "sponsor", "facilitator of assembly", "auditor of operations",
    "staff of operations", "system",
}  # fmt: skip
"""Who of those below reads the ball between Operations and Assembly."""


def actors(session: Session, firm: playing.Company) -> dict[str, Actor]:
    """Somebody of each kind."""
    sales = factories.unit(session, "Sales")
    sponsor = factories.person(session, "Spencer", Role.STAFF, sales)
    firm.objective.sponsor_id = sponsor.id
    session.flush()
    others = {
        "facilitator of assembly": (Role.FACILITATOR, firm.line), "auditor of operations": (Role.AUDITOR, firm.ops),
        "staff of operations": (Role.STAFF, firm.ops), "head of sales": (Role.HEAD, sales),
        "staff of sales": (Role.STAFF, sales), "auditor of sales": (Role.AUDITOR, sales),
        "administrator": (Role.ADMINISTRATOR, firm.top),
    }  # fmt: skip
    known = {"chief": firm.chief, "opal": firm.opal, "lena": firm.lena, "stan": firm.staff, "sponsor": sponsor}
    made = {name: factories.person(session, name.title(), role, unit) for name, (role, unit) in others.items()}
    found = {name: firm.of(session, one) for name, one in (known | made).items()}
    return found | {"system": system_actor(name="hoshin (test)")}


def test_the_list_shows_exactly_the_balls_that_may_be_read(session: Session) -> None:
    firm = playing.company(session)
    ball = playing.thrown(session, firm)
    people = actors(session, firm)
    subject = subject_of(match=load_listed(session=session, ball_id=ball.id).match)
    listed = {name for name, one in people.items() if list_balls(session=session, actor=one)}
    allowed = {name for name, one in people.items() if may(actor=one, act=Act.READ_BALL, subject=subject)}
    assert listed == READ
    assert allowed == READ
    for name, one in people.items():
        if name in READ:
            assert load_ball(session=session, actor=one, ball_id=ball.id, today=TODAY).listed.ball is ball
        else:
            with pytest.raises(Missing):
                load_ball(session=session, actor=one, ball_id=ball.id, today=TODAY)
