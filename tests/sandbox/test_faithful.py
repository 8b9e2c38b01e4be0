"""A program can't tell how it was started: by the interpreter itself, in a sandbox made for it, or in one that waited."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import gevent
import gevent.pool
import pytest

from server.domain.ports import Job, Sandbox
from server.engine.docker_engine import DockerEngine
from server.settings import load
from tests.sandbox.programs import conversations, endings, interpreter, libraries
from tests.sandbox.programs.ways import COLD, LIMITS, PLAIN, WAIT_S, Ending, Program, Runner

AT_ONCE = 3
PROGRAMS = interpreter.PROGRAMS | endings.PROGRAMS | conversations.PROGRAMS | libraries.PROGRAMS
UNDER_GVISOR = ("frames", "an exception", "killed by a signal", "destructors", "children by fork")


@contextmanager
def on_engine(folder: Path, runtime: str) -> Iterator[Runner]:
    environ = {
        "BYTEME_DATA_DIR": str(folder),
        "BYTEME_SANDBOX_UIDS": "20416,20447",
        "BYTEME_SANDBOX_IMAGE": os.environ.get("BYTEME_SANDBOX_IMAGE", "byteme/sandbox:latest"),
        "BYTEME_SANDBOX_RUNTIME": runtime,
    }
    engine = DockerEngine(load(environ, dotenv=None), folder / "sandboxes")
    if runtime not in engine.api.info()["Runtimes"]:
        pytest.skip(f"the engine has no {runtime}")
    yield Runner(engine)
    engine.close()


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with on_engine(tmp_path_factory.mktemp("faithful"), "runc") as runner:
        yield runner


@pytest.fixture(scope="module")
def gvisor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with on_engine(tmp_path_factory.mktemp("gvisor"), "runsc") as runner:
        yield runner


def comparable(ending: Ending) -> Ending:
    """Without addresses."""
    stdout, stderr = (re.sub(r"0x[0-9a-f]{6,}", "0x", text) for text in (ending.stdout, ending.stderr))
    return replace(ending, stdout=stdout, stderr=stderr)


def outcomes(runner: Runner, program: Program) -> dict[str, Ending]:
    ways = (PLAIN, *program.ways)
    pool = gevent.pool.Pool(AT_ONCE)
    return dict(zip(ways, pool.map(lambda way: comparable(runner.run(program, way)), ways), strict=True))


def assert_all_alike(found: dict[str, Ending]) -> None:
    for way, ending in found.items():
        assert ending == found[PLAIN], way


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_runs_as_by_the_interpreter_itself(runner: Runner, name: str) -> None:
    assert_all_alike(outcomes(runner, PROGRAMS[name]))


@pytest.mark.parametrize("name", UNDER_GVISOR)
def test_a_program_runs_as_by_the_interpreter_itself_under_gvisor_too(gvisor: Runner, name: str) -> None:
    assert_all_alike(outcomes(gvisor, replace(PROGRAMS[name], ways=(COLD, "bare"))))


@pytest.mark.parametrize("profile", ["bare", "data", "torch", "full"])
def test_a_program_starts_in_the_process_that_waited(runner: Runner, profile: str) -> None:
    """Neither a fresh interpreter nor a child of the one that imported; and importing has said nothing."""
    program = Program("import os\nprint(open('/proc/self/cmdline').read().split('\\0')[1:3], os.getppid())")
    assert runner.run(program, profile) == Ending(0, f"['/opt/byteme/launch.py', '{profile}'] 1\n", "", {})


def test_no_two_sandboxes_share_a_seed_or_a_random_number(runner: Runner) -> None:
    code = (
        "import hashlib, numpy, os, random, secrets, tempfile, torch, uuid\n"
        "print(hash('a'), random.random(), numpy.random.rand(), torch.rand(1).item(), torch.initial_seed(), uuid.uuid4(), tempfile.mktemp())"
    )
    one, other = (runner.run(Program(code), "torch").stdout.split() for _ in range(2))
    assert len(one) == 7
    assert set(one).isdisjoint(other)


# while it waits


@pytest.fixture
def waiting(runner: Runner) -> Iterator[Sandbox]:
    """A sandbox that has just been opened: it may still be importing."""
    sandbox = runner.open_waiting("data")
    yield sandbox
    sandbox.destroy()


def exit_code(sandbox: Sandbox) -> int | None:
    with gevent.Timeout(WAIT_S):
        list(sandbox.output(0))
    return sandbox.wait(WAIT_S).code


def test_a_job_may_come_before_the_sandbox_is_ready(waiting: Sandbox) -> None:
    waiting.put({"main.py": b"import sys\nprint(sys.argv)\nsys.exit(3)"})
    waiting.start(Job(("main.py", "x"), {}, LIMITS))
    assert exit_code(waiting) == 3


def test_a_launcher_that_dies_while_it_waits_ends_the_container(waiting: Sandbox, runner: Runner) -> None:
    waiting.await_ready(WAIT_S)
    processes = runner.processes(waiting)
    os.kill(next(pid for pid, command in processes.items() if "launch.py" in command), signal.SIGKILL)
    assert exit_code(waiting) == 124


def test_a_sandbox_that_waits_can_be_stopped(waiting: Sandbox) -> None:
    waiting.await_ready(WAIT_S)
    waiting.stop()
    assert exit_code(waiting) == 137


def test_limits_of_the_process_come_with_the_job(waiting: Sandbox) -> None:
    code = (
        "import resource, sys\nlimits = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        f"sys.exit(limits == ({LIMITS.disk_mb << 21},) * 2 and open('/proc/self/oom_score_adj').read() == '1000\\n')"
    )
    waiting.put({"main.py": code.encode()})
    waiting.start(Job(("main.py",), {}, LIMITS))
    assert exit_code(waiting) == 1
