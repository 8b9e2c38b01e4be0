"""Frames, cut anywhere, followed on a real file, and written by somebody who means harm."""

import errno
import os
import random
import struct
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import gevent
import pytest

from server.domain.ports import Chunk, Stream
from server.engine import streams
from server.engine.streams import (
    EXIT,
    FRAME,
    FRAMES_AT_ONCE,
    MAGIC,
    MAX_PAYLOAD,
    PUNCH_BYTES,
    READ_BYTES,
    Decoder,
    Demultiplexer,
    FileSource,
    Garbage,
)
from tests.waiting import eventually

OUT, ERR, EVENT = Stream.STDOUT, Stream.STDERR, Stream.EVENT
NOTHING_MORE: Callable[[], bool] = lambda: True  # noqa: E731  # the container has ended


def frame(kind: int, payload: bytes, time_ns: int = 1) -> bytes:
    return FRAME.pack(MAGIC, kind, time_ns, len(payload)) + payload


def said(chunks: list[Chunk]) -> list[tuple[Stream, bytes]]:
    return [(chunk.stream, chunk.data) for chunk in chunks]


def a_stream(seed: int = 1, frames: int = 60) -> bytes:
    rng = random.Random(seed)
    kinds = (OUT, ERR, EVENT)
    return b"".join(frame(rng.choice(kinds), rng.randbytes(rng.randrange(400)), n) for n in range(frames))


# the decoder


def test_frames_come_out_as_they_went_in() -> None:
    chunks = Decoder().feed(frame(OUT, b"a\x00\xff", 7) + frame(ERR, b"warn", 8) + frame(EVENT, b"{}\n", 9))
    assert said(chunks) == [(OUT, b"a\x00\xff"), (ERR, b"warn"), (EVENT, b"{}\n")]
    assert [chunk.time_ns for chunk in chunks] == [7, 8, 9]


def test_a_cut_at_any_byte_changes_nothing() -> None:
    stream = a_stream(frames=8)
    whole = Decoder().feed(stream)
    for cut in range(len(stream) + 1):
        decoder = Decoder()
        assert decoder.feed(stream[:cut]) + decoder.feed(stream[cut:]) == whole


def test_one_byte_at_a_time_gives_the_same_chunks() -> None:
    stream, decoder = a_stream(), Decoder()
    assert list(chain.from_iterable(decoder.feed(bytes([byte])) for byte in stream)) == Decoder().feed(stream)


def test_from_any_mark_on_exactly_the_rest_is_given() -> None:
    stream = a_stream()
    chunks = Decoder().feed(stream)
    for place, chunk in enumerate(chunks):
        assert Decoder(chunk.mark).feed(stream[chunk.mark :]) == chunks[place + 1 :]


def test_an_empty_frame_is_counted_but_not_given() -> None:
    decoder = Decoder()
    assert decoder.feed(frame(OUT, b"")) == []
    assert decoder.mark == FRAME.size


def test_the_last_word_ends_it_and_what_comes_after_is_not_read() -> None:
    decoder = Decoder()
    chunks = decoder.feed(frame(OUT, b"last") + frame(EXIT, b"0") + frame(OUT, b"forged"))
    assert said(chunks) == [(OUT, b"last")]
    assert decoder.exited
    assert decoder.feed(frame(OUT, b"more")) == []


@pytest.mark.parametrize(
    "junk",
    [
        b"\x00" * 16,
        b"Traceback (most recent call last)",
        FRAME.pack(b"XX", OUT, 1, 1) + b"x",
        FRAME.pack(MAGIC, 0, 1, 1) + b"x",
        FRAME.pack(MAGIC, 9, 1, 1) + b"x",
        FRAME.pack(MAGIC, OUT, 1, MAX_PAYLOAD + 1),
        FRAME.pack(MAGIC, OUT, 1, 0xFFFFFFFF),
    ],
)
def test_what_is_no_frame_ends_the_reading_and_what_came_before_is_kept(junk: bytes) -> None:
    decoder = Decoder()
    assert said(decoder.feed(frame(OUT, b"good") + junk)) == [(OUT, b"good")]
    with pytest.raises(Garbage):
        decoder.feed(b"")


