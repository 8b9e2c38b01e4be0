"""The socket side of the contract: what clients may send, and what answers it.

Every event is answered by its acknowledgement, the object or {"error": problem}. What is sent without being asked for
comes from the watches (watch.py).
"""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from flask_socketio import SocketIO
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from pydantic import Field, ValidationError
from socketio.packet import Packet

from server import telemetry
from server.domain.errors import BytemeError, Invalid, TooMany, Unauthenticated
from server.domain.policy import Keys, Rule, Scope, require_scope
from server.turns import floods
from server.web.connections import Connection, Gate
from server.web.downloads import SANDBOXED
from server.web.errors import problem
from server.web.headers import HEADERS
from server.web.inputs import Inputs
from server.web.schemas import Body, RunRequest
from server.web.text import Id
from server.web.watch import Watch
from server.web.websocket import WebSocketTransport

log = logging.getLogger(__name__)

MAX_PENDING = 64  # events of one connection that are being answered
MAX_INPUT = 64 << 10  # bytes of standard input in one event
MAX_GREETING = 64 << 10  # bytes in one message of somebody who has not shown a token yet
# Programs speak in these answers too, which do not pass through Flask.
GUARD = [*HEADERS.items(), ("Content-Security-Policy", SANDBOXED), ("Cache-Control", "no-store")]
EVENT_RATE = parse("300 per 10 seconds")
SUBMIT_RATE = parse("240 per minute")


class RunRef(Body):
    run_id: Id


class WatchRequest(RunRef):
    offset: int = Field(0, strict=True, ge=0, lt=1 << 53)


class InputRequest(RunRef):
    data: bytes | str | None


class RefreshRequest(Body):
    token: str


class BoundedPacket(Packet):  # type: ignore[misc]
    """A Socket.IO packet with one binary value at most, which is all that any event of a client's holds."""

    def decode(self, encoded_packet: str) -> int | None:
        attachments: int | None = super().decode(encoded_packet)
        if attachments is not None and attachments > 1:
            raise ValueError("too many attachments")
        return attachments


class Handlers:
    """What clients may send: one method an event, each a few lines over a service."""

    def __init__(self, services: Any, gate: Gate) -> None:
        self._services = services
        self._gate = gate
        self._inputs = Inputs()
        self._rates = FixedWindowRateLimiter(MemoryStorage()) if services.settings.rate_limits == "on" else None
        self._events: dict[str, tuple[type[Body], Rule, Callable[[Connection, Any], dict[str, Any]]]] = {
            "run:submit": (RunRequest, Scope.RUNS_WRITE, self._submit),
            "run:watch": (WatchRequest, Scope.RUNS_READ, self._watch),
            "run:unwatch": (RunRef, Scope.RUNS_READ, self._unwatch),
            "run:cancel": (RunRef, Scope.RUNS_WRITE, self._cancel),
            "run:input": (InputRequest, Scope.RUNS_WRITE, self._input),
            "auth:refresh": (RefreshRequest, Keys.ANY, self._refresh),
        }

    @property
    def events(self) -> frozenset[str]:
        """The names of all that clients may send."""
        return frozenset(self._events)

    def handle(self, event: str, sid: str, *args: Any) -> dict[str, Any] | None:
        """Answers any event of a client's: the acknowledgement."""
        connection = self._gate.connections.get(sid)
        if connection is None:
            return {"error": problem(Unauthenticated())}
        connection.pending += 1
        floods.somebody_asks()
        try:
            with telemetry.bound(user_id=connection.actor.id):
                return self._answer(connection, event, args)
        except (BytemeError, ValidationError) as error:
            return _refusal(connection, event, error)
        except Exception as error:
            log.exception("%s failed", event)
            return {"error": problem(error)}
        finally:
            connection.pending -= 1

    def _answer(self, connection: Connection, event: str, args: tuple[Any, ...]) -> dict[str, Any]:
        self._spend(EVENT_RATE, connection.sid)
        if connection.pending > MAX_PENDING and event != "run:cancel":  # which ends what others wait for
            raise TooMany("Wait for the answers to what you sent.")
        if event not in self._events:
            raise Invalid(f"There is no event {event!r:.60}.")
        if event != "auth:refresh" and self._services.clock() >= connection.expires_at:
            raise Unauthenticated("The token has expired; send auth:refresh.")
        shape, rule, act = self._events[event]
        require_scope(connection.actor, rule)
        return act(connection, shape.model_validate(args[0] if args else {}))

    def _spend(self, rate: RateLimitItem, *who: str) -> None:
        if self._rates is not None and not self._rates.hit(rate, *who):
            raise TooMany(f"At most {rate}.", retry_after_s=int(rate.get_expiry()))

    def _submit(self, connection: Connection, request: RunRequest) -> dict[str, Any]:
        self._spend(SUBMIT_RATE, "submit", connection.actor.id)
        connection.require_room()
        run = self._services.runs.submit(connection.actor, request.to_spec(), interactive=True)
        self._begin_watch(connection, run, 0)
        return {"run": run}

    def _watch(self, connection: Connection, request: WatchRequest) -> dict[str, Any]:
        connection.require_room(request.run_id)
        run = self._services.runs.get(connection.actor, request.run_id)
        self._begin_watch(connection, run, request.offset)
        return {"run": run}

    def _begin_watch(self, connection: Connection, run: dict[str, Any], offset: int) -> None:
        services, run_id = self._services, run["id"]
        if connection.sid not in self._gate.connections:
            return  # it went while we looked
        connection.watch(
            Watch(
                run_id, offset, seen=run, look=lambda: services.runs.get(connection.actor, run_id),
                logs=services.logs, hub=services.events, line=connection,
            )
        )  # fmt: skip

    def _unwatch(self, connection: Connection, request: RunRef) -> dict[str, Any]:
        connection.unwatch(request.run_id)
        return {}

    def _cancel(self, connection: Connection, request: RunRef) -> dict[str, Any]:
        return {"run": self._services.runs.cancel(connection.actor, request.run_id)}

    def _input(self, connection: Connection, request: InputRequest) -> dict[str, Any]:
        data = request.data.encode() if isinstance(request.data, str) else request.data
        if data is not None and len(data) > MAX_INPUT:
            raise Invalid.of("data", f"is longer than {MAX_INPUT} bytes")
        self._services.runs.get(connection.actor, request.run_id)
        with self._inputs.turn(request.run_id, len(data or b"")):  # one that does not read holds back nothing else
            self._services.dispatcher.send_input(request.run_id, data)
        return {}

    def _refresh(self, connection: Connection, request: RefreshRequest) -> dict[str, Any]:
        self._gate.refresh(connection, request.token)
        return {}


