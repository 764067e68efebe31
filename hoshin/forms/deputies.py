"""Reads who acts for which head, and when."""

from __future__ import annotations

from hoshin.commands.deputies import DeputyWish
from hoshin.forms.fields import Form, day, key


class DeputyForm(Form):
    """Head, deputy, first and last day."""

    head_id = key(label="For")
    deputy_id = key(label="Deputy")
    first = day(label="From")
    last = day(label="Until", required=True)

    def to_wish(self) -> DeputyWish:
        """The wish."""
        return DeputyWish(
            head_id=self.head_id.data, deputy_id=self.deputy_id.data, first=self.first.data, last=self.last.data
        )
