"""The ways to run a program, behind one interface. All use the sandbox image, no network, and check what comes out."""

import json
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

from scripts.bench.programs import Program, file_name, write

PYTHON = "/opt/venv/bin/python3"
IMAGE = os.environ.get("BYTEME_SANDBOX_IMAGE", "byteme/sandbox:latest")
LABEL = f"byteme.bench={os.getpid()}"
_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds from submitting to the first byte of output and to knowing how it ended."""

    first: float
    end: float
    warm: bool = False


class Unfit(Exception):
    """The program ran right, but not in the way that was to be measured."""


class Side(Protocol):
    name: str

    def settle(self) -> None:
        """Until nothing of earlier runs goes on and the next one finds what it should find."""

    def prepare(self, level: int) -> None:
        """Makes ready for `level` calls of `run` at the same time."""

    def run(self, program: Program) -> Timing:
        """Raises Unfit, or AssertionError for a wrong result. Safe to call from several threads."""


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.strip()


def remove_containers() -> None:
    """Those that the sides of this process made."""
    if left := docker("ps", "-aq", "--filter", f"label={LABEL}").split():
        docker("rm", "-f", "-v", *left)


class _Command:
    """A side that is a command whose standard output is the program's."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self._folder = name, folder
        write(folder)

    def settle(self) -> None:
        """Nothing goes on after the command's end."""

    def prepare(self, level: int) -> None:
        """Every call is a process of its own."""

    def run(self, program: Program) -> Timing:
        begin = time.perf_counter()
        with subprocess.Popen(self._command(program), stdout=subprocess.PIPE) as process:
            assert process.stdout
            output = process.stdout.read(1)
            first = time.perf_counter() - begin
            output += process.stdout.read()
        end = time.perf_counter() - begin
        program.check(output, process.returncode)
        return Timing(first, end)

    def _command(self, program: Program) -> list[str]:
        raise NotImplementedError


class DockerRun(_Command):
    """`docker run --rm`, as anybody would write it: no limits, no hardening, the engine's own log."""

    def __init__(self, folder: Path, runtime: str = "runc") -> None:
        super().__init__("docker run" + (", gVisor" if runtime == "runsc" else ""), folder)
        self._runtime = runtime

    def _command(self, program: Program) -> list[str]:
        options = ["--rm", "--network", "none", "--runtime", self._runtime, "--label", LABEL, "--entrypoint", PYTHON]
        mount = ["-v", f"{self._folder / file_name(program)}:/workspace/main.py:ro"]
        return ["docker", "run", *options, *mount, IMAGE, "-u", "main.py"]


class DockerExec(_Command):
    """`docker exec` in a container that stands: no isolation between one run and the next."""

    def __init__(self, folder: Path) -> None:
        super().__init__("docker exec", folder)
        self._container = standing_container(folder)

    def _command(self, program: Program) -> list[str]:
        return ["docker", "exec", self._container, PYTHON, "-u", f"/programs/{file_name(program)}"]


def standing_container(folder: Path) -> str:
    """The name of a container that does nothing and sees the programs and what starts them."""
    mounts = ["-v", f"{folder}:/programs:ro", "-v", f"{_HERE / 'resident.py'}:/resident.py:ro"]
    options = ["--network", "none", "--init", "--label", LABEL, "--entrypoint", "sleep"]
    return docker("run", "-d", *options, *mounts, IMAGE, "infinity")


class _Resident:
    """A side that is a process which takes requests line by line, one at a time, and measures by itself."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def settle(self) -> None:
        """It answers once all is over."""

    def prepare(self, level: int) -> None:
        assert level == 1, f"{self.name} runs one program at a time here"

    def run(self, program: Program) -> Timing:
        answer = self._ask(self._request(program))
        program.check(answer["output"].encode(), answer["exit_code"])
        return Timing(answer["first"], answer["end"])

    def _ask(self, request: str) -> Any:
        assert self._process.stdin
        print(request, file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, f"{self.name} ended: exit code {self._process.wait()}"
        return json.loads(line)

    def _request(self, program: Program) -> str:
        raise NotImplementedError


class Subprocess(_Resident):
    """A plain process of the image's Python, started and timed from inside a container that stands: the floor."""

    def __init__(self, folder: Path) -> None:
        write(folder)
        inside = ["docker", "exec", "-i", standing_container(folder), PYTHON, "-u", "/resident.py"]
        super().__init__("plain process", inside)

    def _request(self, program: Program) -> str:
        return f"/programs/{file_name(program)}"


class Peer(_Resident):
    """llm-sandbox; `mode` is `session`, a container for each run, or `pool`, a container that is used again."""

    def __init__(self, mode: str, python: Path) -> None:
        command = [str(python), str(_HERE / "peer.py"), mode, IMAGE, LABEL]
        super().__init__(f"llm-sandbox, {mode}", command)
        self._answer()  # it is ready

    def _request(self, program: Program) -> str:
        return json.dumps({"code": program.code})
