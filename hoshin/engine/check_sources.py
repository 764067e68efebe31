"""Why each rule of the plan's lint is there and where it comes from, in words for a planner."""

from __future__ import annotations

from collections.abc import Mapping

from hoshin.engine.checks import Explanation, Rule

AKAO = "Yoji Akao (ed.), Hoshin Kanri: Policy Deployment for Successful TQM"
JACKSON = "Thomas L. Jackson, Hoshin Kanri for the Lean Enterprise"
HUTCHINS = "David Hutchins, Hoshin Kanri: The Strategic Approach to Continuous Improvement"
OURS = "This product's own threshold, a rule of thumb"

EXPLANATIONS: Mapping[Rule, Explanation] = {
    Rule.ORPHAN_OBJECTIVE: Explanation(
        "Objective that answers nothing",
        "Below the top, an objective is a unit's answer to somebody else's priority. One that answers nothing may be "
        "good work, but it is not the strategy.",
        f"After {JACKSON}: the levels of a plan hang together, each answering the one above.",
    ),
    Rule.ORPHAN_PRIORITY: Explanation(
        "Priority without an objective",
        "An annual priority is the year's step towards an objective. Link it to the one it moves, or ask whether it "
        "should take people's time this year.",
        f"After {AKAO}: targets and the means to reach them are deployed together.",
    ),
    Rule.ORPHAN_KPI: Explanation(
        "Breakthrough KPI that proves nothing",
        "A breakthrough KPI stands on the matrix because it proves that something moved. Without a link nobody can say "
        "what its hit means. If it watches daily work, make it a fundamental.",
        f"After {AKAO}: control items belong to the targets and means they check.",
    ),
    Rule.ORPHAN_ACTION: Explanation(
        "Action that carries out nothing",
        "Who works on it cannot see which priority it serves. Link it, or stop it.",
        f"After {JACKSON}: on the X-matrix every tactic and its actions correlate with what they serve.",
    ),
    Rule.UNSUPPORTED_OBJECTIVE: Explanation(
        "Objective that nothing moves this year",
        "An objective over several years needs at least one priority in force in each of them, or it is a wish.",
        f"After {HUTCHINS}: long-term goals reach the organisation through annual plans.",
    ),
    Rule.NO_OWNER: Explanation(
        "KPI without an owner",
        "One person answers for each metric. What belongs to everybody is looked after by nobody.",
        "This product's design: exactly one person responsible, after the responsibility chart on the X-matrix.",
    ),
    Rule.NO_TARGET: Explanation(
        "KPI without a target",
        "It cannot hit, and it stays among the due metrics as “without target”: what cannot be measured is no success.",
        "This product's rules of attainment (rule 5).",
    ),
    Rule.NO_DIRECTION: Explanation(
        "KPI without a direction",
        "At least, at most, between or exactly: without it nobody can tell a hit from a miss, and the planner never "
        "guesses.",
        "This product's rules of attainment (rules 1 and 5).",
    ),
    Rule.NO_CLASS: Explanation(
        "KPI of no class",
        "Breakthrough metrics change the business and stand on the matrix; fundamentals keep it running and stand "
        "beside it. Mixing the two hides both.",
        f"After {HUTCHINS} and {AKAO}: breakthrough work is told apart from daily management.",
    ),
    Rule.NO_READING: Explanation(
        "KPI without a reading",
        "A reading was due this year and none was entered: check what stands in the way, the data or the owner.",
        f"After {AKAO}: the check in plan, do, check, act.",
    ),
    Rule.MANY_OBJECTIVES: Explanation(
        "Too many objectives",
        "More than five objectives in one unit and year leave little for each. Hoshin is the choice of the vital few.",
        f"{OURS}; that focus on a vital few matters is common to the field ({HUTCHINS}).",
    ),
    Rule.MANY_PRIORITIES: Explanation(
        "Too many priorities",
        "More than eight priorities in one unit and year: whatever is asked for next will be late.",
        f"{OURS}; the vital few again.",
    ),
    Rule.MANY_ACTIONS: Explanation(
        "Too many actions for one person",
        "More than ten unfinished actions with one owner: agree which come first, or spread them.",
        f"{OURS}.",
    ),
    Rule.FULL_CORNER: Explanation(
        "A corner in which nearly everything is linked",
        "When more than 80 % of a corner's cells (of at least nine) are linked, the links say nothing any more. Keep "
        "those that explain a result.",
        f"{OURS}; the X-matrix is meant to show which few links matter ({JACKSON}).",
    ),
    Rule.ONE_OWNER: Explanation(
        "One owner for most of a unit's KPIs",
        "When one person answers for more than half of a unit's KPIs (of at least five), the plan rests on one pair of "
        "shoulders, and catching it is not yet shared.",
        f"{OURS}.",
    ),
}
"""Every rule has one; a test sees to it."""
