"""The fields that all forms are made of: text that any database can hold, exact figures, days and choices."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import Field, Form as PlainForm, StringField, TextAreaField
from wtforms.fields import DateField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs know an older release
from wtforms.i18n import DummyTranslations
from wtforms.meta import DefaultMeta
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from hoshin.engine.calendars import FIRST_YEAR, LAST_YEAR
from hoshin.engine.figures import parse_figure, show_figure
from hoshin.engine.written import plain_figure
from hoshin.errors import Problem

TITLE, PROSE = 500, 10_000
LARGEST_KEY = 2**31 - 1
HOW_TO_WRITE = {
    "Not a valid integer value.": "Not a valid number: write a whole one, such as 7",
    "Not a valid date value.": "Not a valid date: a day is written like 2026-05-31, a month like 2026-05",
    "Not a valid time value.": "Not a valid time: it is written like 14:30",
}
"""What the fields' own refusals say instead: also how it is done."""


class _Saying(DummyTranslations):
    def gettext(self, string: str) -> str:
        return HOW_TO_WRITE.get(string, string)


class Form(PlainForm):
    """A form that shows what it was given until something has been posted.

    A page that is only opened posts an empty form: taken at its word, it would empty every box that is not ticked,
    every list and every figure, and saving would then lose them.
    """

    class Meta(DefaultMeta):
        """How what was posted reaches the fields."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Nothing posted is no form data at all."""
            return super().wrap_formdata(form, formdata) or None

        def get_translations(self, form: Any) -> Any:
            """What the fields say by themselves tells how to write it, too."""
            return _Saying()


