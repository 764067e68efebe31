"""Reads who somebody is and which role she gets where and when."""

from __future__ import annotations

from wtforms import HiddenField

from hoshin.commands.people import PersonWish
from hoshin.commands.people_roles import GrantWish
from hoshin.forms.fields import Form, day, key, line, read_key, words
from hoshin.forms.sign_in import email
from hoshin.model.people import Role

ROLE_LABELS = {
    Role.EXECUTIVE: "Executive",
    Role.HEAD: "Head",
    Role.STAFF: "Staff",
    Role.FACILITATOR: "Facilitator",
    Role.AUDITOR: "Auditor (reads only)",
    Role.ADMINISTRATOR: "Administrator",
}


class VersionField(HiddenField):
    """The version that a form was read at; what is none counts as an outdated one."""

    @property
    def number(self) -> int | None:
        """The version, or None."""
        try:
            return read_key(self.data)
        except ValueError:
            return None


class PersonForm(Form):
    """Name, address, title and home unit."""

    name = line(label="Name")
    email = email(required=False)
    title = line(label="Title", required=False)
    home_unit_id = key(label="Home unit")
    version = VersionField()

    def to_wish(self) -> PersonWish:
        """The wish."""
        return PersonWish(
            name=self.name.data or "",
            email=self.email.data or None,
            title=self.title.data or "",
            home_unit_id=self.home_unit_id.data,
            version=self.version.number,
        )


class GrantForm(Form):
    """A role on a unit, from a day to a day."""

    role = words(label="Role", choices=[(one.value, label) for one, label in ROLE_LABELS.items()])
    unit_id = key(label="Unit")
    first = day(label="From")
    last = day(label="Until")

    def to_wish(self) -> GrantWish:
        """The wish."""
        return GrantWish(
            role=Role(self.role.data), unit_id=self.unit_id.data or 0, first=self.first.data, last=self.last.data
        )


class GrantEndForm(Form):
    """The last day of a role; nothing means at once."""

    last = day(label="Last day")


class PeopleFilterForm(Form):
    """What the list of people is narrowed down to."""

    q = line(label="Name, address or title", required=False, most=200)
    unit = key(label="Unit")
    role = words(
        label="Role", choices=[(one.value, label) for one, label in ROLE_LABELS.items()], required=False
    )
    gone = words(label="Also deactivated", choices=[("yes", "Also deactivated people")], required=False)
