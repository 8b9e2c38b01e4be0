"""Who is connected over Socket.IO, and for how long."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import gevent
from socketio.exceptions import ConnectionRefusedError as Refused

from server import telemetry
from server.domain.errors import BytemeError, Conflict, TooMany, Unauthenticated, Unavailable
from server.domain.policy import Actor
from server.web.errors import problem
from server.web.watch import CHUNK, WINDOW, Watch

log = logging.getLogger(__name__)

MAX_WATCHES = 64  # of one connection
MAX_CONNECTIONS = 256  # of one account
CONNECT_WITHIN_S = 10.0
REFRESH_WITHIN = timedelta(seconds=30)
RECHECK_EVERY = timedelta(seconds=3)
TICK_S = 1.0
# Packets in a connection's own queue: more than one window of output, which is two packets a chunk. A polling client
# takes all there are in one answer, and at most 16.
QUEUE_ROOM = 3 * WINDOW
POLLING_ROOM = 12


class Connection:
    """One authenticated client: the `Line` of its watches."""

    def __init__(self, server: Any, sid: str, eio_sid: str, actor: Actor, token: str, expires_at: datetime) -> None:
        self.sid = sid
        self.eio_sid = eio_sid
        self.watches: dict[str, Watch] = {}
        self.pending = 0
        self._server = server
        self.admit(actor, token, expires_at)

    def admit(self, actor: Actor, token: str, expires_at: datetime) -> None:
        """Goes on as `actor` until `expires_at`."""
        self.actor, self.token, self.expires_at = actor, token, expires_at
        self.told_expired = False

    def emit(self, event: str, data: Any = None, on_ack: Callable[[], None] | None = None) -> None:
        callback = (lambda *_: on_ack()) if on_ack else None
        self._server.emit(event, data, to=self.sid, callback=callback)

    def has_room(self, size: int) -> bool:
        socket = self._server.eio.sockets.get(self.eio_sid)
        if socket is None:
            return True  # it is gone: what is emitted goes nowhere
        queued = socket.queue.qsize()
        room = QUEUE_ROOM if socket.upgraded else POLLING_ROOM
        return bool(queued == 0 or queued + 2 * (1 + size // CHUNK) <= room)

    def require_room(self, run_id: str | None = None) -> None:
        """Raises Conflict when one more watch, of `run_id` or of a new run, would be too many."""
        if run_id not in self.watches and len(self.watches) >= MAX_WATCHES:
            raise Conflict(f"You watch {MAX_WATCHES} runs over this connection; stop watching one first.")

    def watch(self, watch: Watch) -> None:
        """Starts `watch`, in place of one of the same run."""
        self.unwatch(watch.run_id)
        self.watches[watch.run_id] = watch
        gevent.spawn(self._pump, watch)

    def unwatch(self, run_id: str) -> None:
        watch = self.watches.pop(run_id, None)
        if watch is not None:
            watch.stop()

    def close(self) -> None:
        for run_id in list(self.watches):
            self.unwatch(run_id)

    def _pump(self, watch: Watch) -> None:
        with telemetry.bound(user_id=self.actor.id, run_id=watch.run_id), telemetry.WATCHES.track_inprogress():
            try:
                watch.run()
            except Exception:
                log.exception("a watch failed; its client is cut off, and comes back with the offset it has reached")
                self._server.disconnect(self.sid)
            finally:
                if self.watches.get(watch.run_id) is watch:
                    del self.watches[watch.run_id]


class Gate:
    """Who is connected, and for how long: refuses, warns of expiry, and ends what is over."""

    def __init__(self, server: Any, services: Any) -> None:
        self.connections: dict[str, Connection] = {}
        self._server = server
        self._services = services
        self._guard: gevent.Greenlet | None = None
        self._checked_at = datetime.min.replace(tzinfo=UTC)

    def connect(self, sid: str, _environ: dict[str, Any], auth: Any = None) -> None:
        """Socket.IO's connect handler. Raises Refused, with a problem, without a live access token."""
        try:
            token = auth.get("token") if isinstance(auth, dict) else None
            if not isinstance(token, str):
                raise Unauthenticated("Connect with auth: {token}.")
            actor, expires_at = self._services.accounts.authenticate(token)
            self._require_room(actor)
        except BytemeError as error:
            log.info("socket refused", extra={"why": error.code})
            raise Refused(error.message, problem(error)) from None
        except Exception as error:
            log.exception("connect failed")
            raise Refused("internal error", problem(error)) from None
        eio_sid = self._server.manager.eio_sid_from_sid(sid, "/")
        self.connections[sid] = Connection(self._server, sid, eio_sid, actor, token, expires_at)
        telemetry.SOCKETS.set(len(self.connections))
        log.info("socket connected", extra={"user_id": actor.id, "socket": sid})
        if not self._guard:
            self._guard = gevent.spawn(self._watch_over)

    def disconnect(self, sid: str, reason: str) -> None:
        """Socket.IO's disconnect handler."""
        connection = self.connections.pop(sid, None)
        telemetry.SOCKETS.set(len(self.connections))
        if connection is not None:
            log.info("socket gone: %s", reason, extra={"user_id": connection.actor.id, "socket": sid})
            connection.close()
            self.expect_connect(connection.eio_sid)

    def refresh(self, connection: Connection, token: str) -> None:
        """Prolongs a connection with a new access token of the same account. Raises Unauthenticated."""
        actor, expires_at = self._services.accounts.authenticate(token)
        if actor.id != connection.actor.id:
            raise Unauthenticated("The token is another account's.")
        connection.admit(actor, token, expires_at)

    def expect_connect(self, eio_sid: str) -> None:
        """Drops a transport on which nobody has shown a token in time."""
        gevent.spawn_later(CONNECT_WITHIN_S, lambda: None if self.is_connected(eio_sid) else self._hang_up(eio_sid))

    def is_connected(self, eio_sid: str) -> bool:
        return self._server.manager.sid_from_eio_sid(eio_sid, "/") in self.connections

    def check(self, now: datetime) -> None:
        """Warns those whose token has expired, and ends what is revoked, disabled, not renewed in time, or gone."""
        check_again = now >= self._checked_at + RECHECK_EVERY
        self._checked_at = now if check_again else self._checked_at
        for connection in list(self.connections.values()):
            if connection.eio_sid not in self._server.eio.sockets:
                self.disconnect(connection.sid, "gone")
            elif now >= connection.expires_at:
                self._expire(connection, now)
            elif check_again:
                self._check_again(connection)

    def drop(self, connection: Connection) -> None:
        self._server.disconnect(connection.sid)
        self._hang_up(connection.eio_sid)

    def _require_room(self, actor: Actor) -> None:
        if sum(connection.actor.id == actor.id for connection in self.connections.values()) >= MAX_CONNECTIONS:
            raise TooMany(f"This account has {MAX_CONNECTIONS} connections; close one first.")

    def _expire(self, connection: Connection, now: datetime) -> None:
        if not connection.told_expired:
            connection.told_expired = True
            connection.emit("auth:expired")
        elif now >= connection.expires_at + REFRESH_WITHIN:
            self.drop(connection)

    def _check_again(self, connection: Connection) -> None:
        token = connection.token
        try:
            self._services.accounts.authenticate(token)
        except Unauthenticated:
            if connection.token == token and self._services.clock() < connection.expires_at:
                self.drop(connection)
        except Unavailable:
            pass  # the database is away: nobody is cut off for that

    def _hang_up(self, eio_sid: str) -> None:
        socket = self._server.eio.sockets.get(eio_sid)
        if socket is not None and not socket.closed:
            socket.close(wait=False)

    def _watch_over(self) -> None:
        while self.connections:
            gevent.sleep(TICK_S)
            try:
                self.check(self._services.clock())
            except Exception:
                log.exception("checking connections failed")
