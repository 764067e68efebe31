"""Reads the files of the example organisation."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from hoshin.commands.example_wish import (
    ExampleAmendment,
    ExampleAnswer,
    ExampleCheckIn,
    ExampleClosing,
    ExampleCountermeasure,
    ExampleDeputy,
    ExampleFigures,
    ExampleFinding,
    ExampleItem,
    ExampleLink,
    ExampleMeeting,
    ExampleMove,
    ExampleObstacle,
    ExampleOrganisation,
    ExamplePerson,
    ExamplePromise,
    ExampleProposal,
    ExampleSchedule,
    ExampleScore,
    ExampleUnit,
    MonthDay,
)
from hoshin.config import PACKAGE
from hoshin.engine.cadence import ReviewKind
from hoshin.engine.calendars import Frequency
from hoshin.engine.catchball import Verb
from hoshin.engine.closing import Fate
from hoshin.engine.figures import parse_figure
from hoshin.engine.metrics import Aggregation, KPIClass
from hoshin.engine.plans import Kind, State
from hoshin.engine.surveys import Satisfied
from hoshin.engine.verdicts import Direction
from hoshin.model.actions import Status
from hoshin.model.countermeasures import Worked
from hoshin.model.kpis import KPIKind
from hoshin.model.people import Role
from hoshin.model.units import Preset

FOLDER = PACKAGE / "example"
MONTHS = tuple(f"m{one}" for one in range(1, 13))
Cells = Mapping[str, str]


def read() -> ExampleOrganisation:
    """The example organisation, as its files describe it."""
    settings = tomllib.loads((FOLDER / "organisation.toml").read_text("utf-8"))
    return ExampleOrganisation(
        settings={name: one.strip() if isinstance(one, str) else one for name, one in settings.items()},
        units=[
            ExampleUnit(
                path=one["path"], kind=one["kind"], restricted=one["restricted"] == "yes",
                preset=Preset(one["preset"] or "classic"),
            )
            for one in _rows("units")
        ],
        people=[_person(one) for one in _rows("people")],
        deputies=[_deputy(one) for one in _rows("deputies")],
        items=[
            *(_objective(one) for one in _rows("objectives")),
            *(_priority(one) for one in _rows("priorities")),
            *(_action(one) for one in _rows("actions")),
            *(_kpi(one) for one in _rows("kpis")),
        ],
        links=[_link(one) for one in _rows("correlations")],
        figures=[
            ExampleFigures(kpi=one["kpi"], year=int(one["year"]), row=one["row"], months=_months(one))
            for one in _rows("readings")
        ],
        notes={(one["kpi"], int(one["year"]), int(one["month"])): one["note"] for one in _rows("notes")},
        amendments=[_amendment(one) for one in _rows("amendments")],
        proposals=[_proposal(one) for one in _rows("proposals")],
        moves=[_move(one) for one in _rows("balls")],
        obstacles=[_obstacle(one) for one in _rows("roadblocks")],
        checkins=[_checkin(one) for one in _rows("checkins")],
        schedules=[_schedule(one) for one in _rows("schedules")],
        survey_answers=[_survey_answer(one) for one in _rows("surveys")],
        countermeasures=[_countermeasure(one) for one in _rows("countermeasures")],
        meetings=[_meeting(one) for one in _rows("reviews")],
        findings=[_finding(one) for one in _rows("diagnosis")],
        promises=[_promise(one) for one in _rows("promises")],
        scores=[_score(one) for one in _rows("scores")],
        closings=[
            ExampleClosing(
                key=one["key"], fate=Fate(one["fate"]), who=one["who"], reason=one["reason"], goes_on=one["goes_on"]
            )
            for one in _rows("closings")
        ],
    )


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _link(one: Cells) -> ExampleLink:
    """Most links expect no effect: their rows end before it."""
    return ExampleLink(
        upper=one["upper"], lower=one["lower"], strength=int(one["strength"]), rationale=one["rationale"],
        effect=_figure(one["effect"] or ""), effect_month=int(one["effect_month"] or 1),
    )  # fmt: skip


def _score(one: Cells) -> ExampleScore:
    return ExampleScore(
        unit=one["unit"], opened=int(one["opened"]), closed=int(one["closed"]), who=one["who"], upper=one["upper"],
        lower=one["lower"], strength=int(one["strength"]),
    )  # fmt: skip


def _person(one: Cells) -> ExamplePerson:
    roles = [part.partition("@") for part in _several(one["roles"])]
    return ExamplePerson(
        email=one["email"],
        name=one["name"],
        title=one["title"],
        unit=one["unit"],
        roles=[(Role(role), unit) for role, _, unit in roles],
    )


def _deputy(one: Cells) -> ExampleDeputy:
    first, last = _month_day(one["from"]), _month_day(one["to"])
    return ExampleDeputy(unit=one["unit"], head=one["head"], deputy=one["deputy"], first=first, last=last)


def _item(kind: Kind, one: Cells, year: int | None, values: Mapping[str, Any], **more: Any) -> ExampleItem:
    people = {name: one[name] for name in ("owner", "sponsor", "reporter") if one.get(name)}
    return ExampleItem(
        kind=kind,
        key=one["key"],
        unit=one["unit"],
        name=one["name"],
        year=year,
        state=State(one["state"]),
        values={"description": one["description"], **values},
        people=people,
        **more,
    )


def _objective(one: Cells) -> ExampleItem:
    horizon = (int(one["from_year"]), int(one["to_year"]))
    return _item(Kind.OBJECTIVE, one, horizon[0], {}, horizon=horizon, answers=_several(one["answers"]))


def _priority(one: Cells) -> ExampleItem:
    return _item(Kind.PRIORITY, one, int(one["year"]), {})


def _action(one: Cells) -> ExampleItem:
    values = {"status": Status(one["status"]), "progress": int(one["progress"] or 0)}
    due = _month_day(one["due"]) if one["due"] else None
    return _item(Kind.ACTION, one, int(one["year"]), values, due=due, helpers=_several(one["helpers"]))


def _kpi(one: Cells) -> ExampleItem:
    values = {
        "uom": one["uom"],
        "direction": Direction(one["direction"]) if one["direction"] else None,
        "tolerance": _figure(one["tolerance"]),
        "frequency": Frequency(one["frequency"]),
        "aggregation": Aggregation(one["aggregation"]),
        "baseline": _figure(one["baseline"]),
        "kpi_kind": KPIKind(one["kind"]),
        "kpi_class": KPIClass(one["class"]) if one["class"] else None,
        "end_reason": one["end_reason"],
    }
    return _item(Kind.KPI, one, None, values, ended=_month_day(one["ended"]) if one["ended"] else None)


def _amendment(one: Cells) -> ExampleAmendment:
    return ExampleAmendment(
        kpi=one["kpi"],
        year=int(one["year"]),
        first_month=int(one["first_month"]),
        author=one["author"],
        reason=one["reason"],
        months=_months(one),
    )


def _proposal(one: Cells) -> ExampleProposal:
    target = parse_figure(text=one["target"])
    return ExampleProposal(kpi=one["kpi"], days=int(one["days"]), who=one["who"], target=target, reason=one["reason"])


def _obstacle(one: Cells) -> ExampleObstacle:
    return ExampleObstacle(
        key=one["key"],
        days=int(one["days"]),
        who=one["who"],
        unit=one["unit"],
        move=one["move"],
        item=one["item"],
        text=one["text"],
    )


def _checkin(one: Cells) -> ExampleCheckIn:
    return ExampleCheckIn(
        weeks=int(one["weeks"]),
        who=one["who"],
        unit=one["unit"],
        progress=one["progress"],
        roadblocks=one["roadblocks"],
        next=one["next"],
    )


def _schedule(one: Cells) -> ExampleSchedule:
    return ExampleSchedule(
        who=one["who"],
        item=one["item"],
        waits_for=_several(one["waits_for"]),
        every=int(one["every"] or 1),
        step=one["step"],
    )


def _countermeasure(one: Cells) -> ExampleCountermeasure:
    causes = [part.rpartition("=") for part in _lines(one["causes"])]
    steps = [part.split("|") for part in _lines(one["steps"])]
    return ExampleCountermeasure(
        **{
            name: one[name]
            for name in (
                "kpi", "cause", "action", "doer", "outcome", "background", "problem", "target", "follow_up",
            )
        },
        days=int(one["days"]),
        worked=Worked(one["worked"]),
        causes=[(text, Decimal(share)) for text, _, share in causes],
        steps=[(text, who, Decimal(effect), int(days)) for text, who, effect, days in steps],
    )  # fmt: skip


def _meeting(one: Cells) -> ExampleMeeting:
    decisions = [part.split("|") for part in _lines(one["decisions"])]
    tasks = [part.split("|") for part in _lines(one["tasks"])]
    return ExampleMeeting(
        unit=one["unit"],
        kind=ReviewKind(one["kind"]),
        back=int(one["back"]),
        absent=_several(one["absent"]),
        minutes=one["minutes"],
        decisions=[(text, done == "yes") for text, done in decisions],
        tasks=[(text, who, int(days), done == "yes") for text, who, days, done in tasks],
    )


def _finding(one: Cells) -> ExampleFinding:
    scores = [int(one[phase]) for phase in ("scan", "plan", "do", "check", "act")]
    return ExampleFinding(back=int(one["back"]), area=int(one["area"]), scores=scores, remark=one["remark"])


def _promise(one: Cells) -> ExamplePromise:
    return ExamplePromise(
        objective=one["objective"],
        who=one["who"],
        days=int(one["days"]),
        due_days=int(one["due_days"]),
        text=one["text"],
        given_days=int(one["given_days"]) if one["given_days"] else None,
        withdrawn=one["withdrawn"],
    )


def _lines(text: str) -> list[str]:
    return [one.strip() for one in text.split("//") if one.strip()]


def _survey_answer(one: Cells) -> ExampleAnswer:
    return ExampleAnswer(
        campaign=int(one["campaign"]),
        who=one["who"],
        lines=_several(one["lines"]),
        objective=one["objective"],
        satisfied=Satisfied(one["satisfied"]),
        recommend=int(one["recommend"]) if one["recommend"] else None,
    )


def _move(one: Cells) -> ExampleMove:
    return ExampleMove(
        source=one["source"],
        unit=one["unit"],
        days=int(one["days"]),
        who=one["who"],
        move=Verb(one["move"]),
        target=one["target"],
        resources=one["resources"],
        text=one["text"],
    )


def _months(one: Cells) -> Sequence[Decimal | None]:
    return tuple(_figure(one[month]) for month in MONTHS)


def _figure(text: str) -> Decimal | None:
    return parse_figure(text=text) if text.strip() else None


def _several(text: str) -> list[str]:
    return [one.strip() for one in text.split(";") if one.strip()]


def _month_day(text: str) -> MonthDay:
    month, day = text.split("-")
    return int(month), int(day)
