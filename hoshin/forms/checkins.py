"""Reads the three lines of a weekly check-in."""

from __future__ import annotations

from datetime import date

from hoshin.commands.checkins import CheckInWish
from hoshin.forms.fields import Form, prose, words
from hoshin.forms.people import VersionField
from hoshin.model.units import CheckInBy


class CheckInForm(Form):
    """Progress, roadblocks, next."""

    progress = prose(label="Progress: what moved", most=2000)
    roadblocks = prose(label="Roadblocks: what is in the way", most=2000)
    next = prose(label="Next: what comes until the next check-in", most=2000)
    version = VersionField()

    def to_wish(self, *, unit_id: int, week: date) -> CheckInWish:
        """The wish."""
        return CheckInWish(
            unit_id=unit_id,
            week=week,
            progress=(self.progress.data or "").strip(),
            roadblocks=(self.roadblocks.data or "").strip(),
            next=(self.next.data or "").strip(),
            version=self.version.number,
        )


class CheckInByForm(Form):
    """Who checks in."""

    by = words(label="Who checks in", choices=[(CheckInBy.PERSON, "each person"), (CheckInBy.TEAM, "the team as one")])
