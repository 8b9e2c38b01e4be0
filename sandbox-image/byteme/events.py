"""The way out of the sandbox for events: one Unix stream socket per process, opened at the first event, and one for
each event whose place among the lines of output matters.

The address is $BYTEME_EVENTS; a leading "@" means the abstract namespace. A message is two big-endian 32-bit lengths,
a JSON header of the first length and a body of the second. The other side closes a connection that we have ended once
all that came over it stands in the run's stream, behind what was printed before.

While the other side has no room we wait, as `print` does. A run must never fail because nobody listens: without an
address events are dropped in silence, and once the other side is gone, after one line on standard error.
"""

import collections
import json
import os
import socket
import struct
import sys
import threading
from collections.abc import Mapping

LENGTHS = struct.Struct(">II")


class Channel:
    """Sends events; safe to share between threads, and with handlers of signals."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._waiting: collections.deque[bytes] = collections.deque()
        self._sending = False
        self._socket: socket.socket | None = None
        self._in_place: set[socket.socket] = set()
        self._closed = False
        self._told_of_figures = False

    def send(self, header: Mapping[str, object], body: bytes = b"", *, in_place: bool = False) -> None:
        """Send one event. Never raises for want of a listener."""
        encoded = json.dumps(header).encode()
        message = LENGTHS.pack(len(encoded), len(body)) + encoded + body
        if in_place:
            self._send_in_place(message)
        else:
            self._waiting.append(message)
            self._send_waiting()

    def close(self) -> None:
        """Drop all connections, without a word to the other side's other holders of them."""
        self._closed = True
        for connection in [self._socket, *self._in_place]:
            if connection is not None:
                connection.close()

    def _send_waiting(self) -> None:
        """A handler of a signal that comes while its own thread sends leaves its message to that: it stays whole."""
        with self._lock:
            while self._waiting and not self._sending:
                self._sending = True
                try:
                    self._deliver(self._waiting.popleft())
                except OSError as error:
                    self._give_up(error)
                finally:
                    self._sending = False

    def _deliver(self, message: bytes) -> None:
        if self._closed:
            return
        if self._socket is None:
            self._socket = _connect()
        if self._socket is None:
            return
        try:
            self._socket.sendall(message)
        except BaseException:  # a handler's, too: nothing can follow half a message
            self._socket.close()
            self._socket = None
            raise

    def _give_up(self, error: OSError) -> None:
        self._closed = True
        print(f"byteme: metrics are not delivered any more: {error}", file=sys.stderr)

    def _send_in_place(self, message: bytes) -> None:
        """Keeps nobody else waiting: what fails here, or takes long, is this one figure."""
        try:
            connection = _connect()
            if connection is not None:
                self._in_place.add(connection)
                try:
                    _show(connection, message)
                finally:
                    self._in_place.discard(connection)
        except OSError as error:
            if not self._told_of_figures:
                self._told_of_figures = True
                print(f"byteme: a figure was not delivered, and others may not be: {error}", file=sys.stderr)


def _show(connection: socket.socket, message: bytes) -> None:
    """Returns once it stands in the stream: what is printed from then on comes after it."""
    with connection:
        connection.sendall(message)
        connection.shutdown(socket.SHUT_WR)  # of copies that forked children hold, too
        connection.recv(1)


def _connect() -> socket.socket | None:
    """A connection to whoever listens; None without an address."""
    address = os.environ.get("BYTEME_EVENTS")
    if not address:
        return None
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(None)  # whatever the program's default is
        connection.connect("\0" + address[1:] if address.startswith("@") else address)
    except OSError:
        connection.close()
        raise
    return connection


_channel = Channel()


def _renew() -> None:
    """A forked child shares neither the connections (messages would interleave) nor the lock (it may be held)."""
    global _channel  # noqa: PLW0603
    _channel.close()
    _channel = Channel()


os.register_at_fork(after_in_child=_renew)


def send(header: Mapping[str, object], body: bytes = b"", *, in_place: bool = False) -> None:
    """Send one event. Never raises for want of a listener.

    `in_place` takes a little longer, and keeps its place among what the program prints before and afterwards.
    """
    _channel.send(header, body, in_place=in_place)
