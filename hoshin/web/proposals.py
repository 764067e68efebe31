"""Proposed amendments in the browser: the list, one of them with its answer, and the form that proposes one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from hoshin.access.actions import Act
from hoshin.commands import proposals as commands
from hoshin.engine.calendars import MONTH_NAMES, Frequency, Period
from hoshin.engine.open_periods import first_open
from hoshin.errors import Missing
from hoshin.exchange.tables import to_csv
from hoshin.forms.proposals import AnswerForm
from hoshin.forms.targets import TargetRow, TargetsForm, target_rows
from hoshin.model.cycles import Cycle
from hoshin.model.kpis import KPI
from hoshin.model.proposals import Proposal
from hoshin.queries.grids import GridFacts, kpi_grid
from hoshin.queries.items import subject_for
from hoshin.queries.proposals import Asked, get_asked, levels_above, list_asked, people_in
from hoshin.queries.unit_lists import list_units, paths_of
from hoshin.queries.unit_plans import people_names
from hoshin.queries.units import get_organisation
from hoshin.reports.proposals import ProposalRow, View, proposal_row
from hoshin.web import door
from hoshin.web.grid_pages import Saving
from hoshin.web.item_pages import cycle_of, readable
from hoshin.web.paging import cut, here_with

bp = Blueprint("proposals", __name__)

Page = Response | tuple[str, int]
VIEWS = {"hand": "In my hand", "mine": "Proposed by me", "all": "All"}
HEAD = ("KPI", "unit", "state", "proposed by", "on", "what changes", "reason", "waits for", "answered by", "answer")


def view_now() -> View:
    """What everything is shown with, now."""
    organisation = get_organisation(session=door.session())
    units = list_units(session=door.session())
    return View(
        calendar=organisation.calendar, zone=organisation.time_zone, now=door.now(),
        people=people_names(session=door.session()),
        units={key: path or units[0].name for key, path in paths_of(units=units).items()},
    )  # fmt: skip


def rows_now(*, kpi_id: int | None = None) -> list[ProposalRow]:
    """The proposals that the reader may see, of one KPI or of all, the waiting ones first."""
    found = list_asked(session=door.session(), actor=door.actor(), today=door.today(),
                       kpi_ids=None if kpi_id is None else [kpi_id])  # fmt: skip
    return _rows(found)


def rows_waiting(*, kpi_ids: Collection[int]) -> list[ProposalRow]:
    """Those of these KPIs that nobody has answered: what stands above their figures."""
    session, actor, today = door.session(), door.actor(), door.today()
    return _rows(list_asked(session=session, actor=actor, today=today, kpi_ids=kpi_ids, waiting=True))


def rows_in_hand() -> list[ProposalRow]:
    """Those that wait for the reader: what the home page shows."""
    found = list_asked(session=door.session(), actor=door.actor(), today=door.today(), at_hand=True)
    return _rows([one for one in found if one.hand is not None])


def _rows(found: list[Asked]) -> list[ProposalRow]:
    view = view_now() if found else None
    return [proposal_row(asked=one, view=view) for one in found if view is not None]


@bp.get("/amendments")
@door.allow(read=Act.READ_AMENDMENTS)
def show_list() -> Page:
    """What waits for me, what I proposed, everything I may read."""
    found = list_asked(session=door.session(), actor=door.actor(), today=door.today())
    person = door.actor().person
    parts = {
        "hand": [one for one in found if one.hand is not None],
        "mine": [one for one in found if person in one.proposal.proposers],
        "all": found,
    }
    chosen = door.text_arg("view") or next((key for key in VIEWS if parts[key]), "all")
    view = view_now()
    rows = [proposal_row(asked=one, view=view) for one in parts.get(chosen, found)]
    if request.args.get("format") == "csv":
        return door.download(to_csv(head=HEAD, rows=map(_csv_row, rows)), name="amendments.csv", mime="text/csv")
    shown, page = cut(rows=rows)
    tabs = [
        {"label": label, "href": here_with(view=key, page="1"), "current": key == chosen, "count": len(parts[key])}
        for key, label in VIEWS.items()
    ]
    return door.page("proposals/show_list.html", rows=shown, page=page, tabs=tabs, csv=here_with(format="csv"))


def _csv_row(row: ProposalRow) -> tuple[object, ...]:
    changes = "; ".join(f"{one.period} {one.figure} {one.before} → {one.after}" for one in row.cells)
    return (
        row.kpi, row.unit, row.state, row.proposer, row.proposed_at.date(), changes, row.reason, row.answerers,
        row.answered, row.answer,
    )  # fmt: skip


@bp.get("/amendments/<int:proposal_id>")
@door.allow(read=Act.READ_AMENDMENTS)
def show(proposal_id: int) -> Page:
    """One proposal, with what the reader may answer."""
    return _page(proposal_id, AnswerForm(None))


def _page(proposal_id: int, form: AnswerForm) -> tuple[str, int]:
    asked = get_asked(session=door.session(), actor=door.actor(), today=door.today(), proposal_id=proposal_id)
    row = proposal_row(asked=asked, view=view_now())
    form.version.data = str(row.version)
    is_mine = door.actor().person in asked.proposal.proposers
    return door.page("proposals/show.html", row=row, form=form, withdraws=row.waits and is_mine)


@bp.post("/amendments/<int:proposal_id>/agree")
@door.allow(write=Act.ANSWER_AMENDMENT)
def agree(proposal_id: int) -> Page:
    """Agree: the proposed targets count from now on."""
    return _answered(proposal_id, commands.agree, "Agreed. The new targets count from now on, with a badge.")


@bp.post("/amendments/<int:proposal_id>/return")
@door.allow(write=Act.ANSWER_AMENDMENT)
def give_back(proposal_id: int) -> Page:
    """Return it with a reason."""
    return _answered(proposal_id, commands.return_proposal, "Returned. The agreed targets stay.")


@bp.post("/amendments/<int:proposal_id>/withdraw")
@door.allow(write=Act.PROPOSE_AMENDMENT)
def withdraw(proposal_id: int) -> Page:
    """Take it back."""
    return _answered(proposal_id, commands.withdraw, "Withdrawn. The agreed targets stay.")


def _answered(proposal_id: int, command: Callable[..., Proposal], said: str) -> Page:
    form = AnswerForm(request.form)
    if door.accepted(form, lambda: door.perform(command, proposal_id=proposal_id, wish=form.to_wish())):
        return door.done(url_for("proposals.show", proposal_id=proposal_id), said)
    door.forget()
    return _page(proposal_id, form)


# ---------------------------------------------------------------- proposing


@bp.route("/kpis/<int:item_id>/amend", methods=["GET", "POST"])
@door.allow(read=Act.OPEN_AMENDMENT, write=Act.PROPOSE_AMENDMENT)
def propose(item_id: int) -> Page:
    """Other targets of one KPI, from a first period, with a reason."""
    sheet = _Sheet.of(item_id)
    form, saving = sheet.form(), Saving()
    if "fill" in request.form:
        form.ramp.fill(rows=sheet.rows, plans={})
        return sheet.page(form, saving)
    if door.accepted(form, lambda: saving.propose(form, first=form.first_day)):
        return door.done(url_for("kpis.show", item_id=item_id, cycle=sheet.name), saving.message)
    if request.method == "POST":
        door.forget()
        sheet = _Sheet.of(item_id)
        saving.carry(form, fresh=(cell for row in sheet.rows for cell in row.cells if cell is not None))
    return sheet.page(form, saving)


@dataclass
class _Sheet:
    """A year of one KPI’s targets: open are those that were agreed."""

    kpi: KPI
    cycle: Cycle
    facts: GridFacts
    rows: list[TargetRow]
    name: str

    @classmethod
    def of(cls, item_id: int) -> _Sheet:
        """As it stands now; raises Missing or Forbidden for KPIs that are not the reader's to propose for."""
        kpi = readable(item_id, KPI)
        door.require(Act.OPEN_AMENDMENT, subject_for(session=door.session(), item=kpi))
        cycle = cycle_of(kpi)
        if cycle is None:
            raise Missing("no planning cycle has been opened yet")
        first, last = cycle.first_day, cycle.last_day
        facts = kpi_grid(session=door.session(), actor=door.actor(), kpi_id=kpi.id, first=first, last=last)
        rows = target_rows(facts=facts, cycle=cycle.span, may_amend=True, revise=False, stretch=False)
        return cls(kpi, cycle, facts, [_only_agreed(one) for one in rows], cycle.name)

    def months(self) -> list[Period]:
        """The months of the cycle."""
        span = self.cycle.span
        return list(self.facts.calendar.periods(first=span.first, last=span.last, frequency=Frequency.MONTH))

    def form(self) -> TargetsForm:
        """The form around the rows; it begins by default with the first open month."""
        calendar = self.facts.calendar
        months = {f"{one.first:%Y-%m-%d}": calendar.label(period=one) for one in self.months()}
        locked = [month for unit, month in self.facts.locks if unit == self.kpi.unit_id]
        begins = first_open(calendar=calendar, frequency=Frequency.MONTH, locked=locked, today=door.today()).first
        known = min(max(f"{begins:%Y-%m-%d}", min(months)), max(months))
        return TargetsForm(request.form, rows=self.rows, months=months, first=known, point=door.point())

    def page(self, form: TargetsForm, saving: Saving) -> tuple[str, int]:
        """The page, which says who will be asked."""
        return door.page(
            "proposals/propose.html", kpi=self.kpi, cycle=self.cycle, form=form, rows=self.rows,
            months=[(MONTH_NAMES[one.first.month - 1], one.first.year) for one in self.months()],
            problems=form.grid.problems, asked=asked_names([self.kpi]),
            is_open=any(cell.is_open for row in self.rows for cell in row.cells if cell), saving=saving,
        )  # fmt: skip


def _only_agreed(row: TargetRow) -> TargetRow:
    for cell in row.cells:
        if cell is not None and cell.mark not in ("agreed", "amended"):
            cell.is_open = False
    return replace(row)


def asked_names(kpis: list[KPI]) -> str:
    """Who is asked when the reader changes agreed targets of these KPIs; empty where she may amend them alone."""
    but = frozenset({door.actor().person or 0})
    found = levels_above(session=door.session(), kpis=kpis, today=door.today(), but=but)
    names = people_names(session=door.session())
    people = frozenset[int]().union(*(people_in(seats=one) for one in found.values()))
    return " or ".join(sorted(names[one] for one in people))
