"""A program can't tell how it was started: by the interpreter itself, in a sandbox made for it, or in one that waited."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import gevent.pool
import pytest

from server.engine.docker_engine import DockerEngine
from server.settings import load
from tests.sandbox.programs import conversations, endings, interpreter, libraries
from tests.sandbox.programs.ways import COLD, PLAIN, Ending, Program, Runner

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
