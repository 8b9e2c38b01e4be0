"""What a crash left, and what has grown old."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from gevent.event import Event

from server.db.models import Run
from server.domain.errors import EngineError, NotFound
from server.domain.ports import SandboxSpec, Stream
from server.domain.run import Limits, State
from server.engine.fake import IMAGE, FakeSandbox, Script
from server.worker import sweep
from tests.unit.worker_bench import ACTOR, Bench, now
from tests.waiting import eventually

OUT = Stream.STDOUT


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def a_stray(bench: Bench) -> str:
    sandbox = bench.engine.open(SandboxSpec("run-x-1", "x" * 32, 1, IMAGE.digest, Limits()))
    return sandbox.id


def test_the_first_sweep_carries_on_what_lives_and_ends_what_is_lost(bench: Bench) -> None:
    alive = bench.left_by_a_crash(State.RUNNING, Script([(OUT, b"one "), (OUT, b"two")]), stored=1)
    lost = bench.left_by_a_crash(State.RUNNING, Script([(OUT, b"gone")]), stored=1)
    bench.sandbox.destroy()
    bench.services.sweeper.once(first=True)
    bench.eventually_in(alive, "succeeded")
    bench.eventually_in(lost, "failed")
    assert bench.output(alive) == b"one two"
    assert bench.run(lost)["reason"] == "host_lost"
    eventually(lambda: not bench.engine.live, "the sandboxes to go", 10)


def test_the_first_sweep_takes_this_hosts_runs_at_once_though_their_lease_still_holds(bench: Bench) -> None:
    run_id = bench.left_by_a_crash(State.RUNNING, Script([(OUT, b"said")]))
    with bench.db.transaction() as session:
        row = session.get_one(Run, run_id)
        row.worker, row.lease_until = bench.executor.worker, now() + timedelta(hours=1)
    bench.services.sweeper.once(first=True)
    bench.eventually_in(run_id, "succeeded")


def test_only_the_sandbox_of_its_present_attempt_is_a_runs_own(bench: Bench) -> None:
    run_id = bench.left_by_a_crash(State.RUNNING, Script([(OUT, b"said")]))
    bench.engine.script = Script([(OUT, b"wrong")])
    earlier = bench.engine.open(SandboxSpec(f"run-{run_id}-0", run_id, 0, IMAGE.digest, Limits()))
    bench.services.sweeper.once(first=True)
    assert earlier.destroyed
    bench.eventually_in(run_id, "succeeded")
    assert bench.output(run_id) == b"said"


def test_a_run_that_nobody_here_executes_is_carried_on_whatever_the_wall_clock_says(tmp_path: Path) -> None:
    bench = Bench(tmp_path, BYTEME_LEASE_S="2")
    run_id = bench.left_by_a_crash(State.RUNNING, Script([(OUT, b"said")]))
    with bench.db.transaction() as session:  # as after a clock that was set back
        row = session.get_one(Run, run_id)
        row.worker, row.lease_until = bench.executor.worker, now() + timedelta(days=1)
    bench.services.sweeper.once()
    assert bench.run(run_id)["state"] == "running"

    def is_carried_on() -> bool:
        bench.services.sweeper.once()
        return bench.run(run_id)["state"] == "succeeded"

    eventually(is_carried_on, "the run to be carried on")
    bench.close()


def test_nothing_new_begins_before_the_first_sweep_could_be_done(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "FIRST_RETRY_S", 0.01)
    bench.engine.fail("find", EngineError(), times=3)
    begun = Event()
    greenlet = bench.services.sweeper.start(begun.set)
    assert not begun.is_set()
    assert begun.wait(30)
    greenlet.kill()


def test_the_sandbox_of_a_run_that_has_ended_is_removed_at_once(bench: Bench) -> None:
    run_id = bench.execute(Script())["id"]
    bench.executor.settle()
    bench.engine.open(SandboxSpec(f"run-{run_id}-1", run_id, 1, IMAGE.digest, Limits()))
    bench.services.sweeper.once()
    assert bench.engine.live == {}


def test_a_run_of_a_worker_that_lives_is_left_to_it(bench: Bench) -> None:
    run_id = bench.left_by_a_crash(State.RUNNING, Script(lasts=True))
    with bench.db.transaction() as session:
        session.get_one(Run, run_id).lease_until = now() + timedelta(hours=1)
    bench.services.sweeper.once(first=True)
    assert not bench.executor.owns(run_id)
    assert not bench.sandbox.destroyed
    assert bench.run(run_id)["state"] == "running"


def test_a_container_without_a_run_is_removed_at_the_start_at_once(bench: Bench) -> None:
    a_stray(bench)
    bench.services.sweeper.once(first=True)
    assert bench.engine.live == {}


def test_later_a_container_without_a_run_is_given_time_first(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    stray = a_stray(bench)
    bench.services.sweeper.once()
    bench.services.sweeper.once()
    assert list(bench.engine.live) == [stray]
    monkeypatch.setattr(sweep, "GRACE_S", 0.0)
    bench.services.sweeper.once()
    assert bench.engine.live == {}


def test_a_sandbox_on_its_way_out_is_not_taken_for_a_stray(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, destroy = [], FakeSandbox.destroy
    gone = Event()
    monkeypatch.setattr(
        FakeSandbox, "destroy", lambda sandbox: (asked.append(sandbox.id), gone.wait(), destroy(sandbox))
    )
    bench.execute(Script())
    monkeypatch.setattr(sweep, "GRACE_S", 0.0)
    bench.services.sweeper.once()
    gone.set()
    bench.executor.settle()
    assert asked == [bench.sandbox.id]


def test_an_engine_that_is_away_stops_no_sweep_to_come(bench: Bench) -> None:
    bench.engine.fail("find", EngineError())
    stray = a_stray(bench)
    bench.services.sweeper.once(first=True)
    assert list(bench.engine.live) == [stray]
    bench.services.sweeper.once(first=True)
    assert bench.engine.live == {}


def test_old_runs_expire_with_all_they_left_and_newer_ones_stay(bench: Bench) -> None:
    script = Script([(OUT, b"said")], {"model": b"x"})
    old, new = bench.execute(script)["id"], bench.execute(script)["id"]
    with bench.db.transaction() as session:
        session.get_one(Run, old).finished_at = now() - timedelta(days=31)
    assert bench.services.expiry.expire() == 1
    with pytest.raises(NotFound):
        bench.services.runs.get(ACTOR, old)
    assert bench.output(old) == b""
    assert not (bench.services.settings.artifact_dir / old).exists()
    assert (bench.output(new), bench.run(new)["artifacts"]["count"]) == (b"said", 1)


def test_a_run_that_has_not_ended_never_expires(bench: Bench) -> None:
    run_id = bench.submit()
    with bench.db.transaction() as session:
        session.get_one(Run, run_id).created_at = now() - timedelta(days=365)
    assert bench.services.expiry.expire() == 0
    assert bench.run(run_id)["state"] == "queued"
