"""Items are correlated, and units answer each other's priorities; no link ever closes a circle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from sqlalchemy.orm import Session

from hoshin.access.actions import Act
from hoshin.access.actors import Actor
from hoshin.access.rules import require
from hoshin.commands import agreed, balls, closed, items, journal
from hoshin.commands.objectives import ObjectiveWish, create_objective
from hoshin.engine.figures import checked_figure
from hoshin.engine.plans import LINKED_KINDS, Kind, Rotation, State
from hoshin.engine.rollup import find_circle
from hoshin.errors import HoshinError, Problem, Refused, Stale
from hoshin.model.cycles import Cycle
from hoshin.model.items import Item, Objective
from hoshin.model.links import Correlation, Deployment
from hoshin.queries.items import get_item, readable_names, subject_for
from hoshin.queries.links import edges_downwards, find_correlation, find_deployment, get_deployment
from hoshin.queries.units import lock_plan

NONE, WEAK, MEDIUM, STRONG = 0, 1, 3, 9
STRENGTHS = (STRONG, MEDIUM, WEAK)

Edges = dict[int, list[int]]


@dataclass(frozen=True, slots=True)
class EffectWish:
    """What an action is expected to add to a KPI, in the KPI's unit, and the first day of the month that feels it."""

    amount: Decimal | None = None
    starts: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrelationWish:
    """How strongly the lower item serves the upper one: 9, 3 or 1; 0 takes the link away.

    `version` is the link's when the form was read (0: there was none, None: do not compare); `place` names the
    form's field or the file's row, for messages.
    """

    upper_id: int
    lower_id: int
    strength: int = MEDIUM
    rationale: str = ""
    version: int | None = None
    place: str = ""
    effect: EffectWish | None = None
    """The expected effect as it should be; None leaves the one that stands alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerWish:
    """An objective that answers another unit's priority (or action)."""

    source_id: int
    objective_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOverWish:
    """A new objective of the unit that answers another unit's priority (or action); without a name it has the same."""

    source_id: int
    unit_id: int
    name: str = ""
    description: str = ""
    owner_id: int | None = None


def correlate(*, session: Session, wish: CorrelationWish, by: Actor, at: datetime) -> Correlation | None:
    """Set, change or take away one link; None when there is none afterwards."""
    return correlate_all(session=session, wishes=[wish], by=by, at=at)[0]


def correlate_all(
    *, session: Session, wishes: Sequence[CorrelationWish], by: Actor, at: datetime
) -> list[Correlation | None]:
    """Set, change or take away many links, all or none; raises Refused with the problem of each."""
    done: list[Correlation | None] = []
    problems: list[Problem] = []
    for found in correlate_each(session=session, wishes=wishes, by=by, at=at):
        if isinstance(found, Refused):
            problems.extend(found.problems)
        elif isinstance(found, HoshinError):
            raise found
        else:
            done.append(found)
    if problems:
        raise Refused.because(problems)
    return done


def correlate_each(
    *, session: Session, wishes: Sequence[CorrelationWish], by: Actor, at: datetime
) -> list[Correlation | HoshinError | None]:
    """Set, change or take away many links, each for itself: what could not be done is answered by its error."""
    lock_plan(session=session)
    edges = edges_downwards(session=session)
    upper = cache(lambda key: items.writable(session=session, item_id=key, by=by, kind=Item))
    lower = cache(lambda key: get_item(session=session, actor=by, item_id=key, kind=Item))
    done: list[Correlation | HoshinError | None] = []
    for wish in wishes:
        try:
            done.append(_correlate(session, (upper(wish.upper_id), lower(wish.lower_id)), wish, edges, by, at))
        except HoshinError as error:
            done.append(error)
    return done


def _correlate(
    session: Session, ends: tuple[Item, Item], wish: CorrelationWish, edges: Edges, by: Actor, at: datetime
) -> Correlation | None:
    upper, lower = ends
    found = find_correlation(session=session, upper_id=upper.id, lower_id=lower.id)
    _refuse_stale(found, wish)
    wrong = closed.wrong_with(session=session, cycle_id=lower.cycle_id)
    wrong = wrong or _wrong_pair(upper, lower, wish, found)
    wrong = wrong or _wrong_effect(upper, lower, wish)
    if found is not None and wish.strength == NONE:
        wrong = wrong or agreed.parting(session=session, upper=upper, lower=lower, by=by)
    wrong = wrong or _wrong_circle(session, by, edges, upper.id, lower.id, removing=wish.strength == NONE)
    if wrong:
        raise Refused(Problem(wrong, field=wish.place))
    link = _set(session, found, upper, lower, wish, by, at)
    if wish.strength != NONE:
        edges.setdefault(upper.id, []).append(lower.id)
    return link


def _refuse_stale(found: Correlation | None, wish: CorrelationWish) -> None:
    if wish.version is not None and wish.version != (found.version if found else 0):
        raise Stale({"Strength": str(found.strength) if found else "no link", "Why": found.rationale if found else ""})


