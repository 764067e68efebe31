"""The five verdicts counted, and the ratios that may be read off them (DESIGN §3, rule 5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from hoshin.engine.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Counts:
    """How many metrics have which verdict; the five add up to the total."""

    total: int = 0
    hits: int = 0
    misses: int = 0
    no_data: int = 0
    not_due: int = 0
    no_target: int = 0

    @property
    def verdict(self) -> Verdict | None:
        """The verdict of a single metric that was counted; None where nothing was."""
        each = {
            Verdict.HIT: self.hits, Verdict.MISS: self.misses, Verdict.NO_DATA: self.no_data,
            Verdict.NO_TARGET: self.no_target, Verdict.NOT_DUE: self.not_due,
        }  # fmt: skip
        return next((one for one, many in each.items() if many), None)

    @property
    def due(self) -> int:
        """Metrics that ought to have a verdict by now: what cannot be measured stays in here."""
        return self.total - self.not_due

    @property
    def ratio(self) -> Fraction | None:
        """The headline: hits / due; None (n/a, never zero) when nothing is due."""
        return Fraction(self.hits, self.due) if self.due else None

    @property
    def measured_ratio(self) -> Fraction | None:
        """Hits among those that could be judged; None when none could."""
        judged = self.hits + self.misses
        return Fraction(self.hits, judged) if judged else None

    @property
    def coverage(self) -> Fraction | None:
        """How much of what is due could be judged at all; None when nothing is due."""
        return Fraction(self.hits + self.misses, self.due) if self.due else None


def count(*, verdicts: Iterable[Verdict]) -> Counts:
    """One verdict per distinct metric in, their counts out."""
    seen = Counter(verdicts)
    return Counts(
        total=sum(seen.values()),
        hits=seen[Verdict.HIT],
        misses=seen[Verdict.MISS],
        no_data=seen[Verdict.NO_DATA],
        not_due=seen[Verdict.NOT_DUE],
        no_target=seen[Verdict.NO_TARGET],
    )
