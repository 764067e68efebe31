"""A calendar file read back with a reader of calendars: whatever a title says, it stays one line of one meeting."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, cast

import pytest
from icalendar import Calendar

from hoshin.exchange.calendars import Entry, to_ics

CHANGED = datetime(2026, 5, 20, 9, tzinfo=UTC)


def _entry(title: str, **more: object) -> Entry:
    known: dict[str, object] = {
        "uid": "abc", "sequence": 3, "changed_at": CHANGED, "day": date(2026, 5, 22), "begins": time(9, 30),
        "minutes": 45, "zone": "Europe/Berlin", "title": title, "place": "Room 1; left, upstairs",
        "address": "https://hoshin.example.org/reviews/7", "description": "Agenda:\n1. what turned red\n2. more",
        "cancelled": False,
    }  # fmt: skip
    return Entry(**(known | more))  # type: ignore[arg-type] # the fields of an entry, by name


@pytest.mark.parametrize(
    "title",
    [
        "Ops; \\, BEGIN:VEVENT",
        "Line one\r\nSUMMARY:two\nEND:VCALENDAR",
        "é" * 200,
        "计划审查 🧭 " * 40,
        "x" * 74 + "é" + "y" * 74,
        'quotes " and : colons',
    ],
)
def test_a_hostile_title_comes_back_as_it_was_written(title: str) -> None:
    written = to_ics(name=title, zone="UTC", entries=[_entry(title), _entry("Second", uid="def")])
    lines = written.split(b"\r\n")
    assert max(map(len, lines)) <= 75, "folded at 75 octets"
    assert all(one.decode("utf-8") is not None for one in lines), "no character is cut in two"
    assert written.count(b"\n") == written.count(b"\r\n")
    first, second = cast("list[Any]", Calendar.from_ical(written).walk("VEVENT"))
    assert str(first["summary"]) == title.replace("\r\n", "\n")
    assert (str(first["uid"]), first["sequence"]) == ("abc@hoshin", 3)
    assert str(first["location"]) == "Room 1; left, upstairs"
    assert first["dtstart"].dt == datetime(2026, 5, 22, 7, 30, tzinfo=UTC)
    assert str(second["summary"]) == "Second"
