"""A person's calendar gets a secret address, and loses it again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands import journal
from hoshin.commands.passwords import new_token, token_hash
from hoshin.errors import Forbidden
from hoshin.model.reviews import CalendarFeed
from hoshin.queries.reviews import list_feeds


def make_feed(*, session: Session, by: Actor, at: datetime) -> str:
    """A new secret for the actor's own calendar; the ones before it answer no more. Only its hash is kept."""
    require(actor=by, act=Act.MANAGE_FEED)
    if by.person is None:
        raise Forbidden("only a person has a calendar")
    revoke_feeds(session=session, by=by, at=at)
    secret = new_token()
    feed = CalendarFeed(person_id=by.person, token_hash=token_hash(token=secret), made_at=at)
    journal.created(session=session, by=by, at=at, thing=feed, name=by.name)
    return secret


def revoke_feeds(*, session: Session, by: Actor, at: datetime) -> int:
    """Let every address of the actor's calendar answer no more; gives how many there were."""
    require(actor=by, act=Act.MANAGE_FEED)
    feeds = list_feeds(session=session, person_id=by.person or 0)
    for one in feeds:
        with journal.changing(session=session, by=by, at=at, thing=one, verb="revoked", name=by.name):
            one.revoked_at = at
    return len(feeds)
