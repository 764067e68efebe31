"""Writes reviews as iCalendar (RFC 5545), so that Thunderbird, Outlook and Google can subscribe to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:  # imported when the first calendar is asked for: a start must not wait for it
    from icalendar import Event

MIME = "text/calendar"
REFRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One meeting. Without `begins` it takes the whole day; else it begins then in `zone` and lasts `minutes`.

    `uid` never changes, `sequence` grows with every change that a calendar must show, `changed_at` is when it last did.
    """

    uid: str
    sequence: int
    changed_at: datetime
    day: date
    begins: time | None
    minutes: int
    zone: str
    title: str
    place: str
    address: str
    description: str
    cancelled: bool


def to_ics(*, name: str, zone: str, entries: Iterable[Entry]) -> bytes:
    """The calendar as a file; hours are written in UTC, which needs no time zone tables on the other side."""
    from icalendar import Calendar  # noqa: PLC0415 - see above

    calendar = Calendar()
    calendar.add("prodid", "-//Hoshin//Reviews//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", " ".join(name.split()))  # nothing escapes this one
    calendar.add("x-wr-timezone", zone)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for one in entries:
        calendar.add_component(_event(one))
    written: bytes = calendar.to_ical()
    return written


def _event(entry: Entry) -> Event:
    from icalendar import Event  # noqa: PLC0415 - see above

    event = Event()
    event.add("uid", f"{entry.uid}@hoshin")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    for key, value in zip(("dtstart", "dtend"), _ends(entry), strict=True):
        event.add(key, value)
    event.add("summary", f"Cancelled: {entry.title}" if entry.cancelled else entry.title)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.begins is None or entry.cancelled else "OPAQUE")
    event.add("description", entry.description)
    event.add("url", entry.address)
    if entry.place:
        event.add("location", entry.place)
    return event


def _ends(entry: Entry) -> tuple[date, date]:
    """The first instant and the one after the last; whole days when no hour is set."""
    if entry.begins is None:
        return entry.day, entry.day + timedelta(days=1)
    start = datetime.combine(entry.day, entry.begins, ZoneInfo(entry.zone)).astimezone(UTC)
    return start, start + timedelta(minutes=entry.minutes)
