"""Which part of the journal to show: a unit, a kind of thing, a person, days."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import DateField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs know an older release
from wtforms.validators import Optional

from hoshin.forms.fields import Form


class JournalForm(Form):
    """The filter above the journal; all of it stands in the address."""

    unit = SelectField("Unit", validate_choice=False)
    subject = SelectField("Kind", validate_choice=False)
    person = SelectField("Who", validate_choice=False)
    since = DateField("From", [Optional()])
    until = DateField("Until", [Optional()])


def subject_choices(*, words: Iterable[str]) -> list[SelectChoice]:
    """The kinds of thing the journal speaks of, and all of them."""
    return [SelectChoice("", "Everything"), *(SelectChoice(one, one) for one in words)]