def clean(*, text: str) -> str:
    """The text trimmed and in Unicode's composed form (NFC).

    Raises ValueError for characters that no text has: NUL and other control characters, lone surrogates, and the
    sign that stands for one that was broken on its way here.
    """
    trimmed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").strip())
    for one in trimmed:
        if one == "\ufffd" or (unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t"):
            raise ValueError("this holds a character that is not text (a control character or half a character)")
    return trimmed


def _is_clean(_form: PlainForm, field: Field) -> None:
    try:
        field.data = clean(text=field.data or "")
    except ValueError as error:
        raise ValidationError(str(error)) from error


class LineField(StringField):
    """One line of text, trimmed. What an import brought with line breaks in it is shown without them."""

    def _value(self) -> str:
        """What the input holds: a browser would run the words around a line break together."""
        return " ".join(str(self.data or "").split())


def line(*, label: str, required: bool = True, most: int = TITLE, **more: Any) -> LineField:
    """A line of text of at most `most` characters; its data is cleaned."""
    presence = InputRequired(f"{label}: please fill this in") if required else Optional()
    length = Length(max=most, message=f"{label}: at most {most} characters")
    return LineField(label, [presence, length, _is_clean, _one_line], **more)


def _one_line(_form: PlainForm, field: Field) -> None:
    """Blanks and line breaks become one space each; what differs from the stored text in no more stays as stored.

    A name is who it is: whoever edits what stands beside it must not make another one of it.
    """
    flat, stored = " ".join((field.data or "").split()), field.object_data
    field.data = stored if isinstance(stored, str) and " ".join(stored.split()) == flat else flat
    if field.flags.required and not field.data:
        raise ValidationError(f"{field.label.text}: please fill this in")


def prose(*, label: str, required: bool = False, most: int = PROSE, **more: Any) -> TextAreaField:
    """A paragraph or more."""
    presence = InputRequired(f"{label}: please fill this in") if required else Optional()
    length = Length(max=most, message=f"{label}: at most {most} characters")
    return TextAreaField(label, [presence, length, _is_clean], **more)


class WrittenField(StringField):
    """What holds figures that people write in more than one way."""

    def read(self, *, point: str) -> None:
        """Read what was typed once more, as somebody writes it who divides with `point`."""
        raise NotImplementedError


class FigureField(WrittenField):
    """An exact figure or nothing: `data` is a Decimal or None, and what was typed is kept for showing again."""

    data: Decimal | None  # type: ignore[assignment] # wtforms types it as str

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; ValueError becomes the field's error."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if text:
            self.data = parse_figure(text=text)

    def read(self, *, point: str) -> None:
        """Read what was typed once more, as somebody writes it who divides with `point`.

        What stands there unchanged stays what it is, and what could be two figures is asked about, never guessed.
        """
        text = str(self.raw_data[0]).strip() if self.raw_data else ""
        if not text or text == show_figure(value=self.object_data):
            return
        try:
            self.data, self.process_errors = written_figure(text=text, point=point), []
        except ValueError as error:
            self.data, self.process_errors = None, [str(error)]

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return show_figure(value=self.data)


def written_figure(*, text: str, point: str) -> Decimal:
    """The figure as somebody writes it who divides with `point`; ValueError for none, or for one that could be two."""
    bare = text.removesuffix("%").rstrip()
    found = parse_figure(text=plain_figure(text=bare, point=point) + text[len(bare) :])
    try:
        as_shown = parse_figure(text=text)
    except ValueError:
        return found
    if as_shown != found:
        clear = show_figure(value=as_shown).replace(".", point)
        raise ValueError(f"“{text}” can be two figures: write {show_figure(value=found)} or {clear}")
    return found


def read_figures(*, form: PlainForm, point: str) -> None:
    """Read the figures of a form as its reader writes them, with a decimal `point` or comma."""
    for field in form:
        if isinstance(field, WrittenField):
            field.read(point=point)


def figure(*, label: str, required: bool = False, **more: Any) -> FigureField:
    """An exact figure with at most 14 digits before and 4 after the point."""
    return FigureField(label, [InputRequired(f"{label}: please fill this in") if required else Optional()], **more)


def day(*, label: str, required: bool = False, **more: Any) -> DateField:
    """A calendar day between 1900 and 2200."""
    presence = InputRequired(f"{label}: please choose a day") if required else Optional()
    return DateField(label, [presence, _sensible_day], **more)


def _sensible_day(_form: PlainForm, field: Field) -> None:
    if isinstance(field.data, date) and not FIRST_YEAR <= field.data.year <= LAST_YEAR:
        raise ValidationError(f"choose a day between {FIRST_YEAR} and {LAST_YEAR}")


def words(*, label: str, choices: Iterable[tuple[str, str]], required: bool = True, **more: Any) -> SelectField:
    """One word out of a few; an optional one starts with an empty choice and gives None."""
    offered = [SelectChoice(value, name) for value, name in (choices if required else [("", "–"), *choices])]
    return SelectField(label, choices=offered, coerce=_word, **more)


def _word(value: object) -> str | None:
    """The empty choice of an optional field gives None; a required one does not offer it."""
    return str(getattr(value, "value", value)) if value not in (None, "") else None


def key(*, label: str, required: bool = False, **more: Any) -> SelectField:
    """One thing out of a list; the view gives `choices` as (key, label), the data is its key or None."""
    presence = InputRequired(f"{label}: please choose one") if required else Optional()
    return SelectField(label, [presence], coerce=read_key, validate_choice=True, choices=[], **more)


def keys(*, label: str, **more: Any) -> SelectMultipleField:
    """Several things out of a list; the view gives `choices`, the data is a list of keys."""
    return SelectMultipleField(label, coerce=read_key, choices=[], **more)


def read_key(value: object) -> int | None:
    """A key out of a form: a small positive integer, or None for nothing; ValueError for anything else."""
    text = "" if value is None else str(value)
    if not text or text == "None":
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 0 < int(text) <= LARGEST_KEY):
        raise ValueError("not one of the choices")
    return int(text)


def attach(*, form: PlainForm, problems: Sequence[Problem]) -> None:
    """Put each problem that a command found at the field it names; those without a field go to the form."""
    for problem in problems:
        field = form._fields.get(problem.field)
        if field is None:
            form.form_errors.append(problem.message)
        else:
            field.errors = [*field.errors, problem.message]


def choices_of(*, names: Mapping[int, str], empty: str | None = None) -> list[SelectChoice]:
    """Choices for a key field out of names by key; `empty` is the label of choosing nothing."""
    nothing = [SelectChoice("", empty)] if empty is not None else []
    return nothing + [SelectChoice(str(one), name) for one, name in names.items()]
