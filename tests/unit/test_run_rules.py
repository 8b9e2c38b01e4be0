"""Why a run ended, and which states follow which: all of it, as tables."""

from itertools import product

import pytest

from server.domain.run import (
    LEASED,
    TERMINAL,
    TRANSITIONS,
    Ending,
    Exit,
    Limits,
    Reason,
    State,
    Stop,
    Usage,
    explain,
    sources,
)

MIB = 1 << 20
LIMITS = Limits(memory_mb=512, disk_mb=100, timeout_s=30)
LEGAL = {
    ("queued", "starting"), ("queued", "cancelled"), ("queued", "failed"),
    ("starting", "running"), ("starting", "queued"), ("starting", "cancelled"), ("starting", "failed"),
    ("running", "collecting"), ("running", "cancelled"), ("running", "failed"),
    ("collecting", "succeeded"), ("collecting", "failed"), ("collecting", "cancelled"),
}  # fmt: skip


def ending(exit_: Exit, stop: Stop | None = None) -> Ending:
    return explain(exit_, stop, LIMITS, 3 * MIB)


@pytest.mark.parametrize(
    ("exit_", "stop", "state", "reason", "message"),
    [
        # the program's own doing
        (Exit(0), None, "succeeded", None, "Finished."),
        (Exit(1), None, "failed", "exit_code", "The program ended with exit code 1."),
        (Exit(255), None, "failed", "exit_code", "The program ended with exit code 255."),
        (Exit(128), None, "failed", "exit_code", "The program ended with exit code 128."),
        (Exit(139), None, "failed", "exit_code", "The program ended with exit code 139, as signal SIGSEGV leaves it."),
        (Exit(143), None, "failed", "exit_code", "The program ended with exit code 143, as signal SIGTERM leaves it."),
        (Exit(200), None, "failed", "exit_code", "The program ended with exit code 200."),
        # an exit code alone proves nothing: this one was chosen by the program
        (Exit(137), None, "failed", "exit_code", "The program ended with exit code 137, as signal SIGKILL leaves it."),
        # memory
        (
            Exit(137, oom=True, usage=Usage(peak_memory_bytes=511 * MIB)), None,
            "failed", "out_of_memory", "Memory limit 512 MB reached; peak 511 MB.",
        ),
        (
            Exit(1, oom=True, usage=Usage(peak_memory_bytes=600 * MIB)), None,
            "failed", "out_of_memory", "Memory limit 512 MB reached; peak 512 MB.",
        ),
        (Exit(137, oom=True), None, "failed", "out_of_memory", "Memory limit 512 MB reached."),
        # what was seen a second before is no peak
        (
            Exit(137, oom=True, usage=Usage(peak_memory_bytes=15 * MIB)), None,
            "failed", "out_of_memory", "Memory limit 512 MB reached.",
        ),
        # a child was killed for memory and the program coped
        (Exit(0, oom=True), None, "succeeded", None, "Finished."),
        # disk
        (Exit(1, disk_full=True), None, "failed", "disk_limit", "Disk limit 100 MB reached."),
        (Exit(0, disk_full=True), None, "succeeded", None, "Finished."),
        (Exit(137, oom=True, disk_full=True), None, "failed", "out_of_memory", "Memory limit 512 MB reached."),
        # ours
        (Exit(137), Stop.CANCEL, "cancelled", None, "Cancelled."),
        (Exit(137), Stop.TIMEOUT, "failed", "timeout", "Time limit 30 s reached."),
        (
            Exit(137), Stop.OUTPUT_LIMIT,
            "failed", "output_limit", "Output limit 3 MB reached; what came before it is kept.",
        ),
        # the first cause is ours, whatever else went wrong
        (Exit(0), Stop.TIMEOUT, "failed", "timeout", "Time limit 30 s reached."),
        (Exit(137, oom=True, disk_full=True), Stop.CANCEL, "cancelled", None, "Cancelled."),
        (Exit(None), Stop.CANCEL, "cancelled", None, "Cancelled."),
        # behind our back
        (Exit(None), None, "failed", "host_lost", "The container vanished from its host."),
        (Exit(137, error="Ended from outside."), None, "failed", "host_lost", "Ended from outside."),
    ],
)  # fmt: skip
def test_every_ending_has_its_true_reason(
    exit_: Exit, stop: Stop | None, state: str, reason: str | None, message: str
) -> None:
    got = ending(exit_, stop)
    assert (got.state, got.reason, got.message) == (state, reason, message)


@pytest.mark.parametrize("stop", [None, *Stop])
@pytest.mark.parametrize("code", [None, 0, 1, 137])
@pytest.mark.parametrize("oom", [False, True])
@pytest.mark.parametrize("disk_full", [False, True])
def test_every_ending_is_terminal_and_only_failures_have_a_reason(
    stop: Stop | None, code: int | None, oom: bool, disk_full: bool
) -> None:
    got = ending(Exit(code, oom, disk_full), stop)
    assert got.state in TERMINAL
    assert (got.reason is not None) == (got.state is State.FAILED)
    assert got.message.endswith(".")
    assert got.exit_code == code


def test_an_output_limit_below_a_megabyte_is_told_as_it_is() -> None:
    assert "0.5 MB" in explain(Exit(137), Stop.OUTPUT_LIMIT, LIMITS, MIB // 2).message


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_every_pair_of_states_is_legal_or_not(before: State, after: State) -> None:
    assert (after in TRANSITIONS[before]) == ((before.value, after.value) in LEGAL)
    assert (before in sources(after)) == (after in TRANSITIONS[before])


def test_nothing_follows_an_end() -> None:
    assert all(not TRANSITIONS[state] for state in TERMINAL)
    assert {state for state in State if not TRANSITIONS[state]} == TERMINAL


def test_every_state_is_reached_from_the_queue() -> None:
    reached, new = {State.QUEUED}, {State.QUEUED}
    while new:
        new = {after for before in new for after in TRANSITIONS[before]} - reached
        reached |= new
    assert reached == set(State)


def test_a_run_belongs_to_a_worker_exactly_between_queue_and_end() -> None:
    assert set(State) - {State.QUEUED} - TERMINAL == LEASED


def test_the_public_names_of_states_and_reasons_do_not_change() -> None:
    assert [str(state) for state in State] == [
        "queued", "starting", "running", "collecting", "succeeded", "failed", "cancelled",
    ]  # fmt: skip
    assert [str(reason) for reason in Reason] == [
        "exit_code", "timeout", "out_of_memory", "disk_limit", "output_limit", "artifact_limit", "host_lost",
        "image_unavailable", "internal_error",
    ]  # fmt: skip
