"""Reads what an organisation begins with."""

from __future__ import annotations

from hoshin.commands.start import FirstPerson, StartWish
from hoshin.engine.calendars import NamedBy
from hoshin.errors import Problem, Refused
from hoshin.forms.fields import Form, line, words
from hoshin.forms.settings import NAMED_BY, start_month
from hoshin.forms.sign_in import email, password


class StartForm(Form):
    """The organisation, its calendar, its first administrator and its first executive."""

    name = line(label="Name of the organisation")
    time_zone = line(label="Time zone", most=64, default="UTC")
    fiscal_start_month = start_month()
    named_by = words(label="A fiscal year is named by", choices=NAMED_BY)
    administrator_name = line(label="Your name")
    administrator_email = email(label="Your e-mail")
    password = password(new=True)
    executive_name = line(label="Name of the executive", required=False)
    executive_email = email(label="E-mail of the executive", required=False)

    def check(self) -> None:
        """Raise Refused when only half of the executive was filled in."""
        if bool(self.executive_name.data) != bool(self.executive_email.data):
            missing = "executive_email" if self.executive_name.data else "executive_name"
            raise Refused(Problem("fill in both name and e-mail, or neither", field=missing))

    def to_wish(self, *, password_hash: str) -> StartWish:
        """The wish."""
        executive = None
        if self.executive_name.data and self.executive_email.data:
            executive = FirstPerson(name=self.executive_name.data, email=self.executive_email.data)
        return StartWish(
            name=self.name.data or "",
            time_zone=self.time_zone.data or "",
            fiscal_start_month=self.fiscal_start_month.data,
            named_by=NamedBy(self.named_by.data),
            administrator=FirstPerson(
                name=self.administrator_name.data or "",
                email=self.administrator_email.data or "",
                password_hash=password_hash,
            ),
            executive=executive,
        )
