"""Reads what somebody types to sign in, with the address and password fields that other forms share."""

from __future__ import annotations

from typing import Any

from wtforms import Field, HiddenField, PasswordField
from wtforms.form import BaseForm
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from hoshin.commands.passwords import LONGEST, SHORTEST
from hoshin.commands.sign_in import SignInWish
from hoshin.forms.fields import Form, LineField, clean, line

EMAIL = 254


class AddressField(LineField):
    """An e-mail address, folded; whether it can be reached is not asked."""

    def post_validate(self, form: BaseForm, validation_stopped: bool) -> None:
        """Once the line itself is in order, ask whether it is an address."""
        if validation_stopped or not self.data or self.errors:
            return
        from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - slow to import

        try:
            validate_email(self.data, check_deliverability=False, test_environment=True)
        except EmailNotValidError as error:
            raise ValidationError(f"this is no e-mail address: {error}") from error
        self.data = self.data.casefold()


def email(*, label: str = "E-mail", required: bool = True, **more: Any) -> AddressField:
    """An e-mail address of at most 254 characters."""
    unbound: Any = line(label=label, required=required, most=EMAIL, **more)
    return AddressField(*unbound.args, **unbound.kwargs)


def password(*, label: str = "Password", new: bool = False, required: bool = True, **more: Any) -> PasswordField:
    """A password: a new one has a least length, an existing one is taken as it is."""
    presence = InputRequired(f"{label}: please fill this in") if required else Optional()
    least = SHORTEST if new else -1
    message = f"{label}: {SHORTEST} to {LONGEST} characters" if new else f"{label}: at most {LONGEST} characters"
    return PasswordField(label, [presence, _is_text, Length(min=least, max=LONGEST, message=message)], **more)


def _is_text(_form: Form, field: Field) -> None:
    """Spaces at the ends belong to a password; what is no text does not."""
    try:
        clean(text=field.data or "")
    except ValueError as error:
        raise ValidationError(str(error)) from error


class SignInForm(Form):
    """E-mail and password, and where to go afterwards."""

    email = line(label="E-mail", most=EMAIL)
    password = password()
    next = HiddenField()

    def to_wish(self, *, agent: str) -> SignInWish:
        """What was typed, with the name that the browser gives itself."""
        return SignInWish(email=self.email.data or "", password=self.password.data or "", agent=agent)
