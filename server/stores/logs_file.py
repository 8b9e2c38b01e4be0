"""The output of runs in files: one folder a run, three append-only files in it.

    data     the bytes of stdout and stderr, in order of arrival
    events   metrics and figures: a length, then the record, repeated
    index    fixed-size records: how far data and events reach, the source's mark, time, whose bytes they are, and
             what was kept back

`index` is written last, so it tells what is whole: after a crash the other two are cut back to its last record, and
the source is read again from that record's mark. Nothing is lost and nothing is stored twice.
"""

import os
import shutil
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from server.domain.ports import Chunk, LogEvent, LogPiece, Position, Stream

_RECORD = struct.Struct("<QQQQB7s")  # end of data, end of events, mark, time in ns, stream, what was kept back
_HELD_BYTES = 7
_LENGTH = struct.Struct("<I")
_MERGE_NS = 1_000_000_000  # pieces of one stream this close in time share a record
_MERGE_BYTES = 1 << 16
_READ_RECORDS = 256


@dataclass(slots=True)
class _Record:
    data_end: int
    events_end: int
    mark: int
    time_ns: int
    stream: Stream
    held: int = 0

    def pack(self) -> bytes:
        held = self.held.to_bytes(_HELD_BYTES, "little")
        return _RECORD.pack(self.data_end, self.events_end, self.mark, self.time_ns, self.stream, held)


_NOTHING = _Record(0, 0, 0, 0, Stream.SYSTEM)


