"""Search finds what folding every name would find, in the same order, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from hoshin.access.actors import system_actor
from hoshin.model.folded import fold
from hoshin.queries import search as searching
from hoshin.queries.search import Found, search
from tests import factories

NAMES = (
    "Lead time", "LEAD quality", "Mislead nobody", "Éclair of leads", "Straße und Lead", "50% fewer faults", "50 fewer",
    "under_score", "underXscore", "back\\slash", "slash/ed", "Zeit", "zeit ist Geld", "Ångström", "ang", "数据 lead",
    "İstanbul", "lead", "Lead  time twice",
)  # fmt: skip
ASKED = (
    "lead", "LEAD", "time lead", "éclair", "eclair", "strasse", "%", "50%", "_", "r_s", "\\", "/", "zeit", "angstrom",
    "数据", "istanbul", "i", "lead time", "nothing at all", "doctor", "ærø",
)  # fmt: skip


def _plant(session: Session) -> None:
    factories.organisation(session, "Company")
    for place, name in enumerate(NAMES):
        factories.objective(session, name)
        factories.unit(session, f"{name} {place}")
        factories.person(session, name, None, email=f"{place}@example.org", title="Dòctor" if place % 3 else "Doctor")


def _told(found: Found) -> list[tuple[str, str]]:
    return [(one.kind, one.name) for one in found.hits]


@pytest.mark.parametrize("asked", ASKED)
def test_what_is_found_is_what_holds_every_word(session: Session, asked: str) -> None:
    _plant(session)
    actor = system_actor(name="a test")
    everything = [
        *(("objective", name, "") for name in NAMES),
        ("unit", "Company", ""),
        *(("unit", f"{name} {place}", "") for place, name in enumerate(NAMES)),
        *(("person", name, "Dòctor" if place % 3 else "Doctor") for place, name in enumerate(NAMES)),
    ]
    words = fold(text=asked).split()
    expected = [
        (kind, name) for kind, name, title in everything if all(one in fold(text=f"{name} {title}") for one in words)
    ]
    found = search(session=session, actor=actor, text=asked)
    assert sorted(_told(found)) == sorted(expected)
    start = " ".join(words)
    ranks = [(not fold(text=one.name).startswith(start), fold(text=one.name)) for one in found.hits]
    assert ranks == sorted(ranks)
    assert not found.is_cut


def test_of_very_many_the_first_are_found(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    _plant(session)
    monkeypatch.setattr(searching, "MOST", 3)
    found = search(session=session, actor=system_actor(name="a test"), text="lead")
    assert found.is_cut
    assert len(found.hits) == 9
    assert ("objective", "lead") in _told(found)
    assert ("objective", "Mislead nobody") not in _told(found)
