"""Reads what somebody does with notices."""

from __future__ import annotations

from hoshin.forms.fields import Form, line, words
from hoshin.model.news import Rhythm


class ReadForm(Form):
    """One notice, by key, or with no key all of them."""

    key = line(label="Notice", required=False, most=80)


class QuietForm(Form):
    """A kind of notice, to be quiet or heard again."""

    kind = line(label="Kind", most=20)
    quiet = words(label="Quiet", choices=[("yes", "yes"), ("no", "no")])


class RhythmForm(Form):
    """How often mail comes."""

    rhythm = words(
        label="Mail about what waits for me", choices=[(Rhythm.WEEKLY.value, "weekly"), (Rhythm.NEVER.value, "never")]
    )
