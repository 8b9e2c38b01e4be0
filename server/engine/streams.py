"""The frames that a sandbox's supervisor writes, and the two ways they reach us.

A log source gives the same frames whatever way they came: `FileSource` follows the stream file on the run's control
mount (exact over a crash of ours and of the engine's); `AttachSource` reads the engine's attach stream (for an engine
on another host; exact while we live).

The file is written by a program's user: it is opened without following links, must be a regular file, is never mapped,
and garbage in it ends the reading, not the reader.
"""

import ctypes
import os
import stat
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from gevent import Timeout, sleep
from gevent.socket import wait_read
from inotify_simple import INotify, flags

from server.domain.ports import Chunk, Stream
from server.turns import give_way

FRAME = struct.Struct(">2sBxQI")
MAGIC = b"\xb7M"
EXIT, READY = 4, 5
MAX_PAYLOAD = (4 << 20) + 4096
# Of a flood, so much is dealt with before the others get a turn: about a millisecond's worth.
READ_BYTES = 1 << 18
FRAMES_AT_ONCE = 256
PUNCH_BYTES = 1 << 20  # so much is freed at a time
POLL_S = 0.5  # gVisor and lost events: how long we trust in a wake-up at the most
POLLING_S = 0.02  # without inotify
_PUNCH_HOLE_KEEP_SIZE = 3
_PAGE = 4096
_STREAMS = {int(s): s for s in (Stream.STDOUT, Stream.STDERR, Stream.EVENT)}
_KINDS = frozenset({*_STREAMS, EXIT, READY})
_DIGITS = 4  # an exit code has fewer
_libc = ctypes.CDLL(None, use_errno=True)


class Garbage(Exception):
    """What was read is not a frame."""


@dataclass(slots=True)
class Decoder:
    """Cuts bytes into chunks; `mark` counts the bytes of whole frames since the beginning of the stream.

    `code` is what the supervisor's last word says; `ready` what it said before its job came, if it has said so.
    """

    mark: int = 0
    exited: bool = False
    code: int | None = None
    ready: bytes | None = None
    pending: bool = False  # are whole frames left for the next `feed`, perhaps
    _buffer: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> list[Chunk]:
        """The whole frames in what has come so far, FRAMES_AT_ONCE at the most; the rest comes with the next call.

        Raises Garbage when the next bytes can't be a frame.
        """
        self._buffer += data
        chunks: list[Chunk] = []
        start, buffer, left = 0, self._buffer, FRAMES_AT_ONCE
        while left and not self.exited and len(buffer) - start >= FRAME.size:
            magic, kind, time_ns, length = FRAME.unpack_from(buffer, start)
            if magic != MAGIC or length > MAX_PAYLOAD or kind not in _KINDS:
                if chunks:
                    break
                raise Garbage
            end = start + FRAME.size + length
            if len(buffer) < end:
                break
            self.mark += end - start
            payload = bytes(buffer[start + FRAME.size : end])
            if kind == EXIT:
                self.exited, self.code = True, int(payload) if payload.isdigit() and length < _DIGITS else None
            elif kind == READY:
                self.ready = payload
            elif length:
                chunks.append(Chunk(_STREAMS[kind], payload, self.mark, time_ns))
            start, left = end, left - 1
        del buffer[:start]
        self.pending = not left
        return chunks


class LogSource(Protocol):
    def await_ready(self, timeout: float, gone: Callable[[], bool]) -> bytes | None:
        """What the supervisor says once it has made itself ready; None after `timeout` seconds, or when it is gone."""

    def batches(self, mark: int, gone: Callable[[], bool]) -> Iterator[list[Chunk]]:
        """Chunks from `mark` on, as they come, to the supervisor's last word; or, when `gone` says that the container
        has ended, to the end of what there is."""

    def release(self, mark: int) -> None:
        """Frees what came before `mark`."""

    @property
    def exited(self) -> bool:
        """Was the supervisor's last word among what was read."""

    @property
    def code(self) -> int | None:
        """The program's exit code, by that word."""

    @property
    def mark(self) -> int:
        """How far it was read."""


