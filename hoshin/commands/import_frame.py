"""The frame that a file's items stand in: organisation, units, cycles and people, found or made."""

from __future__ import annotations

from collections import defaultdict

from hoshin.commands import bulk, journal
from hoshin.commands.cycles import ensure_cycle
from hoshin.commands.import_job import Job
from hoshin.commands.import_wish import PersonRef, UnitEntry
from hoshin.errors import Problem, Refused
from hoshin.model.people import Person
from hoshin.model.units import Organisation, Unit
from hoshin.queries.cycles import list_cycles
from hoshin.queries.people import list_people
from hoshin.queries.unit_lists import list_units, paths_of
from hoshin.queries.units import find_organisation, units_by_key

SEPARATOR = " / "
PEOPLE = {"owner": "owner_id", "sponsor": "sponsor_id", "reporter": "reporter_id"}
HELPERS = "helpers"
NAMING = frozenset({*PEOPLE, HELPERS})
"""What of an item names people."""


def load_frame(*, job: Job) -> None:
    """Units by their paths and cycles by their names, as they are."""
    rows = units_by_key(session=job.session)
    paths = paths_of(units=list_units(session=job.session))
    job.units = {path: rows[key] for key, path in paths.items()}
    job.cycles = {one.name: one for one in list_cycles(session=job.session)}


def take_organisation(*, job: Job) -> None:
    """Find the organisation, or make it with its top unit; its calendar is never changed by a file."""
    found = find_organisation(session=job.session)
    settings = job.wish.settings
    if found is None:
        _found_organisation(job)
    elif (found.fiscal_start_month, found.named_by) != (job.wish.calendar.starts_month, job.wish.calendar.named_by):
        raise Refused("the calendar of the file contradicts the organisation's")
    else:
        for name in ("time_zone", "due_days", "least_strength"):
            if name in settings and settings[name] != getattr(found, name):
                job.outcome.notes.append(f"the organisation keeps its {name}: {getattr(found, name)}")


def _found_organisation(job: Job) -> None:
    job.hold()
    settings, calendar, name = job.wish.settings, job.wish.calendar, job.wish.organisation
    made = Organisation(
        id=1,
        name=name,
        time_zone=settings.get("time_zone", "UTC"),
        fiscal_start_month=calendar.starts_month,
        named_by=calendar.named_by,
        due_days=calendar.due_days,
        least_strength=settings.get("least_strength", 1),
        founded_at=job.at,
    )
    top = Unit(name=name, kind="company", parent_id=None)
    bulk.add_rows(session=job.session, rows=[made], by=job.by, at=job.at, why=job.reason, name=lambda one: one.name)
    bulk.add_rows(
        session=job.session, rows=[top], by=job.by, at=job.at, why=job.reason, unit=lambda one: one.id
    )  # fmt: skip
    job.units[""] = top
    job.new_units.add(top.id)
    job.created("organisation", name)


def take_units(*, job: Job) -> None:
    """Find every unit of the file by its path, or make it, parents first."""
    for entry in job.wish.units:
        found = job.units.get(entry.path)
        if found is None:
            _make_unit(job, entry)
        elif entry.path or entry.values:
            values = _unit_values(job, entry, found)
            job.update(found, values, what="unit", name=found.name, place=entry.place, unit=found.id)


def _make_unit(job: Job, entry: UnitEntry) -> None:
    job.hold()
    above, _, name = entry.path.rpartition(SEPARATOR)
    parent = job.units[above]
    sisters = [one.position for path, one in job.units.items() if one.parent_id == parent.id and path]
    made = Unit(name=name, parent_id=parent.id, position=max(sisters, default=0) + 1, kind="unit")
    for one, value in _unit_values(job, entry, made).items():
        setattr(made, one, value)
    journal.created(session=job.session, by=job.by, at=job.at, thing=made, why=job.reason)
    job.units[entry.path] = made
    job.new_units.add(made.id)
    job.created("unit", entry.path)


def _unit_values(job: Job, entry: UnitEntry, unit: Unit) -> dict[str, object]:
    values = dict(entry.values)
    if "archived" in values:
        values["archived_at"] = (unit.archived_at or job.at) if values.pop("archived") else None
    return values


def take_cycles(*, job: Job) -> None:
    """Find the cycles that the file speaks of, or open them."""
    known = set(job.cycles)
    for entry in job.wish.cycles:
        if entry.span.name in known:
            cycle = job.cycles[entry.span.name]
            job.left("cycle")
        else:
            job.hold()
            cycle = ensure_cycle(session=job.session, span=entry.span, by=job.by, at=job.at)
            job.cycles[cycle.name] = cycle
            job.created("cycle", cycle.name)
        if entry.rotation is not None and entry.rotation is not cycle.rotation:
            job.hold()
            with journal.changing(session=job.session, by=job.by, at=job.at, thing=cycle, why=job.reason):
                cycle.rotation = entry.rotation
            job.changed("cycle", cycle.name, f"rotation {entry.rotation.value}")


class Directory:
    """People by address and by name; somebody unknown is added without a sign-in."""

    def __init__(self, *, job: Job) -> None:
        self.job = job
        self.by_email: dict[str, Person] = {}
        self.by_name: dict[str, list[Person]] = defaultdict(list)
        if any(not NAMING.isdisjoint(one.values) for one in job.wish.items):
            for one in list_people(session=job.session, everyone=True):
                self._know(one)

    def _know(self, person: Person) -> None:
        self.by_name[person.name].append(person)
        if person.email:
            self.by_email[person.email] = person

    def find(self, *, ref: PersonRef, place: Problem) -> int | None:
        """The key of the person meant; None, and a problem noted, where several have that name."""
        if ref.email and ref.email in self.by_email:
            return self.by_email[ref.email].id
        namesakes = self.by_name[ref.name] if not ref.email else []
        if len(namesakes) > 1:
            self.job.wrong(place, f"{len(namesakes)} people are called {ref.name}; name one by e-mail")
            return None
        return namesakes[0].id if namesakes else self._add(ref).id

    def _add(self, ref: PersonRef) -> Person:
        job = self.job
        job.hold()
        person = Person(name=ref.name or ref.email, email=ref.email or None)
        journal.created(session=job.session, by=job.by, at=job.at, thing=person, why=job.reason)
        job.created("person", person.name)
        self._know(person)
        return person
