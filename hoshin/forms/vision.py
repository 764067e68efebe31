"""Reads the vision and the assessment of the current state."""

from __future__ import annotations

from hoshin.commands.vision import VisionWish
from hoshin.forms.fields import Form, line, prose
from hoshin.forms.people import VersionField


class VisionForm(Form):
    """Both texts, and why they change."""

    true_north = prose(label="True North")
    current_state = prose(label="Where we stand today")
    why = line(label="Why it changes", required=False)
    version = VersionField()

    def to_wish(self) -> VisionWish:
        """The wish."""
        return VisionWish(
            true_north=self.true_north.data or "",
            current_state=self.current_state.data or "",
            version=self.version.number,
            why=self.why.data or "",
        )
