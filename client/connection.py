"""One Socket.IO connection over a WebSocket.

Not python-socketio's client: that one starts a thread for each message, so binary chunks can overtake each other, and
acknowledges an event when its handler returns, so a slow reader of output either stops the heartbeat or acknowledges
what it has not consumed. Here one thread reads, in order, into a bounded inbox, and the consumer acknowledges.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import websocket

from client import wire
from client.errors import ConnectionFailed, ConnectionLost, api_error
from client.http import USER_AGENT
from client.inbox import Inbox

__all__ = ["Connection", "Message"]

# Far above the eight chunks of output a server may have under way; only a flood of metrics ever fills it.
INBOX_SIZE = 1024
_DEAD = (websocket.WebSocketException, OSError)


@dataclass(frozen=True)
class Message:
    """An event from the server; `id` is set when it wants to be acknowledged. `token` was in use when it came."""

    name: str
    data: Any
    id: int | None
    token: str


class Connection:
    """Connected and authenticated when made.

    Raises ConnectionFailed if the server cannot be reached, NotSignedIn (or another ApiError) if it refuses the token.
    `messages` belongs to one thread; `call` and `close` may be used from any.
    """

    def __init__(self, url: str, token: str, timeout: float = 10.0) -> None:
        self._send_lock = threading.Lock()
        self._ids = itertools.count(1)
        self._calls: dict[int, Future[Any]] = {}
        self._inbox: Inbox[Message] = Inbox(INBOX_SIZE)
        self.token = token
        self._socket = _open(url, timeout)
        try:
            self._handshake(token)
        except BaseException:
            self._socket.shutdown()  # type: ignore[no-untyped-call]
            raise
        threading.Thread(target=self._read_all, name="byteme-connection", daemon=True).start()

    def call(self, event: str, data: Mapping[str, Any], timeout: float | None = 30.0) -> Any:
        """Send an event and return its acknowledgement.

        Raises ApiError if the server answers with a problem, ConnectionLost if no answer comes within `timeout`
        seconds (None: as long as the connection lives).
        """
        number, answer = next(self._ids), Future[Any]()
        self._calls[number] = answer
        try:
            if self._inbox.ended:
                raise ConnectionLost("the connection was closed")
            self._send(wire.Packet(wire.EVENT, [event, data], number))
            return _unwrapped(answer.result(timeout))
        except TimeoutError:
            raise ConnectionLost(f"no answer to {event} in {timeout:g} s") from None
        finally:
            self._calls.pop(number, None)

    def messages(self) -> Iterator[Message]:
        """Events in order of arrival; each is acknowledged when the next one is asked for. Raises ConnectionLost."""
        while True:
            message = self._inbox.get()
            yield message
            if message.id is not None:
                self._send(wire.Packet(wire.ACK, [], message.id))

    def refresh(self, token: str) -> None:
        """Go on under a new access token."""
        self.call("auth:refresh", {"token": token})
        self.token = token

    def close(self) -> None:
        """Ends every call and `messages`, at once; safe to repeat."""
        self._end(ConnectionLost("the connection was closed"))

    def _handshake(self, token: str) -> None:
        try:
            timing = _opened(self._socket.recv())
            self._send(wire.Packet(wire.CONNECT, {"token": token}))
            while (text := self._socket.recv()) == wire.PING:
                self._socket.send(wire.PONG)
        except _DEAD as error:
            raise ConnectionFailed(f"the server broke off the handshake: {error}") from error
        _accept(wire.decode(str(text)))
        self._socket.settimeout(timing)

    def _send(self, packet: wire.Packet) -> None:
        try:
            with self._send_lock:
                for part in wire.encode(packet):
                    self._socket.send_binary(part) if isinstance(part, bytes) else self._socket.send(part)
        except _DEAD as error:
            raise ConnectionLost(str(error)) from error

    def _end(self, error: ConnectionLost) -> None:
        self._inbox.end(error)
        self._socket.abort()  # type: ignore[no-untyped-call]
        for call in list(self._calls.values()):
            _settle(call, error)

    def _read_all(self) -> None:
        reason = "the server closed the connection"
        try:
            while self._read_one():
                pass
        except Exception as error:  # whatever the server sent: those who wait for it must hear of the end
            reason = str(error) or type(error).__name__
        self._end(ConnectionLost(reason))
        self._socket.shutdown()  # type: ignore[no-untyped-call]

    def _read_one(self) -> bool:
        text = self._socket.recv()
        if not isinstance(text, str) or text in {"", "1"}:
            return False
        if text == wire.PING:
            with self._send_lock:
                self._socket.send(wire.PONG)
        elif text[0] == "4":
            return self._dispatch(wire.decode(text))
        return True

    def _dispatch(self, packet: wire.Packet) -> bool:
        attachments = [self._read_attachment() for _ in range(packet.attachments)]
        data = wire.fill(packet.data, attachments) if attachments else packet.data
        if packet.kind == wire.EVENT:
            self._inbox.put(Message(data[0], data[1] if len(data) > 1 else None, packet.id, self.token))
        elif packet.kind == wire.ACK and packet.id in self._calls:
            _settle(self._calls[packet.id], data[0] if data else None)
        return packet.kind != wire.DISCONNECT

    def _read_attachment(self) -> bytes:
        data = self._socket.recv()
        if not isinstance(data, bytes):
            raise ConnectionFailed("a binary message is missing")
        return data


def _open(url: str, timeout: float) -> websocket.WebSocket:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    address = f"{'wss' if secure else 'ws'}://{parts.netloc}{parts.path}/socket.io/?EIO=4&transport=websocket"
    try:
        return websocket.create_connection(
            address,
            timeout=timeout,
            skip_utf8_validation=True,  # json.loads decides; validating in Python costs more than all the rest
            enable_multithread=True,
            header={"User-Agent": USER_AGENT},
            sslopt={"context": httpx.create_ssl_context()} if secure else None,
        )
    except _DEAD as error:
        raise ConnectionFailed(f"cannot reach {url}: {error or type(error).__name__}") from error


def _opened(text: str | bytes) -> float:
    """Seconds of silence after which the server is gone, from its opening packet."""
    if not isinstance(text, str) or not text.startswith("0{"):
        raise ConnectionFailed(f"not an Engine.IO server: {text[:40]!r}")
    opening = json.loads(text[1:])
    return float(opening["pingInterval"] + opening["pingTimeout"]) / 1000


def _accept(packet: wire.Packet) -> None:
    if packet.kind == wire.CONNECT:
        return
    if packet.kind != wire.CONNECT_ERROR:
        raise ConnectionFailed("the server did not answer the connect")
    raise api_error(_refusal(packet.data))


def _refusal(data: Any) -> dict[str, Any]:
    """The problem in a refused connect. One that names no status is about the token: nothing else is checked there."""
    data = data if isinstance(data, dict) else {"message": str(data)}
    problem = data.get("data") if isinstance(data.get("data"), dict) else {}
    return {"status": 401, "title": "Not signed in", "detail": str(data.get("message", "")), **(problem or {})}


def _unwrapped(answer: Any) -> Any:
    if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
        raise api_error(answer["error"])
    return answer


def _settle(call: Future[Any], answer: Any) -> None:
    # Its caller may have given up in this very moment.
    with suppress(Exception):
        call.set_exception(answer) if isinstance(answer, Exception) else call.set_result(answer)
