"""The whole example organisation goes out as a tidy sheet and into an empty database: nothing counts differently."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hoshin.model.kpis import KPI, Reading
from tests import databases
from tests.exchange.conftest import write
from tests.shells import Run, attained

QUESTIONS = (
    (),
    ("--mode", "ytd"),
    ("--mode", "year-end"),
    ("--cycle", "{before}", "--mode", "year-end"),
    ("--cycle", "{before}", "--period", "{before}-05"),
    ("--cycle", "{before}", "--period", "{before}-Q3", "--mode", "ytd"),
)


def test_the_example_counts_the_same_at_every_node(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, sqlite_example: Path
) -> None:
    if database_url.startswith("sqlite"):
        databases.copy_sqlite(template=sqlite_example, folder=tmp_path)
    else:
        assert run("demo").code == 0
    file = tmp_path / ("plan.xlsx" if database_url.startswith("sqlite") else "plan.csv")
    assert run("export", file).code == 0
    year = int(attained(run)["cycle"].removeprefix("FY"))
    asked = [[word.format(year=year, before=year - 1) for word in one] for one in QUESTIONS]
    before = [attained(run, *words) for words in asked]
    monkeypatch.setenv("HOSHIN_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.sqlite'}")
    said = run("import", file)
    assert (said.code, said.err) == (0, "")
    for words, known in zip(asked, before, strict=True):
        now = attained(run, *words)
        assert now["nodes"] == known["nodes"], words
        assert (now["levels"], now["depths"]) == (known["levels"], known["depths"])
        assert now["as_first_agreed"] == known["as_first_agreed"]
    assert "nothing changes" in run("import", file).out


def test_odd_things_survive(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = write(
        tmp_path / "odd.csv",
        """
        unit,kpi_unit,objective,priority,kpi,period,direction,tolerance,target,low,high,actual,owner,rotation,restricted
        A,,,,,,,,,,,,,,yes
        A / Empty,,,,,,,,,,,,,,
        ,,,,,2018,,,,,,,,action,
        A,/,Grow,=1+1,"''-quoted, twice",2018,exactly,0.5,5,,,5.5,Ada,,
        A,,"Two
        lines",,-5 % scrap,2018-Q1,between,,,1,2,99999999999999.9999,Ada <ada@example.org>,,
        B,,,,No aim,2018,,,3,,,3,,,
        B,A,,Sell; more > less,-5 % scrap,2018-Q2,,,,,,,,,
        """,
    )
    assert run("import", plan).err == ""
    before = [attained(run, "--cycle", "2018", "--mode", mode) for mode in ("year-end", "ytd")]
    assert run("export", tmp_path / "out.csv").code == 0
    monkeypatch.setenv("HOSHIN_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.sqlite'}")
    assert run("import", tmp_path / "out.csv").err == ""
    assert [attained(run, "--cycle", "2018", "--mode", mode) for mode in ("year-end", "ytd")] == before
    names = {one["name"] for one in before[0]["nodes"]}
    assert {"=1+1", "'-quoted, twice", "Two\nlines", "-5 % scrap", "Sell; more > less"} <= names


def test_a_typed_year_to_date_is_remembered_as_first_agreed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """5 was agreed and 4 is the target now: 4 hits it, and beside that stands that the first one was missed."""
    head = "kpi,period,direction,aggregation,ytd_target,ytd_actual"
    for number, target in enumerate((5, 4)):
        plan = write(tmp_path / f"{number}.csv", f"{head}\nMargin,2018-01,at least,given,{target},4\n")
        assert run("import", plan, "--organisation", "Pumps").err == ""
    asked = ("--cycle", "2018", "--period", "2018-01", "--mode", "ytd")
    before = attained(run, *asked)
    assert (before["nodes"][0]["hits"], before["as_first_agreed"]["hits"]) == (1, 0)
    assert run("export", tmp_path / "out.csv").code == 0
    monkeypatch.setenv("HOSHIN_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.sqlite'}")
    assert run("import", tmp_path / "out.csv").err == ""
    assert attained(run, *asked) == before



def test_what_was_judged_by_an_older_direction_stays_so(
    run: Run, tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = write(tmp_path / "a.csv", "kpi,period,direction,target,actual\nStock,2017,at least,5,6")
    assert run("import", plan).err == ""
    with Session(engine) as session:
        kpi = session.scalars(select(KPI)).one()
        kpi.direction = None
        session.commit()
    assert run("export", tmp_path / "out.csv").code == 0
    assert "none" in (tmp_path / "out.csv").read_text("utf-8")
    monkeypatch.setenv("HOSHIN_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.sqlite'}")
    assert run("import", tmp_path / "out.csv").err == ""
    whole = attained(run, "--cycle", "2017", "--mode", "year-end")["nodes"][0]
    assert (whole["hits"], whole["no_target"]) == (1, 0)


def test_one_cycle_may_be_asked_for(run: Run, tmp_path: Path) -> None:
    text = "priority,kpi,period,target\nSell more,Orders,2017,5\nSell less,Orders,2018,6\nSell less,Visits,2018,6"
    assert run("import", write(tmp_path / "a.csv", text)).err == ""
    assert run("export", tmp_path / "out.csv", "--cycle", "2017").code == 0
    exported = (tmp_path / "out.csv").read_text("utf-8")
    assert "Sell more" in exported
    assert "Sell less" not in exported
    assert "Visits" not in exported
    assert run("export", tmp_path / "out.csv", "--cycle", "1999").code == 1
    assert run("export", tmp_path / "out.pdf").code == 2


def test_a_figure_that_excel_cannot_hold_goes_out_as_text(run: Run, tmp_path: Path, engine: Engine) -> None:
    plan = write(tmp_path / "a.csv", "kpi,period,direction,target\nOrders,2018,at least,99999999999999.9999")
    assert run("import", plan).err == ""
    assert run("export", tmp_path / "out.xlsx").code == 0
    said = run("import", tmp_path / "out.xlsx")
    assert "nothing changes" in said.out
    with Session(engine) as session:
        reading = session.scalars(select(Reading)).one()
        assert reading.target == Decimal("99999999999999.9999")
