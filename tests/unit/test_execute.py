"""A run from claim to end, whatever goes wrong: the real executor, database and stores on an engine in memory."""

import errno
import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gevent
import pytest
from gevent.event import Event

from server import telemetry
from server.db import moves
from server.db.models import Run
from server.domain.errors import Conflict, EngineAway, EngineError, ImageError, StaleLease, Unavailable
from server.domain.ports import Job, Stream
from server.domain.preload import BARE, TORCH
from server.domain.run import TERMINAL, Exit, Network, State, Stop, Usage
from server.engine.fake import IMAGE, FakeSandbox, Script
from server.worker import caps, execute, executor, output, removal
from tests.unit.worker_bench import ACTOR, LONG_AGO, Bench, now
from tests.waiting import eventually

OUT, ERR, EVENT = Stream.STDOUT, Stream.STDERR, Stream.EVENT
MIB = 1 << 20
AWAY = EngineError("The container engine failed: gone fishing")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that the executor makes, noted in place of made."""
    noted: list[float] = []
    hurried = SimpleNamespace(**vars(gevent))
    hurried.sleep = lambda seconds=0: (noted.append(seconds) if seconds else None, gevent.sleep(0))
    for module in (execute, output):
        monkeypatch.setattr(module, "gevent", hurried)
    return noted


def why(run: dict[str, Any]) -> tuple[str, str | None]:
    return run["state"], run["reason"]


# the ways a program ends


def test_a_run_goes_through_every_state_once_and_leaves_nothing_behind(bench: Bench) -> None:
    script = Script([(OUT, b"out"), (ERR, b"err"), (EVENT, b"{}\n")], {"model": b"weights"})
    run = bench.execute(script, args=("--epochs", "5"), env={"SEED": "7"})
    assert why(run) == ("succeeded", None)
    assert bench.states(run["id"]) == ["queued", "starting", "running", "collecting", "succeeded"]
    assert bench.output(run["id"]) == b"outerr"
    assert (run["output"]["bytes"], run["artifacts"]["count"], run["artifacts"]["bytes"]) == (6, 1, 7)
    assert run["image"]["digest"] == IMAGE.digest
    assert bench.sandbox.files == {"main.py": b"print(1)"}
    job = bench.sandbox.job
    assert job is not None
    assert (job.argv, job.env) == (("main.py", "--epochs", "5"), {"SEED": "7"})
    assert not bench.executor.owns(run["id"])
    bench.executor.settle()
    assert bench.engine.live == {}


def test_the_sandbox_is_given_the_runs_own_limits_and_image(bench: Bench) -> None:
    bench.execute(Script(), limits={"memory_mb": 256, "cpus": 0.5})
    assert (bench.sandbox.spec.limits.memory_mb, bench.sandbox.spec.limits.cpus) == (256, 0.5)
    assert bench.sandbox.spec.image == IMAGE.digest


def test_the_sandbox_is_asked_for_with_the_libraries_that_the_program_imports(bench: Bench) -> None:
    bench.execute(Script(), files={"main.py": "import torch"})
    assert bench.sandbox.spec.preload == TORCH
    bench.execute(Script(), files={"main.py": "import torch"}, limits={"memory_mb": 128})
    assert bench.sandbox.spec.preload == BARE


def test_a_run_tells_whether_its_sandbox_had_waited_for_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path, BYTEME_WARM_POOL_SIZE="1", BYTEME_WARM_MIN_FREE_MEMORY_MB="0")
    engine = bench.services.engine
    engine.start()
    eventually(lambda: engine.check()["warm"], "a sandbox to wait", 10)
    warm = bench.execute(Script())["warm"]
    engine.close()
    assert (warm, bench.execute(Script())["warm"]) == (True, False)
    bench.close()


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        (Exit(0), ("succeeded", None)),
        (Exit(3), ("failed", "exit_code")),
        (Exit(137, oom=True, usage=Usage(peak_memory_bytes=512 * MIB)), ("failed", "out_of_memory")),
        (Exit(1, disk_full=True), ("failed", "disk_limit")),
        (Exit(None), ("failed", "host_lost")),
        (Exit(None, error="The container engine was restarted and ended the run."), ("failed", "host_lost")),
    ],
)
def test_whatever_way_it_ends_its_output_and_files_are_kept(
    bench: Bench, ends: Exit, expected: tuple[str, str | None]
) -> None:
    run = bench.execute(Script([(OUT, b"last words")], {"model": b"weights"}, ends))
    assert why(run) == expected
    assert bench.output(run["id"]) == b"last words"
    assert run["artifacts"]["count"] == 1
    assert run["exit_code"] == ends.code


def test_an_artifact_over_the_cap_fails_a_run_that_succeeded_and_keeps_the_others(tmp_path: Path) -> None:
    bench = Bench(tmp_path, '{"artifact_mb": 1}')
    run = bench.execute(Script(leaves={"a": b"small", "big": b"x" * (MIB + 1)}))
    assert why(run) == ("failed", "artifact_limit")
    assert run["artifacts"]["count"] == 1
    bench.close()


def test_an_artifact_over_the_cap_does_not_hide_why_a_program_failed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, '{"artifact_mb": 1}')
    assert why(bench.execute(Script(leaves={"big": b"x" * (MIB + 1)}, ends=Exit(2)))) == ("failed", "exit_code")
    bench.close()


@pytest.mark.parametrize("piece", [1, 1000, 300_001, 2 * MIB])
def test_output_over_the_cap_ends_the_run_and_exactly_the_cap_is_kept(tmp_path: Path, piece: int) -> None:
    bench = Bench(tmp_path, '{"output_mb": 1}')
    whole = random.Random(piece).randbytes(MIB + 5000)
    pieces = [whole[start : start + piece] for start in range(MIB - 5000 if piece == 1 else 0, len(whole), piece)]
    says = [(OUT, whole[: MIB - 5000])] if piece == 1 else []
    run = bench.execute(Script([*says, *((OUT, data) for data in pieces)], lasts=True))
    assert why(run) == ("failed", "output_limit")
    assert (run["output"]["bytes"], run["output"]["truncated"]) == (MIB, True)
    assert bench.output(run["id"]) == whole[:MIB]
    bench.close()


def test_exactly_the_cap_is_not_over_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path, '{"output_mb": 1}')
    run = bench.execute(Script([(OUT, b"x" * MIB)]))
    assert (why(run), run["output"]["truncated"]) == (("succeeded", None), False)
    bench.close()


def test_reports_over_their_cap_are_dropped_and_the_stream_is_freed_all_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caps, "MAX_EVENT_BYTES", 1000)
    released: list[int] = []
    monkeypatch.setattr(FakeSandbox, "release", lambda _, mark: released.append(mark))
    figure = (EVENT, b"x" * MIB)
    run = bench.execute(Script([(EVENT, b"{}\n"), *[figure] * 8]))
    assert why(run) == ("succeeded", None)
    assert released[-1] == bench.sandbox._said[-1].mark
    events, _ = bench.logs.read_events(run["id"], 0, 1 << 30)
    assert [event.data for event in events if event.data] == [b"{}\n"]


def test_input_reaches_a_running_program_and_nobody_else(bench: Bench) -> None:
    bench.engine.script = Script(echoes=True)
    run_id = bench.submit()
    with pytest.raises(Conflict):
        bench.executor.send_input(run_id, b"early")
    worker = gevent.spawn(bench.executor.run_next)
    bench.eventually_in(run_id, "running")
    eventually(lambda: bench.executor.live() and bench.sandbox.job, "the program to start", 10)
    bench.executor.send_input(run_id, b"hello")
    bench.executor.send_input(run_id, None)
    assert worker.get(timeout=10)
    assert bench.output(run_id) == b"hello"
    with pytest.raises(Conflict):
        bench.executor.send_input(run_id, b"late")


# where its time went

STEPS = [
    "submit", "queue", "claim", "resolve", "open", "put", "running", "start", "first_output", "program", "exit",
    "collecting", "collect", "finish",
]  # fmt: skip


def steps(run: dict[str, Any]) -> list[str]:
    return [span["step"] for span in run["trace"]]


def test_every_step_of_a_run_has_a_span_in_order(bench: Bench) -> None:
    run = bench.execute(Script([(OUT, b"said")], {"model": b"x"}))
    assert steps(run) == STEPS
    ends = [span["at_ms"] + span["ms"] for span in run["trace"] if span["step"] != "first_output"]
    assert all(earlier <= later + 0.02 for earlier, later in pairwise(ends))  # both were rounded to 0.01
    assert all(span["ms"] >= 0 and span["at_ms"] >= 0 for span in run["trace"])


def test_a_program_that_says_nothing_has_no_first_output(bench: Bench) -> None:
    assert steps(bench.execute(Script())) == [step for step in STEPS if step != "first_output"]


def test_a_run_tells_how_it_came_to_start_while_it_runs(bench: Bench) -> None:
    bench.engine.script = Script(lasts=True)
    run_id = bench.submit()
    worker = gevent.spawn(bench.executor.run_next)
    bench.eventually_in(run_id, "running")
    assert steps(bench.run(run_id)) == STEPS[: STEPS.index("running")]
    eventually(lambda: bench.executor.live() and bench.sandbox.job, "the program to start", 10)
    bench.sandbox.stop()
    assert worker.get(timeout=10)


def test_a_run_queued_again_has_the_steps_of_each_attempt(bench: Bench, pauses: list[float]) -> None:
    bench.engine.fail("open", AWAY)
    run_id = bench.execute(Script())["id"]
    assert bench.executor.run_next()
    assert steps(bench.run(run_id))[:7] == ["submit", "queue", "claim", "resolve", "open", "queue", "claim"]


def test_a_run_carried_on_tells_nothing_of_what_nobody_saw(bench: Bench) -> None:
    run_id = bench.left_by_a_crash(State.RUNNING, Script([(OUT, b"one "), (OUT, b"two")]), stored=1)
    bench.executor.resume(run_id, bench.sandbox)
    assert steps(bench.run(run_id)) == ["submit", "recover", "exit", "collecting", "collect", "finish"]


def test_the_steps_of_ended_runs_are_counted(bench: Bench) -> None:
    def counted(step: str) -> float:
        return (
            telemetry.REGISTRY.get_sample_value("byteme_run_step_seconds_count", {"step": step, "warm": "false"}) or 0
        )

    before = [counted(step) for step in STEPS]
    bench.execute(Script([(OUT, b"said")]))
    assert [counted(step) for step in STEPS] == [count + 1 for count in before]


# when the platform fails


def test_an_image_that_is_not_there_is_told_at_once(bench: Bench) -> None:
    bench.engine.image = None
    run = bench.execute(Script())
    assert why(run) == ("failed", "image_unavailable")
    assert bench.engine.opened == []


def test_an_image_that_vanishes_before_the_start_is_told_too(bench: Bench) -> None:
    bench.engine.fail("open", ImageError())
    assert why(bench.execute(Script())) == ("failed", "image_unavailable")


@pytest.mark.parametrize("call", ["resolve", "open", "put"])
def test_an_engine_that_fails_before_the_program_began_is_tried_again(
    bench: Bench, pauses: list[float], call: str
) -> None:
    bench.engine.fail(call, AWAY)
    run = bench.execute(Script([(OUT, b"once")]))
    assert run["state"] == "queued"
    assert bench.engine.live == {}
    assert bench.executor.run_next()
    assert why(bench.run(run["id"])) == ("succeeded", None)
    assert bench.output(run["id"]) == b"once"
    assert pauses == [1]


def test_an_engine_that_keeps_failing_ends_the_run_after_three_attempts(bench: Bench, pauses: list[float]) -> None:
    bench.engine.fail("open", AWAY, times=10)
    run_id = bench.submit()
    assert [bench.executor.run_next() for _ in range(4)] == [True, True, True, False]
    run = bench.run(run_id)
    assert why(run) == ("failed", "internal_error")
    assert run["message"] == AWAY.message
    assert bench.states(run_id) == ["queued", *["starting", "queued"] * 2, "starting", "failed"]
    assert pauses == [1, 2]


@pytest.mark.parametrize("call", ["start", "output", "wait", "get"])
def test_an_engine_that_fails_after_the_program_began_ends_the_run_and_repeats_nothing(bench: Bench, call: str) -> None:
    bench.engine.fail(call, AWAY)
    run = bench.execute(Script([(OUT, b"once")], {"model": b"x"}))
    assert why(run) == ("failed", "internal_error")
    assert len(bench.engine.opened) == 1
    bench.executor.settle()
    assert bench.engine.live == {}


@pytest.mark.parametrize("step", ["move", "finish"])
def test_a_database_that_is_away_when_a_program_ends_costs_the_run_nothing(
    bench: Bench, pauses: list[float], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    real, away = getattr(moves, step), [Unavailable()] * 3

    def write(session: Any, lease: moves.Lease, *rest: Any, **values: Any) -> None:
        if away and bench.sandbox.job is not None:
            raise away.pop()
        real(session, lease, *rest, **values)

    monkeypatch.setattr(moves, step, write)
    run = bench.execute(Script([(OUT, b"said")], {"model": b"x"}))
    assert why(run) == ("succeeded", None)
    assert (run["artifacts"]["count"], bench.output(run["id"])) == (1, b"said")
    assert pauses == [execute.RETRY_S] * 3


def test_whatever_goes_wrong_beside_a_run_its_time_limit_still_ends_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeSandbox, "usage", lambda _: 1 / 0)
    run = bench.execute(Script([(OUT, b"so far")], lasts=True), limits={"timeout_s": 1})
    assert why(run) == ("failed", "timeout")


def test_a_run_queued_again_is_cancelled_at_once_by_whoever_has_it_then(bench: Bench) -> None:
    bench.engine.fail("open", AWAY)
    run_id = bench.submit()
    first = gevent.spawn(bench.executor.run_next)
    bench.eventually_in(run_id, "queued")
    bench.engine.script = Script(lasts=True)
    second = gevent.spawn(bench.executor.run_next)
    bench.eventually_in(run_id, "running")
    assert first.get(timeout=10)  # after its pause
    assert bench.executor.owns(run_id)
    bench.services.runs.cancel(ACTOR, run_id)
    bench.executor.cancel(run_id)
    assert second.get(timeout=10)
    assert why(bench.run(run_id)) == ("cancelled", None)


def test_an_error_of_ours_is_not_shown_to_the_user(bench: Bench) -> None:
    bench.engine.fail("wait", ZeroDivisionError("secret detail"))
    run = bench.execute(Script())
    assert why(run) == ("failed", "internal_error")
    assert "secret detail" not in run["message"]
    assert "not your program's fault" in run["message"]


def test_with_too_little_disk_nothing_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path)
    run_id = bench.submit()
    monkeypatch.setattr(executor.shutil, "disk_usage", lambda _: SimpleNamespace(free=-1))
    assert not bench.executor.run_next()
    assert bench.run(run_id)["state"] == "queued"
    bench.close()


# its slot


def test_a_slot_is_free_while_the_sandbox_of_the_ended_run_is_removed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, destroy = Event(), FakeSandbox.destroy
    monkeypatch.setattr(FakeSandbox, "destroy", lambda sandbox: (gone.wait(), destroy(sandbox)))
    run = bench.execute(Script())
    assert (run["state"], bench.sandbox.destroyed) == ("succeeded", False)
    assert bench.executor.live() == []
    assert bench.executor.is_removing(bench.sandbox.id)
    gone.set()
    bench.executor.settle()
    assert bench.sandbox.destroyed
    assert not bench.executor.is_removing(bench.sandbox.id)


def test_whoever_makes_more_than_is_removed_waits(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    gone, destroy = Event(), FakeSandbox.destroy
    monkeypatch.setattr(FakeSandbox, "destroy", lambda sandbox: (gone.wait(), destroy(sandbox)))
    for _ in range(removal.MOST):
        bench.execute(Script())
    run_id = bench.submit()
    one_more = gevent.spawn(bench.executor.run_next)
    bench.eventually_in(run_id, "succeeded")
    assert not one_more.ready()
    gone.set()
    assert one_more.get(timeout=10)
    bench.executor.settle()
    assert bench.engine.live == {}


def test_a_sandbox_whose_program_may_still_run_keeps_its_slot_until_it_is_gone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, destroy = Event(), FakeSandbox.destroy
    monkeypatch.setattr(FakeSandbox, "destroy", lambda sandbox: (gone.wait(), destroy(sandbox)))
    bench.engine.script = Script(lasts=True)
    bench.engine.fail("output", AWAY)
    run_id = bench.submit()
    worker = gevent.spawn(bench.executor.run_next)
    bench.eventually_in(run_id, "failed")
    assert bench.executor.live() == [run_id]
    gone.set()
    assert worker.get(timeout=10)


def test_a_shutdown_waits_for_removals_no_longer_than_it_may(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeSandbox, "destroy", lambda _: Event().wait())
    bench.execute(Script())
    bench.executor.settle(0)
    assert bench.executor.is_removing(bench.sandbox.id)


# what others see of the queue


def test_runs_that_wait_press_until_they_are_taken(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "PRESSURE_S", 0)
    assert not bench.executor.is_pressed()
    bench.submit()
    assert bench.executor.is_pressed()
    bench.engine.script = Script(lasts=True)
    worker = gevent.spawn(bench.executor.run_next)
    eventually(lambda: not bench.executor.is_pressed(), "the run to be taken", 10)
    bench.sandbox.stop()
    assert worker.get(timeout=10)


def test_a_run_over_its_tenants_quota_presses_only_while_no_slot_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor, "PRESSURE_S", 0)
    bench = Bench(tmp_path, '{"parallel_runs": 1}', BYTEME_RUN_SLOTS="2")
    taken, _ = bench.submit(), bench.submit()
    bench.engine.script = Script(lasts=True)
    worker = gevent.spawn(bench.executor.run_next)
    bench.eventually_in(taken, "running")
    assert not bench.executor.is_pressed()
    monkeypatch.setattr(bench.executor, "_busy", 2)
    assert bench.executor.is_pressed()
    eventually(lambda: bench.engine.opened and bench.sandbox.job, "the program to start", 10)
    bench.sandbox.stop()
    assert worker.get(timeout=10)
    bench.close()


def test_the_queue_is_asked_about_only_now_and_then(bench: Bench) -> None:
    assert not bench.executor.is_pressed()
    bench.submit()
    assert not bench.executor.is_pressed()


# cancelling


def test_a_cancel_while_the_sandbox_opens_lets_the_program_never_start(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = bench.submit()
    put = FakeSandbox.put

    def cancelled_meanwhile(sandbox: FakeSandbox, files: dict[str, bytes]) -> None:
        put(sandbox, files)
        bench.services.runs.cancel(ACTOR, run_id)

    monkeypatch.setattr(FakeSandbox, "put", cancelled_meanwhile)
    assert bench.executor.run_next()
    assert why(bench.run(run_id)) == ("cancelled", None)
    assert bench.sandbox.job is None
    assert bench.engine.live == {}


def test_a_cancel_in_the_queue_leaves_nothing_to_execute(bench: Bench) -> None:
    run_id = bench.submit()
    bench.services.runs.cancel(ACTOR, run_id)
    assert not bench.executor.run_next()
    assert why(bench.run(run_id)) == ("cancelled", None)


def test_a_cancel_while_it_runs_stops_it_and_keeps_what_it_said(bench: Bench) -> None:
    bench.engine.script = Script([(OUT, b"so far")], {"checkpoint": b"half"}, lasts=True)
    run_id = bench.submit()
    worker = gevent.spawn(bench.executor.run_next)
    eventually(lambda: bench.output(run_id) == b"so far", "the output", 10)
    bench.services.runs.cancel(ACTOR, run_id)
    bench.executor.cancel(run_id)
    assert worker.get(timeout=10)
    run = bench.run(run_id)
    assert why(run) == ("cancelled", None)
    assert (bench.output(run_id), run["artifacts"]["count"]) == (b"so far", 1)


def test_a_cancel_while_its_files_are_collected_is_obeyed_and_keeps_those_that_were_there(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.engine.script = Script([(OUT, b"done")], {"a": b"1", "b": b"2", "c": b"3"})
    run_id, get = bench.submit(), FakeSandbox.get

    def cancelled_meanwhile(sandbox: FakeSandbox) -> Iterator[Any]:
        for number, member in enumerate(get(sandbox)):
            if number == 1:
                bench.services.runs.cancel(ACTOR, run_id)
                bench.executor.cancel(run_id)
                eventually(lambda: bench.executor._live[run_id].unwanted, "the nudge to be seen", 5)
            yield member

    monkeypatch.setattr(FakeSandbox, "get", cancelled_meanwhile)
    assert bench.executor.run_next()
    run = bench.run(run_id)
    assert why(run) == ("cancelled", None)
    assert (run["exit_code"], run["artifacts"]["count"]) == (0, 1)


def test_a_cancel_at_the_moment_of_the_start_is_not_overlooked(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.engine.script = Script(lasts=True)
    run_id, start = bench.submit(), FakeSandbox.start

    def cancelled_meanwhile(sandbox: FakeSandbox, job: Job) -> None:
        bench.services.runs.cancel(ACTOR, run_id)
        bench.executor.cancel(run_id)
        eventually(lambda: not bench.executor._live[run_id].nudge.is_set(), "the nudge to be seen", 5)
        start(sandbox, job)

    monkeypatch.setattr(FakeSandbox, "start", cancelled_meanwhile)
    assert gevent.spawn(bench.executor.run_next).get(timeout=10)
    assert why(bench.run(run_id)) == ("cancelled", None)


# crashes and other owners


def test_a_worker_that_lost_its_lease_leaves_the_run_and_its_sandbox_alone(bench: Bench) -> None:
    bench.engine.script = Script([(OUT, b"so far")], lasts=True)
    run_id = bench.submit()
    worker = gevent.spawn(bench.executor.run_next)
    bench.eventually_in(run_id, "running")
    with bench.db.transaction() as session:
        moves.take_over(session, run_id, "another", now() + LONG_AGO, 3600)
    bench.sandbox.stop()
    assert worker.get(timeout=10)
    assert not bench.sandbox.destroyed
    with bench.db.transaction() as session:
        row = session.get_one(Run, run_id)
    assert (row.state, row.worker) == ("running", "another")


def test_a_server_that_stops_leaves_the_run_to_the_next_one(bench: Bench) -> None:
    bench.engine.script = Script([(OUT, b"so far")], {"model": b"x"}, lasts=True)
    run_id = bench.submit()
    worker = gevent.spawn(bench.executor.run_next)
    eventually(lambda: bench.output(run_id) == b"so far", "the output", 10)
    worker.kill()
    assert bench.run(run_id)["state"] == "running"
    assert not bench.sandbox.destroyed
    bench.sandbox._say(OUT, b" and on")
    bench.sandbox._end()
    bench.executor.resume(run_id, bench.sandbox)
    assert why(bench.run(run_id)) == ("succeeded", None)
    assert bench.output(run_id) == b"so far and on"


def test_a_run_left_before_its_program_began_begins_anew(bench: Bench) -> None:
    run_id = bench.left_by_a_crash(State.STARTING, Script([(OUT, b"once")]))
    left = bench.sandbox
    bench.executor.resume(run_id, left)
    assert why(bench.run(run_id)) == ("succeeded", None)
    assert bench.output(run_id) == b"once"
    assert left.destroyed
    assert left.job is None


def test_a_run_left_before_its_sandbox_was_there_begins_anew(bench: Bench) -> None:
    run_id = bench.left_by_a_crash(State.STARTING, Script([(OUT, b"once")]))
    bench.executor.resume(run_id, None)
    assert why(bench.run(run_id)) == ("succeeded", None)


@pytest.mark.parametrize("stored", [0, 1, 2, 3])
def test_a_run_left_while_it_ran_is_carried_on_from_the_last_stored_byte(bench: Bench, stored: int) -> None:
    script = Script([(OUT, b"one "), (ERR, b"two "), (OUT, b"three")], {"model": b"x"})
    run_id = bench.left_by_a_crash(State.RUNNING, script, stored)
    bench.executor.resume(run_id, bench.sandbox)
    run = bench.run(run_id)
    assert why(run) == ("succeeded", None)
    assert bench.output(run_id) == b"one two three"
    assert run["artifacts"]["count"] == 1
    assert len(bench.engine.opened) == 1


def test_a_run_left_while_its_files_were_collected_is_collected_once(bench: Bench) -> None:
    script = Script([(OUT, b"said")], {"a": b"1", "b": b"2"}, Exit(7))
    run_id = bench.left_by_a_crash(State.COLLECTING, script)
    bench.executor.resume(run_id, bench.sandbox)
    run = bench.run(run_id)
    assert why(run) == ("failed", "exit_code")
    assert (bench.output(run_id), run["artifacts"]["count"]) == (b"said", 2)
    assert bench.states(run_id).count("collecting") == 1


@pytest.mark.parametrize("state", [State.RUNNING, State.COLLECTING])
def test_a_run_whose_container_is_gone_is_lost_with_its_host_and_keeps_its_output(bench: Bench, state: State) -> None:
    run_id = bench.left_by_a_crash(state, Script([(OUT, b"so far")]), stored=1)
    bench.executor.resume(run_id, None)
    assert why(bench.run(run_id)) == ("failed", "host_lost")
    assert bench.output(run_id) == b"so far"


def test_the_time_limit_counts_over_a_restart(bench: Bench) -> None:
    run_id = bench.left_by_a_crash(State.RUNNING, Script(lasts=True), started=LONG_AGO)
    worker = gevent.spawn(bench.executor.resume, run_id, bench.sandbox)
    worker.get(timeout=10)
    assert why(bench.run(run_id)) == ("failed", "timeout")


def test_a_stop_that_was_written_down_and_not_carried_out_is_carried_out_later(bench: Bench) -> None:
    run_id = bench.left_by_a_crash(State.RUNNING, Script(lasts=True))
    with bench.services.db.transaction() as session:
        session.get_one(Run, run_id).stop_cause = Stop.OUTPUT_LIMIT
    gevent.spawn(bench.executor.resume, run_id, bench.sandbox).get(timeout=10)
    assert why(bench.run(run_id)) == ("failed", "output_limit")


def test_a_cancel_that_came_while_nobody_was_there_is_obeyed(bench: Bench) -> None:
    run_id = bench.left_by_a_crash(State.RUNNING, Script(lasts=True))
    bench.services.runs.cancel(ACTOR, run_id)
    gevent.spawn(bench.executor.resume, run_id, bench.sandbox).get(timeout=10)
    assert why(bench.run(run_id)) == ("cancelled", None)


def test_runs_carried_on_count_for_the_slots(bench: Bench) -> None:
    slots = bench.services.settings.run_slots
    for _ in range(slots):
        run_id = bench.left_by_a_crash(State.RUNNING, Script(lasts=True))
        gevent.spawn(bench.executor.resume, run_id, bench.sandbox)
    eventually(lambda: len(bench.executor.live()) == slots, "the runs to be carried on", 10)
    waiting = bench.submit()
    assert not bench.executor.run_next()
    left = list(bench.engine.live.values())
    left[0].stop()
    eventually(lambda: len(bench.executor.live()) < slots, "one to end", 10)
    bench.engine.script = Script()
    assert bench.executor.run_next()
    assert why(bench.run(waiting)) == ("succeeded", None)
    for sandbox in left:
        sandbox.stop()
    eventually(lambda: not bench.executor.live(), "all to end", 10)


def test_a_run_whose_worker_lives_is_not_taken_from_it(bench: Bench) -> None:
    run_id = bench.submit()
    with bench.db.transaction() as session:
        moves.claim(session, "another", now(), 3600, bench.services.settings.quota)
    with pytest.raises(StaleLease):
        bench.executor.resume(run_id, None)


def test_many_runs_many_slots_and_cancels_in_between_each_ends_once(bench: Bench) -> None:
    rng = random.Random(11)
    runs = [bench.submit() for _ in range(30)]
    bench.engine.script = Script([(OUT, b"x" * 100)], {"model": b"x"})

    def slot() -> None:
        while bench.executor.run_next():
            gevent.sleep(0)

    def canceller() -> None:
        for run_id in rng.sample(runs, 15):
            gevent.sleep(rng.random() / 100)
            try:
                bench.services.runs.cancel(ACTOR, run_id)
            except Conflict:
                continue

    gevent.joinall([gevent.spawn(slot) for _ in range(4)] + [gevent.spawn(canceller)], timeout=60, raise_error=True)
    for run_id in runs:
        history = bench.states(run_id)
        assert history[-1] in TERMINAL
        assert len(TERMINAL.intersection(history)) == len([state for state in history if state in TERMINAL]) == 1
    bench.executor.settle()
    assert bench.engine.live == {}
    assert bench.executor.live() == []


# what is away


def test_an_engine_that_is_away_costs_a_run_time_but_not_its_attempts(bench: Bench, pauses: list[float]) -> None:
    bench.engine.fail("open", EngineAway(), times=1)
    bench.engine.fail("check", EngineAway(), times=5)
    run_id = bench.submit()
    for _ in range(2):
        assert bench.executor.run_next()
    assert why(bench.run(run_id)) == ("succeeded", None)
    assert pauses.count(execute.RETRY_S) >= 5


def test_outages_use_up_no_attempts_of_the_three(bench: Bench, pauses: list[float]) -> None:
    bench.engine.fail("resolve", EngineAway(), times=5)
    run_id = bench.submit()
    for _ in range(6):
        assert bench.executor.run_next()
    assert why(bench.run(run_id)) == ("succeeded", None)


def test_a_run_that_ended_while_nobody_watched_did_not_time_out(bench: Bench) -> None:
    run_id = bench.left_by_a_crash(State.RUNNING, Script([(OUT, b"said")]), started=LONG_AGO)
    gevent.spawn(bench.executor.resume, run_id, bench.sandbox).get(timeout=10)
    assert why(bench.run(run_id)) == ("succeeded", None)


def test_a_clock_that_was_set_forward_ends_no_run_that_is_carried_on(bench: Bench) -> None:
    run_id = bench.left_by_a_crash(State.RUNNING, Script(lasts=True), started=LONG_AGO)
    bench.sandbox.lasted = 1.0
    worker = gevent.spawn(bench.executor.resume, run_id, bench.sandbox)
    eventually(lambda: bench.executor.live() and bench.executor._live[run_id].started, "it to be carried on", 10)
    bench.executor._live[run_id].nudge.set()
    assert bench.run(run_id)["state"] == "running"
    bench.services.runs.cancel(ACTOR, run_id)
    worker.get(timeout=10)
    assert why(bench.run(run_id)) == ("cancelled", None)


def test_a_full_disk_makes_output_and_artifacts_wait(
    bench: Bench, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    for store, call in ((bench.logs, "append"), (bench.services.artifacts, "put")):
        monkeypatch.setattr(store, call, failing(getattr(store, call), full, times=2))
    run = bench.execute(Script([(OUT, b"said")], {"model": b"x"}))
    assert why(run) == ("succeeded", None)
    assert (bench.output(run["id"]), run["artifacts"]["count"]) == (b"said", 1)
    assert pauses.count(execute.RETRY_S) == 4


def test_a_disk_that_fails_otherwise_ends_the_run_as_ours(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = failing(bench.logs.append, OSError(errno.EIO, "Input/output error"), times=1)
    monkeypatch.setattr(bench.logs, "append", broken)
    assert why(bench.execute(Script([(OUT, b"said")]))) == ("failed", "internal_error")


def failing(call: Any, error: Exception, times: int) -> Any:
    """`call`, which fails so many times first."""
    left = [error] * times

    def wrapped(*args: Any) -> Any:
        if left:
            raise left.pop()
        return call(*args)

    return wrapped


def test_a_run_may_reach_what_its_owners_list_stands_for_if_it_asked_for_the_network(tmp_path: Path) -> None:
    settings = {"BYTEME_EGRESS": "on", "BYTEME_EGRESS_PRESETS": '{"mirror": ["mirror.example", "pool.example"]}'}
    bench = Bench(tmp_path, '{"egress": ["a.example", "mirror"]}', **settings)
    for network in Network:
        bench.execute(Script(), network=network)
    offline, online = (sandbox.spec for sandbox in bench.engine.opened)
    assert (offline.network, offline.egress) == (Network.NONE, ())
    assert (online.network, online.egress) == (Network.EGRESS, ("a.example", "mirror.example", "pool.example"))
    bench.close()
