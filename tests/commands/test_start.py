"""Founding an organisation when two people press the button at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hoshin.access.actors import NOBODY
from hoshin.commands.start import FirstPerson, StartWish, Taken, found_organisation
from hoshin.engine.calendars import NamedBy
from hoshin.model.journal import JournalLine
from hoshin.model.units import Organisation
from tests.factories import NOW


def _found(session: Session, name: str) -> None:
    first = FirstPerson(name="Zoë", email="Zoe@example.org")
    wish = StartWish(
        name=name, time_zone="UTC", fiscal_start_month=1, named_by=NamedBy.END, administrator=first
    )
    found_organisation(session=session, wish=wish, by=NOBODY, at=NOW)


def test_the_second_of_two_is_told(engine: Engine) -> None:
    writing = engine.execution_options(hoshin_writes=True)

    def late() -> None:
        with Session(writing) as second:
            _found(second, "Late")
            second.commit()

    with ThreadPoolExecutor(1) as pool, Session(writing) as first:
        _found(first, "Early")
        waiting = pool.submit(late)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.3)
        first.commit()
        with pytest.raises(Taken):
            waiting.result(timeout=60)
        assert first.scalars(select(Organisation.name)).all() == ["Early"]
        by = first.scalars(select(JournalLine.by_name).distinct()).all()
        assert by == ["Zoë"]
