"""The WebSocket transport of Engine.IO under gevent: simple-websocket, with what it lacks in production mended.

simple-websocket 1.1.0 ignores partial writes, which corrupts the stream of every slow client; it takes messages of any
size into memory; and it waits without limit for a peer that neither reads nor closes.
"""

import logging
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import gevent
import gevent.event
import simple_websocket
from engineio.async_drivers.gevent import Thread

log = logging.getLogger(__name__)

SEND_TIMEOUT_S = 45.0  # for one message; Engine.IO gives up on a peer that is silent for as long
CLOSE_TIMEOUT_S = 5.0  # for the peer's part of the closing handshake
RECEIVE_BYTES = 64 << 10


class Wire:
    """A socket whose `send` writes all it is given, one caller at a time, or ends the connection."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._lock = threading.RLock()
        # Output goes as two small messages: without this the second waits 40 ms for the first's acknowledgement.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes) -> None:
        try:
            with self._lock, gevent.Timeout(SEND_TIMEOUT_S, TimeoutError("the client does not read")):
                self._sock.sendall(data)
        except BaseException:
            self.abort()  # part of a message may be out: nothing after it would make sense
            raise

    def recv(self, size: int) -> bytes:
        return self._sock.recv(size)

    def close(self) -> None:
        """Ends the connection; the peer has some time to take what it was sent."""
        with suppress(OSError), gevent.Timeout(CLOSE_TIMEOUT_S, False):
            self._sock.shutdown(socket.SHUT_WR)
            while self._sock.recv(RECEIVE_BYTES):
                pass  # closing with bytes unread would take back the last ones sent
        self.abort()
        self._sock.close()

    def abort(self) -> None:
        """Ends the connection for every holder of the socket."""
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)


class WebSocket(simple_websocket.Server):  # type: ignore[misc]
    """A server's end. `limit()` is the largest message taken at the moment, in bytes; a larger one ends it."""

    def __init__(self, environ: dict[str, Any], limit: Callable[[], int]) -> None:
        self._limit = limit
        self.connected = False
        # No compression: it costs more time than a local network and more memory than a window of output.
        plain = {key: value for key, value in environ.items() if key != "HTTP_SEC_WEBSOCKET_EXTENSIONS"}
        super().__init__(plain, receive_bytes=RECEIVE_BYTES, thread_class=Thread, event_class=gevent.event.Event)

    @property
    def max_message_size(self) -> int:
        """Looked at by simple-websocket for each piece of a message that arrives."""
        return self._limit()

    @max_message_size.setter
    def max_message_size(self, _size: int | None) -> None:
        pass  # set by the base class; `limit` decides

    def handshake(self) -> None:
        self.sock: Any = Wire(self.sock)
        super().handshake()

    def close(self, reason: int | None = None, message: str | None = None) -> None:
        super().close(reason, message)
        gevent.spawn_later(CLOSE_TIMEOUT_S, self.sock.abort)

    def _thread(self) -> None:
        try:
            super()._thread()
        finally:
            self.connected = False
            self.event.set()  # whoever receives learns of the end


class WebSocketTransport:
    """What Engine.IO expects of a WebSocket: made for its `handler`, called as a WSGI application.

    `limit(sid)` is the largest message that Engine.IO's session `sid` may send.
    """

    def __init__(self, handler: Callable[["WebSocketTransport"], Iterable[bytes]], limit: Callable[[str], int]) -> None:
        self._handler = handler
        self._limit = limit

    def __call__(self, environ: dict[str, Any], _start_response: Callable[..., Any]) -> Iterable[bytes]:
        session = self._handler.__self__  # type: ignore[attr-defined]  # a bound method of engineio's Socket
        self._ws = WebSocket(environ, lambda: self._limit(session.sid))
        try:
            return self._handler(self)
        except Exception as error:  # engineio does not guard its parsing, and would keep the session
            log.warning("a client sent what is not Engine.IO: %s", type(error).__name__)
            session.close(wait=False)
            return []
        finally:
            self.close()
            self._ws.thread.join()
            stream = environ["wsgi.input"]
            getattr(stream, "rfile", stream).close()  # the web server is not to take what still comes for a request

    def send(self, message: str | bytes) -> None:
        try:
            self._ws.send(message)
        except simple_websocket.ConnectionClosed as error:
            raise OSError("the connection is closed") from error

    def wait(self) -> str | bytes | None:
        """The next message; None when there will be no more."""
        try:
            message: str | bytes | None = self._ws.receive()
        except simple_websocket.ConnectionClosed:
            return None
        return message

    def close(self) -> None:
        if self._ws.connected:
            self._ws.close()
