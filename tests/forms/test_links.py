"""The sheet of correlations: only what was touched becomes a wish, and it carries the version that was read."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict

from hoshin.commands.links import CorrelationWish
from hoshin.forms.links import LinksForm, Pair

LINKED, FREE = Pair(1, 2, 9, "because", 4), Pair(1, 3)


def _read(typed: dict[str, str], *, reasons: bool = True) -> list[CorrelationWish]:
    form = LinksForm([LINKED, FREE], MultiDict(typed), reasons=reasons)
    assert form.validate(), form.errors
    return form.to_wishes()


def _as_shown() -> dict[str, str]:
    return {
        "s1x2": "9", "w1x2": "9", "r1x2": "because", "q1x2": "because", "v1x2": "4",
        "s1x3": "0", "w1x3": "0", "r1x3": "", "q1x3": "", "v1x3": "0",
    }  # fmt: skip


def test_a_sheet_sent_back_untouched_wishes_nothing() -> None:
    assert _read(_as_shown()) == []


def test_a_new_strength_is_wished_at_the_version_that_was_read() -> None:
    (wish,) = _read(_as_shown() | {"s1x2": "3", "v1x2": "2"})
    assert (wish.upper_id, wish.lower_id, wish.strength, wish.version, wish.place) == (1, 2, 3, 2, "s1x2")


def test_a_new_reason_is_wished_with_its_strength() -> None:
    (wish,) = _read(_as_shown() | {"r1x2": " for  it "})
    assert (wish.strength, wish.rationale) == (9, "for it")


@pytest.mark.parametrize("typed", [{"r1x3": "perhaps"}, {"e1x3": "-1.5", "f1x3": "2026-11"}, {"e1x3": "-1.5"}])
def test_what_is_written_about_no_link_asks_for_its_strength(typed: dict[str, str]) -> None:
    form = LinksForm([LINKED, Pair(1, 3, takes_effect=True)], MultiDict(_as_shown() | typed))
    assert not form.validate()
    assert form.errors == {"s1x3": ["choose how strong this link is, for what is written beside it to be kept"]}


def test_a_link_is_taken_away_with_what_was_written_about_it() -> None:
    (wish,) = _read(_as_shown() | {"s1x2": "0"})
    assert wish.strength == 0


def test_a_sheet_of_strengths_keeps_the_reasons_that_stand() -> None:
    (wish,) = _read({"s1x2": "1", "w1x2": "9", "v1x2": "4"}, reasons=False)
    assert (wish.strength, wish.rationale) == (1, "because")


def test_one_kpi_of_another_unit_may_be_shared() -> None:
    form = LinksForm(
        [LINKED],
        MultiDict({"share_id": "7", "share_strength": "1"}),
        upper_id=1,
        shareable=[("7", "Sales: Complaints")],
    )
    assert form.validate(), form.errors
    (wish,) = form.to_wishes()
    assert (wish.upper_id, wish.lower_id, wish.strength, wish.version) == (1, 7, 1, 0)
