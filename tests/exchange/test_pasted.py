"""What comes off a spreadsheet's clipboard: titles and signs."""

from __future__ import annotations

import pytest

from hoshin.exchange.pasted import CROSS, Sign, read_signs, read_titles


def test_titles_are_the_first_filled_cells_of_the_rows() -> None:
    text = 'Shorten the queue\t12\r\n\t\r\n"Open the\nsouth"\r\n\tBehind an empty cell\n"Say ""no"" more often"\n'
    assert read_titles(text=text) == [
        "Shorten the queue", "Open the south", "Behind an empty cell", 'Say "no" more often',
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "sign"),
    [
        ("●", 9), ("◎", 9), ("9", 9), ("Strong", 9), ("◐", 3), ("3", 3), ("△", 1), ("1", 1), ("▲\ufe0f", 1), ("0", 0),
        ("", None), (" – ", None), ("x", CROSS), ("X", CROSS), ("✓", CROSS), ("7", "“7”"), ("maybe", "“maybe”"),
    ],
)  # fmt: skip
def test_a_sign_is_read_as_people_write_it(cell: str, sign: Sign) -> None:
    assert read_signs(text=f"{cell}\tx", ring=3) == [[sign, CROSS]]


@pytest.mark.parametrize("ring", [3, 1])
def test_a_ring_is_medium_or_weak_as_the_organisation_has_it(ring: int) -> None:
    assert read_signs(text="○\to", ring=ring) == [[ring, ring]]


def test_empty_cells_keep_their_place() -> None:
    assert read_signs(text="\t\t9\n3", ring=3) == [[None, None, 9], [3]]


def test_a_cell_of_any_length_is_read() -> None:
    assert read_titles(text="x" * 200_000) == ["x" * 200_000]
