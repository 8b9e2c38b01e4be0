"""Every Engine keeps these promises: the one in memory that tests use, Docker, and the pool in front of either."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import gevent
import pytest

from server.domain.errors import EngineError, ImageError
from server.domain.ports import Chunk, Engine, Job, Member, Sandbox, SandboxSpec, Skipped, Stream
from server.domain.run import Exit, Limits
from server.engine.docker_engine import DockerEngine
from server.engine.fake import FakeEngine, Script
from server.engine.mounts import Size, Storage
from server.engine.warm import PoolSettings, WarmEngine
from server.settings import load
from tests.waiting import eventually

OUT, ERR = Stream.STDOUT, Stream.STDERR
WAIT_S = 60.0


@dataclass(frozen=True)
class Program:
    """The same thing twice: as Python, and as the script that the engine in memory follows."""

    code: str
    script: Script


HELLO = Program(
    "import os, sys\n"
    "os.write(1, b'hello\\n')\nos.write(2, b'oops\\n')\n"
    "os.makedirs('outputs/deep')\n"
    "open('outputs/deep/model', 'wb').write(b'weights')\n"
    "os.symlink('/etc/passwd', 'outputs/link')\n"
    "sys.exit(3)\n",
    Script([(OUT, b"hello\n"), (ERR, b"oops\n")], {"deep/model": b"weights", "link": "a symbolic link"}, Exit(3)),
)
FINE = Program("print('fine')", Script([(OUT, b"fine\n")]))
ECHO = Program(
    "import os\nwhile data := os.read(0, 1 << 16): os.write(1, data)",
    Script(echoes=True),
)
STUBBORN = Program(
    "import os, signal, subprocess, sys, time\n"
    "for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)\n"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'], start_new_session=True)\n"
    "os.write(1, b'up\\n')\ntime.sleep(1000)",
    Script([(OUT, b"up\n")], lasts=True),
)


class Bench:
    """An engine on which programs are run; what it opened is destroyed in the end."""

    def __init__(self, inner: Engine, *, warm: bool = False) -> None:
        self.inner, self.warm = inner, warm
        self.engine = WarmEngine(inner, POOL, lambda: bool(self._opened)) if warm else inner
        self._count = 0
        self._opened: list[Sandbox] = []

    def spec(self) -> SandboxSpec:
        self._count += 1
        name = f"contract-{os.getpid()}-{self._count}"
        limits = Limits(memory_mb=256, disk_mb=32, pids=64)
        return SandboxSpec(name, name, 2, self.engine.resolve(None).digest, limits)

    def open(self, program: Program) -> Sandbox:
        if isinstance(self.inner, FakeEngine):
            self.inner.script = program.script
        if self.warm and not self._opened:
            self.engine.start()
            eventually(lambda: self.engine.check()["warm"], "a sandbox to wait")
        sandbox = self.engine.open(self.spec())
        assert sandbox.warm is (self.warm and not self._opened)
        self._opened.append(sandbox)
        sandbox.put({"main.py": program.code.encode()})
        return sandbox

    def started(self, program: Program) -> Sandbox:
        sandbox = self.open(program)
        sandbox.start(JOB)
        return sandbox

    def close(self) -> None:
        for sandbox in self._opened:
            sandbox.destroy()
        self.engine.close()


POOL = PoolSettings(size=1, memory_mb=100, min_free_mb=0, max_age_s=3600, disk_mb=10_240, limits=Limits())
JOB = Job(("main.py",), {}, Limits(memory_mb=256, disk_mb=32), None)


def docker_engine(tmp_path: Path) -> DockerEngine:
    image = os.environ.get("BYTEME_SANDBOX_IMAGE", "byteme/sandbox:latest")
    environ = {"BYTEME_DATA_DIR": str(tmp_path), "BYTEME_SANDBOX_UIDS": "20480,20511", "BYTEME_SANDBOX_IMAGE": image}
    return DockerEngine(load(environ, dotenv=None), tmp_path / "sandboxes")


ENGINES: dict[str, Callable[[Path], Engine]] = {"fake": lambda _: FakeEngine(), "docker": docker_engine}


@pytest.fixture(params=[(kind, warm) for kind in ENGINES for warm in (False, True)], ids=str)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    kind, warm = request.param
    bench = Bench(ENGINES[kind](tmp_path), warm=warm)
    yield bench
    bench.close()


def drained(sandbox: Sandbox, mark: int = 0) -> list[Chunk]:
    """All that comes out from `mark` on."""
    with gevent.Timeout(WAIT_S):
        return list(chain.from_iterable(sandbox.output(mark)))


def said(chunks: list[Chunk], stream: Stream = OUT) -> bytes:
    return b"".join(chunk.data for chunk in chunks if chunk.stream is stream)


def listed(bench: Bench) -> set[tuple[str, int]]:
    return {(sandbox.run_id, sandbox.attempt) for sandbox in bench.engine.find()}


def test_a_run_goes_from_open_to_destroy_and_the_programs_failure_is_a_value(bench: Bench) -> None:
    sandbox = bench.started(HELLO)
    chunks = drained(sandbox)
    ended = sandbox.wait(WAIT_S)
    left = {item.path: b"".join(item.data) for item in sandbox.get() if isinstance(item, Member)}
    assert (said(chunks), said(chunks, ERR)) == (b"hello\n", b"oops\n")
    assert (ended.code, ended.oom, ended.disk_full, ended.error) == (3, False, False, None)
    assert left == {"deep/model": b"weights"}
    assert (sandbox.run_id, 2) in listed(bench)
    sandbox.destroy()
    assert listed(bench) == set()


def test_only_regular_files_come_out_and_the_others_are_told_of(bench: Bench) -> None:
    sandbox = bench.started(HELLO)
    drained(sandbox)
    sandbox.wait(WAIT_S)
    skipped = [item for item in sandbox.get() if isinstance(item, Skipped)]
    assert [item.path for item in skipped] == ["link"]
    assert "symbolic link" in skipped[0].why


def test_destroying_twice_or_before_the_start_is_fine(bench: Bench) -> None:
    sandbox = bench.open(FINE)
    assert listed(bench) == {(sandbox.run_id, 2)}
    sandbox.destroy()
    sandbox.destroy()
    assert listed(bench) == set()


def test_an_open_that_fails_leaves_nothing_behind(bench: Bench) -> None:
    with pytest.raises(ImageError):
        bench.engine.open(replace(bench.spec(), image="sha256:" + "12" * 32))
    assert listed(bench) == set()
    assert bench.engine.sweep() == []


def test_an_image_that_is_not_there_is_said_to_be(bench: Bench) -> None:
    with pytest.raises(ImageError, match="nonsense"):
        bench.engine.resolve("nonsense")


def test_the_digest_of_an_image_is_a_name_that_the_engine_takes(bench: Bench) -> None:
    image = bench.engine.resolve(None)
    assert image.digest.startswith("sha256:")
    assert (image.alias, bool(image.ref)) == ("default", True)


def test_a_second_start_changes_nothing(bench: Bench) -> None:
    sandbox = bench.started(FINE)
    sandbox.start(JOB)
    assert said(drained(sandbox)) == b"fine\n"
    assert sandbox.wait(WAIT_S).code == 0


def test_input_reaches_the_program_and_its_end_does_too(bench: Bench) -> None:
    sandbox = bench.started(ECHO)
    got: list[Chunk] = []
    reader = gevent.spawn(lambda: [got.extend(batch) for batch in sandbox.output(0)])
    sandbox.send_input(b"one\x00\xff\n")
    eventually(lambda: said(got) == b"one\x00\xff\n", "the echo", WAIT_S)
    sandbox.send_input(b"two")
    sandbox.send_input(None)
    reader.join(WAIT_S)
    assert said(got) == b"one\x00\xff\ntwo"
    assert sandbox.wait(WAIT_S).code == 0


def test_stop_ends_the_whole_tree_and_keeps_what_it_said_before(bench: Bench) -> None:
    sandbox = bench.started(STUBBORN)
    batches = sandbox.output(0)
    with gevent.Timeout(WAIT_S):
        first = next(batches)
        sandbox.stop()
        chunks = [*first, *chain.from_iterable(batches)]
    assert said(chunks) == b"up\n"
    assert (sandbox.wait(WAIT_S).code, sandbox.wait(0).error) == (137, None)


def test_stopping_what_has_ended_changes_nothing(bench: Bench) -> None:
    sandbox = bench.started(FINE)
    drained(sandbox)
    before = sandbox.wait(WAIT_S).code
    sandbox.stop()
    assert (before, sandbox.wait(WAIT_S).code) == (0, 0)


def test_waiting_for_a_program_that_does_not_end_ends(bench: Bench) -> None:
    sandbox = bench.started(STUBBORN)
    with pytest.raises(EngineError, match="did not end"):
        sandbox.wait(0.05)


def test_from_a_mark_on_exactly_the_rest_comes(bench: Bench) -> None:
    sandbox = bench.started(HELLO)
    chunks = drained(sandbox)
    assert [chunk.mark for chunk in chunks] == sorted({chunk.mark for chunk in chunks})
    for place, chunk in enumerate(chunks):
        assert drained(sandbox, chunk.mark) == chunks[place + 1 :]


def test_the_facts_that_doctor_and_readiness_tell_are_there(bench: Bench) -> None:
    facts = bench.engine.check()
    assert {
        "version",
        "storage_driver",
        "cgroup_version",
        "runtime",
        "runtimes",
        "cpus",
        "memory_bytes",
        "storage",
    } <= {*facts}


# Docker alone: what outlives the process that started it.


@pytest.fixture
def docker_bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(docker_engine(tmp_path))
    yield bench
    bench.close()


def test_a_sandbox_is_found_again_by_another_process_and_read_from_where_it_was(
    docker_bench: Bench, tmp_path: Path
) -> None:
    sandbox = docker_bench.started(HELLO)
    chunks = drained(sandbox)
    another = docker_engine(tmp_path)
    (found,) = another.find()
    assert (found.id, found.run_id, found.attempt) == (sandbox.id, sandbox.run_id, 2)
    assert drained(found, chunks[0].mark) == chunks[1:]
    assert found.wait(WAIT_S).code == 3
    found.destroy()
    assert docker_bench.engine.find() == []
    another.close()


def test_what_it_used_is_known_after_its_end(docker_bench: Bench) -> None:
    sandbox = docker_bench.started(FINE)
    drained(sandbox)
    usage = sandbox.wait(WAIT_S).usage
    assert usage.cpu_s > 0
    assert usage.peak_memory_bytes > 1 << 20


def test_nothing_of_a_sandbox_is_left_on_the_host(docker_bench: Bench, tmp_path: Path) -> None:
    sandbox = docker_bench.started(FINE)
    drained(sandbox)
    sandbox.wait(WAIT_S)
    sandbox.destroy()
    assert Storage(tmp_path / "sandboxes", "auto").names() == []
    assert str(tmp_path) not in Path("/proc/self/mountinfo").read_text()


def test_storage_without_a_container_is_swept_away(docker_bench: Bench, tmp_path: Path) -> None:
    engine = docker_bench.engine
    assert isinstance(engine, DockerEngine)
    sandbox = docker_bench.open(FINE)
    engine.storage.make("left-by-a-crash", 20480, Size(16, 8))
    assert engine.sweep() == ["left-by-a-crash"]
    assert engine.storage.names() == [sandbox.run_id]


def test_an_engine_that_does_not_answer_is_an_engine_error(tmp_path: Path) -> None:
    settings = load({"BYTEME_DOCKER_HOST": f"unix://{tmp_path}/nobody.sock"}, dotenv=None)
    engine = DockerEngine(settings, tmp_path)
    for call in (engine.check, engine.find, engine.sweep, lambda: engine.resolve(None)):
        with pytest.raises(EngineError) as error:
            call()
        assert not isinstance(error.value, ImageError)
    engine.close()
