"""Measuring, breaking and shortening texts without a font."""

from __future__ import annotations

import pytest

from hoshin.charts.text import shorten, width, wrap

TEXT = "Redraw the layout of Assembly 2 and move kitting to the line"


def test_wide_letters_are_wider() -> None:
    """A text's width follows its letters, its size and its weight."""
    assert width(text="WWW", size=10) > 3 * width(text="i", size=10)
    assert width(text="abc", size=20) == pytest.approx(2 * width(text="abc", size=10))
    assert width(text="abc", size=10, bold=True) > width(text="abc", size=10)
    assert width(text="方針管理", size=10) == 40


@pytest.mark.parametrize("room", [20, 60, 110, 200])
def test_a_shortened_text_fits(room: float) -> None:
    """What does not fit ends in an ellipsis; what fits is left alone."""
    short = shorten(text=TEXT, size=11, room=room)
    assert width(text=short, size=11) <= room
    assert short.endswith("…")
    assert shorten(text="Hoshin", size=11, room=200) == "Hoshin"


@pytest.mark.parametrize("lines", [1, 2, 3, 9])
def test_wrapped_lines_fit_and_lose_nothing_they_have_room_for(lines: int) -> None:
    """At most so many lines; all words when there is room."""
    got = wrap(text=TEXT, size=11, room=120, lines=lines)
    assert len(got) <= lines
    assert all(width(text=line, size=11) <= 120 for line in got)
    if lines == 9:
        assert " ".join(got) == TEXT


def test_a_word_longer_than_the_room_is_broken() -> None:
    """Nothing runs out of its box, not even a word without a space."""
    got = wrap(text="x" * 100, size=11, room=50, lines=30)
    assert "".join(got) == "x" * 100
    assert all(width(text=line, size=11) <= 50 for line in got)


def test_nothing_makes_no_lines() -> None:
    """An empty text has none."""
    assert wrap(text="  ", size=11, room=50, lines=2) == ()
