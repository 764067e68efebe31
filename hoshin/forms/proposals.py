"""Reads the answer to a proposed amendment."""

from __future__ import annotations

from hoshin.commands.proposals import AnswerWish
from hoshin.forms.fields import Form, prose
from hoshin.forms.people import VersionField


class AnswerForm(Form):
    """A line, and the version of the proposal that was read."""

    version = VersionField()
    text = prose(label="Reason", most=2000)

    def to_wish(self) -> AnswerWish:
        """The wish."""
        return AnswerWish(version=self.version.number, text=self.text.data or "")
