"""Calendar feeds: a person's secret address, and the calendar behind it."""

from __future__ import annotations

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.commands import feeds as commands
from hoshin.commands.passwords import token_hash
from hoshin.errors import Missing
from hoshin.exchange.calendars import MIME, Entry, to_ics
from hoshin.model.reviews import Review, ReviewState
from hoshin.queries.people import load_actor
from hoshin.queries.reviews import SHOWN_IN_CALENDAR, find_feed_owner, list_feeds, list_my_reviews
from hoshin.queries.unit_lists import list_units
from hoshin.queries.units import get_organisation
from hoshin.reports.packs import period_text, title_of
from hoshin.web import door

bp = Blueprint("feeds", __name__)


@bp.get("/account/calendar")
@door.allow(read=Act.OPEN_FEED)
def show() -> tuple[str, int]:
    """Whether there is an address, and how to make or revoke one."""
    return _page("")


def _page(secret: str) -> tuple[str, int]:
    address = url_for("feeds.serve", secret=secret, _external=True) if secret else ""
    feeds = list_feeds(session=door.session(), person_id=door.actor().person or 0)
    return door.page("feeds/show.html", feeds=feeds, address=address, webcal=address.replace("http", "webcal", 1))


@bp.post("/account/calendar")
@door.allow(write=Act.MANAGE_FEED)
def make() -> tuple[str, int]:
    """Make a new address, which is shown this once; the one before it answers no more."""
    return _page(door.perform(commands.make_feed))


@bp.post("/account/calendar/revoke")
@door.allow(write=Act.MANAGE_FEED)
def revoke() -> Response:
    """Let the address answer no more."""
    door.perform(commands.revoke_feeds)
    return door.done(url_for("feeds.show"), "The address does not answer any more.")


@bp.get("/calendar/<secret>.ics")
@door.allow(read=Act.READ_FEED)
def serve(secret: str) -> Response:
    """The reviews of the person whose secret this is; a wrong or revoked one is not found."""
    person = find_feed_owner(session=door.session(), token_hash=token_hash(token=secret))
    if person is None:
        raise Missing("there is no such calendar")
    actor = load_actor(session=door.session(), person=person, today=door.today())
    found = list_my_reviews(session=door.session(), actor=actor, since=door.today() - SHOWN_IN_CALENDAR)
    names = {one.id: one.name for one in list_units(session=door.session())}
    organisation = get_organisation(session=door.session())
    written = to_ics(
        name=f"{organisation.name}: reviews", zone=organisation.time_zone,
        entries=[_entry(one, names.get(one.unit_id, "")) for one in found],
    )  # fmt: skip
    return Response(written, content_type=f"{MIME}; charset=utf-8")


def _entry(review: Review, unit: str) -> Entry:
    organisation = get_organisation(session=door.session())
    period = period_text(review=review, calendar=organisation.calendar)
    address = url_for("meetings.show", review_id=review.id, _external=True)
    return Entry(
        uid=review.uid, sequence=review.sequence, changed_at=review.announced_at, day=review.planned_on,
        begins=review.begins, minutes=review.lasts, zone=organisation.time_zone,
        title=f"{title_of(review=review, unit=unit)} ({period})", place=review.place, address=address,
        description=f"Agenda and minutes: {address}", cancelled=review.state is ReviewState.CANCELLED,
    )  # fmt: skip
