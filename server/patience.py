"""HTTP connections: how long is waited for what clients send and take, and what is no request at all.

gevent's own server waits for ever, so that a few thousand connections that say nothing, or a byte a minute, would use
up its descriptors. A connection that became a WebSocket is not held to this: see web/websocket.py.
"""

import errno
from http.client import HTTPException
from typing import Any

import gevent
from gevent.pywsgi import Input, WSGIHandler

SLOWEST = 1024  # bytes a second, on average, of what is sent or taken in one piece


class Late(TimeoutError):
    """The client was too slow. To gevent it is as if it had gone."""

    def __init__(self, message: str) -> None:
        super().__init__(errno.EPIPE, message)


class Body(Input):  # type: ignore[misc]
    """A request's body, each piece of which must come in time; what nobody reads of it is hardly waited for."""

    __slots__ = ("handler",)

    def read(self, length: int | None = None) -> bytes:
        expected = length if length is not None and length >= 0 else self.content_length or 0
        with gevent.Timeout(self.handler.PIECE_S + expected / SLOWEST, Late("the body comes too slowly")):
            data: bytes = super().read(length)
            return data

    def _discard(self) -> None:
        with gevent.Timeout(self.handler.REST_S, False):
            super()._discard()
            return
        self.rfile.close()  # and with it the connection: what still comes is not another request


class PatientHandler(WSGIHandler):  # type: ignore[misc]
    """Serves one connection."""

    IDLE_S = 75.0  # between requests: longer than proxies keep a connection for
    HEAD_S = 20.0  # for a request's headers
    PIECE_S = 30.0  # for a piece of a body, and a second more for each KiB of it
    REST_S = 5.0  # for what is left of a body that was refused
    wsgi_input: Input
    SEND_S = 60.0  # for a piece of an answer to be taken, and a second more for each KiB of it

    def read_requestline(self) -> str:
        with gevent.Timeout(self.IDLE_S, Late("no request came")):
            line: str = super().read_requestline()
            return line

    def read_request(self, raw_requestline: str) -> bool:
        with gevent.Timeout(self.HEAD_S, ValueError("the headers come too slowly")):
            return bool(super().read_request(raw_requestline))

    def MessageClass(self, *args: Any) -> Any:  # noqa: N802  # gevent's name for: parse the headers
        try:
            headers = super().MessageClass(*args)
        except HTTPException as error:
            raise ValueError(str(error)) from None  # a client's mistake is worth no traceback
        if len(headers.get_all("Content-Length", [])) + len(headers.get_all("Transfer-Encoding", [])) > 1:
            raise ValueError("the body has more than one length: a proxy may have read another")
        return headers

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        given: Input = self.wsgi_input
        self.wsgi_input = Body(given.rfile, given.content_length, given.socket, given.chunked_input)
        self.wsgi_input.handler = self
        if environ["wsgi.input"] is given:  # else it is to become a WebSocket
            environ["wsgi.input"] = self.wsgi_input
        return environ

    def _sendall(self, data: bytes) -> None:
        with gevent.Timeout(self.SEND_S + len(data) / SLOWEST, Late("the client does not take the answer")):
            super()._sendall(data)
