"""The ways in which one program can be run: plainly, cold, or in a sandbox that waited for it."""

import os
import secrets
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import docker
import gevent

from server.domain.ports import Job, Sandbox, SandboxSpec, Stream
from server.domain.run import Limits
from server.engine import convert
from server.engine.docker_engine import DockerEngine
from server.engine.mounts import Size

PLAIN, COLD = "plain", "cold"  # any other way is the name of a profile
WARM = (COLD, "data")  # where it matters that much is hidden
ALL = (COLD, "bare", "data", "torch", "full")
LIMITS = Limits(memory_mb=1024, disk_mb=64, pids=128)
WAIT_S = 120.0
_INTERPRETER = "/opt/venv/bin/python3"


@dataclass(frozen=True)
class Program:
    """What is run, and on which occasion. `ways` are compared with the plain one."""

    code: str | None
    argv: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes = b""
    files: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = LIMITS
    ways: tuple[str, ...] = (COLD, "bare")
    entry: str = "main.py"

    @property
    def all_files(self) -> dict[str, bytes]:
        texts = self.files if self.code is None else {self.entry: self.code, **self.files}
        return {path: text.encode("latin-1" if "latin" in path else "utf-8") for path, text in texts.items()}


@dataclass(frozen=True)
class Ending:
    """All that can be told of a run from outside."""

    code: int | None
    stdout: str
    stderr: str
    artifacts: Mapping[str, bytes]


class Runner:
    """Runs programs on one engine; nothing is left of them."""

    def __init__(self, engine: DockerEngine) -> None:
        self._engine = engine
        self._image = engine.resolve(None).digest

    def run(self, program: Program, way: str) -> Ending:
        return self._plain(program) if way == PLAIN else self._in_sandbox(program, way)

    def _in_sandbox(self, program: Program, way: str) -> Ending:
        sandbox = self._opened(program, way)
        try:
            sandbox.put(program.all_files)
            sandbox.start(Job((program.entry, *program.argv), program.env, program.limits))
            typing = gevent.spawn(self._type, sandbox, program.stdin)
            with gevent.Timeout(WAIT_S):
                chunks = list(chain.from_iterable(sandbox.output(0)))
            typing.join(WAIT_S)
            said = {s: b"".join(c.data for c in chunks if c.stream is s) for s in (Stream.STDOUT, Stream.STDERR)}
            code = sandbox.wait(WAIT_S).code
            artifacts = {member.path: b"".join(member.data) for member in sandbox.get()}  # type: ignore[union-attr]
            return Ending(code, *(text.decode(errors="backslashreplace") for text in said.values()), artifacts)
        finally:
            sandbox.destroy()

    def _opened(self, program: Program, way: str) -> Sandbox:
        name = f"faithful-{secrets.token_hex(6)}"
        spec = SandboxSpec(name, name, 1, self._image, program.limits)
        if way == COLD:
            return self._engine.open(spec)
        sandbox = self.open_waiting(way)
        sandbox.await_ready(WAIT_S)
        sandbox.assign(spec)
        return sandbox

    def open_waiting(self, profile: str) -> Sandbox:
        """A sandbox without a run, which imports the profile's libraries."""
        name = f"faithful-{profile}-{secrets.token_hex(6)}"
        return self._engine.open(SandboxSpec(name, "", 0, self._image, self._engine.waiting_limits, preload=profile))

    def processes(self, sandbox: Sandbox) -> dict[int, str]:
        """The host's number and the command line of each process in it."""
        found = self._engine.api.top(sandbox.id, "-eo pid,args")["Processes"]
        return {int(pid): command for pid, command in found}

    @staticmethod
    def _type(sandbox: Sandbox, data: bytes) -> None:
        if data:
            sandbox.send_input(data)
        sandbox.send_input(None)

    def _plain(self, program: Program) -> Ending:
        """The interpreter itself in a container that is hardened and confined in the same way."""
        name, uid = f"faithful-{secrets.token_hex(6)}", self._engine.uids.take()
        spec = SandboxSpec(name, name, 1, self._image, program.limits)
        storage, api = self._engine.storage, self._engine.api
        mounted = storage.make(name, uid, Size(program.limits.disk_mb, convert.shm_mb(program.limits)))
        host = convert.Host(
            self._engine.owner, "", self._engine._settings.sandbox_runtime, uid, self._engine._seccomp, "", mounted
        )
        try:
            write(mounted.workspace, program.all_files, uid)
            container = api.create_container(
                host_config=api.create_host_config(**convert.host_arguments(spec, host) | {"init": True}),
                **convert.create_arguments(spec, host) | plain_arguments(program),
            )["Id"]
            output = attached(api, container, program.stdin)
            code = api.wait(container, timeout=WAIT_S)["StatusCode"]
            artifacts = {str(p.relative_to(mounted.outputs)): p.read_bytes() for p in files_in(mounted.outputs)}
            return Ending(
                code,
                output[1].decode(errors="backslashreplace"),
                output[2].decode(errors="backslashreplace"),
                artifacts,
            )
        finally:
            with suppress(docker.errors.NotFound):
                api.remove_container(name, force=True)
            storage.remove(name)
            self._engine.uids.give_back(uid)


def plain_arguments(program: Program) -> dict[str, Any]:
    """`env` takes away what the engine adds to every container's environment."""
    return {
        "entrypoint": ["/usr/bin/env", "-u", "HOSTNAME", _INTERPRETER, program.entry, *program.argv],
        "command": None,
        "detach": False,  # the end of our input is the end of its own
        "environment": convert.program_environment(program.limits, program.env),
    }


def write(folder: Path, files: Mapping[str, bytes], uid: int) -> None:
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    for path in [folder, *folder.rglob("*")]:
        if path.name not in {"outputs", "data"}:
            os.chown(path, uid, uid)


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def attached(api: docker.APIClient, container: str, stdin: bytes) -> dict[int, bytes]:
    """Starts a container; what it wrote to each of its streams."""
    sock = api.attach_socket(container, {"stdin": 1, "stream": 1, "stdout": 1, "stderr": 1})._sock
    api.start(container)
    typing = gevent.spawn(type_all, sock, stdin)
    said, output = b"", {1: b"", 2: b""}
    while data := sock.recv(1 << 20):
        said += data
    typing.join()
    sock.close()
    while said:
        length = int.from_bytes(said[4:8], "big")
        output[said[0]] += said[8 : 8 + length]
        said = said[8 + length :]
    return output


def type_all(sock: Any, data: bytes) -> None:
    with suppress(OSError):
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