def _wrong_pair(upper: Item, lower: Item, wish: CorrelationWish, found: Correlation | None) -> str:
    if wish.strength not in (NONE, *STRENGTHS):
        return "a link is strong (9), medium (3) or weak (1)"
    if wish.strength == NONE or found is not None:
        return ""
    if (upper.kind, lower.kind) not in LINKED_KINDS:
        return f"{_a(upper.kind)} is not linked down to {_a(lower.kind)}"
    if upper.unit_id != lower.unit_id and lower.kind is not Kind.KPI:
        return "both stand in one unit's matrix; only a KPI may come from another unit"
    if None not in (upper.cycle_id, lower.cycle_id) and upper.cycle_id != lower.cycle_id:
        return "the two belong to different cycles"
    if upper.archived_at is not None or lower.archived_at is not None:
        return "what is archived is not linked: restore it first"
    return ""


def _wrong_effect(upper: Item, lower: Item, wish: CorrelationWish) -> str:
    effect = wish.effect
    if effect is None or wish.strength == NONE or effect == EffectWish():
        return ""
    if (upper.kind, lower.kind) != (Kind.ACTION, Kind.KPI):
        return "only the link from an action to a KPI has an expected effect"
    if effect.amount is None or effect.starts is None:
        return "an expected effect has an amount and the month it starts"
    if effect.starts.day != 1:
        return "an expected effect starts with a month"
    try:
        checked_figure(value=effect.amount)
    except ValueError as error:
        return str(error)
    return ""


def _a(kind: Kind) -> str:
    return f"{'a' if kind in (Kind.PRIORITY, Kind.KPI) else 'an'} {items.LABELS[kind]}"


def _wrong_circle(session: Session, by: Actor, edges: Edges, upper: int, lower: int, *, removing: bool) -> str:
    """The sentence that names the circle, an item outside the actor's view as restricted; empty when there is none."""
    circle = None if removing else find_circle(children=edges, upper=upper, lower=lower)
    if circle is None:
        return ""
    names = readable_names(session=session, actor=by, item_ids=circle)
    return "this would close a circle: " + " → ".join(names.get(one, "(restricted)") for one in circle)


def _set(
    session: Session,
    found: Correlation | None,
    upper: Item,
    lower: Item,
    wish: CorrelationWish,
    by: Actor,
    at: datetime,
) -> Correlation | None:
    name = _title(upper, lower)
    if found is None:
        if wish.strength == NONE:
            return None
        link = Correlation(upper_id=upper.id, lower_id=lower.id, strength=wish.strength, rationale=wish.rationale)
        _expect(link, wish)
        journal.created(session=session, by=by, at=at, thing=link, unit=upper.unit_id, name=name)
        return link
    if wish.strength == NONE:
        journal.removed(session=session, by=by, at=at, thing=found, unit=upper.unit_id, name=name, why=wish.rationale)
        return None
    with journal.changing(session=session, by=by, at=at, thing=found, unit=upper.unit_id, name=name):
        found.strength, found.rationale = wish.strength, wish.rationale
        _expect(found, wish)
    return found


def _expect(link: Correlation, wish: CorrelationWish) -> None:
    if wish.effect is not None:
        link.effect, link.effect_from = wish.effect.amount, wish.effect.starts


def _title(upper: Item, lower: Item) -> str:
    return f"{upper.name} × {lower.name}"


def answer(*, session: Session, wish: AnswerWish, by: Actor, at: datetime) -> Deployment:
    """Let an objective answer another unit's priority: in force at once where the actor signs for an agreed objective.

    In a cycle that plays catchball it waits, as a ball, for both sides. An answer that had ended lives on.
    Raises Refused for a circle, naming the items along it.
    """
    objective = items.writable(session=session, item_id=wish.objective_id, by=by, kind=Objective)
    source = get_item(session=session, actor=by, item_id=wish.source_id, kind=Item)
    lock_plan(session=session)
    found = find_deployment(session=session, source_id=source.id, objective_id=objective.id)
    problems = _answer_problems(session, source, objective, found)
    circle = _wrong_circle(
        session, by, edges_downwards(session=session), source.id, objective.id, removing=found is not None
    )
    problems += [Problem(circle, field="source_id")] if circle else []
    if problems:
        raise Refused.because(problems)
    plays = plays_catchball(session=session, source=source)
    signed = items.may_sign(by=by, unit_id=objective.unit_id) and objective.state is not State.DRAFT and not plays
    found = _begin(session, found, source, objective, State.ACTIVE if signed else State.DRAFT, by, at)
    if plays:
        balls.new_ball(
            session=session, deployment=found, unit=objective.unit_id, name=_title(source, objective), by=by, at=at
        )
    return found


def _begin(
    session: Session,
    found: Deployment | None,
    source: Item,
    objective: Objective,
    state: State,
    by: Actor,
    at: datetime,
) -> Deployment:
    name = _title(source, objective)
    if found is None:
        found = Deployment(source_id=source.id, objective_id=objective.id, state=state)
        journal.created(session=session, by=by, at=at, thing=found, unit=objective.unit_id, name=name)
        return found
    with journal.changing(
        session=session, by=by, at=at, thing=found, verb="resumed", unit=objective.unit_id, name=name
    ):
        found.state, found.valid_to = state, None
    return found


