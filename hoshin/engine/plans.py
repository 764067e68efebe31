"""The plan as the engine sees it: units, items, links and metrics as frozen facts, without a database behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from hoshin.engine.calendars import FiscalCalendar
from hoshin.engine.metrics import KPIClass, Metric


class Kind(StrEnum):
    """The four kinds of item on an X-matrix."""

    OBJECTIVE = "objective"
    PRIORITY = "priority"
    ACTION = "action"
    KPI = "kpi"


class State(StrEnum):
    """Where an item or a deployment is in its life; only what is in force counts."""

    DRAFT = "draft"
    ACTIVE = "active"
    ENDED = "ended"


class Rotation(StrEnum):
    """Which arm of a unit's matrix becomes the answering unit's objectives."""

    PRIORITY = "priority"
    ACTION = "action"


LINKED_KINDS = frozenset(
    {
        (Kind.OBJECTIVE, Kind.PRIORITY),
        (Kind.OBJECTIVE, Kind.KPI),
        (Kind.PRIORITY, Kind.ACTION),
        (Kind.PRIORITY, Kind.KPI),
        (Kind.ACTION, Kind.KPI),
    }
)
"""The pairs a correlation may join, upper first: belonging walks these downwards, whatever the preset."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A box in the organisation tree; the top one has no parent."""

    key: int
    name: str
    parent: int | None


@dataclass(frozen=True, slots=True)
class Life:
    """The state of an item or a deployment and the days it is valid, ends included, None being open."""

    state: State = State.ACTIVE
    first: date | None = None
    last: date | None = None

    def in_force(self, *, on: date) -> bool:
        """Whether it counts on that day: agreed upon, begun and not yet over (rule 9).

        What has ended counts until its last day; ended without a last day counts nowhere.
        """
        if self.state is State.DRAFT or (self.state is State.ENDED and self.last is None):
            return False
        return (self.first is None or self.first <= on) and (self.last is None or on <= self.last)


@dataclass(frozen=True, slots=True)
class Item:
    """An objective, priority, action or KPI; `cycle` is the name of the cycle a priority or action belongs to."""

    key: int
    kind: Kind
    unit: int
    name: str
    life: Life = Life()
    cycle: str | None = None
    owner: int | None = None
    kpi_class: KPIClass | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A correlation between two items, upper first; strength 9, 3 or 1."""

    upper: int
    lower: int
    strength: int


@dataclass(frozen=True, slots=True)
class Deployment:
    """A unit's priority or action answered by another unit's objective."""

    source: int
    objective: int
    life: Life = Life()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything attainment needs to know of one cycle. `metrics` holds the KPIs that belong to the cycle."""

    organisation: str
    calendar: FiscalCalendar
    units: Sequence[Unit]
    items: Sequence[Item]
    links: Sequence[Link] = ()
    deployments: Sequence[Deployment] = ()
    metrics: Mapping[int, Metric] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)
    rotation: Rotation = Rotation.PRIORITY
    least_strength: int = 1
