"""What the forms about people, start and locks read, and what they refuse before any command sees it."""

from __future__ import annotations

from datetime import date

import pytest
from werkzeug.datastructures import MultiDict
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs know an older release

from hoshin.errors import Refused
from hoshin.forms.account import NewPasswordForm
from hoshin.forms.cycles import LocksForm
from hoshin.forms.people import GrantForm, PersonForm
from hoshin.forms.sign_in import SignInForm
from hoshin.forms.start import StartForm
from hoshin.model.people import Role

ANYWHERE = [SelectChoice("", "–"), SelectChoice("7", "Operations")]


def _person(**typed: str) -> PersonForm:
    form = PersonForm(MultiDict({"name": "Ada", "home_unit_id": "7", "version": "3", **typed}))
    form.home_unit_id.choices = ANYWHERE
    return form


def test_a_person_is_read_trimmed_and_folded() -> None:
    form = _person(name="  Ada \t Ek ", email=" Ada.EK@Example.ORG ")
    assert form.validate(), form.errors
    wish = form.to_wish()
    assert (wish.name, wish.email, wish.home_unit_id, wish.version) == ("Ada Ek", "ada.ek@example.org", 7, 3)


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " \n "), ("name", "a\ud800b"), ("email", "a@b@c"), ("email", "x" * 300), ("home_unit_id", "8"),
     ("home_unit_id", "1e5"), ("title", "x" * 501)],
)  # fmt: skip
def test_what_is_no_person_names_its_field(field: str, value: str) -> None:
    form = _person(**{field: value})
    assert not form.validate()
    assert list(form.errors) == [field]


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999", "\0"])
def test_a_version_that_is_none_counts_as_outdated(version: str) -> None:
    form = _person(version=version)
    assert form.validate()
    assert form.to_wish().version is None


def test_a_role_is_dated() -> None:
    form = GrantForm(MultiDict({"role": "head", "unit_id": "7", "first": "2026-05-01", "last": ""}))
    form.unit_id.choices = ANYWHERE
    assert form.validate(), form.errors
    assert (form.to_wish().role, form.to_wish().first, form.to_wish().last) == (Role.HEAD, date(2026, 5, 1), None)
    assert not GrantForm(MultiDict({"role": "king", "first": "9999-01-01"}), unit_id=7).role.validate(form)


def test_spaces_belong_to_a_password() -> None:
    form = SignInForm(MultiDict({"email": "a@example.org", "password": " a b "}))
    assert form.validate()
    assert form.to_wish(agent="").password == " a b "


@pytest.mark.parametrize("text", ["short", "x" * 201, "with\0nul and more", ""])
def test_a_new_password_has_a_length_and_is_text(text: str) -> None:
    assert "password" in _errors(NewPasswordForm(MultiDict({"password": text, "again": text})))


def _errors(form: NewPasswordForm) -> list[str]:
    form.validate()
    return [str(one) for one in form.errors]


def test_half_an_executive_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        StartForm(MultiDict({"executive_name": "Eva"})).check()
    assert [one.field for one in refusal.value.problems] == ["executive_email"]


def test_a_whole_month_means_every_unit() -> None:
    form = LocksForm(MultiDict([("cells", "7:2026-02-01"), ("months", "2026-03-01"), ("unlock", "yes")]))
    wish = form.to_wish(units=[7, 8])
    assert wish.cells == [(7, date(2026, 2, 1)), (7, date(2026, 3, 1)), (8, date(2026, 3, 1))]
    assert not wish.lock
