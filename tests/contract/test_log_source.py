"""Both ways in which output comes from a sandbox, the stream file and the attach stream, keep these promises."""

import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import gevent
import pytest

from server.domain.ports import Chunk, Job, Sandbox, SandboxSpec, Stream
from server.domain.run import Limits
from server.engine import streams
from server.engine.docker_engine import DockerEngine
from server.settings import load
from tests.waiting import eventually

WAIT_S = 60.0
LIMITS = Limits(memory_mb=256, disk_mb=32, pids=64)
ALL_BYTES = bytes(range(256))


class Source:
    """Programs run on Docker with one log source; what was opened is destroyed in the end."""

    def __init__(self, kind: str, folder: Path) -> None:
        environ = {
            "BYTEME_DATA_DIR": str(folder),
            "BYTEME_LOG_SOURCE": kind,
            "BYTEME_SANDBOX_UIDS": "20448,20479",
            "BYTEME_SANDBOX_IMAGE": os.environ.get("BYTEME_SANDBOX_IMAGE", "byteme/sandbox:latest"),
        }
        self.engine = DockerEngine(load(environ, dotenv=None), folder / "sandboxes")
        self._opened: list[Sandbox] = []

    def start(self, code: str) -> Sandbox:
        name = f"logs-{os.getpid()}-{len(self._opened)}"
        sandbox = self.engine.open(SandboxSpec(name, name, 1, self.engine.resolve(None).digest, LIMITS))
        self._opened.append(sandbox)
        sandbox.put({"main.py": code.encode()})
        sandbox.start(Job(("main.py",), {}, LIMITS, None))
        return sandbox

    def run(self, code: str) -> list[Chunk]:
        """All that a program says, up to its end."""
        sandbox = self.start(code)
        chunks = drained(sandbox)
        assert sandbox.wait(WAIT_S).code == 0
        sandbox.destroy()
        return chunks

    def close(self) -> None:
        for sandbox in self._opened:
            sandbox.destroy()
        self.engine.close()


