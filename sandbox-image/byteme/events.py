"""The way out of the sandbox for events: one Unix stream socket per process, opened at the first event, and one for
each event whose place among the lines of output matters.

The address is $BYTEME_EVENTS; a leading "@" means the abstract namespace. A message is two big-endian 32-bit lengths,
a JSON header of the first length and a body of the second. The other side closes a connection that we have ended once
all that came over it stands in the run's stream, behind what was printed before.

A run must never fail because nobody listens: without an address events are dropped in silence, and once the other side
is gone or stalled, after one line on standard error.
"""

import json
import os
import socket
import struct
import sys
import threading
from collections.abc import Mapping

LENGTHS = struct.Struct(">II")
TIMEOUT_S = 10.0


class Channel:
    """Sends events; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._closed = False

    def send(self, header: Mapping[str, object], body: bytes = b"", *, in_place: bool = False) -> None:
        """Send one event. Never raises for want of a listener."""
        encoded = json.dumps(header).encode()
        deliver = _deliver_in_place if in_place else self._deliver
        with self._lock:
            if self._closed:
                return
            try:
                deliver(LENGTHS.pack(len(encoded), len(body)) + encoded + body)
            except OSError as error:
                self._give_up(error)

    def close(self) -> None:
        """Drop the connection, without a word to the other side's other holders of it."""
        self._closed = True
        if self._socket is not None:
            self._socket.close()

    def _deliver(self, message: bytes) -> None:
        if self._socket is None:
            self._socket = _connect()
        if self._socket is not None:
            self._socket.sendall(message)

    def _give_up(self, error: OSError) -> None:
        self.close()
        print(f"byteme: metrics and figures are not delivered any more: {error}", file=sys.stderr)


def _connect() -> socket.socket | None:
    """A connection to whoever listens; None without an address."""
    address = os.environ.get("BYTEME_EVENTS")
    if not address:
        return None
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect("\0" + address[1:] if address.startswith("@") else address)
    except OSError:
        connection.close()
        raise
    connection.settimeout(TIMEOUT_S)  # only now: a connection that may not wait fails when many are made
    return connection


def _deliver_in_place(message: bytes) -> None:
    """Returns once it stands in the stream: what is printed from then on comes after it."""
    connection = _connect()
    if connection is None:
        return
    with connection:
        connection.sendall(message)
        connection.shutdown(socket.SHUT_WR)  # of copies that forked children hold, too
        connection.recv(1)


_channel = Channel()


def _renew() -> None:
    """A forked child shares neither the connection (messages would interleave) nor the lock (it may be held)."""
    global _channel  # noqa: PLW0603
    _channel.close()
    _channel = Channel()


os.register_at_fork(after_in_child=_renew)


def send(header: Mapping[str, object], body: bytes = b"", *, in_place: bool = False) -> None:
    """Send one event. Never raises for want of a listener.

    `in_place` takes a little longer, and keeps its place among what the program prints before and afterwards.
    """
    _channel.send(header, body, in_place=in_place)