def register(app: Flask, services: Any) -> SocketIO:
    """Serves Socket.IO on `app`. Under gevent only: patch first. Wrap `app.wsgi_app` in proxies' middleware after."""
    settings = services.settings
    quiet = logging.getLogger("socketio")
    quiet.setLevel(logging.WARNING)  # below that it logs what clients send, their tokens included
    socketio = SocketIO(
        app,
        async_mode="gevent",
        serializer=BoundedPacket,
        cors_allowed_origins=lambda origin, environ: is_allowed_origin(origin, environ, settings.allowed_origins),
        max_http_buffer_size=settings.max_body_mb << 20,
        logger=quiet,
        engineio_logger=quiet,
    )
    gate = Gate(socketio.server, services)
    _mend(socketio.server, gate)
    socketio.server.on("connect", gate.connect)
    socketio.server.on("disconnect", gate.disconnect)
    socketio.server.on("*", Handlers(services, gate).handle)
    return socketio


def _refusal(connection: Connection, event: str, error: Exception) -> dict[str, Any]:
    """The acknowledgement of an event that is not carried out; a line in the log, unless they are too many for that."""
    told = problem(error)
    if told["status"] != HTTPStatus.TOO_MANY_REQUESTS:
        what = {"event": f"{event!r:.60}", "status": told["status"], "user_id": connection.actor.id}
        log.info("event refused", extra=what)
    return {"error": told}


def is_allowed_origin(origin: str | None, environ: dict[str, Any], others: list[str]) -> bool:
    """Whether a page of `origin` may connect: our own host's, one of `others`, or no page at all."""
    if not origin or origin in others:
        return True
    host = urlsplit(origin).netloc.lower()
    return bool(host) and host == environ.get("HTTP_HOST", "").lower()


def _mend(server: Any, gate: Gate) -> None:
    """Puts our transport and our limits in the place of Engine.IO's, in this server only."""
    engine = server.eio
    full = engine.max_http_buffer_size

    def limit(eio_sid: str) -> int:
        return int(full) if gate.is_connected(eio_sid) else MAX_GREETING

    def on_connect(eio_sid: str, environ: dict[str, Any]) -> Any:
        gate.expect_connect(eio_sid)
        return greet(eio_sid, environ)

    def on_message(eio_sid: str, data: Any) -> None:
        try:
            receive(eio_sid, data)
        except Exception as error:
            log.warning("a client sent what is not Socket.IO: %s", type(error).__name__)
            engine.sockets[eio_sid].close(wait=False)

    def take(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        sid = parse_qs(environ.get("QUERY_STRING", "")).get("sid", [""])[0]
        if int(environ.get("CONTENT_LENGTH") or 0) > limit(sid):
            start_response("413 Content Too Large", [("Content-Length", "0"), ("Connection", "close")])
            return [b""]
        return serve(environ, lambda status, sent, *rest: start_response(status, [*sent, *GUARD], *rest))

    greet, receive, serve = engine.handlers["connect"], engine.handlers["message"], engine.handle_request
    engine.handle_request = take
    engine.on("connect", on_connect)
    engine.on("message", on_message)
    engine._async = {**engine._async, "websocket": lambda handler, _server: WebSocketTransport(handler, limit)}
