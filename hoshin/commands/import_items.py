"""A file's objectives, priorities, actions and KPIs: found by their identity, made or changed, linked and deployed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from hoshin.commands import bulk, items as item_rules, journal
from hoshin.commands.import_frame import HELPERS, NAMING, PEOPLE, SEPARATOR, Directory
from hoshin.commands.import_job import Job, short
from hoshin.commands.import_wish import AnswerEntry, ItemEntry, ItemKey, LinkEntry
from hoshin.engine.calendars import Frequency
from hoshin.engine.plans import Kind, State
from hoshin.errors import Problem
from hoshin.model.actions import Action, ActionHelper, Status
from hoshin.model.base import Base
from hoshin.model.cycles import CycleState
from hoshin.model.items import Item, Objective, Priority
from hoshin.model.kpis import KPI, Reading
from hoshin.model.links import Correlation, Deployment
from hoshin.model.rows import made
from hoshin.queries.kpis import MOST_KEYS

CLASSES: Mapping[Kind, type[Item]] = {
    Kind.OBJECTIVE: Objective, Kind.PRIORITY: Priority, Kind.ACTION: Action, Kind.KPI: KPI,
}  # fmt: skip
MEDIUM = 3
COMPLETE = 100


class ItemStep:
    """Finds or makes every item of the wish; `aims_changed` are KPIs whose direction or tolerance is another now."""

    def __init__(self, *, job: Job) -> None:
        self.job, self.directory = job, Directory(job=job)
        self.aims_changed: list[KPI] = []
        self.helpers: dict[int, set[int]] = defaultdict(set)
        self.new: list[tuple[ItemEntry, Item]] = []

    def run(self) -> None:
        """Take every entry; new items are added at the end, in the order of the file."""
        for entry in self.job.wish.items:
            if entry.key.unit not in self.job.units:
                continue
            found = self.job.items.get(entry.key)
            if found is None:
                self._make(entry)
            else:
                self._change(entry, found)
        job = self.job
        if self.new:
            job.hold()
        bulk.add_items(session=job.session, items=[one for _, one in self.new], by=job.by, at=job.at, why=job.reason)
        for entry, item in self.new:
            self._set_helpers(entry, item)

    def load(self) -> None:
        """Find what there is in the units that the file speaks of; in all of them where it says who answers whom."""
        job = self.job
        paths = {unit.id: path for path, unit in job.units.items()}
        cycles = {one.id: name for name, one in job.cycles.items()}
        spoken = {one.key.unit for one in job.wish.items}
        units = sorted(key for key, path in paths.items() if job.wish.answers or path in spoken)
        for first in range(0, len(units), MOST_KEYS):
            some = units[first : first + MOST_KEYS]
            for kind, table in CLASSES.items():
                for one in job.session.scalars(select(table).where(table.unit_id.in_(some))):
                    key = ItemKey(kind, paths[one.unit_id], one.name, cycles.get(one.cycle_id or 0, ""))
                    job.items[key] = one
        for action, person in job.session.execute(select(ActionHelper.action_id, ActionHelper.person_id)):
            self.helpers[action].add(person)

    @property
    def made(self) -> frozenset[int]:
        """The keys of the items that were not there before."""
        return frozenset(one.id for _, one in self.new)

    def _values(self, entry: ItemEntry, item: Item | None) -> dict[str, Any]:
        values = {name: value for name, value in entry.values.items() if name not in (*NAMING, "archived")}
        for name, column in PEOPLE.items():
            if name in entry.values:
                found = self.directory.find(ref=entry.values[name], place=entry.place)
                if found is not None:
                    values[column] = found
        if "archived" in entry.values:
            known = item.archived_at if item else None
            values["archived_at"] = (known or self.job.at) if entry.values["archived"] else None
        if values.get("tolerance") is not None and values["tolerance"] < 0:
            self.job.wrong(entry.place, "a tolerance is not negative")
        if values.get("status") is Status.DONE:
            values["progress"] = COMPLETE
        return values

    def _make(self, entry: ItemEntry) -> None:
        job, key = self.job, entry.key
        unit, cycle = job.units[key.unit], job.cycles.get(key.cycle)
        if unit.archived_at is not None and unit.id not in job.new_units:
            job.wrong(entry.place, f"unit {key.unit or unit.name} is archived")
        if cycle is not None and cycle.state is CycleState.CLOSED:
            job.wrong(entry.place, f"{cycle.name} is closed")
        values: dict[str, Any] = {"description": "", "end_reason": "", "state": State.ACTIVE}
        if cycle is not None:
            values |= {"valid_from": cycle.first_day, "valid_to": cycle.last_day, "cycle_id": cycle.id}
        elif entry.first is not None:
            values["valid_from"] = entry.first.first
        values |= self._values(entry, None)
        values |= {"kind": key.kind, "unit_id": unit.id, "name": key.name}
        item = made(model=CLASSES[key.kind], values=values)
        self._check_days(entry, values.get("valid_from"), values.get("valid_to"))
        job.items[key] = item
        self.new.append((entry, item))
        job.created(item_rules.LABELS[key.kind], f"{short(name=key.name)}{f', {key.cycle}' if key.cycle else ''}")

    def _change(self, entry: ItemEntry, item: Item) -> None:
        job = self.job
        values = self._values(entry, item)
        first = entry.first
        if (
            "valid_from" not in values
            and not item.cycle_id
            and first
            and item.valid_from
            and first.last < item.valid_from
        ):
            values["valid_from"] = first.first  # the file speaks of a year before the item was known
        self._check_days(entry, values.get("valid_from", item.valid_from), values.get("valid_to", item.valid_to))
        if isinstance(item, KPI):
            self._watch_aims(entry, item, values)
        if _differs(item, values) and _is_closed(job, entry.place, item):
            return
        if item.state is State.DRAFT and values.get("state") is State.ACTIVE:
            job.hold()
            item_rules.put_in_force(session=job.session, item_id=item.id, by=job.by, at=job.at)
            job.changed(item_rules.LABELS[item.kind], item.name, "put in force")
        label = item_rules.LABELS[item.kind]
        job.update(item, values, what=label, name=item.name, place=entry.place, unit=item.unit_id)
        self._set_helpers(entry, item)

    def _check_days(self, entry: ItemEntry, first: Any, last: Any) -> None:
        if first and last and first > last:
            name = short(name=entry.key.name)
            self.job.wrong(entry.place, f"“{name}” would end on {last}, before it begins on {first}")

    def _watch_aims(self, entry: ItemEntry, kpi: KPI, values: Mapping[str, Any]) -> None:
        frequency: Frequency | None = values.get("frequency")
        if frequency not in (None, kpi.frequency) and self._is_read(kpi):
            told = f"“{short(name=kpi.name)}” is read by the {kpi.frequency.value} and has readings: it cannot change"
            self.job.wrong(entry.place, told)
        if any(values.get(name, getattr(kpi, name)) != getattr(kpi, name) for name in ("direction", "tolerance")):
            self.aims_changed.append(kpi)

    def _is_read(self, kpi: KPI) -> bool:
        """Whether it has readings, of which nobody adds the first from here on."""
        self.job.hold()
        some = select(Reading.kpi_id).where(Reading.kpi_id == kpi.id).limit(1)
        return self.job.session.scalars(some).first() is not None

    def _set_helpers(self, entry: ItemEntry, item: Item) -> None:
        job, known = self.job, self.helpers[item.id]
        if HELPERS not in entry.values or _is_closed(job, None, item):
            return
        found = {self.directory.find(ref=one, place=entry.place) for one in entry.values[HELPERS]}
        new = {one for one in found if one is not None} - known - {item.owner_id}
        if not new:
            return
        job.hold()
        with journal.changing(
            session=job.session, by=job.by, at=job.at, thing=item, verb="helpers named", why=job.reason,
            beside=lambda: {"helpers": sorted(known)},
        ):  # fmt: skip
            job.session.add_all(ActionHelper(action_id=item.id, person_id=one) for one in sorted(new))
            known |= new


def _differs(thing: Base, values: Mapping[str, Any]) -> bool:
    """Whether taking these values over would change anything."""
    return any(getattr(thing, name) != value for name, value in values.items())


def _is_closed(job: Job, place: Problem | None, *found: Item) -> bool:
    """Whether one of the items belongs to a closed cycle; that is noted as wrong at the place, where there is one."""
    wrong = next(filter(None, [job.closed_with(one.cycle_id) for one in found]), "")
    if wrong and place is not None:
        job.wrong(place, wrong)
    return bool(wrong)


def load_links(*, job: Job) -> None:
    """The links and answers that there are, where the file speaks of any."""
    if job.wish.links:
        job.links = {(one.upper_id, one.lower_id): one for one in job.session.scalars(select(Correlation))}
    if job.wish.answers:
        job.answers = {(one.source_id, one.objective_id): one for one in job.session.scalars(select(Deployment))}


def take_links(*, job: Job) -> None:
    """Link what stands in one row; an existing link changes only where the file states a strength or a reason."""
    known = job.links
    new: list[Correlation] = []
    titles: dict[tuple[int, int], tuple[str, int]] = {}
    for entry in job.wish.links:
        upper, lower = job.items.get(entry.upper), job.items.get(entry.lower)
        if upper is None or lower is None:
            continue
        title = f"{upper.name} × {lower.name}"
        titles[upper.id, lower.id] = (title, upper.unit_id)
        link = known.get((upper.id, lower.id))
        if (link is None or _differs(link, _said(entry))) and _is_closed(job, entry.place, upper, lower):
            continue
        if link is None:
            new.append(_new_link(entry, upper, lower))
        else:
            values = _said(entry)
            job.update(link, values, what="link", name=title, place=entry.place, unit=upper.unit_id)
    if new:
        job.hold()
    job.created("link", "", number=len(new))
    bulk.add_rows(
        session=job.session, rows=new, by=job.by, at=job.at, why=job.reason,
        unit=lambda one: titles[one.upper_id, one.lower_id][1], name=lambda one: titles[one.upper_id, one.lower_id][0],
        held=False,
    )  # fmt: skip


def _new_link(entry: LinkEntry, upper: Item, lower: Item) -> Correlation:
    ends = {"upper_id": upper.id, "lower_id": lower.id}
    said = {"strength": entry.strength or MEDIUM, "rationale": entry.rationale or ""}
    return made(model=Correlation, values=ends | said)


def _said(entry: LinkEntry) -> dict[str, Any]:
    said = {"strength": entry.strength, "rationale": entry.rationale}
    return {name: value for name, value in said.items() if value is not None}


@dataclass(slots=True)
class _Answering:
    job: Job
    known: dict[tuple[int, int], Deployment]
    new: list[Deployment]

    def take(self, entry: AnswerEntry) -> None:
        objective = self.job.items.get(entry.objective)
        if objective is None:
            return
        for text, source in self._sources(entry).items():
            if source is None:
                name = short(name=text)
                self.job.wrong(entry.place, f"there is no {self._kind(entry).value} “{name}” in {entry.cycle}")
            elif source.unit_id == objective.unit_id:
                self.job.wrong(entry.place, "a unit answers another unit, not itself")
            else:
                self._answer(entry, source, objective)

    def _kind(self, entry: AnswerEntry) -> Kind:
        return Kind(self.job.cycles[entry.cycle].rotation.value)

    def _sources(self, entry: AnswerEntry) -> dict[str, Item | None]:
        """The items meant: the whole cell is one name, else it holds several, divided by line ends or ;."""
        whole = self._source(entry, entry.answers)
        if whole is not None:
            return {entry.answers: whole}
        for divider in ("\n", ";"):
            parts = [one.strip() for one in entry.answers.split(divider) if one.strip()]
            found = {one: self._source(entry, one) for one in parts}
            if len(parts) > 1 and (divider == ";" or all(found.values())):
                return found
        return {entry.answers: None}

    def _source(self, entry: AnswerEntry, text: str) -> Item | None:
        """A name may hold the sign itself, so every place where the path could end is tried."""
        ends = [(one.start(), one.end()) for one in re.finditer(r"\s*>\s*", text)]
        for start, end in [*ends, (0, 0)]:
            path = SEPARATOR.join(part.strip() for part in re.split(r"\s/\s|^/|/$", text[:start]) if part.strip())
            found = self.job.items.get(ItemKey(self._kind(entry), path, text[end:], entry.cycle))
            if found is not None:
                return found
        return None

    def _answer(self, entry: AnswerEntry, source: Item, objective: Item) -> None:
        title = f"{source.name} × {objective.name}"
        found, job = self.known.get((source.id, objective.id)), self.job
        if (found is None or _differs(found, dict(entry.values))) and _is_closed(job, entry.place, source):
            return
        if found is not None:
            values = dict(entry.values)
            job.update(found, values, what="answer", name=title, place=entry.place, unit=objective.unit_id)
            return
        made = Deployment(source_id=source.id, objective_id=objective.id, **{"state": State.ACTIVE, **entry.values})
        self.known[source.id, objective.id] = made
        self.new.append(made)
        self.job.created("answer", title)


def take_answers(*, job: Job) -> None:
    """Let objectives answer the priorities that the file names; a circle is refused with the items along it."""
    answering = _Answering(job, job.answers, [])
    for entry in job.wish.answers:
        answering.take(entry)
    if not answering.new:
        return
    job.hold()
    by_key = {one.id: one for one in job.items.values()}
    bulk.add_rows(
        session=job.session, rows=answering.new, by=job.by, at=job.at, why=job.reason,
        unit=lambda one: by_key[one.objective_id].unit_id,
        name=lambda one: f"{by_key[one.source_id].name} × {by_key[one.objective_id].name}",
    )  # fmt: skip
    job.problems.extend(bulk.circle_problems(session=job.session))


def note_likely_duplicates(*, job: Job) -> None:
    """Report names of one unit that differ only in case, inner spacing or final punctuation; they stay apart."""
    in_file = {(one.key.kind, one.key.unit, one.key.name) for one in job.wish.items}
    groups: dict[tuple[Kind, str, str], dict[str, None]] = defaultdict(dict)
    for key in job.items:
        groups[key.kind, key.unit, folded(name=key.name)][key.name] = None
    for (kind, unit, _), names in groups.items():
        if len(names) > 1 and any((kind, unit, one) in in_file for one in names):
            told = " and ".join(f"“{short(name=one)}”" for one in names)
            where = f" in {unit}" if unit else ""
            job.outcome.notes.append(f"likely duplicate {item_rules.LABELS[kind]}{where}, kept apart: {told}")


def folded(*, name: str) -> str:
    """What two names share that a person would take for the same: case, inner spacing and final punctuation aside."""
    return " ".join(name.casefold().split()).rstrip(".,;:!?… ")
