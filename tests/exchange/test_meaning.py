"""What a tidy sheet means, one small document for each rule: the docstring of a test is the file it imports."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from hoshin.engine.plans import Kind
from hoshin.model.cycles import Cycle, CycleState, MonthLock
from hoshin.model.items import Item
from hoshin.model.kpis import KPI, Reading, Revision
from hoshin.model.links import Correlation, Deployment
from hoshin.model.people import Person
from hoshin.model.units import Organisation, Unit
from tests.exchange.conftest import write
from tests.shells import Run, attained, counts, node

YEAR = ("--cycle", "2018", "--mode", "year-end")


def imported(run: Run, *words: object) -> str:
    """Import, and what was said about it."""
    said = run("import", *words)
    assert (said.code, said.err) == (0, "")
    return said.out


def refused(run: Run, *words: object) -> str:
    """An import that is refused stores nothing; its problems."""
    said = run("import", *words)
    assert (said.code, said.out) == (1, "")
    assert run("attain").code == 1, "something was stored"
    return said.err


def test_a_kpi_is_all_that_is_needed(run: Run, plan: Path) -> None:
    """
    kpi
    Revenue
    """
    imported(run, plan)
    assert counts(node(attained(run), "organisation")) == (1, 0, 0, 0, 1)
    assert node(attained(run), "organisation")["name"] == "plan"


def test_the_organisation_gets_the_name_that_is_asked_for(run: Run, plan: Path) -> None:
    """
    kpi
    Revenue
    """
    imported(run, plan, "--organisation", "Acme")
    assert node(attained(run), "organisation")["name"] == "Acme"


def test_rows_without_a_period_belong_to_the_cycle_that_is_named(run: Run, plan: Path) -> None:
    """
    kpi,direction,target,actual
    Revenue,at least,5,5
    """
    imported(run, plan, "--cycle", "2018")
    assert counts(node(attained(run, *YEAR), "organisation")) == (1, 1, 0, 0, 0)


def test_cells_are_trimmed_and_composed_before_anything_else(run: Run, plan: Path, tmp_path: Path) -> None:
    """
    kpi,period,direction,target,actual
    Cafe\u0301 visits,2018,at least,5,6
      Caf\u00e9 visits  , 2018 ,  At  Least , 5 , 6
    """
    imported(run, plan)
    assert [one["name"] for one in attained(run, *YEAR)["nodes"] if one["kind"] == "kpi"] == ["Caf\u00e9 visits"]


def test_names_that_nearly_agree_are_reported_and_kept_apart(run: Run, plan: Path) -> None:
    """
    kpi,period
    Lost time injuries,2018
    lost  time injuries.,2018
    """
    assert "likely duplicate KPI, kept apart" in imported(run, plan)
    assert counts(node(attained(run, *YEAR), "organisation"))[0] == 2


def test_the_same_name_in_another_unit_is_another_thing(run: Run, plan: Path) -> None:
    """
    unit,objective,kpi,period,direction,target,actual
    Operations / Assembly,Quality,Scrap,2018,at most,5,4
    Operations,Quality,Scrap,2018,at most,5,9
    ,Quality,Scrap,2018,at most,5,9
    """
    imported(run, plan)
    answer = attained(run, *YEAR)
    assert counts(node(answer, "unit", "Operations")) == (2, 1, 1, 0, 0)
    assert counts(node(answer, "unit-own", "Operations / Assembly")) == (1, 1, 0, 0, 0)
    assert counts(node(answer, "organisation")) == (3, 1, 2, 0, 0)


def test_a_kpi_repeated_under_another_objective_is_linked_there_too_and_counts_once(run: Run, plan: Path) -> None:
    """
    objective,priority,kpi,period,direction,target,actual
    Grow,Sell more,Orders,2018,at least,5,6
    Serve,Answer fast,Orders,2018,at least,5,6
    """
    imported(run, plan)
    answer = attained(run, *YEAR)
    assert counts(node(answer, "objective", "Grow")) == counts(node(answer, "objective", "Serve")) == (1, 1, 0, 0, 0)
    assert counts(node(answer, "organisation")) == (1, 1, 0, 0, 0)


def test_different_figures_for_the_same_kpi_and_period_name_both_rows(run: Run, plan: Path) -> None:
    """
    objective,kpi,period,target
    Grow,Orders,2018,5
    Serve,Orders,2018,5.0
    Last,Orders,2018,6
    """
    assert refused(run, plan) == "sheet plan.csv, row 4, column target: “6” contradicts “5” in row 2\n"


def test_links_are_medium_unless_the_row_says_more(run: Run, plan: Path, engine: Engine) -> None:
    """
    objective,priority,kpi,period,strength
    Grow,Sell more,Orders,2018,strong
    Grow,Sell more,Visits,2018,
    Grow,Call more,,2018,1
    """
    imported(run, plan)
    with Session(engine) as session:
        found = {
            (session.get_one(Item, one.upper_id).name, session.get_one(Item, one.lower_id).name): one.strength
            for one in session.scalars(select(Correlation))
        }
    assert found == {
        ("Grow", "Sell more"): 9,
        ("Sell more", "Orders"): 9,
        ("Sell more", "Visits"): 3,
        ("Grow", "Call more"): 1,
    }


def test_an_action_stands_between_priority_and_kpi(run: Run, plan: Path, engine: Engine) -> None:
    """
    priority,action,kpi,period,status,due,direction,target,actual
    Sell more,Hire two,Orders,2018,in progress,2018-05-31,at least,5,5
    """
    imported(run, plan)
    answer = attained(run, *YEAR)
    assert (
        counts(node(answer, "action", "Hire two")) == counts(node(answer, "priority", "Sell more")) == (1, 1, 0, 0, 0)
    )


def test_directions_hit_as_they_say(run: Run, plan: Path) -> None:
    """
    kpi,period,direction,target,low,high,tolerance,actual
    at least hit,2018,at least,.8,,,,0.8
    at least miss,2018,at least,1e3,,,,999.9999
    at most hit,2018,at most,0,,,,0
    at most negative,2018,at most,-0.5,,,,-0.5
    between,2018,between,99,1,2,,2
    between looks at bounds only,2018,between,1,2,3,,1
    exactly,2018,exactly,5,,,0.5,5.5
    exactly miss,2018,exactly,5,,,0.5,5.5001
    percent,2018,at least,12%,,,,0.12
    """
    imported(run, plan)
    assert counts(node(attained(run, *YEAR), "organisation")) == (9, 6, 3, 0, 0)


def test_what_cannot_be_judged_is_stored_counted_and_reported(run: Run, plan: Path) -> None:
    """
    kpi,period,direction,target,low,high,actual
    no target,2018,at least,,,,5
    no direction,2018,,5,,,5
    no bound,2018,between,5,1,,5
    nothing,2018,,,,,
    judged,2018,at least,5,,,5
    """
    assert "4 of 5 figures are without target (no target, direction or bound): rows 2, 3, 4, 5" in imported(run, plan)
    assert counts(node(attained(run, *YEAR), "organisation")) == (5, 1, 0, 0, 4)


def test_a_blank_never_erases(run: Run, plan: Path, tmp_path: Path) -> None:
    """
    objective,kpi,period,owner,direction,uom,target,actual
    Grow,Orders,2018,Ada,at least,pieces,5,6
    """
    imported(run, plan)
    before = attained(run, *YEAR)
    said = imported(
        run, write(tmp_path / "blank.csv", "kpi,period,owner,direction,uom,target,actual\nOrders,2018,,,,,")
    )
    assert "nothing changes" in said
    assert attained(run, *YEAR) == before


def test_a_changed_target_is_an_amendment_with_the_file_as_its_reason(
    run: Run, plan: Path, tmp_path: Path, engine: Engine
) -> None:
    """
    kpi,period,direction,target,actual
    Orders,2018,at least,5,6
    """
    imported(run, plan)
    said = imported(run, write(tmp_path / "june.csv", "kpi,period,target\nOrders,2018,7"))
    assert "change reading “Orders, 2018”: target 5 → 7" in said
    with Session(engine) as session:
        reading = session.scalars(select(Reading)).one()
        last = session.scalars(select(Revision).order_by(Revision.id.desc())).first()
    assert reading.amended
    assert last is not None
    assert (last.amendment, last.reason) == (True, "import of june.csv")
    answer = attained(run, *YEAR)
    assert counts(node(answer, "organisation")) == (1, 0, 1, 0, 0)


def test_a_locked_month_refuses(run: Run, plan: Path, tmp_path: Path, engine: Engine) -> None:
    """
    kpi,period,direction,target,actual
    Orders,2018-05,at least,5,6
    Orders,2018-06,at least,5,6
    """
    imported(run, plan)
    with Session(engine) as session:
        top = session.scalars(select(Unit)).one()
        at = session.scalars(select(Organisation.founded_at)).one()
        session.add(MonthLock(unit_id=top.id, month=date(2018, 6, 1), locked_at=at, locked_by="Ada"))
        session.commit()
    text = "kpi,period,actual\nOrders,2018-05,7\nOrders,2018-06,7"
    said = run("import", write(tmp_path / "late.csv", text))
    assert said.code == 1
    assert said.problems == ["sheet late.csv, row 3, column actual: Jun 2018 is locked for this unit"]
    with Session(engine) as session:
        assert {one.actual for one in session.scalars(select(Reading))} == {6}, "all or nothing"


def test_an_empty_row_makes_a_kpi_belong_to_its_cycle(run: Run, plan: Path) -> None:
    """
    kpi,period,direction,target,actual
    Orders,2018,at least,5,5
    Orders,2019,at least,,
    """
    imported(run, plan)
    assert counts(node(attained(run, "--cycle", "2019", "--mode", "year-end"), "organisation")) == (1, 0, 0, 0, 1)


def test_priorities_belong_to_their_cycle_and_objectives_to_all(run: Run, plan: Path, engine: Engine) -> None:
    """
    objective,priority,kpi,period
    Grow,Sell more,Orders,2018
    Grow,Sell more,Orders,2019
    """
    imported(run, plan)
    with Session(engine) as session:
        kinds = session.scalars(select(Item.kind).order_by(Item.id)).all()
    assert sorted(kinds) == sorted([Kind.OBJECTIVE, Kind.PRIORITY, Kind.PRIORITY, Kind.KPI])


def test_an_earlier_year_that_comes_later_counts_too(run: Run, plan: Path, tmp_path: Path) -> None:
    """
    objective,kpi,period,direction,target,actual
    Grow,Orders,2018,at least,5,5
    """
    imported(run, plan)
    text = "objective,kpi,period,direction,target,actual\nGrow,Orders,2016,at least,5,5"
    imported(run, write(tmp_path / "2016.csv", text))
    answer = attained(run, "--cycle", "2016", "--mode", "year-end")
    assert counts(node(answer, "objective", "Grow")) == (1, 1, 0, 0, 0)


def test_state_and_days_describe_what_stands_lowest_in_the_row(run: Run, plan: Path) -> None:
    """
    objective,kpi,period,state,valid_from,valid_to,direction,target,actual
    Grow,Orders,2018,,,,at least,5,5
    Grow,Draft,2018,draft,,,at least,5,5
    Grow,Over,2018,ended,,2018-06-30,at least,5,5
    Grow,Late,2018,active,2018-07-01,,at least,5,5
    """
    imported(run, plan)
    assert counts(node(attained(run, *YEAR), "objective", "Grow")) == (2, 2, 0, 0, 0)


def test_owners_are_known_by_name_or_address_and_added_without_a_sign_in(run: Run, plan: Path, engine: Engine) -> None:
    """
    kpi,period,owner
    A,2018,Ada Lovelace
    B,2018,ada@example.org
    C,2018,Bo Ek <Bo@Example.org>
    D,2018,bo@example.org
    E,2018,Ada Lovelace
    """
    imported(run, plan)
    with Session(engine) as session:
        people = {(one.name, one.email, one.password_hash) for one in session.scalars(select(Person))}
        owners = session.scalar(select(func.count(Item.owner_id.distinct())))
    assert people == {
        ("Ada Lovelace", None, None),
        ("ada@example.org", "ada@example.org", None),
        ("Bo Ek", "bo@example.org", None),
    }
    assert owners == 3


def test_an_objective_answers_the_priority_of_another_unit(run: Run, plan: Path, engine: Engine) -> None:
    """
    unit,objective,priority,kpi,period,answers,direction,target,actual
    ,Grow,Sell more,,2018,,,,
    Operations,Ship more,Ship fast,Lead time,2018,> Sell more,at most,5,5
    Operations / Assembly,Build more,,Output,2018,Operations > Ship fast,at least,5,4
    """
    imported(run, plan)
    answer = attained(run, *YEAR)
    assert counts(node(answer, "objective", "Grow")) == (2, 1, 1, 0, 0)
    assert counts(node(answer, "priority", "Operations / Ship fast")) == (2, 1, 1, 0, 0)
    with Session(engine) as session:
        assert session.scalar(select(func.count(Deployment.id))) == 2


def test_one_objective_answers_several_priorities(run: Run, plan: Path, engine: Engine) -> None:
    """
    unit,objective,priority,kpi,period,answers
    ,,Sell more; faster,,2018,
    ,,Spend less,,2018,
    A,Help,,,2018,Sell more; faster
    B,Help too,,,2018,> Sell more; faster ; > Spend less
    """
    said = run("import", plan)
    assert said.code == 1
    assert "row 5, column answers: there is no priority “> Sell more” in FY2018" in said.err
    text = plan.read_text("utf-8").replace("> Sell more; faster ; > Spend less", "Spend less")
    imported(run, write(plan, text))


def test_a_circle_is_refused_and_shown(run: Run, plan: Path) -> None:
    """
    unit,objective,priority,kpi,period,answers
    A,Objective A,Priority A,,2018,B > Priority B
    B,Objective B,Priority B,,2018,A > Priority A
    """
    said = refused(run, plan)
    assert said.startswith("these links would close a circle: ")
    assert all(name in said for name in ("Objective A", "Priority A", "Objective B", "Priority B"))


def test_every_problem_is_listed_with_sheet_row_and_column(run: Run, plan: Path) -> None:
    """
    kpi,period,target,direction,due
    Orders,2018,five,at least,
    Orders,2018-13,5,at least,
    Orders,2018,5,upwards,
    Visits,2018,5,,
    ,2018,5,,
    """
    said = refused(run, plan).splitlines()
    assert [one.split(": ")[0] for one in said] == [
        "sheet plan.csv, row 2, column target",
        "sheet plan.csv, row 3, column period",
        "sheet plan.csv, row 4, column direction",
        "sheet plan.csv, row 6, column kpi",
    ]


def test_a_dry_run_says_what_would_be_and_stores_nothing(run: Run, plan: Path, engine: Engine) -> None:
    """
    objective,kpi,period,target
    Grow,Orders,2018,5
    """
    said = run("import", plan, "--dry-run")
    assert said.code == 0
    assert "create objective “Grow”" in said.out
    assert "would be created" in said.out
    with Session(engine) as session:
        assert session.scalar(select(func.count(Organisation.id))) == 0


def test_quarters_and_months_are_fiscal(run: Run, plan: Path, tmp_path: Path) -> None:
    """
    kpi,period,direction,target,actual
    Orders,2018-Q1,at least,5,5
    """
    calendar = write(tmp_path / "map.toml", '[calendar]\nperiod = "quarter"\nstarts = "10-01"\nnamed_by = "end"')
    imported(run, plan, "--map", calendar)
    assert attained(run, "--period", "2017-12")["cycle"] == "FY2018"
    assert counts(node(attained(run, "--cycle", "2018", "--period", "2017-12"), "organisation"))[:2] == (1, 1)


@pytest.mark.parametrize("line", ['starts = "07-01"', 'named_by = "start"'])
def test_a_map_may_not_contradict_the_organisation(run: Run, plan: Path, tmp_path: Path, line: str) -> None:
    """
    kpi,period,target
    Orders,2018,5
    """
    imported(run, plan, "--map", write(tmp_path / "a.toml", '[calendar]\nperiod = "year"\nstarts = "10-01"'))
    other = write(tmp_path / "b.toml", f'[calendar]\nperiod = "year"\n{line}')
    said = run("import", plan, "--map", other)
    assert said.code == 1
    assert "contradicts the organisation's calendar" in said.err
    imported(run, plan)  # without a calendar the organisation's own counts


def test_dates_fall_into_the_period_of_the_frequency(run: Run, plan: Path, engine: Engine) -> None:
    """
    kpi,period,frequency,target
    Monthly,2018-05-31,,5
    Quarterly,2018-05-31,quarter,5
    Yearly,2018-05-31,year,5
    """
    imported(run, plan)
    with Session(engine) as session:
        found = {
            session.get_one(KPI, one.kpi_id).name: one.period.isoformat() for one in session.scalars(select(Reading))
        }
    assert found == {"Monthly": "2018-05-01", "Quarterly": "2018-04-01", "Yearly": "2018-01-01"}


def test_periods_of_two_forms_for_one_kpi_contradict_each_other(run: Run, plan: Path) -> None:
    """
    kpi,period,target
    Orders,2018-05,5
    Orders,2018-Q3,5
    """
    assert "row 3, column period: “quarter” contradicts “month” in row 2" in refused(run, plan)


def test_what_is_recorded_at_a_past_day_is_known_since_then(run: Run, plan: Path, tmp_path: Path) -> None:
    """
    kpi,period,direction,target,actual
    Orders,2018,at least,5,5
    """
    imported(run, plan, "--recorded-at", "2019-02-01")
    asked = ("--cycle", "2018", "--mode", "year-end")
    assert counts(node(attained(run, *asked, "--as-of", "2019-02-01"), "organisation")) == (1, 1, 0, 0, 0)
    assert (
        counts(node(attained(run, *asked, "--as-of", "2019-02-01", "--known-at", "2019-01-31"), "organisation"))[0] == 0
    )
    later = write(tmp_path / "later.csv", "kpi,period,actual\nOrders,2018,4")
    imported(run, later)
    assert counts(node(attained(run, *asked, "--as-of", "2019-02-01"), "organisation")) == (1, 1, 0, 0, 0)
    said = run("import", plan, "--recorded-at", "2019-03-01")
    assert said.code == 1
    assert "a later value is known since" in said.err


def test_nothing_is_recorded_in_the_future(run: Run, plan: Path) -> None:
    """
    kpi
    Orders
    """
    assert "has not come yet" in refused(run, plan, "--recorded-at", "2190-01-01")
    assert run("import", plan, "--recorded-at", "soon").code == 2


def test_structure_rows_need_no_kpi(run: Run, plan: Path, engine: Engine) -> None:
    """
    unit,unit_kind,objective,priority,kpi,period
    Operations / Assembly,team,,,,
    Operations,,Ship more,,,
    Operations,,,Ship fast,,2018
    """
    imported(run, plan)
    with Session(engine) as session:
        assert session.scalars(select(Unit.kind).order_by(Unit.id)).all() == ["company", "unit", "team"]
        assert session.scalar(select(func.count(Item.id))) == 2


def test_a_row_that_names_nothing_and_a_file_without_kpis_are_wrong(run: Run, plan: Path, tmp_path: Path) -> None:
    """
    kpi,period,owner
    ,2018,Ada
    """
    assert "row 2, column kpi: this row names no KPI" in refused(run, plan)
    said = refused(run, write(tmp_path / "other.csv", "objective,period\nGrow,2018"))
    assert said == "sheet other.csv: there is no column kpi; name it in a map if it is called otherwise\n"


def test_an_aim_may_change_from_year_to_year(run: Run, plan: Path) -> None:
    """
    kpi,period,direction,target,actual
    Stock,2018,at least,5,6
    Stock,2019,at most,5,6
    """
    imported(run, plan)
    assert counts(node(attained(run, *YEAR), "organisation")) == (1, 1, 0, 0, 0)
    assert counts(node(attained(run, "--cycle", "2019", "--mode", "year-end"), "organisation")) == (1, 0, 1, 0, 0)
    assert "nothing changes" in imported(run, plan)


def test_a_closed_year_can_be_read_again_but_not_changed(run: Run, plan: Path, engine: Engine) -> None:
    """
    objective,priority,kpi,period,target,actual
    Grow,Win back customers,Revenue,2018-01,5,6
    """
    imported(run, plan)
    with Session(engine.execution_options(hoshin_writes=True)) as session:
        session.execute(update(Cycle).values(state=CycleState.CLOSED))
        session.commit()
    assert "everything in this file stands so already" in " ".join(imported(run, plan).split())
    said = run("import", write(plan, "kpi,period,actual\nRevenue,2018-01,7"))
    assert (said.code, said.out) == (1, "")
    assert "FY2018 is closed: what belongs to it stays as it is" in said.err
    said = run("import", write(plan, "objective,priority,kpi,period\nGrow,One more,Revenue,2018-01"))
    assert "FY2018 is closed" in said.err
