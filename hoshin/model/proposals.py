"""Other targets than the agreed ones, as somebody proposes them: they count when the level above has agreed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.db import UTCInstant
from hoshin.model.base import TITLE, Base, stored


class ProposalState(StrEnum):
    """Where a proposed amendment is: it waits, or has been answered, or was taken back."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class Proposal(Base):
    """What is to become of agreed targets of one KPI; one at a time waits.

    `cells` holds for each period `{"period", "before", "after"}`, the last two by the name of the figure, as texts; an
    empty period is the KPI itself: its aggregation.
    """

    __tablename__ = "proposals"
    __table_args__ = (
        Index(
            "uq_proposals_waiting", "kpi_id", unique=True,
            sqlite_where=text("state = 'proposed'"), postgresql_where=text("state = 'proposed'"),
        ),
        CheckConstraint("(state = 'proposed') = (answered_at IS NULL)", name="answered"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    kpi_id: Mapped[int] = mapped_column(ForeignKey("kpis.id"), index=True)
    state: Mapped[ProposalState] = mapped_column(
        stored(words=ProposalState, name="proposal_state"), default=ProposalState.PROPOSED
    )
    cells: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    revises: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    principal_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    proposed_by: Mapped[str] = mapped_column(String(TITLE))
    proposed_for: Mapped[str] = mapped_column(String(TITLE), default="")
    proposed_at: Mapped[datetime] = mapped_column(UTCInstant)
    answered_by: Mapped[str] = mapped_column(String(TITLE), default="")
    answered_for: Mapped[str] = mapped_column(String(TITLE), default="")
    answered_at: Mapped[datetime | None] = mapped_column(UTCInstant)
    answer: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)

    @property
    def proposers(self) -> frozenset[int]:
        """Who proposed it and for whom: neither of them agrees to it."""
        return frozenset(key for key in (self.proposed_by_id, self.principal_id) if key is not None)