def test_no_length_makes_it_keep_more_than_the_largest_frame() -> None:
    decoder = Decoder()
    decoder.feed(FRAME.pack(MAGIC, OUT, 1, MAX_PAYLOAD))
    for _ in range(MAX_PAYLOAD // READ_BYTES):
        assert decoder.feed(b"x" * READ_BYTES) == []
    chunks = decoder.feed(b"x" * (MAX_PAYLOAD % READ_BYTES))
    assert [len(chunk.data) for chunk in chunks] == [MAX_PAYLOAD]


def test_any_bytes_at_all_give_chunks_or_garbage_never_another_error() -> None:
    rng = random.Random(3)
    for _ in range(500):
        stream = bytearray(a_stream(rng.randrange(1000), frames=5))
        for _ in range(rng.randrange(1, 6)):
            stream[rng.randrange(len(stream))] = rng.randrange(256)
        decoder = Decoder()
        try:
            decoder.feed(bytes(stream[:70]))
            decoder.feed(bytes(stream[70:]))
        except Garbage:
            pass
        assert decoder.mark <= len(stream)


# the engine's own framing


def test_only_the_standard_output_of_an_attach_stream_is_ours() -> None:
    header = struct.Struct(">BxxxI")
    stream = b"".join(header.pack(kind, 3) + data for kind, data in ((1, b"one"), (2, b"bad"), (1, b"two")))
    for cut in range(len(stream)):
        demultiplexer = Demultiplexer()
        assert demultiplexer.feed(stream[:cut]) + demultiplexer.feed(stream[cut:]) == b"onetwo"


# the stream file


@pytest.fixture
def control(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def source(control: Path) -> Iterator[FileSource]:
    source = FileSource(control)
    yield source
    source.close()


def write(control: Path, data: bytes) -> None:
    with (control / "stream").open("ab") as file:
        file.write(data)


def read(source: FileSource, mark: int = 0, gone: Callable[[], bool] = NOTHING_MORE) -> list[Chunk]:
    with gevent.Timeout(20):
        return list(chain.from_iterable(source.batches(mark, gone)))


def test_a_file_is_read_to_the_supervisors_last_word(control: Path, source: FileSource) -> None:
    write(control, a_stream() + frame(EXIT, b"0"))
    assert read(source, gone=lambda: False) == Decoder().feed(a_stream())
    assert source.exited


def test_a_container_that_died_without_a_last_word_gives_all_it_wrote(control: Path, source: FileSource) -> None:
    write(control, frame(OUT, b"whole") + frame(OUT, b"torn")[:-1])
    assert said(read(source)) == [(OUT, b"whole")]
    assert not source.exited


@pytest.mark.parametrize("payload", [b"", b"x"])
def test_a_flood_of_tiny_frames_comes_in_batches_between_which_others_get_their_turn(
    control: Path, source: FileSource, payload: bytes
) -> None:
    write(control, frame(OUT, payload) * (3 * FRAMES_AT_ONCE + 1) + frame(EXIT, b"0"))
    reader = gevent.spawn(lambda: [(gevent.sleep(0), len(batch))[1] for batch in source.batches(0, NOTHING_MORE)])
    turns = 0
    while not reader.ready():
        gevent.sleep(0)
        turns += 1
    assert turns >= 4
    assert reader.get() == ([FRAMES_AT_ONCE] * 3 + [1] if payload else [])
    assert source.exited


def test_from_any_mark_of_a_file_exactly_the_rest_is_given(control: Path) -> None:
    write(control, a_stream() + frame(EXIT, b"0"))
    chunks = Decoder().feed(a_stream())
    for place in range(0, len(chunks), 7):
        source = FileSource(control)
        assert read(source, chunks[place].mark) == chunks[place + 1 :]
        source.close()


def test_what_is_written_while_we_look_comes_as_it_is_written(control: Path, source: FileSource) -> None:
    got: list[Chunk] = []
    reader = gevent.spawn(lambda: [got.extend(batch) for batch in source.batches(0, lambda: False)])
    for number in range(5):
        write(control, frame(OUT, b"%d" % number))
        eventually(lambda: len(got) == number + 1, f"chunk {number}", 10)  # noqa: B023
    write(control, frame(EXIT, b"0"))
    reader.join(10)
    assert reader.successful()
    assert said(got) == [(OUT, b"%d" % number) for number in range(5)]


def test_where_the_kernel_gives_no_inotify_it_is_followed_all_the_same(
    control: Path, source: FileSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left() -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(streams, "INotify", none_left)
    got: list[Chunk] = []
    reader = gevent.spawn(lambda: [got.extend(batch) for batch in source.batches(0, lambda: False)])
    write(control, frame(OUT, b"one"))
    eventually(lambda: said(got) == [(OUT, b"one")], "the first piece", 10)
    write(control, frame(ERR, b"two") + frame(EXIT, b"0"))
    reader.join(10)
    assert said(got) == [(OUT, b"one"), (ERR, b"two")]


def test_a_file_that_never_comes_ends_with_the_container(source: FileSource) -> None:
    assert read(source) == []


def _link(control: Path) -> None:
    (control / "secret").write_bytes(frame(OUT, b"secret") + frame(EXIT, b"0"))
    (control / "stream").symlink_to(control / "secret")


def _folder(control: Path) -> None:
    (control / "stream").mkdir()


@pytest.mark.parametrize("plant", [_link, _folder, lambda control: os.mkfifo(control / "stream")])
def test_what_is_no_regular_file_is_never_read(
    control: Path, source: FileSource, plant: Callable[[Path], None]
) -> None:
    plant(control)
    assert read(source) == []


def test_garbage_ends_the_reading_when_the_container_ends_and_keeps_what_came_before(
    control: Path, source: FileSource
) -> None:
    write(control, frame(OUT, b"good") + b"\x00" * 100 + frame(OUT, b"unreachable"))
    ended = iter([False, False, True])
    assert said(read(source, gone=lambda: next(ended, True))) == [(OUT, b"good")]


def test_a_file_that_shrinks_gives_nothing_twice(control: Path, source: FileSource) -> None:
    write(control, frame(OUT, b"one"))
    batches = source.batches(0, NOTHING_MORE)
    assert said(next(batches)) == [(OUT, b"one")]
    os.truncate(control / "stream", 0)
    assert list(batches) == []


def test_a_huge_hole_in_the_file_is_garbage_not_memory(control: Path, source: FileSource) -> None:
    write(control, frame(OUT, b"good"))
    os.truncate(control / "stream", 1 << 40)
    assert said(read(source)) == [(OUT, b"good")]


def test_what_is_stored_elsewhere_gives_its_room_back_and_the_rest_stays(control: Path, source: FileSource) -> None:
    stream = b"".join(frame(OUT, bytes([n]) * (1 << 18)) for n in range(12))
    write(control, stream)
    batches = source.batches(0, NOTHING_MORE)
    first = list(chain.from_iterable(next(batches) for _ in range(2)))
    before = (control / "stream").stat().st_blocks
    batch = list(chain.from_iterable(next(batches) for _ in range(4)))
    source.release(batch[-1].mark)
    freed = (before - (control / "stream").stat().st_blocks) * 512
    assert freed >= PUNCH_BYTES
    assert (control / "stream").stat().st_size == len(stream)
    rest = list(chain.from_iterable(batches))
    assert b"".join(c.data[:1] for c in (*first, *batch, *rest)) == bytes(range(12))


def test_a_release_before_anything_was_read_is_harmless(source: FileSource) -> None:
    source.release(1 << 30)
