"""A form that is only opened shows all that stands: nothing has been posted, so nothing has been unticked."""

from __future__ import annotations

from decimal import Decimal

from werkzeug.datastructures import MultiDict

from hoshin.forms.cycles import CycleForm
from hoshin.forms.items import ActionForm, KPIForm
from hoshin.forms.units import UnitForm


def test_figures_whole_numbers_lists_and_ticks_are_kept_while_nothing_is_posted() -> None:
    nothing: MultiDict[str, str] = MultiDict()
    kpi = KPIForm(nothing, data={"baseline": Decimal("4.5"), "tolerance": Decimal(1)})
    assert (kpi.baseline.data, kpi.tolerance.data) == (Decimal("4.5"), Decimal(1))
    assert 'value="4.5"' in kpi.baseline()
    action = ActionForm(nothing, data={"helpers": [1, 2], "progress": 40})
    assert (action.helpers.data, action.progress.data) == ([1, 2], 40)
    assert UnitForm(nothing, data={"restricted": True}).restricted.data is True
    assert CycleForm(nothing, data={"catchball": True}).catchball.data is True


def test_what_is_posted_is_taken_at_its_word() -> None:
    unit = UnitForm(MultiDict({"name": "Sales"}), data={"restricted": True})
    assert unit.restricted.data is False
    action = ActionForm(MultiDict({"name": "Map"}), data={"helpers": [1], "progress": 40})
    assert (action.helpers.data, action.progress.data) == ([], None)