class _Writer:
    """The open files of one run. Made by its first append; cuts off a torn end then."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._files = ExitStack()
        with self._files:  # closed again unless all of them could be opened
            self.data, self.events, self.index = (self._open(folder / name) for name in ("data", "events", "index"))
            self.count, self.last = _recover(self.data, self.events, self.index)
            self._files = self._files.pop_all()
        self.last_start = self.last.data_end  # where the last record's data begins; unknown after a crash: not merged

    def _open(self, path: Path) -> int:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._files.callback(os.close, fd)
        return fd

    def append(self, chunks: Sequence[Chunk]) -> Position:
        records = list(self._records(chunks))
        _write_at(self.data, b"".join(c.data for c in chunks if c.stream is not Stream.EVENT), self.last.data_end)
        events = b"".join(_LENGTH.pack(len(c.data)) + c.data for c in chunks if c.stream is Stream.EVENT)
        _write_at(self.events, events, self.last.events_end)
        merged = self._merges(records[0]) if records else False
        first = self.count - merged
        _write_at(self.index, b"".join(r.pack() for r in records), first * _RECORD.size)
        self._advance(records, first)
        return self.position

    def _records(self, chunks: Sequence[Chunk]) -> Iterator[_Record]:
        """One record for each stretch of one stream."""
        record = _Record(self.last.data_end, self.last.events_end, self.last.mark, 0, Stream.SYSTEM)
        for chunk in chunks:
            if chunk.stream is not record.stream and record.stream is not Stream.SYSTEM:
                yield record
                record = _Record(record.data_end, record.events_end, record.mark, 0, Stream.SYSTEM)
            if chunk.stream is Stream.EVENT:
                record.events_end += _LENGTH.size + len(chunk.data)
            else:
                record.data_end += len(chunk.data)
            record.mark, record.time_ns, record.stream = chunk.mark, record.time_ns or chunk.time_ns, chunk.stream
            record.held = chunk.held
        if record.stream is not Stream.SYSTEM:
            yield record

    def _merges(self, record: _Record) -> bool:
        last = self.last
        return (
            self.count > 0
            and record.stream is last.stream
            and record.time_ns - last.time_ns < _MERGE_NS
            and record.data_end - self.last_start <= _MERGE_BYTES
            and self.last_start < last.data_end
        )

    def _advance(self, records: list[_Record], first: int) -> None:
        if not records:
            return
        merged = first < self.count
        if merged:
            records[0].time_ns = self.last.time_ns
        if len(records) > 1:
            self.last_start = records[-2].data_end
        elif not merged:
            self.last_start = self.last.data_end
        self.count, self.last = first + len(records), records[-1]

    @property
    def position(self) -> Position:
        last = self.last  # one that is whole, whatever is being appended beside the loop
        return Position(last.data_end, last.events_end, last.mark, self.count, last.held)

    def close(self, *, durable: bool = False) -> None:
        with self._files:
            for fd in (self.data, self.events, self.index) if durable else ():
                os.fsync(fd)


class FileLogStore:
    """A LogStore below `root`, for one process."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._writers: dict[str, _Writer] = {}

    def append(self, run_id: str, chunks: Sequence[Chunk]) -> Position:
        """Stores `chunks` in order; raises OSError when the disk does not take them, and then none counts as stored."""
        return self._writer(run_id).append(chunks)

    def position(self, run_id: str) -> Position:
        writer = self._writers.get(run_id)
        if writer is not None:
            return writer.position
        count, record = self._last_record(run_id)
        return Position(record.data_end, record.events_end, record.mark, count, record.held)

    def read(self, run_id: str, offset: int, limit: int) -> LogPiece | None:
        with suppress(FileNotFoundError), (self._folder(run_id) / "index").open("rb", buffering=0) as index:
            stretch = _stretch(index.fileno(), offset, limit)
            if stretch is not None:
                stream, end = stretch
                with (self._folder(run_id) / "data").open("rb", buffering=0) as data:
                    return LogPiece(offset, stream, os.pread(data.fileno(), end - offset, offset))
        return None

    def read_events(self, run_id: str, offset: int, limit: int) -> tuple[list[LogEvent], int]:
        end, found, size = self.position(run_id).events, [], 0
        if offset >= end:
            return [], offset  # a client's, it may be larger than any file
        folder = self._folder(run_id)
        with suppress(FileNotFoundError), ExitStack() as files:
            index, file = (files.enter_context((folder / name).open("rb")) for name in ("index", "events"))
            places = _Places(index.fileno())
            file.seek(offset)
            while offset + _LENGTH.size <= end and size < limit:
                (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
                if offset + _LENGTH.size + length > end:
                    break  # `offset` is not where a record begins
                offset += _LENGTH.size + length
                size += length
                found.append(LogEvent(places.of(offset), file.read(length)))
        return found, offset

    def seal(self, run_id: str) -> None:
        writer = self._writers.pop(run_id, None)
        if writer is not None:
            writer.close(durable=True)

    def delete(self, run_id: str) -> None:
        writer = self._writers.pop(run_id, None)
        if writer is not None:
            writer.close()
        shutil.rmtree(self._folder(run_id), ignore_errors=True)

    def _folder(self, run_id: str) -> Path:
        return self._root / run_id

    def _writer(self, run_id: str) -> _Writer:
        if run_id not in self._writers:
            self._writers[run_id] = _Writer(self._folder(run_id))
        return self._writers[run_id]

    def _last_record(self, run_id: str) -> tuple[int, _Record]:
        with suppress(FileNotFoundError), (self._folder(run_id) / "index").open("rb", buffering=0) as index:
            if count := os.fstat(index.fileno()).st_size // _RECORD.size:
                return count, _record(index.fileno(), count - 1)
        return 0, _NOTHING


def _recover(data: int, events: int, index: int) -> tuple[int, _Record]:
    """The number of records that are whole, and the last; what goes beyond it is cut off."""
    count = os.fstat(index).st_size // _RECORD.size
    data_size, events_size = os.fstat(data).st_size, os.fstat(events).st_size
    last = _NOTHING
    while count:
        record = _record(index, count - 1)
        if record.data_end <= data_size and record.events_end <= events_size:
            last = record
            break
        count -= 1
    os.ftruncate(index, count * _RECORD.size)
    os.ftruncate(data, last.data_end)
    os.ftruncate(events, last.events_end)
    return count, last


def _record(index: int, number: int) -> _Record:
    data, events, mark, time_ns, stream, held = _RECORD.unpack(os.pread(index, _RECORD.size, number * _RECORD.size))
    return _Record(data, events, mark, time_ns, Stream(stream), int.from_bytes(held, "little"))


def _stretch(index: int, offset: int, limit: int) -> tuple[Stream, int] | None:
    """The stream of the byte at `offset`, and where that stream's bytes end, at most `limit` on; None past the end."""
    count = os.fstat(index).st_size // _RECORD.size
    first = bisect_right(range(count), offset, key=lambda number: _record(index, number).data_end)
    if first == count:
        return None
    stream, end = None, offset
    for *numbers, kind, _held in _records(index, first):
        if kind == Stream.EVENT:
            continue
        if stream is not None and (kind != stream or end - offset >= limit):
            break
        stream, end = Stream(kind), numbers[0]
    return (stream, min(end, offset + limit)) if stream is not None else None


def _records(index: int, first: int) -> Iterator[tuple[int, ...]]:
    """Some records, unpacked, from the number `first` on."""
    raw = os.pread(index, _READ_RECORDS * _RECORD.size, first * _RECORD.size)
    return _RECORD.iter_unpack(raw[: len(raw) // _RECORD.size * _RECORD.size])


class _Places:
    """How much output there was before each event of a page."""

    def __init__(self, index: int) -> None:
        self._index = index
        self._records: Iterator[tuple[int, ...]] = iter(())
        self._data_end = self._events_end = 0

    def of(self, events_end: int) -> int:
        """For the event that ends there; ask in order."""
        while self._events_end < events_end:
            record = next(self._records, None)
            if record is None:  # not among those that were read together: there may be very many before it
                self._records = _records(self._index, self._first(events_end))
                record = next(self._records)
            self._data_end, self._events_end = record[:2]
        return self._data_end

    def _first(self, events_end: int) -> int:
        """The number of the record with which that byte of the event log was reached."""
        count = os.fstat(self._index).st_size // _RECORD.size
        return bisect_left(range(count), events_end, key=lambda number: _record(self._index, number).events_end)


def _write_at(fd: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(fd, view, offset)
        view, offset = view[written:], offset + written
