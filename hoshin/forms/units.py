"""Reads what a unit is called, what it is, and where it goes."""

from __future__ import annotations

from wtforms import BooleanField

from hoshin.commands.units import UnitWish
from hoshin.forms.fields import Form, key, line
from hoshin.forms.people import VersionField


class UnitForm(Form):
    """Name, kind, and whether only those concerned may read its plan."""

    name = line(label="Name")
    kind = line(label="Kind", most=40, default="department")
    restricted = BooleanField("Restricted")
    version = VersionField()

    def to_wish(self) -> UnitWish:
        """The wish."""
        return UnitWish(
            name=self.name.data or "",
            kind=self.kind.data or "",
            restricted=bool(self.restricted.data),
            version=self.version.number,
        )


class MoveForm(Form):
    """The unit that another one goes below."""

    parent_id = key(label="Below")


class MergeForm(Form):
    """The unit that another one is merged into."""

    into_id = key(label="Into")
