"""Reads what was promised for an objective."""

from __future__ import annotations

from datetime import date

from wtforms import Form

from hoshin.commands.promises import PromiseWish
from hoshin.forms.fields import day, key, line


class PromiseForm(Form):
    """What, who, when, until when."""

    text = line(label="What is promised")
    person_id = key(label="Who promised it", required=True)
    promised_on = day(label="Promised on", required=True)
    due_on = day(label="To be given by")

    def to_wish(self) -> PromiseWish:
        """The wish."""
        return PromiseWish(
            text=self.text.data or "",
            person_id=self.person_id.data,
            promised_on=self.promised_on.data or date.min,
            due_on=self.due_on.data,
        )
