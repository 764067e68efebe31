"""Whether somebody who names a priority in her own words means a real one, and whether two people name the same.

Two lines mean the same when two thirds of the significant words of either are found in the other, and these are at
least two words, or half of the other line. Words are the same when four fifths of their letters agree in order and the
first one does: "castings" is "casting", "improve" is not "approve".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction
from functools import lru_cache

ALIKE = 80
"""How much of two words has to agree, in per cent, for them to be the same word."""
COVERED = Fraction(2, 3)
"""The share of a line's words that has to be found in the other line."""
FEWEST_WORDS = 2
"""So many words have to be found, unless they are half of the other line already."""
MOST_WORDS = 60
"""What comes after so many words is not read."""

FILLERS = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "each", "every", "for", "from", "get", "have",
    "in", "into", "is", "it", "its", "more", "must", "no", "not", "of", "on", "one", "or", "our", "ours", "per",
    "should", "so", "than", "that", "the", "their", "them", "these", "this", "those", "to", "up", "us", "we",
    "what", "when", "which", "will", "with", "within", "without", "year", "years",
})  # fmt: skip
"""Words that say nothing about which priority is meant."""

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """What one person named: the real priorities by key, and in folded words whatever else."""

    real: frozenset[int]
    other: tuple[Words, ...]


def words_of(*, line: str) -> Words:
    """The significant words of a line, folded, without accents; all of its words when none is significant."""
    plain = unicodedata.normalize("NFKD", line.casefold())
    found = re.findall(r"\w+", "".join(one for one in plain if not unicodedata.combining(one)))[:MOST_WORDS]
    kept = [one for one in found if one not in FILLERS]
    return tuple(dict.fromkeys(kept or found))


@lru_cache(maxsize=1 << 17)
def _is_same_word(one: str, other: str) -> bool:
    if one == other:
        return True
    both = len(one) + len(other)
    if min(len(one), len(other)) < 4 or one[0] != other[0] or 200 * min(len(one), len(other)) < ALIKE * both:
        return False
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return 200 * sum(block.size for block in blocks) >= ALIKE * both


def likeness(*, one: Words, other: Words) -> Fraction:
    """How alike two lines are, from 0 to 1: the words they share out of all they have; 0 where they differ in meaning.

    The same in either order.
    """
    if not one or not other:
        return Fraction(0)
    first, second = sorted((one, other))
    shared = _shared(first, second)
    shorter, longer = sorted((len(one), len(other)))
    if Fraction(shared, shorter) < COVERED or (shared < FEWEST_WORDS and shared * 2 < longer):
        return Fraction(0)
    return Fraction(2 * shared, shorter + longer)


def _shared(one: Words, other: Words) -> int:
    """How many words of the one are found in the other, each word once."""
    left = list(other)
    found = 0
    for word in one:
        twin = next((each for each in left if _is_same_word(*sorted((word, each)))), None)
        if twin is not None:
            left.remove(twin)
            found += 1
    return found


def find_named(*, lines: Iterable[str], real: Mapping[int, Words]) -> Named:
    """Which of the real priorities the lines name; a line that fits two of them equally well names neither.

    `real` holds the words of each by its key. A priority named twice counts once.
    """
    known: set[int] = set()
    others: list[Words] = []
    for words in filter(None, (words_of(line=one) for one in lines)):
        ranked = sorted(((likeness(one=words, other=name), key) for key, name in real.items()), reverse=True)
        best = ranked[0][0] if ranked else Fraction(0)
        if best and not (len(ranked) > 1 and ranked[1][0] == best):
            known.add(ranked[0][1])
        elif not any(likeness(one=words, other=one) for one in others):
            others.append(words)
    return Named(frozenset(known), tuple(others))


@dataclass(frozen=True, slots=True)
class Agreement:
    """Do people name the same? `shared` of `chances`: how often what one names is named by another one too.

    `things` are the different things that were named, real or not.
    """

    shared: int
    chances: int
    things: frozenset[str]

    @property
    def ratio(self) -> Fraction | None:
        """From 0 (everybody names something else) to 1 (all name the same); None where there is nothing to compare."""
        return Fraction(self.shared, self.chances) if self.chances else None


def agreement(*, named: Sequence[Named]) -> Agreement:
    """How far people who were asked the same agree; the order in which they are given plays no part."""
    spoken = sorted({words for one in named for words in one.other})
    groups = _grouped(spoken)
    counts: dict[str, int] = {}
    for one in named:
        for thing in {f"#{key}" for key in one.real} | {groups[words] for words in one.other}:
            counts[thing] = counts.get(thing, 0) + 1
    return Agreement(
        shared=sum(count * (count - 1) for count in counts.values()),
        chances=(len(named) - 1) * sum(counts.values()) if named else 0,
        things=frozenset(counts),
    )


def _grouped(spoken: Sequence[Words]) -> dict[Words, str]:
    """The same name for lines that mean the same: that of the first one in the alphabet."""
    heads = _Heads()
    return {words: " ".join(heads.find(words) or heads.add(words)) for words in spoken}


class _Heads:
    """The first line of each group, found by their words: among many lines few have any in common."""

    def __init__(self) -> None:
        self.lines: list[Words] = []
        self.by_word: dict[str, list[int]] = {}
        self.by_letter: dict[str, list[str]] = {}

    def add(self, words: Words) -> Words:
        """A new group."""
        for word in words:
            if word not in self.by_word:
                self.by_word[word] = []
                self.by_letter.setdefault(word[0], []).append(word)
            self.by_word[word].append(len(self.lines))
        self.lines.append(words)
        return words

    def find(self, words: Words) -> Words | None:
        """The first group that the line belongs to."""
        near = {
            place
            for word in words
            for known in self.by_letter.get(word[0], ())
            if _is_same_word(*sorted((word, known)))
            for place in self.by_word[known]
        }
        return next((self.lines[one] for one in sorted(near) if likeness(one=words, other=self.lines[one])), None)
