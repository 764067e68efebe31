"""What a field says of a day, a number or an hour that is none: how to write it."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, TimeField

from hoshin.forms.fields import Form, day


class _Asked(Form):
    on = day(label="On")
    days = IntegerField("Days")
    begins = TimeField("Begins")


@pytest.mark.parametrize(
    ("name", "typed", "how"),
    [("on", "31.5.2026", "like 2026-05-31"), ("days", "seven", "such as 7"), ("begins", "two", "like 14:30")],
)
def test_a_refusal_says_how_to_write_it(name: str, typed: str, how: str) -> None:
    form = _Asked(MultiDict({name: typed}))
    form.validate()
    assert any(how in one for one in form.errors[name])
