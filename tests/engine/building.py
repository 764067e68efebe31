"""Small plans in few words: what a planner would sketch on paper, as the engine's frozen facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from hoshin.engine.attainment import Report, attain
from hoshin.engine.calendars import CycleSpan, FiscalCalendar, Frequency, Period
from hoshin.engine.counts import Counts
from hoshin.engine.metrics import Aggregation, Asked, KPIClass, Metric, Mode, Reading
from hoshin.engine.plans import Deployment, Item, Kind, Life, Link, Plan, Rotation, State, Unit
from hoshin.engine.verdicts import Band, Direction, band_of

CALENDAR = FiscalCalendar()
YEAR = CALENDAR.cycle_named(name="FY2026")
MAY = CALENDAR.parse(text="2026-05")
LONG_AFTER = date(2027, 6, 30)
COMPANY = Unit(1, "Company", None)


def day(text: str) -> date:
    """A day as people type it."""
    return date.fromisoformat(text)


def number(text: str | None) -> Decimal | None:
    """An exact figure, or nothing."""
    return None if text is None else Decimal(text)


def aim(target: str | None, direction: Direction = Direction.AT_LEAST) -> Band | None:
    """What a single target means."""
    return band_of(direction=direction, target=number(target))


def reading(target: str | None, actual: str | None, direction: Direction = Direction.AT_LEAST) -> Reading:
    """A plan and an actual, agreed like this from the beginning."""
    band = aim(target, direction)
    return Reading(band=band, actual=number(actual), first_band=band)


def hit() -> Reading:
    """Exactly on target."""
    return reading("5", "5")


def miss() -> Reading:
    """Below target."""
    return reading("5", "4")


def months(*pairs: tuple[str | None, str | None]) -> dict[date, Reading]:
    """Readings from January on: (target, actual) for each month."""
    periods = CALENDAR.periods(first=YEAR.first, last=YEAR.last, frequency=Frequency.MONTH)
    return {period.first: reading(*pair) for period, pair in zip(periods, pairs, strict=False)}


def metric(
    *,
    readings: Mapping[date, Reading],
    frequency: Frequency = Frequency.MONTH,
    aggregation: Aggregation = Aggregation.LAST,
) -> Metric:
    """A metric by itself."""
    return Metric(1, frequency, aggregation, readings)


def ask(period: Period = MAY, mode: Mode = Mode.PERIOD, as_of: date = LONG_AFTER, cycle: CycleSpan = YEAR) -> Asked:
    """A question; by default about May 2026, long after."""
    return Asked(cycle, period, mode, as_of)


class Sketch:
    """A plan under construction: items are named, keys are given in the order of their making."""

    def __init__(self) -> None:
        self.units: list[Unit] = [COMPANY]
        self.items: dict[str, Item] = {}
        self.links: list[Link] = []
        self.deployments: list[Deployment] = []
        self.metrics: dict[int, Metric] = {}
        self.people: dict[int, str] = {}

    def unit(self, name: str, parent: int = COMPANY.key) -> int:
        """Add a unit; its key comes back."""
        self.units.append(Unit(len(self.units) + 1, name, parent))
        return self.units[-1].key

    def item(
        self,
        kind: Kind,
        name: str,
        *,
        unit: int = COMPANY.key,
        life: Life | None = None,
        cycle: str = YEAR.name,
        owner: int | None = None,
    ) -> str:
        """Add an objective, priority or action in force."""
        dated = cycle if kind in (Kind.PRIORITY, Kind.ACTION) else None
        self.items[name] = Item(len(self.items) + 1, kind, unit, name, life or Life(), dated, owner)
        return name

    def kpi(
        self,
        name: str,
        result: Reading | Mapping[date, Reading],
        *,
        unit: int = COMPANY.key,
        life: Life | None = None,
        kpi_class: KPIClass | None = KPIClass.BREAKTHROUGH,
        owner: int | None = None,
        frequency: Frequency = Frequency.MONTH,
        aggregation: Aggregation = Aggregation.LAST,
    ) -> str:
        """Add a KPI in force with one reading for May, or with the readings given."""
        key = len(self.items) + 1
        self.items[name] = Item(key, Kind.KPI, unit, name, life or Life(), None, owner, kpi_class)
        readings = {MAY.first: result} if isinstance(result, Reading) else result
        self.metrics[key] = Metric(key, frequency, aggregation, readings)
        return name

    def link(self, upper: str, *lowers: str, strength: int = 3) -> None:
        """Correlate items, the upper one first."""
        self.links += [Link(self.items[upper].key, self.items[one].key, strength) for one in lowers]

    def deploy(self, source: str, objective: str, *, life: Life | None = None) -> None:
        """Let another unit's objective answer a priority or an action."""
        self.deployments.append(Deployment(self.items[source].key, self.items[objective].key, life or Life()))

    def plan(self, *, rotation: Rotation = Rotation.PRIORITY, least_strength: int = 1) -> Plan:
        """The finished plan."""
        return Plan(
            organisation="Company",
            calendar=CALENDAR,
            units=self.units,
            items=list(self.items.values()),
            links=self.links,
            deployments=self.deployments,
            metrics=self.metrics,
            people=self.people,
            rotation=rotation,
            least_strength=least_strength,
        )

    def report(
        self, asked: Asked | None = None, *, rotation: Rotation = Rotation.PRIORITY, least_strength: int = 1
    ) -> Report:
        """The attainment of the plan for May, or for another question."""
        return attain(plan=self.plan(rotation=rotation, least_strength=least_strength), asked=asked or ask())

    def counts(self, name: str, report: Report | None = None) -> Counts:
        """What the report counts at the item of that name."""
        item = self.items[name]
        return (report or self.report()).nodes[item.kind.value, item.key].counts


def tally(counts: Counts) -> str:
    """hits/due as people say it."""
    return f"{counts.hits}/{counts.due}"


def names(sketch: Sketch, keys: Sequence[int]) -> list[str]:
    """The names of items, for reading a failure."""
    by_key = {one.key: name for name, one in sketch.items.items()}
    return [by_key[key] for key in keys]


DRAFT = Life(State.DRAFT)
