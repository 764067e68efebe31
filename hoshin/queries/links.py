"""Correlations and deployments: the edges of the plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import JSON, func, or_, select, type_coerce, union_all
from sqlalchemy.orm import Session

from hoshin.errors import Missing
from hoshin.model.actions import Action
from hoshin.model.items import Priority
from hoshin.model.journal import JournalLine
from hoshin.model.links import Correlation, Deployment


def find_correlation(*, session: Session, upper_id: int, lower_id: int) -> Correlation | None:
    """The correlation of two items, or None."""
    return session.scalars(
        select(Correlation).where(Correlation.upper_id == upper_id, Correlation.lower_id == lower_id)
    ).first()


def list_correlations(*, session: Session, item_ids: Iterable[int]) -> Sequence[Correlation]:
    """The correlations with one of the items at either end."""
    wanted = list(item_ids)
    return session.scalars(
        select(Correlation)
        .where(or_(Correlation.upper_id.in_(wanted), Correlation.lower_id.in_(wanted)))
        .order_by(Correlation.strength.desc(), Correlation.id)
    ).all()


class LinkFact(NamedTuple):
    """A correlation for reading only: a whole matrix of them costs a fraction of as many rows of the model."""

    id: int
    upper_id: int
    lower_id: int
    strength: int
    rationale: str
    version: int
    effect: Decimal | None
    effect_from: date | None


def list_link_facts(*, session: Session, item_ids: Iterable[int]) -> list[LinkFact]:
    """The correlations with one of the items at either end, the strong ones first."""
    wanted, of = list(item_ids), Correlation
    query = (
        select(
            of.id, of.upper_id, of.lower_id, of.strength, of.rationale, of.version, of.effect, of.effect_from
        )
        .where(or_(of.upper_id.in_(wanted), of.lower_id.in_(wanted)))
        .order_by(of.strength.desc(), of.id)
    )
    return [LinkFact._make(row) for row in session.execute(query)]


def last_change(*, session: Session, upper_id: int, lower_id: int) -> JournalLine | None:
    """The journal's last line about the link of two items, its removal included, or None."""
    either = func.coalesce(JournalLine.after, JournalLine.before)
    kept = type_coerce(either, JSON)
    query = select(JournalLine).where(JournalLine.subject == "correlation")
    query = query.where(kept["upper_id"].as_integer() == upper_id, kept["lower_id"].as_integer() == lower_id)
    return session.scalars(query.order_by(JournalLine.id.desc()).limit(1)).first()


def find_deployment(*, session: Session, source_id: int, objective_id: int) -> Deployment | None:
    """The deployment between the two, or None."""
    return session.scalars(
        select(Deployment).where(Deployment.source_id == source_id, Deployment.objective_id == objective_id)
    ).first()


def get_deployment(*, session: Session, deployment_id: int) -> Deployment:
    """A deployment; raises Missing when there is none."""
    found = session.get(Deployment, deployment_id)
    if found is None:
        raise Missing("there is no such deployment")
    return found


def list_deployments(*, session: Session, item_ids: Iterable[int]) -> Sequence[Deployment]:
    """The deployments with one of the items at either end."""
    wanted = list(item_ids)
    return session.scalars(
        select(Deployment)
        .where(or_(Deployment.source_id.in_(wanted), Deployment.objective_id.in_(wanted)))
        .order_by(Deployment.id)
    ).all()


def edges_downwards(*, session: Session) -> dict[int, list[int]]:
    """Every edge between items that can stand above others, upper to lower, drafts and ended ones too.

    That is what a new link is checked against: nothing stands below a KPI, so that no circle leads through one.
    """
    children: dict[int, list[int]] = defaultdict(list)
    inner = union_all(select(Priority.__table__.c.id), select(Action.__table__.c.id))
    links = select(Correlation.upper_id, Correlation.lower_id).where(Correlation.lower_id.in_(inner))
    for upper, lower in session.execute(links):
        children[upper].append(lower)
    for source, objective in session.execute(select(Deployment.source_id, Deployment.objective_id)):
        children[source].append(objective)
    return children
