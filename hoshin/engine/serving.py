"""Which KPIs stand under which priority on the sheets of a unit."""

from __future__ import annotations

from hoshin.engine.cascade import counted_items
from hoshin.engine.metrics import Asked
from hoshin.engine.plans import Kind, Plan


def serving(*, plan: Plan, asked: Asked, unit_id: int) -> dict[int, list[int]]:
    """The KPIs under each priority in force of the unit, directly or through its actions; each KPI only once."""
    items = counted_items(plan=plan, asked=asked)
    below: dict[int, list[int]] = {}
    for link in sorted(plan.links, key=lambda one: -one.strength):
        if link.strength >= plan.least_strength and link.upper in items and link.lower in items:
            below.setdefault(link.upper, []).append(link.lower)
    taken: set[int] = set()
    found: dict[int, list[int]] = {}
    for item in items.values():
        if item.kind is Kind.PRIORITY and item.unit == unit_id:
            direct = below.get(item.key, [])
            through = [kpi for one in direct if items[one].kind is Kind.ACTION for kpi in below.get(one, [])]
            reached = [one for one in [*direct, *through] if items[one].kind is Kind.KPI and one not in taken]
            found[item.key] = list(dict.fromkeys(reached))
            taken.update(found[item.key])
    return found
