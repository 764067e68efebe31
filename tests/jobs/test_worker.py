"""Huey takes the jobs out of the table: on a lease, each once, whatever is killed, stopped or fails."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Thread

import pytest

from hoshin import logs
from hoshin.cli.jobs import keeping
from hoshin.commands import jobs
from hoshin.commands.progress import Cancelled
from hoshin.jobs.smtp import Undeliverable
from hoshin.jobs.worker import run_due, run_next
from hoshin.model.jobs import JobState
from tests.jobs.desks import PATIENCE, Desk, Real, until


def test_what_is_due_is_done_in_its_turn_and_what_is_not_waits(desk: Desk) -> None:
    desk.ask("later", after=timedelta(minutes=1))
    desk.ask("first", "second")
    queue = desk.queue()
    assert [run_next(queue=queue) for _ in range(3)] == [True, True, False]
    assert desk.done == ["first", "second"]
    desk.now += timedelta(minutes=1)
    assert run_next(queue=queue)
    assert desk.done == ["first", "second", "later"]


def test_what_was_taken_comes_back_only_when_its_lease_has_run_out(desk: Desk) -> None:
    desk.ask("one")
    lost = desk.queue().dequeue()  # and here the process is killed
    another = desk.queue()
    desk.now += jobs.LEASE - timedelta(seconds=1)
    assert not run_next(queue=another)
    desk.now += timedelta(seconds=1)
    assert run_next(queue=another)
    desk.queue().execute(lost)  # the first one wakes up
    assert desk.done == ["one"]
    assert (desk.rows()["one"].state, desk.rows()["one"].attempts) == (JobState.DONE, 2)


def test_a_long_job_keeps_its_lease_on_its_way_until_somebody_else_has_taken_it_up(desk: Desk) -> None:
    desk.ask("one")
    task, another = desk.queue().dequeue(), desk.queue()
    go_on = keeping(database=desk.database, job=task.args[0], clock=lambda: desk.now)
    for _ in range(3):
        desk.now += jobs.LEASE - timedelta(seconds=1)
        go_on()
        assert another.dequeue() is None, "still held"
    assert desk.rows()["one"].leased_until == desk.now + jobs.LEASE
    desk.now += timedelta(seconds=1)
    go_on()
    assert desk.rows()["one"].leased_until == desk.now + jobs.LEASE - timedelta(seconds=1), "not at every step"
    desk.now += jobs.LEASE
    assert another.dequeue() is not None
    with pytest.raises(Cancelled):
        go_on()


def test_two_processes_take_two_jobs(desk: Desk) -> None:
    desk.ask("one", "two")
    taken = [queue.dequeue() for queue in (desk.queue(), desk.queue(), desk.queue())]
    assert [task.args[0].name if task else None for task in taken] == ["one", "two", None]


def test_a_lane_takes_only_its_own_jobs_and_the_two_are_never_the_same(desk: Desk) -> None:
    desk.ask("house", "house too")
    desk.ask("asked for", "asked for too", kind=jobs.IMPORT)
    queue, taken = desk.queue(), dict[str, list[str]]()

    def look() -> list[str]:
        found = [queue.dequeue() for _ in range(3)]
        return [one.args[0].name if one else "nothing" for one in found]

    def beside() -> None:
        with queue.storage.lane():
            taken["beside"] = look()

    with queue.storage.lane():
        other = Thread(target=beside)
        other.start()
        other.join()
        taken["here"] = look()
    assert sorted(taken.values()) == [["asked for", "asked for too", "nothing"], ["house", "house too", "nothing"]]


def test_a_stroke_wakes_both_lanes_whichever_hears_it_first(desk: Desk) -> None:
    storage = desk.queue().storage

    def beside() -> bool:
        with storage.lane():
            return bool(storage.wait(seconds=PATIENCE))

    storage.wake()
    with storage.lane(), ThreadPoolExecutor(1) as other:
        assert storage.wait(seconds=PATIENCE)
        assert not storage.wait(seconds=0)
        assert other.submit(beside).result()


@pytest.mark.parametrize(
    ("error", "state", "said"),
    [
        (OSError("busy"), JobState.WAITING, "OSError: busy"),
        (Undeliverable("nobody"), JobState.FAILED, "nobody"),
    ],
)
def test_what_fails_is_noted_and_tried_again_where_that_is_of_use(
    desk: Desk, error: Exception, state: JobState, said: str
) -> None:
    desk.ask("one", "two")
    desk.raises = error
    queue = desk.queue()
    assert run_next(queue=queue)
    desk.raises = None
    assert run_next(queue=queue), "whatever a job dies of, the next one is done"
    failed = desk.rows()["one"]
    assert (failed.state, failed.error, failed.claim, failed.attempts) == (state, said, None, 1)
    desk.now += jobs.FIRST_WAIT
    assert run_next(queue=queue) is (state is JobState.WAITING)


@pytest.mark.parametrize("raises", [None, OSError("Zanzibar merger")])
def test_the_log_tells_how_long_a_job_waited_and_took_and_nothing_that_anybody_wrote(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, raises: Exception | None
) -> None:
    said: list[dict[str, object]] = []
    monkeypatch.setattr(logs, "say", lambda **fields: said.append(fields))
    desk.ask("Zanzibar merger")
    desk.now += timedelta(seconds=7)
    desk.raises = raises
    run_next(queue=desk.queue())
    begun, over = said
    job = {"job": 1, "kind": "mail"}
    assert begun == {"event": "job begun", "attempt": 1, "waited": 7.0, **job}
    assert over == {"event": "job over", "seconds": over["seconds"], **job}


def test_a_kind_that_this_version_does_not_know_is_left_to_another(desk: Desk) -> None:
    desk.ask("new", kind="unheard-of")
    assert run_next(queue=desk.queue())
    assert (desk.rows()["new"].state, desk.rows()["new"].error) == (JobState.WAITING, "KeyError: 'unheard-of'")


def test_what_the_clock_brings_is_done_once_however_long_it_lay_and_fails_alone(desk: Desk) -> None:
    brought: list[str] = []

    def fail() -> None:
        raise OSError("away")

    queue = desk.queue(life=lambda: brought.append("life"), old=fail)
    for _ in range(3):
        for task in queue.read_periodic(None):
            queue.enqueue(task)
    desk.ask("one")
    while run_next(queue=queue):
        pass
    assert (brought, desk.done) == (["life"], ["one"])
    run_due(queue=queue)
    assert brought == ["life", "life"]


def test_the_clock_asks_and_what_it_asked_for_is_done_in_the_same_turn(desk: Desk) -> None:
    run_due(queue=desk.queue(tick=lambda: desk.ask("tick:2026-05-20")))
    assert desk.done == ["tick:2026-05-20"]


def test_a_real_kill_between_taking_and_doing_it_loses_nothing_and_does_it_once(real: Real) -> None:
    real.desk.ask("one", kind="probe")
    process = real.start("stay")
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert real.desk.rows()["one"].state is JobState.CLAIMED
    real.forget_lease()
    real.go_on()
    assert real.start("work", "--once").wait(PATIENCE) == 0
    assert real.done == "one True "
    assert (real.desk.rows()["one"].state, real.desk.rows()["one"].attempts) == (JobState.DONE, 2)


def test_what_somebody_waits_for_is_done_while_the_house_is_at_work(real: Real) -> None:
    real.desk.ask("tick", kind="probe")
    process = real.start()
    real.desk.ask("asked for", kind=jobs.IMPORT)
    real.go_on(jobs.IMPORT)
    until(lambda: real.is_done("asked for"))
    assert real.desk.rows()["tick"].state is JobState.CLAIMED
    process.terminate()
    real.go_on()
    assert process.wait(PATIENCE) == 0
    assert real.done == "asked for True tick True "


def test_the_house_goes_on_while_somebody_s_long_work_is_done(real: Real) -> None:
    real.desk.ask("asked for", kind=jobs.IMPORT)
    real.start()
    real.desk.ask("tick", kind="probe")
    real.go_on("probe")
    until(lambda: real.is_done("tick"))
    assert real.desk.rows()["asked for"].state is JobState.CLAIMED


def test_a_real_kill_while_both_lanes_are_at_work_does_each_job_once(real: Real) -> None:
    real.desk.ask("tick", kind="probe")
    real.desk.ask("asked for", kind=jobs.IMPORT)
    process = real.start(jobs=2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert {one.state for one in real.desk.rows().values()} == {JobState.CLAIMED}
    real.forget_lease()
    real.go_on()
    assert real.start("work", "--once").wait(PATIENCE) == 0
    assert sorted(real.done.split(" True ")) == ["", "asked for", "tick"]
    assert {(one.state, one.attempts) for one in real.desk.rows().values()} == {(JobState.DONE, 2)}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_any_signal_to_end_lets_the_job_in_hand_be_finished_and_no_other_be_begun(real: Real, how: int) -> None:
    real.desk.ask("one", "two", kind="probe")
    process = real.start()
    process.send_signal(how)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
    real.go_on()
    assert process.wait(PATIENCE) == 0
    assert real.done == "one True "
    assert real.desk.rows()["two"].state is JobState.WAITING


def test_a_second_signal_leaves_the_job_to_its_lease(real: Real) -> None:
    real.desk.ask("one", kind="probe")
    process = real.start()
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
    assert real.desk.rows()["one"].state is JobState.CLAIMED


def test_it_ends_when_whoever_began_it_is_gone(real: Real) -> None:
    assert real.start("work", "--beside", str(os.getpid() + 1)).wait(PATIENCE) == 0
