"""A diagnosis as ready text and as a radar: every area with its scores, its mean and the change since last year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from hoshin.charts.radar import Axis, Radar, radar
from hoshin.engine.calendars import FiscalCalendar
from hoshin.engine.diagnosis import HIGHEST, Phase, change, mean
from hoshin.model.diagnosis import Finding
from hoshin.queries.diagnosis import Compared
from hoshin.reports.packs import period_text, title_of

FEWEST_AXES = 3


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One area: the five scores, their mean and its change since last year as text, and the remark."""

    area: str
    scores: tuple[str, ...]
    mean: str
    sign: str
    change: str
    remark: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A whole diagnosis; without a radar where fewer than three areas were scored."""

    rows: tuple[FindingRow, ...]
    phases: tuple[str, ...]
    mean: str
    change: str
    since: str
    radar: Radar | None


def diagnosis(
    *, title: str, findings: Sequence[Finding], earlier: Sequence[Finding], now_label: str, earlier_label: str
) -> Diagnosis:
    """The diagnosis beside the one before it (empty where there is none)."""
    then = {one.area_id: _mean_of(one) for one in earlier}
    all_now = mean(scores=[score for one in findings for score in scores_of(finding=one)])
    all_then = mean(scores=[score for one in earlier for score in scores_of(finding=one)])
    return Diagnosis(
        rows=tuple(_row(one, then.get(one.area_id)) for one in findings),
        phases=tuple(_text(mean(scores=[getattr(one, f"{phase}_score") for one in findings])) for phase in Phase),
        mean=_text(all_now),
        change=_change(change(now=all_now, before=all_then))[1],
        since=earlier_label if earlier else "",
        radar=_picture(title, findings, then, (now_label, earlier_label)),
    )


def picture_of(*, found: Compared, unit: str, calendar: FiscalCalendar) -> Diagnosis:
    """The diagnosis of a unit as it stands, beside the one held before it."""
    return diagnosis(
        title=title_of(review=found.review, unit=unit), findings=found.findings, earlier=found.earlier,
        now_label=period_text(review=found.review, calendar=calendar),
        earlier_label=period_text(review=found.before, calendar=calendar) if found.before else "",
    )  # fmt: skip


def scores_of(*, finding: Finding) -> list[int | None]:
    """The five scores in the order of the phases."""
    return [getattr(finding, f"{phase}_score") for phase in Phase]


def _mean_of(finding: Finding) -> Fraction | None:
    return mean(scores=scores_of(finding=finding))


def _row(finding: Finding, before: Fraction | None) -> FindingRow:
    now = _mean_of(finding)
    sign, said = _change(change(now=now, before=before))
    scores = tuple("–" if one is None else str(one) for one in scores_of(finding=finding))
    return FindingRow(finding.area_name, scores, _text(now), sign, said, finding.remark)


def _picture(
    title: str, findings: Sequence[Finding], then: dict[int, Fraction | None], labels: tuple[str, str]
) -> Radar | None:
    axes = [
        Axis(one.area_name, _mean_of(one), then.get(one.area_id), _axis_text(_mean_of(one), then.get(one.area_id)))
        for one in findings
    ]
    if sum(one.value is not None for one in axes) < FEWEST_AXES:
        return None
    said = "; ".join(f"{one.label} {one.text}" for one in axes)
    return radar(
        title=title, axes=axes, most=HIGHEST, now_label=labels[0],
        earlier_label=labels[1] if any(one is not None for one in then.values()) else "", said=said,
    )  # fmt: skip


def _axis_text(now: Fraction | None, before: Fraction | None) -> str:
    if now is None:
        return "not scored"
    moved = change(now=now, before=before)
    return _text(now) if moved is None else f"{_text(now)} ({_change(moved)[1]})"


def _text(value: Fraction | None) -> str:
    """One decimal, half even; a dash where nothing was scored."""
    return "–" if value is None else f"{_tenths(value)}"


def _tenths(value: Fraction) -> str:
    tenths = round(abs(value) * 10)
    return f"{tenths // 10}.{tenths % 10}"


def _change(value: Fraction | None) -> tuple[str, str]:
    """The sign and the words of a change."""
    if value is None:
        return "", ""
    if value == 0:
        return "=", "as before"
    return ("▲", f"+{_tenths(value)}") if value > 0 else ("▼", f"−{_tenths(value)}")
