"""The organisation, its vision, and the tree of its units."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from hoshin.db import ExactDecimal, UTCInstant
from hoshin.engine.calendars import FiscalCalendar, NamedBy
from hoshin.engine.misses import Patience
from hoshin.engine.signals import Scheme
from hoshin.model.base import TITLE, Base, stored


class Glyphs(StrEnum):
    """Which signs stand for strong, medium and weak."""

    TRIANGLE = "triangle"
    MOON = "moon"


class Preset(StrEnum):
    """Which kinds of item stand on which arm of an X-matrix."""

    CLASSIC = "classic"
    JACKSON = "jackson"
    CASCADE = "cascade"


class CheckInBy(StrEnum):
    """Who checks in weekly in a unit: each person, or the team as one."""

    PERSON = "person"
    TEAM = "team"


class Organisation(Base):
    """The one organisation of this database, with the settings that its figures depend on."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("fiscal_start_month BETWEEN 1 AND 12", name="start_month"),
        CheckConstraint("due_days BETWEEN 0 AND 90", name="due_days"),
        CheckConstraint("least_strength IN (1, 3, 9)", name="least_strength"),
        CheckConstraint("amber_percent BETWEEN 0 AND 100", name="amber_percent"),
        CheckConstraint("catchball_days BETWEEN 1 AND 90", name="catchball_days"),
        CheckConstraint("misses_breakthrough BETWEEN 1 AND 12", name="misses_breakthrough"),
        CheckConstraint("misses_fundamental BETWEEN 1 AND 12", name="misses_fundamental"),
        CheckConstraint("hits_to_close BETWEEN 1 AND 12", name="hits_to_close"),
        CheckConstraint("far_above >= 10000", name="far_above"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str] = mapped_column(String(TITLE))
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    fiscal_start_month: Mapped[int] = mapped_column(default=1)
    named_by: Mapped[NamedBy] = mapped_column(stored(words=NamedBy, name="named_by"), default=NamedBy.END)
    due_days: Mapped[int] = mapped_column(default=10)
    least_strength: Mapped[int] = mapped_column(default=1)
    founded_at: Mapped[datetime] = mapped_column(UTCInstant)
    true_north: Mapped[str] = mapped_column(Text, default="")
    current_state: Mapped[str] = mapped_column(Text, default="")
    glyphs: Mapped[Glyphs] = mapped_column(stored(words=Glyphs, name="glyphs"), default=Glyphs.TRIANGLE)
    scheme: Mapped[Scheme] = mapped_column(stored(words=Scheme, name="scheme"), default=Scheme.BINARY)
    amber_percent: Mapped[int] = mapped_column(default=5)
    catchball_days: Mapped[int] = mapped_column(default=7)
    arm_labels: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    live_on: Mapped[date | None]
    misses_breakthrough: Mapped[int] = mapped_column(default=1)
    misses_fundamental: Mapped[int] = mapped_column(default=2)
    hits_to_close: Mapped[int] = mapped_column(default=2)
    far_above: Mapped[Decimal] = mapped_column(ExactDecimal, default=Decimal("1.5"))
    surveys_quarterly: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    @property
    def patience(self) -> Patience:
        """How many misses ask for a countermeasure, and what else these settings say of them."""
        return Patience(self.misses_breakthrough, self.misses_fundamental, self.hits_to_close, self.far_above)

    @property
    def calendar(self) -> FiscalCalendar:
        """The fiscal calendar that these settings describe."""
        return FiscalCalendar(self.fiscal_start_month, self.named_by, self.due_days)


class Unit(Base):
    """A box in the organisation tree: company, division, department, team. The top unit has no parent."""

    __tablename__ = "units"
    __table_args__ = (
        Index("uq_units_parent_name", text("coalesce(parent_id, 0)"), "name", unique=True),
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_below_itself"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    name: Mapped[str] = mapped_column(String(TITLE))
    kind: Mapped[str] = mapped_column(String(40), default="unit")
    restricted: Mapped[bool] = mapped_column(default=False)
    preset: Mapped[Preset] = mapped_column(stored(words=Preset, name="preset"), default=Preset.CLASSIC)
    checkin_by: Mapped[CheckInBy] = mapped_column(stored(words=CheckInBy, name="checkin_by"), default=CheckInBy.PERSON)
    position: Mapped[int] = mapped_column(default=0)
    archived_at: Mapped[datetime | None] = mapped_column(UTCInstant)
    version: Mapped[int] = mapped_column(default=1)
