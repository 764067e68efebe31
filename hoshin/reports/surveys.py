"""What self-assessments came to, as ready text: for the page, the sheet and the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hoshin.charts.spark import Spark, spark
from hoshin.engine.figures import show_percent
from hoshin.engine.surveys import Recommends, Satisfied, Served, net_promoters, share

Facts = Mapping[str, Any]
"""The counted facts of one unit in one campaign (model.surveys.SurveyResult)."""

MEASURES = (
    ("recall", "Know the priorities", "of this year’s priorities were named"),
    ("agreement", "Agree with each other", "of what one names, another names too"),
    ("served", "Know what their work serves", "name an objective that their work is linked to"),
    ("satisfied", "Customers satisfied", "of those who can tell say yes"),
    ("promoters", "Would recommend us", "promoters less detractors, from −100 to +100"),
)
"""The five figures: key, title, and what it counts."""

CSV_HEAD = (
    "quarter", "unit", "answered", "asked", "named", "to_name", "recall", "agreement", "different_answers",
    "priorities", "serves_linked", "serves_elsewhere", "serves_unlinked", "serves_unknown", "goals", "metrics", "hits",
    "due", "satisfied_yes", "satisfied_partly", "satisfied_no", "satisfied_unknown",
    "promoters", "passive", "detractors", "recommend_unknown", "net_promoters",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure, with the numbers behind it and the change since the quarter before that was shown."""

    key: str
    title: str
    means: str
    text: str
    behind: str
    sign: str = ""
    change: str = ""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit in one campaign; without cells it is not shown."""

    key: int
    name: str
    depth: int
    people: str
    cells: tuple[Cell, ...]
    answers: str
    goals: str
    attainment: str


@dataclass(frozen=True, slots=True)
class QuarterRow:
    """One campaign of one unit; without cells the unit was not shown then."""

    survey_id: int
    name: str
    people: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """How one figure of one unit went over the quarters; `line` is None until there are two."""

    cell: Cell
    line: Spark | None


def unit_row(*, key: int, name: str, depth: int, facts: Facts | None, before: Facts | None) -> UnitRow:
    """A unit's row beside that of the quarter before."""
    if facts is None:
        return UnitRow(key, name, depth, "not shown", (), "", "", "")
    different, real = facts["things"], facts["priorities"]
    plan = "the plan names none" if not real else f"the plan has {real}"
    said = "different answer" if different == 1 else "different answers"
    return UnitRow(
        key, name, depth, people_text(facts=facts), cells_of(facts=facts, before=before),
        f"{different} {said}; {plan}", f"{facts['goals']} goals, {facts['metrics']} metrics",
        f"{facts['hits']} of {facts['due']} hit in {facts['period']}" if facts["due"] else "nothing is due yet",
    )  # fmt: skip


def people_text(*, facts: Facts) -> str:
    """12 of 14."""
    return f"{facts['people']} of {facts['invited']}"


def cells_of(*, facts: Facts, before: Facts | None) -> tuple[Cell, ...]:
    """The five figures of a unit."""
    behind = _behind(facts)
    return tuple(
        Cell(key, title, means, _text(key, facts), behind[key], *_change(key, facts, before))
        for key, title, means in MEASURES
    )


def quarter_row(*, survey_id: int, name: str, facts: Facts | None, before: Facts | None) -> QuarterRow:
    """A unit's figures in one quarter."""
    if facts is None:
        return QuarterRow(survey_id, name, "not shown", ())
    return QuarterRow(survey_id, name, people_text(facts=facts), cells_of(facts=facts, before=before))


def courses(*, quarters: Sequence[tuple[str, Facts | None]]) -> list[Course]:
    """Each figure over the quarters, oldest first; empty while the last one is not shown."""
    shown = [facts for _, facts in quarters if facts is not None]
    if not quarters or quarters[-1][1] is None:
        return []
    cells = cells_of(facts=shown[-1], before=shown[-2] if len(shown) > 1 else None)
    return [Course(one, _line(one, quarters)) for one in cells]


