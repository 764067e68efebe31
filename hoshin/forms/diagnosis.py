"""Reads the areas of the president's diagnosis, and what was found in each of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from wtforms import Form, HiddenField

from hoshin.commands.diagnosis import MOST, AreaWish, FindingWish
from hoshin.engine.diagnosis import AREAS, LEVELS, Phase
from hoshin.forms.countermeasures import RowsForm
from hoshin.forms.fields import line, words
from hoshin.forms.people import VersionField
from hoshin.model.diagnosis import DiagnosisArea, Finding

SCORES = [(str(score), str(score)) for score in LEVELS]
REMARK = 500


class TemplateForm(RowsForm):
    """The areas, one a row; an empty row is none."""

    names = ("name", "question")
    most = MOST

    def to_wishes(self) -> list[AreaWish]:
        """The wishes."""
        return [
            AreaWish(
                name=self[f"name_{place}"].data or "",
                question=self[f"question_{place}"].data or "",
                key=self.known(place),
                place=place,
            )
            for place in range(1, self.most + 1)
            if self.says(place, self.names)
        ]


@cache
def _template_class() -> type[TemplateForm]:
    rows: dict[str, Any] = {}
    for place in range(1, MOST + 1):
        rows[f"key_{place}"] = HiddenField()
        rows[f"name_{place}"] = line(label=f"Area {place}", required=False, most=120)
        rows[f"question_{place}"] = line(label=f"Question of area {place}", required=False, most=300)
    return type("TemplateRows", (TemplateForm,), rows)


def template_form(*, posted: Any, areas: Sequence[DiagnosisArea]) -> TemplateForm:
    """The form for the areas that stand now, or for those supplied where none has ever been written."""
    data: dict[str, Any] = {}
    if areas:
        for place, one in enumerate(areas, start=1):
            data |= {f"key_{place}": one.id, f"name_{place}": one.name, f"question_{place}": one.question}
    else:
        for place, (name, question) in enumerate(AREAS, start=1):
            data |= {f"name_{place}": name, f"question_{place}": question}
    return _template_class()(posted, data=data)


class ScoresForm(Form):
    """A score for each phase of each area, and a remark; fields for the areas of the template are added."""

    areas: Sequence[int] = ()
    version = VersionField()

    def to_wishes(self) -> list[FindingWish]:
        """The wishes."""
        return [
            FindingWish(
                area_id=area,
                scores={phase: _number(self[f"{phase}_{area}"].data) for phase in Phase},
                remark=self[f"remark_{area}"].data or "",
            )
            for area in self.areas
        ]


def _number(text: str | None) -> int | None:
    return int(text) if text else None


@lru_cache(maxsize=16)
def _scores_class(areas: tuple[tuple[int, str], ...]) -> type[ScoresForm]:
    fields: dict[str, Any] = {"areas": tuple(key for key, _ in areas)}
    for key, name in areas:
        for phase in Phase:
            fields[f"{phase}_{key}"] = words(label=f"{name}: {phase.value}", choices=SCORES, required=False)
        fields[f"remark_{key}"] = line(label=f"{name}: remark", required=False, most=REMARK)
    return type("ScoresOfOneTemplate", (ScoresForm,), fields)


def scores_form(
    *, posted: Any, areas: Sequence[DiagnosisArea], findings: Sequence[Finding], version: int
) -> ScoresForm:
    """The form for what was found so far."""
    data: dict[str, Any] = {"version": version}
    for one in findings:
        data |= {f"{phase}_{one.area_id}": str(getattr(one, f"{phase}_score") or "") for phase in Phase}
        data[f"remark_{one.area_id}"] = one.remark
    return _scores_class(tuple((one.id, one.name) for one in areas))(posted, data=data)
