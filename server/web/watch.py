"""The pump: one watch sends one run to one connection, from an offset on to its end.

Replay and live are one path: read the store from the offset reached, send, and wait for news when there is nothing
more. What was sent and not acknowledged is at most a window, so a client that stalls costs that and nothing else.

A display is sent where it stands: after the output before it, before the output behind it. Metrics come when they can.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any, Protocol

from server.domain.errors import NotFound, Unavailable
from server.domain.ports import LogEvent, LogPiece, LogStore
from server.domain.reports import Display, Metric, parse_report
from server.domain.run import TERMINAL
from server.turns import floods, give_way
from server.web.events import Bell, EventHub

CHUNK = 64 << 10  # the most bytes of output in one message
MUCH = CHUNK // 4  # bytes in one message of a program that does not stop
WINDOW = 8  # chunks sent and not acknowledged
COALESCE_S = 0.03  # small pieces this close together go as one
BUSY_LOOK_S = 0.1  # how often state and reports are read while output flows
IDLE_LOOK_S = 1.0  # how often it is read without news: hints may be lost, and queue positions move without one
LOOKS_APART_S = 0.04  # on average, all watches together: a long queue of watched runs must not cost a processor
FULL_LINE_S = 0.25  # the longest pause between looks at a connection that does not take what was sent

Run = Mapping[str, Any]


class Line(Protocol):
    """A connection, as a watch sees it."""

    def emit(self, event: str, data: Mapping[str, Any], on_ack: Callable[[], None] | None = None) -> None: ...

    def has_room(self, size: int) -> bool:
        """Whether enough of what was emitted before is written out to take `size` bytes more."""


class Watch:
    """Sends the run `run_id` to `line`: its output from `offset` on, its reports, and at last its terminal state.

    `look` reads the run as its owner sees it; `seen` is what the client knows of it already.
    """

    def __init__(
        self, run_id: str, offset: int, seen: Run, look: Callable[[], Run], logs: LogStore, hub: EventHub, line: Line
    ) -> None:
        self.run_id = run_id
        self._offset = offset
        self._events_offset = 0
        self._events: deque[LogEvent] = deque()  # read and not sent yet: the first waits for the output before it
        self._reach = 0  # output may be sent so far: what comes after that is behind a display
        self._displays = 0
        self._told = _summary(seen)
        self._ended: Run | None = None
        self._look_up = look
        self._logs = logs
        self._hub = hub
        self._line = line
        self._stopped = False
        self._unacknowledged = 0
        self._acknowledged = threading.Event()
        self._last_sent = 0.0
        self._load_at = 0.0
        self._bell = Bell()

    def stop(self) -> None:
        """Nothing more is sent after this."""
        self._stopped = True
        self._acknowledged.set()
        self._bell.ring()

    def run(self) -> None:
        """Sends until the end of the run, or `stop`."""
        with self._hub.listen(self.run_id) as self._bell:
            rang, look_at = True, 0.0
            while not self._stopped:
                sent = self._send_news()
                now = time.monotonic()
                if self._ended is not None and not sent:
                    self._emit("run:state", {"run": self._ended})
                    return
                if (rang and not sent) or now >= look_at:  # news that no output explains: its state has changed
                    self._look()
                    rang, look_at = False, now + max(IDLE_LOOK_S, LOOKS_APART_S * self._hub.listeners())
                elif sent:
                    rang, look_at = False, min(look_at, now + BUSY_LOOK_S)
                else:
                    rang = self._bell.wait(look_at - now)

    def _look(self) -> None:
        """Reads the state. Read before the output that follows: an end seen here has all its output in the store."""
        try:
            run = self._look_up()
        except NotFound:
            self.stop()
            return
        except Unavailable:
            return  # the next look may fare better
        if run["state"] in TERMINAL:
            self._ended = run
        elif _summary(run) != self._told:
            self._told = _summary(run)
            self._emit("run:state", {"run": run})

    def _send_news(self) -> bool:
        """Sends a piece of what is there; says whether there was any output or report."""
        reported = self._send_reports()
        sent = self._send_output() or reported
        if not sent or time.monotonic() >= self._load_at:
            self._load_at = time.monotonic() + BUSY_LOOK_S
            self._send_load()
        return sent

    def _send_output(self) -> bool:
        piece = self._read_output()
        if piece is None:
            return False
        piece = self._gather(piece)
        self._wait_for_window()
        data = {"run_id": self.run_id, "offset": piece.offset, "stream": piece.stream.label, "data": piece.data}
        self._offset = piece.end
        self._unacknowledged += 1
        with floods.piece() if len(piece.data) >= MUCH else nullcontext():
            self._emit("run:output", data, self._on_ack)
        self._last_sent = time.monotonic()
        return True

    def _read_output(self) -> LogPiece | None:
        limit = min(CHUNK, self._reach - self._offset)
        return self._logs.read(self.run_id, self._offset, limit) if limit > 0 else None

    def _gather(self, piece: LogPiece) -> LogPiece:
        """`piece`, or a larger one for which it was worth waiting. The first after a pause goes at once."""
        pause = self._last_sent + COALESCE_S - time.monotonic()
        if pause <= 0 or len(piece.data) >= CHUNK or self._ended is not None:
            return piece
        if self._logs.position(self.run_id).offset > piece.end:
            return piece  # the other stream follows: it will not grow
        time.sleep(pause)
        self._send_reports()
        return self._read_output() or piece

    def _send_reports(self) -> bool:
        """Sends some of what was reported, up to a display that other output comes before; says whether any was read.

        Output that is stored later than what is known here may be behind a display: it is not in reach.
        """
        if self._events and self._offset < self._reach:
            return False
        known = self._logs.position(self.run_id)
        if not self._events:
            read, self._events_offset = self._logs.read_events(self.run_id, self._events_offset, CHUNK)
            self._events.extend(read)
        sent = bool(self._events)
        while self._events:
            event = self._events[0]
            self._reach = event.offset
            report = parse_report(event.data)
            if isinstance(report, Display) and event.offset > self._offset:
                return sent
            self._events.popleft()
            self._send_report(report, event.offset)
        if not sent or self._events_offset >= known.events:
            self._reach = known.offset
        return sent

    def _send_report(self, report: Metric | Display | None, offset: int) -> None:
        match report:
            case Metric(name, value, step, at):
                metric = {"run_id": self.run_id, "name": name, "step": step, "value": value, "time": at}
                self._emit("run:metric", metric)
            case Display(media_type, data):
                self._displays += 1
                display = {"run_id": self.run_id, "number": self._displays, "offset": offset, "media_type": media_type}
                self._emit("run:display", {**display, "data": data})
        give_way()  # many tiny ones must not keep the others waiting

    def _send_load(self) -> None:
        load = self._bell.take_load()
        if load is not None and self._ended is None and self._line.has_room(0):
            cores, memory = load
            usage = {"cpu": round(cores, 3), "memory_mb": round(memory / (1 << 20), 1)}
            self._emit("run:usage", {"run_id": self.run_id, **usage})

    def _emit(self, event: str, data: Mapping[str, Any], on_ack: Callable[[], None] | None = None) -> None:
        pause, size = 0.001, len(data.get("data", b""))
        while not self._stopped and not self._line.has_room(size):
            time.sleep(pause)
            pause = min(2 * pause, FULL_LINE_S)
        if not self._stopped:
            self._line.emit(event, data, on_ack)

    def _wait_for_window(self) -> None:
        while self._unacknowledged >= WINDOW and not self._stopped:
            self._acknowledged.wait()
            self._acknowledged.clear()

    def _on_ack(self) -> None:
        self._unacknowledged -= 1
        self._acknowledged.set()


def _summary(run: Run) -> tuple[Any, ...]:
    """What makes a run that has not ended worth telling of again."""
    return run["state"], run.get("queue_position"), run.get("queue_wait_s") is None, run.get("started_at")
