"""A program can't tell how it was started: by the interpreter itself, in a sandbox made for it, or in one that waited."""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import gevent.pool
import pytest

from server.engine.docker_engine import DockerEngine
from server.settings import load
from tests.sandbox.programs import conversations, endings, interpreter, libraries
from tests.sandbox.programs.ways import PLAIN, Ending, Program, Runner

AT_ONCE = 3
PROGRAMS = interpreter.PROGRAMS | endings.PROGRAMS | conversations.PROGRAMS | libraries.PROGRAMS


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    folder = tmp_path_factory.mktemp("faithful")
    engine = DockerEngine(load(settings(folder), dotenv=None), folder / "sandboxes")
    yield Runner(engine)
    engine.close()


def settings(folder: Path) -> dict[str, str]:
    return {
        "BYTEME_DATA_DIR": str(folder),
        "BYTEME_SANDBOX_UIDS": "20416,20447",
        "BYTEME_SANDBOX_IMAGE": os.environ.get("BYTEME_SANDBOX_IMAGE", "byteme/sandbox:latest"),
    }


def comparable(ending: Ending) -> Ending:
    """Without addresses."""
    texts = (re.sub(r"0x[0-9a-f]{6,}", "0x", text) for text in (ending.stdout, ending.stderr))
    return replace(ending, stdout=next(texts), stderr=next(texts))


def outcomes(runner: Runner, program: Program) -> dict[str, Ending]:
    ways = (PLAIN, *program.ways)
    pool = gevent.pool.Pool(AT_ONCE)
    return dict(zip(ways, pool.map(lambda way: comparable(runner.run(program, way)), ways), strict=True))


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_runs_as_by_the_interpreter_itself(runner: Runner, name: str) -> None:
    plain, *others = (found := outcomes(runner, PROGRAMS[name])).values()
    for way, other in zip(list(found)[1:], others, strict=True):
        assert other == plain, way
