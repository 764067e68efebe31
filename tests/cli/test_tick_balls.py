"""`hoshin tick` reminds of a ball that lies, in the name of the clock, and a second run says nothing twice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from hoshin.cli import shell
from hoshin.model.catchball import Message
from tests.commands import playing


def test_a_ball_that_lies_is_pointed_out_once(session: Session, database_url: str, tmp_path: Path) -> None:
    """It has lain for years, longer than twice the patience: straight to the superior."""
    playing.thrown(session, playing.company(session)).held_since = datetime(2020, 1, 1, tzinfo=UTC)
    session.commit()
    environ = {"HOSHIN_DATABASE_URL": database_url, "HOSHIN_INSTANCE": str(tmp_path)}
    said = [CliRunner().invoke(shell.hoshin, ["tick"], env=environ) for _ in range(2)]
    assert [one.exit_code for one in said] == [0, 0]
    assert "0 balls reminded of, 1 escalated" in said[0].stdout
    assert "0 balls reminded of, 0 escalated" in said[1].stdout
    words = session.execute(select(Message.verb, Message.person_name).order_by(Message.place)).all()
    assert [tuple(one) for one in words] == [("thrown", "Opal"), ("escalated", "hoshin (clock)")]
