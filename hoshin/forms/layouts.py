"""Reads what an organisation calls the arms of its X-matrices, and which layout a unit keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from wtforms.form import BaseForm

from hoshin.commands.layouts import LONGEST_LABEL, LookWish
from hoshin.forms.fields import Form, line, words
from hoshin.forms.people import VersionField
from hoshin.model.units import Glyphs, Organisation, Preset

SIGNS = ((Glyphs.TRIANGLE.value, "● strong, ○ medium, △ weak"), (Glyphs.MOON.value, "● strong, ◐ medium, ○ weak"))


class LayoutForm(Form):
    """Which layout."""

    preset = words(label="Layout", choices=[(one.value, one.value) for one in Preset])

    def to_preset(self) -> Preset:
        """The layout."""
        return Preset(self.preset.data)


class LookForm(BaseForm):
    """The signs, and one line for each label that may be renamed, named by its word."""

    def __init__(self, labels: Mapping[str, str], typed: Any = None, *, own: Organisation) -> None:
        """`labels` are ours by word, `own` is what the organisation has chosen until now."""
        self.words = tuple(labels)
        fields: dict[str, Any] = {
            word: line(label=label, required=False, most=LONGEST_LABEL) for word, label in labels.items()
        }
        super().__init__(fields | {"glyphs": words(label="Signs", choices=SIGNS), "version": VersionField()})
        now = {word: own.arm_labels.get(word, "") for word in labels}
        self.process(typed, data={**now, "glyphs": own.glyphs.value, "version": own.version})

    def to_wish(self) -> LookWish:
        """The wish."""
        return LookWish(
            glyphs=Glyphs(self["glyphs"].data),
            labels={word: self[word].data or "" for word in self.words},
            version=cast(VersionField, self["version"]).number,
        )
