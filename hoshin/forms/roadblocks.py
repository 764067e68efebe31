"""Reads what is in the way, and what is done about it."""

from __future__ import annotations

from hoshin.commands.roadblocks import HandlingWish, RoadblockWish
from hoshin.forms.fields import Form, key, line, prose, words
from hoshin.forms.people import VersionField


class RoadblockForm(Form):
    """A new roadblock."""

    name = line(label="What is in the way")
    description = prose(label="More about it")
    item_id = key(label="In the way of")
    owner_id = key(label="Who should remove it")

    def to_wish(self, *, unit_id: int) -> RoadblockWish:
        """The wish."""
        return RoadblockWish(
            unit_id=unit_id,
            name=self.name.data or "",
            description=self.description.data or "",
            item_id=self.item_id.data,
            owner_id=self.owner_id.data,
        )


class HandlingForm(Form):
    """One step with a roadblock, with a line about it."""

    line = line(label="In a line", required=False, most=2000)
    owner_id = key(label="Owner")
    version = VersionField()

    def to_wish(self) -> HandlingWish:
        """The wish."""
        return HandlingWish(
            version=self.version.number, line=self.line.data or "", owner_id=self.owner_id.data
        )


class RoadblockFilterForm(Form):
    """What the list of roadblocks is narrowed down to."""

    unit = key(label="Unit and below")
    state = words(label="State", choices=[("open", "open"), ("resolved", "resolved")], required=False)
