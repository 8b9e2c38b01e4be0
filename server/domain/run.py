"""A run: what was asked, the states it goes through, and why it ended.

State and reason are two columns; cancel is a request, not a state. Each run reaches exactly one terminal state, once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    COLLECTING = "collecting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Reason(StrEnum):
    EXIT_CODE = "exit_code"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    DISK_LIMIT = "disk_limit"
    OUTPUT_LIMIT = "output_limit"
    ARTIFACT_LIMIT = "artifact_limit"
    HOST_LOST = "host_lost"
    IMAGE_UNAVAILABLE = "image_unavailable"
    INTERNAL_ERROR = "internal_error"


class Network(StrEnum):
    NONE = "none"
    EGRESS = "egress"


TERMINAL = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})
LEASED = frozenset({State.STARTING, State.RUNNING, State.COLLECTING})

# starting -> queued: the program has not begun, so another attempt repeats nothing.
TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.STARTING, State.CANCELLED, State.FAILED}),
    State.STARTING: frozenset({State.RUNNING, State.QUEUED, State.CANCELLED, State.FAILED}),
    State.RUNNING: frozenset({State.COLLECTING, State.CANCELLED, State.FAILED}),
    State.COLLECTING: TERMINAL,
    State.SUCCEEDED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}


def sources(to: State) -> frozenset[State]:
    """The states from which `to` may be reached."""
    return frozenset(state for state, targets in TRANSITIONS.items() if to in targets)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use. Sizes in MiB, time in seconds of the wall clock, `cpus` in cores."""

    cpus: float = 1.0
    memory_mb: int = 1024
    disk_mb: int = 1024
    pids: int = 256
    timeout_s: int = 600
    gpus: int = 0


@dataclass(frozen=True, slots=True)
class DatasetMount:
    """A dataset as a run sees it: read-only at /workspace/data/`name`."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class RunSpec:
    """A validated run request. `files` maps relative POSIX paths to text; without any, `project` gives them.

    `entrypoint` None: the project's, else main.py. `limits` holds those asked for, see `quota.choose_limits`.
    `secrets` names those of its owner's that the program finds in its environment.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    entrypoint: str | None = None
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    datasets: tuple[DatasetMount, ...] = ()
    limits: Mapping[str, float] = field(default_factory=dict)
    network: Network = Network.NONE
    image: str | None = None
    project: str | None = None
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """What a run has used so far: CPU seconds, and peaks in bytes. `memory_bytes` is the present use, without pages of
    files, which the kernel takes back when memory is short."""

    cpu_s: float = 0.0
    memory_bytes: int = 0
    peak_memory_bytes: int = 0
    peak_disk_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Exit:
    """How a container ended, as the engine and the host saw it. `code` is None when the container is gone.

    `oom` means that the kernel killed a process of the run for memory; `disk_full` that its storage was used up.
    """

    code: int | None
    oom: bool = False
    disk_full: bool = False
    usage: Usage = field(default_factory=Usage)
    error: str | None = None


class Stop(StrEnum):
    """Why we ourselves ended a run."""

    CANCEL = "cancel"
    TIMEOUT = "timeout"
    OUTPUT_LIMIT = "output_limit"
    OUTPUT_PIECES = "output_pieces"


@dataclass(frozen=True, slots=True)
class Ending:
    """A terminal state with its true reason and a sentence that a user understands."""

    state: State
    message: str
    reason: Reason | None = None
    exit_code: int | None = None


_SIGNALS = {1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL"}
_SIGNALS |= {11: "SIGSEGV", 13: "SIGPIPE", 15: "SIGTERM", 24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS"}
_MIB = 1 << 20


def explain(exit_: Exit, stop: Stop | None, limits: Limits, output_limit_bytes: int) -> Ending:
    """The ending of a run whose program has started.

    Ours first (we know why we stopped it), then the kernel's (memory), then the disk, then the program's own code:
    an exit code alone proves nothing, since a program may exit with 137 of its own will.
    """
    if stop is not None:
        return _stopped(stop, exit_, limits, output_limit_bytes)
    if exit_.code is None or exit_.error:
        return Ending(State.FAILED, exit_.error or "The container vanished from its host.", Reason.HOST_LOST)
    if exit_.code == 0:
        return Ending(State.SUCCEEDED, "Finished.", exit_code=0)
    if exit_.oom:
        peak = min(exit_.usage.peak_memory_bytes // _MIB, limits.memory_mb)
        # A lower peak is only the last that was seen before the kernel stepped in.
        known = peak >= 0.9 * limits.memory_mb
        message = f"Memory limit {limits.memory_mb} MB reached" + (f"; peak {peak} MB." if known else ".")
        return Ending(State.FAILED, message, Reason.OUT_OF_MEMORY, exit_.code)
    if exit_.disk_full:
        return Ending(State.FAILED, f"Disk limit {limits.disk_mb} MB reached.", Reason.DISK_LIMIT, exit_.code)
    return Ending(State.FAILED, _describe(exit_.code), Reason.EXIT_CODE, exit_.code)


def _stopped(stop: Stop, exit_: Exit, limits: Limits, output_limit_bytes: int) -> Ending:
    if stop is Stop.CANCEL:
        return Ending(State.CANCELLED, "Cancelled.", exit_code=exit_.code)
    if stop is Stop.TIMEOUT:
        message = f"Time limit {limits.timeout_s} s reached."
        return Ending(State.FAILED, message, Reason.TIMEOUT, exit_.code)
    if stop is Stop.OUTPUT_PIECES:
        message = "Output limit reached: it changed too often between stdout and stderr; what came before it is kept."
        return Ending(State.FAILED, message, Reason.OUTPUT_LIMIT, exit_.code)
    message = f"Output limit {output_limit_bytes / _MIB:g} MB reached; what came before it is kept."
    return Ending(State.FAILED, message, Reason.OUTPUT_LIMIT, exit_.code)


def _describe(code: int) -> str:
    if code > 128 and code - 128 in _SIGNALS:
        return f"The program ended with exit code {code}, as signal {_SIGNALS[code - 128]} leaves it."
    return f"The program ended with exit code {code}."
