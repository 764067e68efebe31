"""Counts a self-assessment: the sums of every unit that may be shown, beside what the engine knows of its plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hoshin.engine.cascade import counted_items
from hoshin.engine.counts import Counts
from hoshin.engine.plans import Kind, Plan
from hoshin.engine.recall import words_of
from hoshin.engine.suppression import shown
from hoshin.engine.surveys import Answer, Recommends, Satisfied, Served, Tally, pooled, tally
from hoshin.model.surveys import SurveyPanel
from hoshin.queries.attainment import Attainment
from hoshin.queries.surveys import asked_of

GOALS = frozenset({Kind.OBJECTIVE, Kind.PRIORITY})


def count(*, panels: Sequence[SurveyPanel], attainment: Attainment) -> dict[int, dict[str, Any]]:
    """The facts of each unit that is shown, by unit; empty where too few have answered altogether."""
    tallies = {one.unit_id: _tally(one, attainment) for one in panels}
    plan = attainment.plan
    visible = shown(units=plan.units, counts={key: one.people for key, one in tallies.items()})
    found = {}
    for unit in visible:
        below = _below(plan, unit)
        whole = pooled(tallies=[one for key, one in tallies.items() if key in below])
        invited = sum(one.invited for one in panels if one.unit_id in below)
        found[unit] = _facts(whole, invited) | _engine_facts(attainment, unit, below)
    return found


def answer_of(*, kept: Mapping[str, Any]) -> Answer:
    """An answer out of a bag."""
    return Answer(tuple(kept["lines"]), Served(kept["served"]), Satisfied(kept["satisfied"]), kept["recommend"])


def _tally(panel: SurveyPanel, attainment: Attainment) -> Tally:
    real = asked_of(attainment=attainment, panel=panel.unit_id).priorities
    names = {one.key: words_of(line=one.name) for one in real}
    return tally(answers=[answer_of(kept=one) for one in panel.bag], real=names)


def _below(plan: Plan, top: int) -> frozenset[int]:
    """The unit and every one below it."""
    found, grown = {top}, True
    while grown:
        new = {one.key for one in plan.units if one.parent in found} - found
        found, grown = found | new, bool(new)
    return frozenset(found)


def _facts(whole: Tally, invited: int) -> dict[str, Any]:
    return {
        "people": whole.people, "invited": max(invited, whole.people), "named": whole.named, "real": whole.real,
        "shared": whole.shared, "chances": whole.chances, "things": len(whole.things),
        "priorities": len(whole.priorities),
        "served": {word.value: whole.served.get(word, 0) for word in Served},
        "satisfied": {word.value: whole.satisfied.get(word, 0) for word in Satisfied},
        "recommends": {word.value: whole.recommends.get(word, 0) for word in Recommends},
    }  # fmt: skip


def _engine_facts(attainment: Attainment, unit: int, below: frozenset[int]) -> dict[str, Any]:
    """Goals (objectives and priorities in force), metrics and attainment at the time of counting."""
    items = counted_items(plan=attainment.plan, asked=attainment.asked).values()
    node = attainment.report.nodes.get(("unit", unit)) or attainment.report.organisation
    counts: Counts = node.counts
    return {
        "goals": sum(one.kind in GOALS and one.unit in below for one in items),
        "metrics": counts.total, "hits": counts.hits, "due": counts.due, "period": attainment.period_label,
    }  # fmt: skip