@pytest.fixture(params=["file", "attach"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    source = Source(request.param, tmp_path)
    yield source
    source.close()


@pytest.fixture
def file_source(tmp_path: Path) -> Iterator[Source]:
    source = Source("file", tmp_path)
    yield source
    source.close()


def drained(sandbox: Sandbox, mark: int = 0) -> list[Chunk]:
    with gevent.Timeout(WAIT_S):
        return list(chain.from_iterable(sandbox.output(mark)))


def said(chunks: list[Chunk], stream: Stream = Stream.STDOUT) -> bytes:
    return b"".join(chunk.data for chunk in chunks if chunk.stream is stream)


@pytest.mark.parametrize(
    ("code", "out"),
    [
        ("print('a line')", b"a line\n"),
        ("import os; os.write(1, bytes(range(256)) * 300)", ALL_BYTES * 300),
        ("import os; os.write(1, b'no newline')", b"no newline"),
        ("print('x' * 1_000_000); print('short')", b"x" * 1_000_000 + b"\nshort\n"),
        ("", b""),
    ],
    ids=["ascii", "binary", "no-newline", "long-line", "silent"],
)
def test_output_is_exact_to_the_byte(source: Source, code: str, out: bytes) -> None:
    chunks = source.run(code)
    assert said(chunks) == out
    assert said(chunks, Stream.STDERR) == b""


def test_what_is_printed_right_before_the_exit_is_never_lost(source: Source) -> None:
    for number in range(10):
        code = f"import os; os.write(1, b'first{number}'); os.write(2, b'last{number}'); os._exit(0)"
        chunks = source.run(code)
        assert (said(chunks), said(chunks, Stream.STDERR)) == (b"first%d" % number, b"last%d" % number)


def test_both_streams_come_apart_and_each_in_its_order(source: Source) -> None:
    code = "import os\nfor n in range(2000): os.write(1 + n % 2, b'%d\\n' % n)"
    chunks = source.run(code)
    assert said(chunks) == b"".join(b"%d\n" % n for n in range(0, 2000, 2))
    assert said(chunks, Stream.STDERR) == b"".join(b"%d\n" % n for n in range(1, 2000, 2))


def test_more_than_any_buffer_on_the_way_comes_whole(source: Source) -> None:
    """40 MB: more than the control mount holds, so the file source must give room back as it is read."""
    sandbox = source.start("import os\nblock = bytes(range(256)) * 4096\nfor _ in range(40): os.write(1, block)")
    count, expected = 0, ALL_BYTES * 8192
    with gevent.Timeout(WAIT_S):
        for batch in sandbox.output(0):
            for chunk in batch:
                start = count % 256
                assert chunk.data == expected[start : start + len(chunk.data)]
                count += len(chunk.data)
            sandbox.release(batch[-1].mark)
    assert count == 40 << 20


def test_a_host_that_stalls_when_the_program_has_ended_loses_nothing(
    file_source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control mount is full, both pipes are too, the program is gone, and nobody reads for seconds."""
    monkeypatch.setattr(streams, "PUNCH_BYTES", 1 << 18)  # makes little room at a time
    code = "import os\nblock = bytes(1 << 16)\nfor _ in range(33 << 4): os.write(1, block)\n"
    sandbox = file_source.start(code + "for _ in range(15): os.write(2, block)")
    count, stalls = 0, iter([4.0, 0, 0, 0, 4.0])
    for batch in sandbox.output(0):
        gevent.sleep(next(stalls, 0))
        count += sum(len(chunk.data) for chunk in batch)
        sandbox.release(batch[-1].mark)
    assert count == (33 << 20) + (15 << 16)


def test_input_comes_back_as_it_was_given(source: Source) -> None:
    sandbox = source.start("import os\nwhile data := os.read(0, 1 << 16): os.write(1, data)")
    got: list[Chunk] = []
    reader = gevent.spawn(lambda: [got.extend(batch) for batch in sandbox.output(0)])
    for number in range(3):
        sandbox.send_input(ALL_BYTES * (number + 1))
        eventually(lambda: len(said(got)) == 256 * sum(range(number + 2)), "the echo", WAIT_S)  # noqa: B023
    sandbox.send_input(None)
    reader.join(WAIT_S)
    assert said(got) == ALL_BYTES * 6


def test_the_first_byte_is_not_held_back(source: Source) -> None:
    """The program waits for our answer to its unfinished line: it gets it only if we have seen the line."""
    sandbox = source.start("import os, sys\nos.write(1, b'name? ')\nprint('hello', sys.stdin.readline().strip())")
    got: list[Chunk] = []
    reader = gevent.spawn(lambda: [got.extend(batch) for batch in sandbox.output(0)])
    eventually(lambda: said(got) == b"name? ", "the question", WAIT_S)
    sandbox.send_input(b"Ada\n")
    reader.join(WAIT_S)
    assert said(got) == b"name? hello Ada\n"


def test_a_forged_frame_in_the_output_is_output(source: Source) -> None:
    forged = b"\xb7M\x04" + bytes(9) + b"\x00\x00\x00\x010"
    assert said(source.run(f"import os; os.write(1, {forged!r} * 3 + b'end')")) == forged * 3 + b"end"


def test_the_file_is_read_on_from_any_mark_with_no_gap_and_no_repeat(file_source: Source) -> None:
    code = "import os\nfor n in range(300): os.write(1 + n % 3 // 2, b'%d,' % n * 50)"
    sandbox = file_source.start(code)
    whole = drained(sandbox)
    for place in range(0, len(whole), max(1, len(whole) // 25)):
        assert drained(sandbox, whole[place].mark) == whole[place + 1 :]


def test_the_file_is_read_on_by_another_process_while_the_program_runs(file_source: Source) -> None:
    sandbox = file_source.start("import os, sys\nos.write(1, b'before')\nsys.stdin.readline()\nos.write(1, b' after')")
    first = next(iter(sandbox.output(0)))
    mark = first[-1].mark
    (again,) = file_source.engine.find()
    rest = gevent.spawn(drained, again, mark)
    again.send_input(b"go\n")
    assert said([*first, *rest.get(timeout=WAIT_S)]) == b"before after"
