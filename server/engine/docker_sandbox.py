"""One container: its connection, its stream, its end."""

import logging
import math
import os
import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gevent
import requests
from docker.errors import APIError, DockerException, NotFound
from gevent.event import Event
from gevent.lock import RLock
from gevent.socket import wait_read

from server.domain.errors import EngineError
from server.domain.ports import Chunk, Job, Member, SandboxSpec, Skipped
from server.domain.run import Exit, Usage
from server.engine import cgroup, collect
from server.engine.convert import program_environment, shm_mb
from server.engine.egress import WayOut
from server.engine.leftovers import Leftover
from server.engine.mounts import Size
from server.engine.streams import AttachSource, FileSource

if TYPE_CHECKING:
    from server.engine.docker_engine import DockerEngine

log = logging.getLogger(__name__)

STOP_S = 0.5  # how long the supervisor may take to end the program before the engine is asked to
PARTING_S = 5.0  # from the supervisor's last word to its end
REMOVE_ATTEMPTS = 3
NAME_S = 0.25  # a run that is short, and most are, is not kept from the CPU by what nobody will have time to see
NOTED_S = 5.0  # from a container's end until the engine has noted it; one removed before stays in its list for ever
EGRESS_S = 40.0  # a proxy that is not there yet may take so long; then the program begins without
RETRY_S = 0.5  # between attempts to reach an engine that does not answer
_COMMAND = struct.Struct(">cI")
_JOB = struct.Struct(">HHdQ")
# What the engine reports of a container that somebody killed or stopped, or that ended while it was not there itself.
_KILLED = (137, 143, 255)
_GONE = (APIError, DockerException, requests.RequestException, OSError)


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose a sandbox is, and what it may reach; `cpu_before_s` is what it had used of the CPU before its run began,
    `started_s` when its job was handed over (seconds since the host's boot; 0: not known)."""

    uid: int
    run_id: str = ""
    attempt: int = 0
    warm: bool = False
    cpu_before_s: float = 0.0
    started_s: float = 0.0
    egress: Sequence[str] = ()


class DockerSandbox:
    """A Sandbox on Docker. `connect` and `watch` belong to its engine."""

    def __init__(
        self,
        engine: "DockerEngine",
        container_id: str,
        name: str,
        origin: Origin,
        *,
        has_ended: bool = False,
    ) -> None:
        self.id, self.name, self.uid = container_id, name, origin.uid
        self.run_id, self.attempt, self.warm = origin.run_id, origin.attempt, origin.warm
        self._engine = engine
        self._mounted = engine.storage.find(name)
        self._sock: Any = None
        self._sending = RLock()
        self._naming = RLock()
        self._ended = Event()
        self._found_ended = has_ended
        self._followed = False  # a run whose files are collected has been heard to its end in an earlier life
        self._told = Event()  # the engine has said that it ended
        if has_ended:
            self._told.set()
            self._ended.set()
        self._watchers: list[gevent.Greenlet] = []
        self._code: int | None = None
        self._engine_lost = False  # it was away for a while
        self._engine_away = False  # it is away now
        self._stopped = False
        self._destroyed = False
        self._peak = Usage()
        self._cpu_before_s = origin.cpu_before_s
        self._started_s = origin.started_s
        self._egress = tuple(origin.egress)
        self._way_out: WayOut | None = None
        self._oom = False
        self._disk_full = False
        self._source: FileSource | AttachSource = (
            FileSource(self._mounted.control) if engine.log_source == "file" else AttachSource(self._connection)
        )

    # before its run is known

    def await_ready(self, timeout: float) -> None:
        said = self._source.await_ready(timeout, self._ended.is_set)
        if said is None:
            raise EngineError("A sandbox that waits ended, or was not ready in time.")

    def is_healthy(self) -> bool:
        return self._sock is not None and not self._ended.is_set() and not cgroup.is_frozen(self.id)

    def assign(self, spec: SandboxSpec) -> None:
        self._engine.limit(self.id, spec.limits)
        self._engine.storage.resize(self.name, Size(spec.limits.disk_mb, shm_mb(spec.limits)))
        self._engine.storage.give(self.name, spec.data)
        self._cpu_before_s, self._peak = cgroup.sample(self.id).cpu_s, Usage()
        self.run_id, self.attempt, self._egress = spec.run_id, spec.attempt, tuple(spec.egress)
        self._record()
        gevent.spawn_later(NAME_S, self._name, spec)

    # before the program

    def put(self, files: Mapping[str, bytes]) -> None:
        made = set()
        for path, data in files.items():
            target = self._mounted.workspace / path
            for folder in reversed(target.relative_to(self._mounted.workspace).parents):
                if folder not in made and str(folder) != ".":
                    self._folder(folder)
                    made.add(folder)
            target.write_bytes(data)
            self._own(target)

    def start(self, job: Job) -> None:
        self._let_out()
        grace = math.nan if job.stdin_grace_s is None else job.stdin_grace_s
        environment = program_environment(job.limits, job.env, egress=bool(self._egress))
        entries = [f"{key}={value}" for key, value in environment.items()]
        strings = "\0".join((*job.argv, *entries)).encode()
        payload = _JOB.pack(len(job.argv), len(entries), grace, job.limits.disk_mb << 21) + strings
        try:
            self._send(b"J", payload)
        except EngineError:  # the connection went with an engine that was restarted, or the sandbox is no more
            if self._is_there():
                self._send(b"J", payload)
        if not self._started_s:
            self._started_s = _since_boot_s()
            with suppress(EngineError):
                self._record()

    def _let_out(self) -> None:
        """Opens the way to what its run may reach, before there is a program that could take its place."""
        if self._egress and self._way_out is None:
            self._way_out = WayOut(self._engine.egress, self.run_id, self._egress, self._process)
            self._way_out.await_first(EGRESS_S)

    # while it runs

    def output(self, mark: int) -> Iterator[Sequence[Chunk]]:
        self.watch()
        self._followed = True
        yield from self._source.batches(mark, self._ended.is_set)
        self._measure()
        if not self._ended.is_set():
            with suppress(EngineError):
                self._send(b"B", b"")

    def release(self, mark: int) -> None:
        self._source.release(mark)

    def send_input(self, data: bytes | None) -> None:
        self._send(b"E" if data is None else b"I", data or b"")

    def lasted_s(self) -> float | None:
        return _since_boot_s() - self._started_s if self._started_s else None

    def usage(self) -> Usage:
        self._measure()
        return replace(self._peak, memory_bytes=max(0, self._peak.memory_bytes - cgroup.file_bytes(self.id)))

    def stop(self) -> bool:
        if self._ended.is_set() or self._source.exited:
            return False
        self._stopped = True
        self._measure()
        gevent.spawn(self._end)
        return True

    # its end

    def wait(self, timeout: float) -> Exit:
        self.watch()
        is_forged = self._source.exited and not self._ended.wait(PARTING_S)
        if is_forged:  # its program lives on, beyond the reach of its time limit
            gevent.spawn(self._kill)
        while not self._ended.wait(timeout):
            if self._engine_away:  # what the engine can't tell yet is no reason to give up a run
                continue
            raise EngineError(f"The container did not end within {timeout:g} s.")
        measured = self._source.exited and self._peak.cpu_s > 0  # by this host, at the program's end
        code = None if is_forged else self._source.code
        if code is None:
            self._await_word(timeout)
            code = self._code
        state = {} if code is not None and measured else self._state()
        code = state.get("ExitCode", code)
        oom = self._oom or bool(state.get("OOMKilled"))
        return Exit(code, oom, self._disk_full, self._peak, self._trouble(code, oom))

    def get(self) -> Iterator[Member | Skipped]:
        yield from collect.members(self._mounted.outputs)

    def destroy(self) -> None:
        if self._destroyed:
            return
        self.let_go()
        if self._ended.is_set():
            self._told.wait(NOTED_S)
        self._ended.set()
        with self._naming:
            is_removed = self._removed()
        leftover = Leftover(self.id, self.name, self.uid)
        if is_removed:
            self._engine.free(leftover)
        else:  # its processes may live: storage and uid are kept until it is gone
            self._engine.leftovers.add(leftover)

    def let_go(self) -> None:
        """Ends our part in it: nobody of ours listens or watches any longer."""
        self._destroyed = True
        self._close()
        if self._way_out is not None:
            self._way_out.close()
        self._source.close()

    def _name(self, spec: SandboxSpec) -> None:
        """Tells the engine whose the container is. Never while it removes it: it would list a ghost for ever."""
        with self._naming:
            if not self._ended.is_set():
                self._engine.name(self.id, spec)

    def _removed(self) -> bool:
        """Tries again where the engine says no: it may just have been noting something else about the container."""
        for attempts_left in reversed(range(REMOVE_ATTEMPTS)):
            try:
                self._engine.api.remove_container(self.id, force=True, v=True)
                return True
            except NotFound:
                return True
            except _GONE as error:
                if not attempts_left or not isinstance(error, APIError):
                    log.warning(
                        "a container could not be removed (%s); it is tried again", error, extra={"run_id": self.run_id}
                    )
                    return False
            gevent.sleep(RETRY_S)
        return False

    # its engine's

    def connect(self) -> None:
        """Opens the standard input, and with the attach source the output: before the start, so nothing is missed."""
        wanted = {"stdin": 1, "stream": 1}
        if self._engine.log_source == "attach":
            wanted |= {"stdout": 1}
        self._sock = self._engine.api.attach_socket(self.id, wanted)._sock

    def watch(self) -> None:
        """Learns of the container's end, over restarts of the engine."""
        if not self._watchers:
            self._watchers = [gevent.spawn(self._await_end), gevent.spawn(self._await_death)]

    def _await_end(self) -> None:
        while not self._destroyed:
            try:
                self._code = int(self._engine.api.wait(self.id, timeout=None)["StatusCode"])
                break
            except NotFound:
                break
            except _GONE:
                self._engine_lost = True
                self._await_engine()
        self._told.set()
        self._ended.set()

    def _await_death(self) -> None:
        """By the kernel, where the container runs on it: tens of milliseconds before the engine knows. The end of its
        first process is the end of all of them."""
        with suppress(*_GONE, KeyError), self._process() as pidfd:
            wait_read(pidfd)
            self._measure()  # its cgroup is there for a moment still: was it killed for memory
            self._ended.set()

    def _is_there(self) -> bool:
        """False when the container has ended. Waits for an engine that is away, and then until its end is told."""
        while not self._ended.is_set():
            try:
                return bool(self._engine.api.inspect_container(self.id)["State"]["Running"])
            except NotFound:
                return False
            except _GONE:
                self._ended.wait(RETRY_S)
        return False

    def _process(self) -> AbstractContextManager[int]:
        """Of its first process, see `_process` below. Raises ConnectionError when the engine does not tell."""
        state = self._state()
        if not state:
            raise ConnectionError(f"the engine says nothing of {self.name}")
        return _process(state["Pid"], self.id)

    def _await_engine(self) -> None:
        self._engine_away = True
        while self._engine_away and not self._destroyed:
            gevent.sleep(RETRY_S)
            with suppress(*_GONE):
                self._engine_away = not self._engine.api.ping()

    # plumbing

    def _record(self) -> None:
        """Over a crash of ours: what its labels don't tell."""
        facts = Origin(
            self.uid, self.run_id, self.attempt, self.warm, self._cpu_before_s, self._started_s, self._egress
        )
        self._engine.storage.record(self.name, asdict(facts))

    def _await_word(self, timeout: float) -> None:
        """Until the engine has said how it ended: at most so long, but as long as it takes one that is away."""
        while not self._told.wait(timeout) and self._engine_away:
            pass

    def _connection(self) -> Any:
        if self._sock is None:
            try:
                self.connect()
            except _GONE as error:
                raise EngineError("The sandbox is not listening.") from error
        return self._sock

    def _send(self, kind: bytes, payload: bytes) -> None:
        """A whole command, one at a time; waits while the supervisor takes none (its program does not read)."""
        try:
            with self._sending:
                self._connection().sendall(_COMMAND.pack(kind, len(payload)) + payload)
        except OSError as error:
            self._close()
            raise EngineError("The sandbox is not listening.") from error

    def _close(self) -> None:
        """A connection that nobody reads makes the container unkillable: close it before any kill."""
        sock, self._sock = self._sock, None
        if sock is not None:
            with suppress(OSError):
                sock.close()

    def _end(self) -> None:
        with suppress(EngineError), gevent.Timeout(STOP_S, False):
            self._send(b"K", b"")
            self._await_exit()
        if not self._source.exited:
            self._kill()

    def _kill(self) -> None:
        """Again and again until it has ended: the engine may be away."""
        while not self._ended.is_set():
            self._close()
            with suppress(*_GONE):
                self._engine.api.kill(self.id)
            self._ended.wait(RETRY_S)

    def _await_exit(self) -> None:
        while not self._source.exited and not self._ended.is_set():
            gevent.sleep(0.02)

    def _measure(self) -> None:
        sample, disk = cgroup.sample(self.id), self._engine.storage.use(self.name)
        self._peak = Usage(
            max(self._peak.cpu_s, sample.cpu_s - self._cpu_before_s),
            sample.memory_bytes,
            max(self._peak.peak_memory_bytes, sample.peak_memory_bytes),
            max(self._peak.peak_disk_bytes, disk.bytes),
        )
        self._oom = self._oom or sample.oom_kills > 0
        self._disk_full = self._disk_full or disk.full

    def _state(self) -> dict[str, Any]:
        try:
            return dict(self._engine.api.inspect_container(self.id)["State"])
        except _GONE:
            return {}

    def _trouble(self, code: int | None, oom: bool) -> str | None:
        """What happened behind our back: an end that neither the program nor we brought about."""
        if code is None:
            return "The container was removed from its host while the run was under way."
        if self._source.exited or self._stopped or oom:
            return None
        if self._engine_lost:
            return "The container engine was restarted and ended the run."
        # An engine that died may leave one that it has half started.
        if self._found_ended and self._followed and not self._source.mark:
            return "The container ended before the program had begun, while nobody was there to see it."
        return "The container was ended from outside the run." if code in _KILLED else None

    def _folder(self, folder: Path) -> None:
        path = self._mounted.workspace / folder
        path.mkdir(exist_ok=True)
        self._own(path)

    def _own(self, path: Path) -> None:
        os.chown(path, self.uid, self.uid)


def _since_boot_s() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@contextmanager
def _process(pid: int, container_id: str) -> Iterator[int]:
    """A file descriptor that becomes readable when the process ends (pidfd_open(2)). Raises OSError when it is not the
    container's, or has ended."""
    if not pid:  # the engine's word for one that has ended
        raise ProcessLookupError(container_id)
    fd = os.pidfd_open(pid)
    try:
        if container_id not in Path(f"/proc/{pid}/cgroup").read_text():
            raise ProcessLookupError(pid)
        yield fd
    finally:
        os.close(fd)
