"""What the pages and forms of countermeasures have in common."""

from __future__ import annotations

from collections.abc import Iterable

from hoshin.access.actions import Act
from hoshin.queries.countermeasures import (
    A3Facts,
    Answer,
    count_steps,
    get_answer,
    list_answers,
    list_own,
    load_a3,
    marks_of,
)
from hoshin.queries.unit_lists import unit_tree
from hoshin.queries.unit_plans import people_names
from hoshin.queries.units import get_organisation
from hoshin.reports.countermeasures import AnswerRow, View, answer_row
from hoshin.web import door


def view_now() -> View:
    """What everything is shown with, now."""
    organisation = get_organisation(session=door.session())
    return View(
        calendar=organisation.calendar,
        time_zone=organisation.time_zone,
        today=door.today(),
        hits_to_close=organisation.hits_to_close,
        people=people_names(session=door.session()),
        units={key: one.path for key, one in unit_tree(session=door.session()).items()},
    )


def readable(countermeasure_id: int) -> Answer:
    """The countermeasure, when the actor may read its KPI."""
    return get_answer(session=door.session(), actor=door.actor(), countermeasure_id=countermeasure_id)


def writable(countermeasure_id: int) -> Answer:
    """The countermeasure for a form of it; raises unless the actor may write it."""
    answer = readable(countermeasure_id)
    door.require(Act.OPEN_COUNTERMEASURE, answer.subject)
    return answer


def load_facts(answer: Answer, view: View) -> A3Facts:
    """Everything that stands on its A3."""
    return load_a3(
        session=door.session(), actor=door.actor(), answer=answer, calendar=view.calendar, today=view.today
    )


def rows_of(answers: Iterable[Answer], view: View) -> list[AnswerRow]:
    """Countermeasures as rows of a list; the same few statements for any number of them."""
    found = list(answers)
    if not found:
        return []
    marks = marks_of(session=door.session(), kpis=[one.kpi for one in found], calendar=view.calendar, today=view.today)
    steps = count_steps(session=door.session())
    return [
        answer_row(answer=one, marks=marks[one.kpi.id], steps=steps.get(one.countermeasure.id, (0, 0)), view=view)
        for one in found
    ]


def own_rows() -> list[AnswerRow]:
    """The open countermeasures that wait for the reader, those to be written first: what the home page shows."""
    if door.actor().person is None:
        return []
    found = list_own(session=door.session(), actor=door.actor())
    return rows_of(found, view_now()) if found else []


def rows_of_kpi(kpi_id: int) -> list[AnswerRow]:
    """All countermeasures of one KPI, the open ones first: what its page shows."""
    return rows_of(list_answers(session=door.session(), actor=door.actor(), kpi_id=kpi_id), view_now())
