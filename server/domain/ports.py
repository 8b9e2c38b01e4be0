"""The five ports to the outside world. Each has an embedded implementation and a fake, or a production one beside it.

Order of calls on a sandbox: open, put, start, output to its end, wait, get, destroy. One that was made before its run
was known waits in between: open, await_ready, assign, put, and so on. `destroy` may be called at any time, twice, and
after a failed open. The user's failure is a value (`Exit`); only the platform's is an exception.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Protocol

from server.domain.image import Examined, Manifest, Platform, Policy, Reference
from server.domain.run import Exit, Limits, Network, Usage


class Stream(IntEnum):
    """Where a piece of output came from. SYSTEM and EVENT are not part of the run's offsets."""

    STDOUT = 1
    STDERR = 2
    EVENT = 3
    SYSTEM = 4

    @property
    def label(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of what a sandbox said. `mark` is where its source stands after it: what to resume from after a crash.

    `held` tells what of the bytes before `mark` was kept back, as in domain/redact.py: 56 bits, 0 for nothing.
    """

    stream: Stream
    data: bytes
    mark: int = 0
    time_ns: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Position:
    """How far a run's log reaches: bytes of output, bytes of events, the source's mark, and stretches of one stream;
    and what its last chunk said that was kept back."""

    offset: int = 0
    events: int = 0
    mark: int = 0
    records: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class LogPiece:
    """Output from `offset` on, all of one stream."""

    offset: int
    stream: Stream
    data: bytes

    @property
    def end(self) -> int:
        return self.offset + len(self.data)


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event's record, and how many bytes of output there were before it."""

    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class SandboxSpec:
    """What a container is made from. `data` maps a dataset's name to its read-only folder or file on the host;
    `egress` holds the domains that the run may reach (domain/egress.py).

    `preload` names the profile (domain/preload.py) of the libraries that suit the run. A spec without a `run_id` is
    for a sandbox that waits for its run: it imports them meanwhile.
    """

    name: str
    run_id: str
    attempt: int
    image: str
    limits: Limits
    network: Network = Network.NONE
    egress: tuple[str, ...] = ()
    output_limit_bytes: int = 64 << 20
    data: Mapping[str, str] = field(default_factory=dict)
    preload: str = "bare"


@dataclass(frozen=True, slots=True)
class Job:
    """What the waiting supervisor becomes: argv (the first is the entry point), what the request adds to the
    environment, the limits it lives under, and how long its standard input stays open without anybody typing (None:
    until it is closed)."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    stdin_grace_s: float | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A regular file found in a sandbox's outputs. Read `data` to its end, or skip it, before taking the next one."""

    path: str
    size: int
    data: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in a sandbox's outputs that was left out, and why."""

    path: str
    why: str


class Sandbox(Protocol):
    """One container, one job, then gone."""

    @property
    def id(self) -> str: ...

    @property
    def run_id(self) -> str: ...

    @property
    def attempt(self) -> int: ...

    @property
    def warm(self) -> bool:
        """Was it made before its run was known."""

    def await_ready(self, timeout: float) -> None:
        """Until what its profile names is imported. Raises EngineError after `timeout` seconds, or when it ends."""

    def is_healthy(self) -> bool:
        """Would a job that came now be heard, as far as can be told at once."""

    def assign(self, spec: SandboxSpec) -> None:
        """Gives a sandbox that waits to a run: its name, its limits, its data. Once, and of the image it was made from.

        Raises EngineError; then it is of no use to anybody.
        """

    def put(self, files: Mapping[str, bytes]) -> None:
        """Writes files below /workspace, before `start`. Paths are relative and have been checked."""

    def start(self, job: Job) -> None:
        """Hands the job to the supervisor. A second hand-over of a job that has begun changes nothing.

        Returns as well when the sandbox has ended: `wait` tells how. Raises EngineError when it lives and won't listen.
        """

    def output(self, mark: int) -> Iterator[Sequence[Chunk]]:
        """Batches of what the program says from `mark` on, as it happens; ends when the program has ended and all it
        wrote was given, or the container is gone. `mark` 0 is the beginning."""

    def release(self, mark: int) -> None:
        """What came before `mark` is stored and need not be kept by the source."""

    def send_input(self, data: bytes | None) -> None:
        """To the program's standard input; None closes it. Raises EngineError when the sandbox is not listening."""

    def lasted_s(self) -> float | None:
        """Seconds since its job was handed over, by a clock that nobody sets; None when that is not known."""

    def usage(self) -> Usage:
        """What it has used up to now; zeros where the host does not tell."""

    def wait(self, timeout: float) -> Exit:
        """How it ended; call after `output` has ended. Raises EngineError after `timeout` seconds."""

    def get(self) -> Iterator[Member | Skipped]:
        """What is in /workspace/outputs, after the exit: regular files only, streamed, in order of path."""

    def stop(self) -> bool:
        """Ends the whole process tree now. What it wrote before comes out of `output` still. False when it had ended
        by itself already."""

    def destroy(self) -> None:
        """Removes every trace of it from the host; never raises."""


class Engine(Protocol):
    def start(self) -> None:
        """Begins what goes on in the background; call it once, after recovery."""

    def open(self, spec: SandboxSpec) -> Sandbox:
        """A sandbox that is created, labelled and waits for its job. Raises ImageError or EngineError."""

    def find(self, *, lost: bool = False) -> list[Sandbox]:
        """All sandboxes of ours that exist, in whatever state: for recovery and sweeping. With `lost`, those as well
        whose container is gone and whose output and files are still there; ask for them before anything is opened."""

    def resolve(self, alias: str | None) -> "Image":
        """The image that an alias (None: the default one) means now. Raises ImageError when it is not on this host."""

    def prepare(self, image: "Image", timeout_s: float) -> bool:
        """Makes ready for runs on `image`, which the default alias will mean soon; at most `timeout_s` seconds. Says
        whether all is ready."""

    def refresh(self) -> None:
        """What an alias means has changed: the next run is to see it."""

    def check(self) -> dict[str, Any]:
        """Facts about the engine for doctor and readiness. Raises EngineError when it does not answer."""

    def sweep(self) -> list[str]:
        """Removes what sandboxes left on the host that no longer exist; the names of what it removed."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Image:
    """An image on this host: the alias that was asked for, a name that the engine knows, and its content's digest.

    `id` is the engine's own name for the content; empty when that is the digest.
    """

    alias: str
    ref: str
    digest: str
    id: str = ""

    @property
    def engine_id(self) -> str:
        """What a sandbox is made from: content, whatever becomes of its names."""
        return self.id or self.digest


class Catalogue(Protocol):
    def active(self, alias: str) -> Image | None:
        """The image of a registry that an alias means now, on this host. None: the alias has none; the default one then
        means what was built on the host. Raises ImageError when this host does not have it."""


class Registry(Protocol):
    """Where images come from. Every call is bounded in time, and raises PullFailed."""

    def platform(self) -> Platform:
        """What this host's engine runs."""

    def resolve(self, reference: Reference) -> Manifest:
        """The manifest for this host's platform, its bytes checked against their digest."""

    def examine(self, manifest: Manifest, policy: Policy) -> Examined:
        """What was checked: size, platform, labels, signature, scan findings."""


@dataclass(frozen=True, slots=True)
class LocalImage:
    """An image on a host's engine: its own name for the content, and ours."""

    id: str
    ref: str


class ImageStore(Protocol):
    """The images of this host's engine. Every call is bounded in time, and raises PullFailed."""

    def free_bytes(self) -> int | None:
        """Free on the engine's disk; None when that can't be seen from here."""

    def pull(self, manifest: Manifest, told: Callable[[float], None], deadline_s: float) -> None:
        """Fetches it by digest; `told` is called with how far it is, from 0 to 1."""

    def verify(self, manifest: Manifest) -> LocalImage:
        """Checks that what the engine has is what the digest names, and gives it a name of our own, which keeps it."""

    def remove(self, manifest: Manifest) -> bool:
        """Takes our names off it, and it off the disk; False when it is in use."""


class Dispatcher(Protocol):
    def wake(self) -> None:
        """Call after a commit: there may be work. A hint; it may be lost or doubled."""

    def cancel(self, run_id: str) -> None:
        """A nudge to whoever executes the run; the truth is `runs.cancel_requested_at`."""

    def send_input(self, run_id: str, data: bytes | None) -> None:
        """To the standard input of a running program. Raises Conflict when nobody here executes the run."""


class LogStore(Protocol):
    """What a run said, stored before it is sent to anybody."""

    def append(self, run_id: str, chunks: Sequence[Chunk]) -> Position: ...

    def position(self, run_id: str) -> Position:
        """How far it reaches. After a crash: what is whole; a torn end is cut off before the next append."""

    def read(self, run_id: str, offset: int, limit: int) -> LogPiece | None:
        """At most `limit` bytes of one stream from `offset` on; None at the end."""

    def read_events(self, run_id: str, offset: int, limit: int) -> tuple[list[LogEvent], int]:
        """Whole events from byte `offset` of the event log on, about `limit` bytes of them, and the offset after."""

    def seal(self, run_id: str) -> None:
        """Nothing more will come; makes it durable."""

    def delete(self, run_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class StoredObject:
    """Size in bytes and lower-case hexadecimal SHA-256 of what was stored."""

    bytes: int
    sha256: str


class ArtifactStore(Protocol):
    def put(self, key: str, data: Iterator[bytes]) -> StoredObject:
        """Stores under `key`, all or nothing; size and digest are computed on the way."""

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Bytes [start, end) in pieces. Raises NotFound."""

    def link(self, key: str, ttl_s: int) -> str | None:
        """A URL that serves it without us for a while, where the store can; else None."""

    def delete(self, prefix: str) -> None: ...


class Events(Protocol):
    def publish(self, run_id: str) -> None:
        """Something about the run is new (output, state, an event). A hint, best effort; never raises into a run."""

    def usage(self, run_id: str, usage: Usage) -> None:
        """What the run uses at the moment, for whoever watches. Best effort."""
