"""Who plays for which side: heads, deputies, the next superior and, at the top, the sponsor."""

from __future__ import annotations

from hoshin.engine.catchball import Side
from hoshin.engine.hands import Court, Hand, Match, find_hand, find_head_of_both, hand_in, level_above, people_of

TOP, OPS, LINE, SALES = 1, 2, 3, 4
CEO, OLA, LEN, SAM, DEP, SPONSOR = 10, 20, 30, 40, 50, 60
PARENTS = {TOP: None, OPS: TOP, LINE: OPS, SALES: TOP}
HEADS = {unit: frozenset({head}) for unit, head in ((TOP, CEO), (OPS, OLA), (LINE, LEN), (SALES, SAM))}
COURT = Court(PARENTS, HEADS, {LINE: {DEP: frozenset({LEN})}})


def _people(match: Match, side: Side, heads: dict[int, frozenset[int]] | None = None) -> frozenset[int]:
    return people_of(court=Court(PARENTS, heads or HEADS), match=match, side=side)


def test_a_side_is_played_by_the_head_of_its_unit() -> None:
    match = Match(OPS, LINE)
    assert _people(match, Side.THROWER) == {OLA}
    assert _people(match, Side.CATCHER) == {LEN}
    assert find_hand(court=COURT, match=match, side=Side.CATCHER, person=OLA) is None


def test_a_deputy_plays_for_her_head() -> None:
    found = find_hand(court=COURT, match=Match(OPS, LINE), side=Side.CATCHER, person=DEP)
    assert found == Hand(DEP, LEN)
    assert found.people == {DEP, LEN}


def test_the_superior_stands_above_both() -> None:
    assert _people(Match(OPS, LINE), Side.SUPERIOR) == {CEO}
    assert _people(Match(SALES, LINE), Side.SUPERIOR) == {CEO}


def test_above_the_top_stands_the_sponsor() -> None:
    assert _people(Match(TOP, OPS), Side.SUPERIOR) == set()
    assert _people(Match(TOP, OPS, frozenset({SPONSOR, CEO})), Side.SUPERIOR) == {SPONSOR}


def test_where_one_person_heads_both_units_the_next_superior_may_sign_for_either() -> None:
    heads = HEADS | {LINE: frozenset({OLA})}
    for side in (Side.THROWER, Side.CATCHER):
        assert _people(Match(OPS, LINE), side, heads) == {OLA, CEO}
    alone = HEADS | {OPS: frozenset({CEO})}
    assert _people(Match(TOP, OPS, frozenset({SPONSOR})), Side.CATCHER, alone) == {CEO, SPONSOR}


def test_only_one_who_alone_heads_both_units_heads_both() -> None:
    court = Court(PARENTS, HEADS | {LINE: frozenset({OLA})})
    assert find_head_of_both(court=court, match=Match(OPS, LINE)) == OLA
    two = Court(PARENTS, HEADS | {OPS: frozenset({OLA, LEN}), LINE: frozenset({OLA, LEN})})
    for other in (Court(PARENTS, HEADS), two):
        assert find_head_of_both(court=other, match=Match(OPS, LINE)) is None


def test_a_unit_without_a_head_is_played_by_the_next_one_above_who_is_not_the_other_side() -> None:
    heads = {unit: people for unit, people in HEADS.items() if unit != LINE}
    assert _people(Match(SALES, LINE), Side.CATCHER, heads) == {OLA}
    assert _people(Match(OPS, LINE), Side.CATCHER, heads) == {CEO}


# ---------------------------------------------------------------- who agrees to an amendment


def _above(unit: int, heads: dict[int, frozenset[int]] | None = None, **more: frozenset[int]) -> frozenset[int]:
    sponsors, but = more.get("sponsors", frozenset()), more.get("but", frozenset())
    seats = level_above(court=Court(PARENTS, heads or HEADS), unit=unit, sponsors=sponsors, but=but)
    return frozenset[int]().union(*(people for _, people in seats))


def test_the_level_above_agrees_and_where_one_heads_both_the_next_one() -> None:
    assert _above(LINE, but=frozenset({LEN})) == {OLA}
    both = HEADS | {OPS: frozenset({LEN})}
    assert _above(LINE, both, but=frozenset({LEN})) == {CEO}
    assert _above(LINE, both, but=frozenset({DEP})) == {CEO}, "also when somebody else of the unit proposes"
    assert _above(LINE, HEADS | {OPS: frozenset()}, but=frozenset({LEN})) == {CEO}


def test_at_the_top_the_sponsor_or_another_executive_agrees_and_never_who_proposes() -> None:
    assert _above(TOP, sponsors=frozenset({SPONSOR}), but=frozenset({CEO})) == {SPONSOR}
    two = HEADS | {TOP: frozenset({CEO, SAM})}
    assert _above(TOP, two, but=frozenset({CEO})) == {SAM}
    assert _above(TOP, sponsors=frozenset({CEO}), but=frozenset({CEO})) == set(), "she amends alone"


def test_where_nobody_stands_above_the_head_agrees_to_what_the_owner_proposes() -> None:
    alone = {LINE: frozenset({LEN})}
    assert _above(LINE, alone, but=frozenset({DEP})) == {LEN}
    assert _above(LINE, alone, but=frozenset({LEN})) == set()


def test_a_deputy_answers_for_the_head_above() -> None:
    seats = level_above(court=COURT, unit=LINE, sponsors=frozenset())
    court = Court(PARENTS, HEADS, {OPS: {DEP: frozenset({OLA})}})
    assert hand_in(court=court, seats=seats, person=DEP) == Hand(DEP, OLA)
    assert hand_in(court=court, seats=seats, person=LEN) is None
