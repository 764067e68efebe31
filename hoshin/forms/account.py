"""Reads new passwords: one's own, and one set through a reset link."""

from __future__ import annotations

from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired

from hoshin.forms.fields import Form
from hoshin.forms.sign_in import password


class NewPasswordForm(Form):
    """A new password, typed twice."""

    password = password(label="New password", new=True)
    again = PasswordField(
        "New password again",
        [InputRequired("Please type the new password again"), EqualTo("password", "The two do not match")],
    )


class OwnPasswordForm(NewPasswordForm):
    """One's own password: the old one, and the new one twice."""

    old = password(label="Old password")
