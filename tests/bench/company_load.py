"""A company at work: its plan and people in the database, and sign-ins for those who use the planner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from hoshin.app import create_app
from hoshin.db import make_engine, upgrade
from hoshin.engine.calendars import FiscalCalendar
from hoshin.model.people import Person
from tests import factories
from tests.bench.big_people import PEOPLE, Crew, settle
from tests.bench.big_plans import MONTHS, SIZES, fill
from tests.bench.cluster import Company
from tests.bench.company_deeds import Imported, bring, prove
from tests.bench.crowd import Account, Deeds, read

KEEPERS = 2
"""Heads of units, the last ones, in which nobody else types: what a report says of these units is theirs alone."""
BROUGHT = 400
"""KPIs whose figures come by file, at most a tenth of all."""
Who = tuple[str, int, int]
"""A role, the key of a person, and the unit that he or she is in."""


@dataclass(frozen=True, slots=True)
class Staffed:
    """Everybody at work, the chief executive, the month that reports are about, and what only some people do.

    `owners` are the KPIs whose figures come by file, and who brings them.
    """

    told: str
    accounts: Sequence[Account]
    chief: Account
    month: str
    deeds: dict[str, Deeds]
    owners: dict[int, int]


def staffed(*, company: Company, size: str, people: int) -> Staffed:
    """Write a company of the size past all parts into the primary, and sign so many people in."""
    month = f"{min(FiscalCalendar().latest_due(as_of=datetime.now(UTC).date()).first, MONTHS[-1]):%Y-%m}"
    engine = make_engine(url=company.database_url)
    upgrade(engine=engine)
    planned = fill(engine=engine, kpis=SIZES[size])
    _end_future(engine)
    crew = settle(engine=engine, people=PEOPLE[size])
    chosen = list(_who(crew, people))
    with Session(engine.execution_options(hoshin_writes=True)) as session:
        tokens = [factories.sign_in(session, session.get_one(Person, key), datetime.now(UTC)) for _, key, _ in chosen]
        session.commit()
    with engine.connect() as connection:
        kept = range(crew.units - KEEPERS + 1, crew.units + 1)
        brought = _imported(connection, kept)
        deeds = _deeds(connection, kept, brought, month)
    engine.dispose()
    cookies = _cookies(company, tokens)
    accounts = [Account(cookie, unit, role, key) for cookie, (role, key, unit) in zip(cookies, chosen, strict=True)]
    told = f"{planned.kpis:,} KPIs, {planned.nodes:,} items in {crew.units:,} units, {crew.people:,} people; "
    told += f"{len(accounts)} of them at work"
    return Staffed(told, accounts, accounts[0], month, deeds, _owners(accounts, brought))


def _end_future(engine: Engine) -> None:
    """What the plan says was recorded later than today is put to now: nobody could save over it."""
    with engine.begin() as connection:
        for table in ("readings", "revisions"):
            connection.execute(text(f"UPDATE {table} SET recorded_at = now() WHERE recorded_at > now()"))


def _who(crew: Crew, people: int) -> Iterator[Who]:
    """The chief executive, the strategy office, keepers, a head for every ten people, and staff of all other units."""
    yield "executive", 1, 1
    for number, role in enumerate(("facilitator", "facilitator", "auditor", "administrator")):
        yield role, crew.member(unit=1, number=number), 1
    kept = range(crew.units - KEEPERS + 1, crew.units + 1)
    yield from ((f"keeper {unit}", unit, unit) for unit in kept)
    others = crew.units - KEEPERS
    heads = min(max(people // 10, 1), others - 1)
    yield from (("head", unit, unit) for unit in range(2, heads + 2))
    left = max(people - 5 - KEEPERS - heads, 0)
    for number in range(left):
        unit = number * 7919 % others + 1
        yield "staff", crew.member(unit=unit, number=5 + number // others), unit


def _cookies(company: Company, tokens: Sequence[str]) -> list[str]:
    signer = SecureCookieSessionInterface().get_signing_serializer(create_app(settings=company.settings))
    if signer is None:
        raise RuntimeError("the company has no secret to sign with")
    return [str(signer.dumps({"_user_id": token, "_fresh": True})) for token in tokens]


def _owners(accounts: Sequence[Account], brought: Sequence[Imported]) -> dict[int, int]:
    administrator = next(one.person for one in accounts if one.role == "administrator")
    return dict.fromkeys((one.key for one in brought), administrator)


def _deeds(
    connection: Connection, kept: Sequence[int], brought: Sequence[Imported], month: str
) -> dict[str, Deeds]:
    """What the keepers prove and the administrator reads in: the figures of other KPIs than anybody types."""
    home = (1, read("home", "/"))
    deeds: dict[str, Deeds] = {}
    for unit in kept:
        proof = prove(month=month, path=_path(connection, unit), kpis=_judged(connection, unit, month))
        deeds[f"keeper {unit}"] = ((1, proof), home)
    return deeds | {"administrator": ((1, bring(brought)), (2, read("people", "/people")))}


def _judged(connection: Connection, unit: int, month: str) -> list[int]:
    """The KPIs of a unit that have a target for the month."""
    query = text("""SELECT kpi_id FROM readings JOIN items ON items.id = kpi_id
                    WHERE unit_id = :unit AND period = CAST(:month AS date) AND band_low IS NOT NULL ORDER BY kpi_id""")
    return list(connection.execute(query, {"unit": unit, "month": f"{month}-01"}).scalars())


def _imported(connection: Connection, kept: Sequence[int]) -> list[Imported]:
    query = text("""SELECT id, unit_id, name FROM items WHERE kind = 'kpi' AND unit_id < :least AND unit_id > 1
                    ORDER BY id DESC LIMIT least(:most, (SELECT count(*) / 10 FROM kpis))""")
    rows = connection.execute(query, {"least": min(kept), "most": BROUGHT}).all()
    return [Imported(key, _path(connection, unit), name) for key, unit, name in rows]


def _path(connection: Connection, unit: int) -> str:
    """Names from below the top down to the unit."""
    names: list[str] = []
    at: int | None = unit
    while at is not None:
        name, at = connection.execute(text("SELECT name, parent_id FROM units WHERE id = :at"), {"at": at}).one()
        names.insert(0, name)
    return " / ".join(names[1:])
