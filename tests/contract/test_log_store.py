"""Every LogStore keeps these promises."""

import random
from pathlib import Path

import pytest

from server.domain.ports import Chunk, LogEvent, LogStore, Stream
from server.stores.logs_file import FileLogStore

OUT, ERR, EVENT = Stream.STDOUT, Stream.STDERR, Stream.EVENT


@pytest.fixture
def store(tmp_path: Path) -> LogStore:
    return FileLogStore(tmp_path)


def read_all(store: LogStore, offset: int = 0, limit: int = 65536) -> list[tuple[Stream, bytes]]:
    pieces = []
    while piece := store.read("run", offset, limit):
        assert piece.offset == offset
        assert 0 < len(piece.data) <= limit
        pieces.append((piece.stream, piece.data))
        offset = piece.end
    return pieces


def test_output_is_read_back_byte_for_byte_and_by_stream(store: LogStore) -> None:
    position = store.append("run", [Chunk(OUT, b"a\x00\xff", 10), Chunk(ERR, b"warn", 20), Chunk(OUT, b"b", 30)])
    assert (position.offset, position.mark) == (8, 30)
    assert read_all(store) == [(OUT, b"a\x00\xff"), (ERR, b"warn"), (OUT, b"b")]


def test_any_offset_and_any_limit_give_the_same_bytes(store: LogStore) -> None:
    rng = random.Random(7)
    whole = b""
    for number in range(200):
        chunks = [
            Chunk(rng.choice((OUT, OUT, ERR, EVENT)), rng.randbytes(rng.randrange(1, 300)), number, number * 10**7)
            for _ in range(rng.randrange(1, 5))
        ]
        store.append("run", chunks)
        whole += b"".join(c.data for c in chunks if c.stream is not EVENT)
    for offset in (0, 1, 77, len(whole) // 2, len(whole) - 1, len(whole)):
        for limit in (1000, 65536):
            assert b"".join(data for _, data in read_all(store, offset, limit)) == whole[offset:]


def test_events_are_kept_apart_from_the_offsets(store: LogStore) -> None:
    position = store.append("run", [Chunk(OUT, b"x", 1), Chunk(EVENT, b"{}\n", 2), Chunk(OUT, b"y", 3)])
    assert position.offset == 2
    assert read_all(store) == [(OUT, b"xy")]
    events, after = store.read_events("run", 0, 1000)
    assert events == [LogEvent(1, b"{}\n")]
    assert store.read_events("run", after, 1000) == ([], after)


def test_each_event_tells_how_much_output_came_before_it(store: LogStore) -> None:
    rng, told, length = random.Random(11), [], 0
    for number in range(300):
        chunks = [
            Chunk(rng.choice((OUT, ERR, EVENT)), rng.randbytes(rng.randrange(1, 90)), number, number * 10**7)
            for _ in range(rng.randrange(1, 7))
        ]
        store.append("run", chunks)
        for chunk in chunks:
            if chunk.stream is EVENT:
                told.append(LogEvent(length, chunk.data))
            else:
                length += len(chunk.data)
    for limit in (1, 1000, 1 << 20):
        found: list[LogEvent] = []
        offset = 0
        while page := store.read_events("run", offset, limit)[0]:
            found += page
            offset = store.read_events("run", offset, limit)[1]
        assert found == told


@pytest.mark.parametrize("offset", [1, 3, 5, 6, 1000, 10**18 - 1])
def test_events_from_where_none_begins_are_none(store: LogStore, offset: int) -> None:
    store.append("run", [Chunk(EVENT, b"{}\n", 1)])
    assert store.read_events("run", offset, 1000)[0] == []


def test_nothing_there_reads_as_empty(store: LogStore) -> None:
    assert store.read("run", 0, 10) is None
    assert store.read_events("run", 0, 10) == ([], 0)
    assert store.position("run").offset == 0


def test_what_was_kept_back_is_told_with_the_mark_it_belongs_to(store: LogStore) -> None:
    most = (1 << 56) - 1
    assert store.append("run", [Chunk(OUT, b"a", 1, held=5), Chunk(OUT, b"b", 2, held=most)]).held == most
    store.seal("run")
    position = store.position("run")
    assert (position.mark, position.held) == (2, most)
    assert store.append("run", [Chunk(EVENT, b"", 3)]).held == 0


def test_a_sealed_log_is_still_readable_and_a_deleted_one_is_gone(store: LogStore) -> None:
    store.append("run", [Chunk(OUT, b"kept", 4)])
    store.seal("run")
    store.seal("run")
    assert read_all(store) == [(OUT, b"kept")]
    store.delete("run")
    assert store.read("run", 0, 10) is None


def test_a_torn_end_is_cut_off_and_the_source_read_again_from_the_last_mark(tmp_path: Path) -> None:
    before = FileLogStore(tmp_path)
    before.append("run", [Chunk(OUT, b"whole", 5, 1), Chunk(ERR, b"also", 9, 1)])
    for name, junk in (("data", b"torn"), ("events", b"torn"), ("index", b"half a record")):
        with (tmp_path / "run" / name).open("ab") as file:
            file.write(junk)
    after = FileLogStore(tmp_path)
    assert after.position("run").mark == 9
    assert after.append("run", [Chunk(OUT, b"next", 13, 2)]).offset == 13
    assert read_all(after) == [(OUT, b"whole"), (ERR, b"also"), (OUT, b"next")]


def test_a_lost_tail_of_the_data_takes_its_records_with_it(tmp_path: Path) -> None:
    before = FileLogStore(tmp_path)
    before.append("run", [Chunk(OUT, b"first", 5, 1)])
    before.append("run", [Chunk(ERR, b"second", 11, 1)])
    with (tmp_path / "run" / "data").open("r+b") as file:
        file.truncate(7)
    after = FileLogStore(tmp_path)
    assert after.append("run", [Chunk(ERR, b"second", 11, 2)]).offset == 11
    assert read_all(after) == [(OUT, b"first"), (ERR, b"second")]


def test_many_small_pieces_of_one_stream_cost_few_records(tmp_path: Path) -> None:
    store = FileLogStore(tmp_path)
    for number in range(1000):
        store.append("run", [Chunk(OUT, b"line\n", number, 1)])
    assert store.position("run").records == 1
