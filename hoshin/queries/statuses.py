"""The stored verdicts of one period for every KPI: read as one text, kept by version, mended by what has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Date, bindparam, text
from sqlalchemy.orm import Session

from hoshin.db import UTCInstant
from hoshin.engine.columns import NONE, place_of, places
from hoshin.engine.forest import Whole
from hoshin.engine.statuses import LETTERS
from hoshin.engine.tallies import CODE, Codes, recoded
from hoshin.engine.verdicts import Verdict
from hoshin.model.prepared import Prepared
from hoshin.model.versions import READINGS, REST_SUBJECT, STRUCTURE_SUBJECT
from hoshin.queries.columns import read_lists, read_texts
from hoshin.readers import ask_first, bind_of

Places = Whole

BY_LETTER: Codes = np.zeros(128, np.uint8)
for _verdict, _letter in LETTERS.items():
    BY_LETTER[ord(_letter)] = CODE[_verdict]
BY_BOTH = {one + first: (CODE[now], CODE[then]) for now, one in LETTERS.items() for then, first in LETTERS.items()}
"""Both codes of a reading by its two letters."""
UNSET = CODE[Verdict.NO_TARGET]
"""What a KPI without a reading counts as, once its period is due."""


@dataclass(frozen=True, slots=True)
class News:
    """What became of a period's changed readings: key and letters of each that changed after the kept number."""

    period: date
    number: int
    changed: Sequence[tuple[int, str | None]]

    def tells(self, *, period: date, kept: Stamp, now: Stamp) -> bool:
        """Whether nothing is missing in it of what changed between the two."""
        return (self.period, self.number) == (period, kept.number) and now.number - kept.number <= MOST_NEWS


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions as they stand in this snapshot; what was never counted is at 0."""

    rows: Mapping[str, tuple[int, int, int]]
    news: News | None = None

    @property
    def structure(self) -> int:
        """How often the structure has changed."""
        return self.rows.get(STRUCTURE_SUBJECT, (0, 0, 0))[0]

    @property
    def page(self) -> tuple[tuple[str, int], ...]:
        """All that a page may show, as one key: while it is the same, so is what such a page shows."""
        return tuple(sorted((subject, row[0]) for subject, row in self.rows.items()))

    @property
    def rights(self) -> tuple[int, int]:
        """What rights rest on: the structure and the rest."""
        return self.structure, self.rows.get(REST_SUBJECT, (0, 0, 0))[0]

    def of(self, *, period: date) -> Stamp:
        """How often the period's readings have changed."""
        return Stamp(self.rows.get(READINGS, (0, 0, 0))[0], *self.rows.get(period.isoformat(), (0, 0, 0)))


@dataclass(frozen=True, slots=True)
class Stamp:
    """The version of one period; see model.versions."""

    everything: int
    number: int
    rows: int
    since: int


def read_versions(*, session: Session, after: tuple[date, int] | None = None) -> Versions:
    """All versions, in one statement; to be read before whatever is kept under them, in the same transaction.

    What changed `after` the kept number of a period, the one that is most likely asked for, comes along as news.
    """
    if after is None:
        found = ask_first(session=session, statement="SELECT subject, number, rows, since FROM versions")
        return Versions(_counted(found))
    period, number = after
    words = WITH_NEWS[bind_of(session=session).dialect.name]
    words = words.format(period=period.isoformat(), number=int(number), most=int(number) + MOST_NEWS)
    both = ask_first(session=session, statement=words)
    news = News(period, number, [(int(one), letters) for subject, one, _, _, letters in both if subject is None])
    return Versions(_counted(both), news)


def _counted(found: Iterable[Sequence[Any]]) -> dict[str, tuple[int, int, int]]:
    """Versions by subject, of rows that begin with them; numbers may have come as texts. News have no subject."""
    return {one[0]: (int(one[1]), int(one[2]), int(one[3])) for one in found if one[0] is not None}


MOST_NEWS = 64
"""The changes of so many transactions are told with the versions; who is further behind asks for them."""
LETTERS_NOW = """
    (SELECT status FROM readings WHERE readings.period = changes.period AND readings.kpi_id = changes.kpi_id)
"""
"""None where the reading has gone."""
WITH_NEWS = {
    "postgresql": "SELECT * FROM versions_and_news('{period}', {number}, {most})",  # made by the migrations; see 0016
    "sqlite": f"""
        SELECT subject, number, rows, since, '' FROM versions
        UNION ALL SELECT NULL, kpi_id, 0, 0, {LETTERS_NOW}
        FROM reading_changes AS changes WHERE period = '{{period}}' AND number > {{number}} AND number <= {{most}}""",  # noqa: S608
}
"""The values stand in the words, as nothing but words can be asked first: they are a day and numbers of our own."""


@dataclass(frozen=True, slots=True, eq=False)
class Statuses:
    """One period's verdicts by the places of the KPIs, now and as first agreed.

    `readings` are the places of the KPIs that have a reading, None where each has one. What was read whole is never
    copied for a few that changed: `mended` has those. `changed` are the places in which these differ from the ones
    with the number `before`, None when that is not known.
    """

    stamp: Stamp
    readings: Places | None
    read: tuple[Codes, Codes]
    mended: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    before: int = -1
    changed: tuple[int, ...] | None = None

    @property
    def now(self) -> Codes:
        """How each KPI stands against its target now."""
        return recoded(codes=self.read[0], changes={place: one for place, (one, _) in self.mended.items()})

    @property
    def first(self) -> Codes:
        """The same against the target as first agreed."""
        return recoded(codes=self.read[1], changes={place: one for place, (_, one) in self.mended.items()})

    def at(self, *, place: int) -> tuple[int, int]:
        """Both of one KPI."""
        return self.mended.get(place) or (int(self.read[0][place]), int(self.read[1][place]))