def plays_catchball(*, session: Session, source: Item) -> bool:
    """Whether answers to this item come into force with two signatures."""
    cycle = session.get(Cycle, source.cycle_id) if source.cycle_id is not None else None
    return cycle is not None and cycle.catchball


def _answer_problems(
    session: Session, source: Item, objective: Objective, found: Deployment | None
) -> list[Problem]:
    problems = []
    if source.unit_id == objective.unit_id:
        problems.append(Problem("a unit answers another unit, not itself", field="source_id"))
    if wrong := closed.wrong_with(session=session, cycle_id=source.cycle_id):
        problems.append(Problem(wrong, field="source_id"))
    deployed = deployed_kind(session=session, source=source)
    if source.kind is not deployed:
        wrong = f"in this cycle {items.PLURALS[deployed]} are taken over, not {_a(source.kind)}"
        problems.append(Problem(wrong, field="source_id"))
    if source.archived_at is not None or objective.archived_at is not None:
        problems.append(Problem("what is archived is not linked: restore it first", field="source_id"))
    if found is not None and found.state is not State.ENDED:
        problems.append(Problem("this objective answers it already", field="source_id"))
    return problems


def deployed_kind(*, session: Session, source: Item) -> Kind:
    """Which kind of item becomes another unit's objective in the cycle of the source."""
    cycle = session.get(Cycle, source.cycle_id) if source.cycle_id is not None else None
    return Kind.ACTION if cycle is not None and cycle.rotation is Rotation.ACTION else Kind.PRIORITY


def take_over(*, session: Session, wish: TakeOverWish, by: Actor, at: datetime) -> Objective:
    """Write a new draft objective of the unit that answers another unit's priority."""
    lock_plan(session=session)
    source = get_item(session=session, actor=by, item_id=wish.source_id, kind=Item)
    cycle = session.get(Cycle, source.cycle_id) if source.cycle_id is not None else None
    new = ObjectiveWish(
        unit_id=wish.unit_id,
        name=wish.name or source.name,
        description=wish.description,
        owner_id=wish.owner_id,
        horizon_from=int(cycle.name.removeprefix("FY")) if cycle else None,
        horizon_to=int(cycle.name.removeprefix("FY")) if cycle else None,
        valid_from=source.valid_from,
    )
    objective = create_objective(session=session, wish=new, by=by, at=at)
    answer(session=session, wish=AnswerWish(source_id=source.id, objective_id=objective.id), by=by, at=at)
    return objective


def put_deployment_in_force(*, session: Session, deployment_id: int, by: Actor, at: datetime) -> Deployment:
    """Sign a drafted answer; its objective has to be in force, or brings its answers into force itself."""
    deployment, objective = _signable(session, deployment_id, by)
    if deployment.state is not State.DRAFT:
        raise Refused(Problem(f"this answer is {deployment.state.value} already"))
    if objective.state is State.DRAFT:
        raise Refused(Problem("put the objective in force first; its answers come into force with it"))
    if agreed.unagreed_deployments(session=session, deployment_ids=[deployment.id]):
        raise Refused(Problem("this is in catchball: it comes into force when both sides have signed"))
    with journal.changing(
        session=session, by=by, at=at, thing=deployment, verb="put in force", unit=objective.unit_id,
        name=objective.name,
    ):  # fmt: skip
        deployment.state = State.ACTIVE
    return deployment


def end_deployment(
    *, session: Session, deployment_id: int, reason: str, on: date, by: Actor, at: datetime
) -> Deployment:
    """The objective stops answering after the given day; earlier periods keep the link."""
    deployment, objective = _signable(session, deployment_id, by)
    if not reason.strip():
        raise Refused(Problem("say why it ends", field="reason"))
    if deployment.state is State.ENDED:
        raise Refused(Problem("this answer has ended already"))
    agreed.refuse_in_play(session=session, deployment=deployment, objective=objective)
    if deployment.valid_from and on < deployment.valid_from:
        raise Refused(Problem("it cannot end before it began", field="on"))
    with journal.changing(
        session=session, by=by, at=at, thing=deployment, verb="ended", unit=objective.unit_id, name=objective.name,
        why=reason,
    ):  # fmt: skip
        deployment.state, deployment.valid_to = State.ENDED, on
    return deployment


def _signable(session: Session, deployment_id: int, by: Actor) -> tuple[Deployment, Objective]:
    deployment = get_deployment(session=session, deployment_id=deployment_id)
    objective = get_item(session=session, actor=by, item_id=deployment.objective_id, kind=Objective)
    require(actor=by, act=Act.PUT_IN_FORCE, subject=subject_for(session=session, item=objective))
    closed.refuse_closed(session=session, cycle_id=session.get_one(Item, deployment.source_id).cycle_id)
    return deployment, objective
