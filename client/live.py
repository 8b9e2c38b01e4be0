"""Following a run as it happens: every byte of its output once and in order, whatever becomes of the connection."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, Self

from client.connection import Connection, Message
from client.errors import ConnectionFailed, ConnectionLost, IntegrityError, NotSignedIn, RateLimited
from client.models import Run

__all__ = ["Event", "Figure", "LiveRun", "Metric", "Output", "Reconnecting", "StateChange", "Usage"]

INPUT_PIECE = 64 * 1024
LONGEST_PAUSE_S = 5.0


@dataclass(frozen=True)
class Output:
    """`offset` is where `data` begins in the run's whole output, of which the stream `system` is no part."""

    stream: str
    data: bytes = field(repr=False)
    offset: int


@dataclass(frozen=True)
class StateChange:
    run: Run


@dataclass(frozen=True)
class Usage:
    """`cpu` in cores, `memory_mb` in MiB."""

    cpu: float
    memory_mb: float


@dataclass(frozen=True)
class Metric:
    name: str
    step: int | None
    value: float


@dataclass(frozen=True)
class Figure:
    media_type: str
    data: bytes | str = field(repr=False)


@dataclass(frozen=True)
class Reconnecting:
    """The connection is down since `seconds`; comes before each new attempt."""

    seconds: float
    reason: str


Event = Output | StateChange | Usage | Metric | Figure | Reconnecting


class LiveRun:
    """A run being followed from `offset`. Iterate once; the last event is the StateChange to a terminal state.

    A lost connection is opened again for up to `patience` seconds, after which iterating raises ConnectionFailed;
    `offset` then says how far it got. Other methods may be called from any thread.
    """

    def __init__(
        self,
        dial: Callable[[], Connection],
        renew: Callable[[str], str],
        run_id: str,
        offset: int = 0,
        *,
        submitted: tuple[Connection, Run] | None = None,
        patience: float = 300.0,
    ) -> None:
        self.run_id = run_id
        self.offset = offset
        self.closed = False
        self._dial = dial
        self._renew = renew
        self._patience = patience
        self._failures = 0
        self._gap_at: int | None = None
        self._up = threading.Event()
        # Submitting over a connection begins to watch there, too.
        self._connection: Connection
        self._watched: Run | None
        self._connection, self._watched = submitted or (dial(), None)
        self._up.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop following; the run goes on."""
        self.closed = True
        self._connection.close()
        self._up.set()

    def send_input(self, data: bytes | None) -> None:
        """Feed the program's standard input; None closes it. Returns when the program's side has taken it.

        Raises ConnectionLost when it is unknown how much has arrived, ApiError when the run takes no input.
        """
        pieces: list[bytes | None] = [None]
        if data is not None:
            pieces = [data[i : i + INPUT_PIECE] for i in range(0, len(data), INPUT_PIECE)]
        for piece in pieces:
            self._up.wait()
            self._send_piece(piece)

    def _send_piece(self, piece: bytes | None) -> None:
        while not self.closed:
            try:
                # A program that does not read holds its input back for as long as it likes.
                self._call("run:input", {"run_id": self.run_id, "data": piece}, timeout=None)
                return
            except RateLimited:
                time.sleep(1.0)  # refused as a whole, so none of it has arrived
        raise ConnectionLost("the run is not followed any more")

    def __iter__(self) -> Iterator[Event]:
        while True:
            try:
                yield from self._follow()
                return
            except ConnectionLost as lost:
                if self.closed:
                    raise
                self._up.clear()
                self._connection.close()
                yield from self._reconnect(lost)

    def _follow(self) -> Iterator[Event]:
        """Events over the present connection up to the terminal state."""
        run = self._watched or self._watch()
        # A terminal state is told by its own event, after the output.
        if not run.finished:
            yield StateChange(run)
        for message in self._connection.messages():
            self._failures = 0
            event = self._interpret(message)
            if event is not None:
                yield event
            if isinstance(event, StateChange) and event.run.finished:
                return

    def _watch(self) -> Run:
        return Run.from_json(self._call("run:watch", {"run_id": self.run_id, "offset": self.offset})["run"])

    def _call(self, event: str, data: Mapping[str, Any], timeout: float | None = 30.0) -> Any:
        token = self._connection.token
        try:
            return self._connection.call(event, data, timeout)
        except NotSignedIn:
            self._refresh(token)
            return self._connection.call(event, data, timeout)

    def _refresh(self, expired: str) -> None:
        self._connection.refresh(self._renew(expired))

    def _reconnect(self, error: ConnectionFailed | RateLimited) -> Iterator[Event]:
        began = time.monotonic()
        while (seconds := time.monotonic() - began) < self._patience:
            yield Reconnecting(seconds, str(error))
            time.sleep(min(LONGEST_PAUSE_S, 0.1 * 2**self._failures) * random.uniform(0.5, 1.0))  # noqa: S311
            self._failures += 1
            try:
                self._connection, self._watched = self._dial(), None
                self._up.set()
                return
            except (ConnectionFailed, RateLimited) as failure:
                error = failure
        raise error

    def _interpret(self, message: Message) -> Event | None:
        if message.name == "auth:expired":
            self._refresh(message.token)
            return None
        data = message.data
        if message.name == "run:output":
            return self._output(data)
        if message.name == "run:state":
            return self._state(Run.from_json(data["run"]))
        return _plain_event(message.name, data)

    def _output(self, data: Mapping[str, Any]) -> Output | None:
        if data["stream"] == "system":
            return Output("system", data["data"], self.offset)
        new = unseen(self.offset, data["offset"], data["data"])
        if new is None:
            self._gap()
        event = Output(data["stream"], new, self.offset)
        self.offset += len(new)
        return event if new else None

    def _gap(self) -> NoReturn:
        if self._gap_at == self.offset:
            raise IntegrityError(f"the server does not send the output from byte {self.offset} on")
        self._gap_at = self.offset
        raise ConnectionLost(f"the output from byte {self.offset} on is missing")

    def _state(self, run: Run) -> StateChange:
        expected = (run.output or {}).get("bytes") or 0
        # An end that comes before the last byte: ask once more, then believe it.
        if run.finished and expected > self.offset and self._gap_at != self.offset:
            self._gap()
        return StateChange(run)


def unseen(reached: int, offset: int, data: bytes) -> bytes | None:
    """The part of a chunk at `offset` that lies beyond `reached`; None if bytes before it are missing."""
    if offset > reached:
        return None
    return data[reached - offset :] if offset < reached else data


def _plain_event(name: str, data: Mapping[str, Any]) -> Event | None:
    if name == "run:usage":
        return Usage(data["cpu"], data["memory_mb"])
    if name == "run:metric":
        return Metric(data["name"], data.get("step"), data["value"])
    if name == "run:display":
        return Figure(data["media_type"], data["data"])
    return None