def read_statuses(
    *,
    session: Session,
    keys: Whole,
    period: date,
    stamp: Stamp,
    kept: Statuses | None,
    others: Iterable[Statuses],
    current: bool,
) -> Statuses:
    """The period's verdicts, read whole; `current` says that the keys are those of all KPIs there are.

    A KPI has at most one reading of a period, so as many readings as KPIs are one of each. Otherwise which have one is
    known from what is kept of the period while no reading came or went, else it is read too.
    """
    mine = _of(session, period)
    found = read_texts(session=session, columns=["status"], between="", **mine)[0]
    letters = np.frombuffer(found.encode("ascii"), np.uint8)
    readings = kept.readings if kept and _same_rows(kept.stamp, stamp) else None
    if current and len(letters) == 2 * len(keys):
        readings = None
    elif readings is None or 2 * len(readings) != len(letters):
        ids = read_lists(session=session, columns=["kpi_id"], **mine)[0]
        readings = _shared(places(keys=keys, of=ids), others)
    now, first = (_spread(letters[one::2], readings, len(keys)) for one in (0, 1))
    return Statuses(stamp, readings, (now, first))


def _of(session: Session, period: date) -> dict[str, Any]:
    """The readings of a period by KPI; the index named here holds all that is asked, in this order."""
    index = by_index(session=session, index="ix_readings_status")
    return {"source": f"readings{index} WHERE period = :period", "order": "kpi_id", "values": {"period": period}}


def by_index(*, session: Session, index: str) -> str:
    """SQLite is told which index to take, since its guesses make these a hundred times as slow."""
    return "" if session.get_bind().dialect.name == "postgresql" else f" INDEXED BY {index}"


def _same_rows(one: Stamp, other: Stamp) -> bool:
    return (one.everything, one.rows) == (other.everything, other.rows)


def _shared(readings: Places, others: Iterable[Statuses]) -> Places:
    """Most periods have readings of the same KPIs: those need to be kept once only."""
    kept = (one.readings for one in others)
    return next((one for one in kept if one is not None and np.array_equal(one, readings)), readings)


def _spread(letters: NDArray[np.uint8], readings: Places | None, many: int) -> Codes:
    """The codes by the places of the KPIs; a reading of a KPI that is not there any more has the place NONE."""
    if readings is None:  # both are ordered by key: each has one
        return BY_LETTER[letters]
    codes = np.full(many + 1, UNSET, np.uint8)  # the last one takes what has no place
    codes[readings] = BY_LETTER[letters]
    return codes[:many]


def mended(
    *, session: Session, keys: Whole, period: date, kept: Statuses, stamp: Stamp, news: News | None = None
) -> Statuses:
    """The kept verdicts brought up to the stamp by the changes listed since; for `stamp.since` <= kept number."""
    if news is not None and news.tells(period=period, kept=kept.stamp, now=stamp):
        changes = _coded(keys, news.changed)
    else:
        asked = {"period": period, "number": kept.stamp.number}
        changes = _coded(keys, _CHANGED.ask(connection=session.connection(), row=asked))
    more = {**kept.mended, **changes}
    now = Statuses(stamp, kept.readings, kept.read, more, kept.stamp.number, tuple(sorted(changes)))
    return now if len(more) <= MOST_APART else replace(now, read=(now.now, now.first), mended={})


MOST_APART = 500
"""So many changed verdicts are kept beside those that were read whole."""
_CHANGED = Prepared(
    statement=lambda _: text(f"""
        SELECT kpi_id, {LETTERS_NOW} FROM reading_changes AS changes WHERE period = :period AND number > :number
    """).bindparams(bindparam("period", type_=Date))  # noqa: S608
)


def as_known(*, session: Session, keys: Whole, period: date, kept: Statuses, known_at: datetime) -> Statuses:
    """The verdicts as they were known at the moment: what was revised since says what it said before."""
    query = text(AS_KNOWN.format(by=by_index(session=session, index="ix_revisions_reading"))).bindparams(
        bindparam("period", period, Date), bindparam("known", known_at, UTCInstant)
    )
    changes = _coded(keys, session.execute(query))
    known = replace(kept, mended={**kept.mended, **changes}, changed=None)
    return replace(known, read=(known.now, known.first), mended={})


AS_KNOWN = """
    SELECT kpi_id, coalesce(
        (SELECT status FROM revisions AS earlier{by}
         WHERE earlier.kpi_id = later.kpi_id AND earlier.period = :period AND earlier.recorded_at <= :known
         ORDER BY earlier.recorded_at DESC, earlier.id DESC LIMIT 1), 'tt')
    FROM revisions AS later WHERE period = :period AND recorded_at > :known GROUP BY kpi_id
"""


def _coded(keys: Whole, rows: Iterable[Any]) -> dict[int, tuple[int, int]]:
    """Both codes by the places of the KPIs, of rows with key and letters; without a reading a KPI has no target."""
    found = [(key, status or "tt") for key, status in rows]
    if len(found) > FEW:
        at = places(keys=keys, of=np.array([key for key, _ in found], np.int64)).tolist()
    else:
        at = [place_of(keys=keys, key=key) for key, _ in found]
    return {place: BY_BOTH[status] for place, (_, status) in zip(at, found, strict=True) if place != NONE}


FEW = 16
"""So many keys are looked for one by one sooner than all at once."""
