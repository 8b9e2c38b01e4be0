"""An Engine in memory, for tests of what is above it: its programs are scripts, and it fails when told to.

It keeps the contract of `domain/ports` that the Docker engine keeps, and is held to it by the same suite.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from gevent.event import Event

from server.domain.errors import EngineError, ImageError
from server.domain.ports import Chunk, Image, Job, Member, Sandbox, SandboxSpec, Skipped, Stream
from server.domain.run import Exit, Usage

IMAGE = Image("default", "fake:latest", "sha256:" + "0" * 64)
KILLED = 137


@dataclass(frozen=True, slots=True)
class Script:
    """What a program does: says these things at once, leaves these files (as text: why one is left out), and ends so.

    `echoes`: it repeats its input until that is closed. `lasts`: it ends only when it is stopped.
    """

    says: Sequence[tuple[Stream, bytes]] = ()
    leaves: Mapping[str, bytes | str] = field(default_factory=dict)
    ends: Exit = field(default_factory=lambda: Exit(0))
    echoes: bool = False
    lasts: bool = False


class FakeEngine:
    """Opens sandboxes whose programs follow `script`. `opened` holds every sandbox there ever was."""

    def __init__(self, script: Script | None = None) -> None:
        self.script = script or Script()
        self.image: Image | None = IMAGE
        self.gpus = 0
        self.others: set[str] = set()  # images that are there and no alias means
        self.opened: list[FakeSandbox] = []
        self.live: dict[str, FakeSandbox] = {}
        self._errors: dict[str, list[Exception]] = defaultdict(list)
        self._numbers = count(1)

    def fail(self, call: str, error: Exception, times: int = 1) -> None:
        """The next `times` calls of `call` (open, put, start, output, wait, ...) raise `error`."""
        self._errors[call] += [error] * times

    def trip(self, call: str) -> None:
        if self._errors[call]:
            raise self._errors[call].pop(0)

    def start(self) -> None:
        self.trip("start_engine")

    def open(self, spec: SandboxSpec) -> Sandbox:
        self.trip("open")
        known = {self.image.engine_id, self.image.ref} if self.image else set()
        if spec.image not in known | self.others:
            raise ImageError("The sandbox image is not on this host.")
        sandbox = FakeSandbox(self, f"fake-{next(self._numbers)}", spec)
        self.opened.append(sandbox)
        self.live[sandbox.id] = sandbox
        return sandbox

    def find(self, *, lost: bool = False) -> list[Sandbox]:
        self.trip("find")
        return list(self.live.values())

    def resolve(self, alias: str | None) -> Image:
        self.trip("resolve")
        if self.image is None or alias not in {None, self.image.alias}:
            raise ImageError(f"There is no image {alias or 'default'!r} on this server.")
        return self.image

    def prepare(self, image: Image, timeout_s: float) -> bool:
        self.trip("prepare")
        return True

    def refresh(self) -> None:
        pass

    def check(self) -> dict[str, Any]:
        self.trip("check")
        return {
            "version": "fake", "storage_driver": "memory", "cgroup_version": "2", "runtime": "fake",
            "runtimes": ["fake"], "cpus": 1, "memory_bytes": 1 << 30, "storage": "memory",
            "egress": {"state": "off", "said": "off"}, "gpus": self.gpus,
        }  # fmt: skip

    def sweep(self) -> list[str]:
        self.trip("sweep")
        return []

    def close(self) -> None:
        pass


class FakeSandbox:
    """A Sandbox that remembers what it was given."""

    def __init__(self, engine: FakeEngine, sandbox_id: str, spec: SandboxSpec) -> None:
        self.id, self.spec, self.run_id, self.attempt = sandbox_id, spec, spec.run_id, spec.attempt
        self.warm = not spec.run_id
        self.profile = spec.preload
        self.healthy = True
        self.files: dict[str, bytes] = {}
        self.job: Job | None = None
        self.released = 0
        self.lasted: float | None = None
        self.stopped = False
        self.destroyed = False
        self._engine, self._script = engine, engine.script
        self._said: list[Chunk] = []
        self._news, self._ended = Event(), Event()

    def await_ready(self, timeout: float) -> None:
        self._engine.trip("await_ready")
        if self._ended.is_set():
            raise EngineError("The sandbox ended before it was ready.")

    def is_healthy(self) -> bool:
        return self.healthy and not self._ended.is_set()

    def assign(self, spec: SandboxSpec) -> None:
        self._engine.trip("assign")
        self.spec, self._script = spec, self._engine.script
        self.run_id, self.attempt = spec.run_id, spec.attempt

    def put(self, files: Mapping[str, bytes]) -> None:
        self._engine.trip("put")
        self.files.update(files)

    def start(self, job: Job) -> None:
        self._engine.trip("start")
        if self.job is not None:
            return
        self.job = job
        for stream, data in self._script.says:
            self._say(stream, data)
        if not self._script.lasts and not self._script.echoes:
            self._end()

    def output(self, mark: int) -> Iterator[Sequence[Chunk]]:
        self._engine.trip("output")
        while True:
            self._news.clear()
            ended, news = self._ended.is_set(), [chunk for chunk in self._said if chunk.mark > mark]
            if news:
                mark = news[-1].mark
                yield news
            elif ended:
                return
            else:
                self._news.wait()

    def release(self, mark: int) -> None:
        self.released = mark

    def send_input(self, data: bytes | None) -> None:
        self._engine.trip("send_input")
        if self._ended.is_set():
            raise EngineError("The sandbox is not listening.")
        if self._script.echoes and data:
            self._say(Stream.STDOUT, data)
        elif self._script.echoes:
            self._end()

    def lasted_s(self) -> float | None:
        return self.lasted

    def usage(self) -> Usage:
        return self._script.ends.usage

    def wait(self, timeout: float) -> Exit:
        self._engine.trip("wait")
        if not self._ended.wait(timeout):
            raise EngineError(f"The container did not end within {timeout:g} s.")
        return Exit(KILLED, usage=self._script.ends.usage) if self.stopped else self._script.ends

    def get(self) -> Iterator[Member | Skipped]:
        self._engine.trip("get")
        for path, data in sorted(self._script.leaves.items()):
            yield Skipped(path, data) if isinstance(data, str) else Member(path, len(data), iter([data]))

    def stop(self) -> bool:
        if self._ended.is_set():
            return False
        self.stopped = True
        self._end()
        return True

    def destroy(self) -> None:
        self.destroyed = True
        self._engine.live.pop(self.id, None)
        self._end()

    def _say(self, stream: Stream, data: bytes) -> None:
        """The mark counts bytes and one more a piece, so that no two pieces share one."""
        mark = (self._said[-1].mark if self._said else 0) + len(data) + 1
        self._said.append(Chunk(stream, data, mark, mark))
        self._news.set()

    def _end(self) -> None:
        self._ended.set()
        self._news.set()