def _line(cell: Cell, quarters: Sequence[tuple[str, Facts | None]]) -> Spark | None:
    values = [None if facts is None else _value(cell.key, facts) for _, facts in quarters]
    known = [(name, facts) for (name, facts), one in zip(quarters, values, strict=True) if facts and one is not None]
    if len(known) < 2:
        return None
    said = "; ".join(f"{name} {_text(cell.key, facts)}" for name, facts in known)
    actual = [None if one is None else Decimal(round(one)) for one in values]
    return spark(plan=[None] * len(actual), actual=actual, said=f"{cell.title}: {said}", width=120.0, height=28.0)


def _value(key: str, facts: Facts) -> Fraction | None:
    """The figure in per cent or points."""
    if key == "promoters":
        found = net_promoters(counts={Recommends(word): count for word, count in facts["recommends"].items()})
        return None if found is None else Fraction(found)
    part, whole = _part(key, facts)
    ratio = share(part=part, whole=whole)
    return None if ratio is None else ratio * 100


def _part(key: str, facts: Facts) -> tuple[int, int]:
    if key == "recall":
        return facts["named"], facts["real"]
    if key == "agreement":
        return facts["shared"], facts["chances"]
    if key == "served":
        return facts["served"][Served.LINKED], facts["people"]
    said = facts["satisfied"]
    return said[Satisfied.YES], facts["people"] - said[Satisfied.UNKNOWN]


def _text(key: str, facts: Facts) -> str:
    value = _value(key, facts)
    if key == "promoters":
        return "n/a" if value is None else f"{int(value):+d}".replace("-", "−") if value else "0"
    return show_percent(value=None if value is None else value / 100)


def _behind(facts: Facts) -> dict[str, str]:
    """The numbers behind each figure, in words."""
    served, satisfied, recommends = facts["served"], facts["satisfied"], facts["recommends"]
    things = facts["things"]
    return {
        "recall": f"{facts['named']} of {facts['real']} times",
        "agreement": f"{facts['people']} people, {things} different answer{'' if things == 1 else 's'}",
        "served": _listed(
            served, (Served.LINKED, "linked"), (Served.ELSEWHERE, "another one"),
            (Served.UNLINKED, "work without a link"), (Served.UNKNOWN, "did not know"),
        ),
        "satisfied": _listed(
            satisfied, (Satisfied.YES, "yes"), (Satisfied.PARTLY, "partly"), (Satisfied.NO, "no"),
            (Satisfied.UNKNOWN, "cannot tell"),
        ),
        "promoters": _listed(
            recommends, (Recommends.PROMOTER, "would"), (Recommends.PASSIVE, "perhaps"),
            (Recommends.DETRACTOR, "would not"), (Recommends.UNKNOWN, "cannot tell"),
        ),
    }  # fmt: skip


def _listed(counts: Mapping[str, int], *words: tuple[str, str]) -> str:
    return ", ".join(f"{counts[key]} {said}" for key, said in words if counts[key]) or "nobody"


def _change(key: str, facts: Facts, before: Facts | None) -> tuple[str, str]:
    """The sign and the words of a change since the quarter before."""
    now = _value(key, facts)
    then = _value(key, before) if before is not None else None
    if now is None or then is None:
        return "", ""
    moved = round(now) - round(then)
    if not moved:
        return "=", "as before"
    points = "point" if abs(moved) == 1 else "points"
    return ("▲", f"up {moved} {points}") if moved > 0 else ("▼", f"down {-moved} {points}")


def csv_rows(*, found: Iterable[tuple[str, str, Facts]]) -> Iterator[tuple[object, ...]]:
    """Lines for a file out of quarter, unit and facts; ratios with four places, empty where there is none."""
    for quarter, unit, facts in found:
        yield (
            quarter, unit, facts["people"], facts["invited"], facts["named"], facts["real"], _ratio("recall", facts),
            _ratio("agreement", facts), facts["things"], facts["priorities"],
            *(facts["served"][one] for one in Served), facts["goals"], facts["metrics"], facts["hits"], facts["due"],
            *(facts["satisfied"][one] for one in Satisfied), *(facts["recommends"][one] for one in Recommends),
            _value("promoters", facts),
        )  # fmt: skip


def _ratio(key: str, facts: Facts) -> str | None:
    part, whole = _part(key, facts)
    return f"{round(Decimal(part) / Decimal(whole), 4)}" if whole else None