class FileSource:
    """Follows the stream file in the folder `control`, woken by inotify."""

    def __init__(self, control: Path) -> None:
        self._path = control / "stream"
        self._control = control
        self._fd = -1
        self._released = 0
        self._decoder = Decoder()

    @property
    def exited(self) -> bool:
        return self._decoder.exited

    @property
    def code(self) -> int | None:
        return self._decoder.code

    @property
    def mark(self) -> int:
        return self._decoder.mark

    def await_ready(self, timeout: float, gone: Callable[[], bool]) -> bytes | None:
        decoder, position, until = Decoder(), 0, time.monotonic() + timeout
        with _Alarm(self._control) as alarm:
            while decoder.ready is None and not gone() and time.monotonic() < until:
                data = self._read(position)
                position += len(data)
                decoder.feed(data)
                if not data:
                    alarm.wait(POLL_S)
        return decoder.ready

    def batches(self, mark: int, gone: Callable[[], bool]) -> Iterator[list[Chunk]]:
        self._decoder = Decoder(mark)
        position = mark
        with _Alarm(self._control) as alarm:
            while not self._decoder.exited:
                ended = gone()  # asked before the read: what it wrote until then is there to be read
                more = self._decoder.pending
                data = b"" if more else self._read(position)
                position += len(data)
                try:
                    chunks = self._decoder.feed(data)
                except Garbage:
                    alarm.wait_until(gone)
                    return
                if chunks:
                    yield chunks
                elif data or more:
                    give_way()  # a program that forges empty frames must not keep the others waiting
                elif ended:
                    return
                else:
                    alarm.wait(POLL_S)

    def release(self, mark: int) -> None:
        end = mark // _PAGE * _PAGE
        if self._fd >= 0 and end - self._released >= PUNCH_BYTES:
            offset, length = ctypes.c_long(self._released), ctypes.c_long(end - self._released)
            _libc.fallocate(self._fd, _PUNCH_HOLE_KEEP_SIZE, offset, length)
            self._released = end

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _read(self, position: int) -> bytes:
        if self._fd < 0 and not self._open():
            return b""
        return os.pread(self._fd, READ_BYTES, position)

    def _open(self) -> bool:
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return False
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            return False
        self._fd = fd
        return True


class AttachSource:
    """Reads frames from an attach connection that was made before the container started."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._decoder = Decoder()
        self._demultiplexer = Demultiplexer()
        self._early = b""  # what came before anybody asked for output

    @property
    def exited(self) -> bool:
        return self._decoder.exited

    @property
    def code(self) -> int | None:
        return self._decoder.code

    @property
    def mark(self) -> int:
        return self._decoder.mark

    def await_ready(self, timeout: float, gone: Callable[[], bool]) -> bytes | None:
        decoder, until, sock = Decoder(), time.monotonic() + timeout, self._connect()
        while decoder.ready is None and not gone() and time.monotonic() < until:
            data = _receive(sock)
            if data == b"":
                break
            payload = self._demultiplexer.feed(data or b"")
            self._early += payload
            decoder.feed(payload)
        return decoder.ready

    def batches(self, mark: int, gone: Callable[[], bool]) -> Iterator[list[Chunk]]:
        """`mark` is only counted on from: what came while nobody was attached is gone."""
        self._decoder = Decoder(mark)
        self._decoder.feed(self._early if mark == 0 else b"")
        sock = self._connect()
        synchronised = mark == 0
        while not self._decoder.exited:
            data = None if self._decoder.pending else _receive(sock)
            if data is None and not self._decoder.pending and gone():
                return
            if data == b"":
                return
            payload = self._demultiplexer.feed(data or b"")
            if not synchronised:
                payload = payload[payload.find(MAGIC) :] if MAGIC in payload else b""
                synchronised = bool(payload)
            try:
                chunks = self._decoder.feed(payload)
            except Garbage:
                return
            if chunks:
                yield chunks

    def release(self, mark: int) -> None:
        """The engine keeps nothing."""

    def close(self) -> None:
        """The connection is its sandbox's."""


class Demultiplexer:
    """The engine's own framing of an attach stream: a byte for the stream, three of nothing, a length, the bytes."""

    _HEADER = struct.Struct(">BxxxI")

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> bytes:
        """The standard output's bytes in what has come."""
        self._buffer += data
        out, start = [], 0
        while len(self._buffer) - start >= self._HEADER.size:
            kind, length = self._HEADER.unpack_from(self._buffer, start)
            end = start + self._HEADER.size + length
            if len(self._buffer) < end:
                break
            if kind == 1:
                out.append(bytes(self._buffer[start + self._HEADER.size : end]))
            start = end
        del self._buffer[:start]
        return b"".join(out)


def _receive(sock: Any) -> bytes | None:
    """What has come within POLL_S seconds: None for nothing, b"" for the end of the connection."""
    with Timeout(POLL_S, False):
        try:
            wait_read(sock.fileno())
            return bytes(sock.recv(READ_BYTES))
        except OSError:
            return b""
    return None


class _Alarm:
    """Rings when something in a folder changes. The kernel gives a user few inotify instances: without one it polls."""

    def __init__(self, folder: Path) -> None:
        self._inotify: INotify | None = None
        with suppress(OSError):
            self._inotify = INotify()
            self._inotify.add_watch(folder, flags.MODIFY | flags.CREATE)

    def __enter__(self) -> "_Alarm":
        return self

    def __exit__(self, *_: object) -> None:
        if self._inotify is not None:
            self._inotify.close()

    def wait(self, seconds: float) -> None:
        """Until it rings, at most so long."""
        if self._inotify is None:
            sleep(min(seconds, POLLING_S))
            return
        with Timeout(seconds, False):
            wait_read(self._inotify.fileno())
        self._inotify.read(timeout=0)

    def wait_until(self, true: Callable[[], bool]) -> None:
        while not true():
            self.wait(POLL_S)
