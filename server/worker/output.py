"""A run's output on its way from the sandbox to the store: secrets masked, within the caps, at nobody else's cost."""

import errno
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import gevent

from server import telemetry
from server.domain.ports import Chunk, Events, LogStore, Position, Sandbox
from server.domain.redact import Redactor
from server.domain.run import Stop
from server.turns import beside_the_loop, floods, give_way
from server.worker.caps import within_caps

log = logging.getLogger(__name__)

RETRY_S = 1.0  # between attempts to write while the disk is full
MUCH_BYTES = 1 << 16  # a disk that others flood may keep a writer of so much waiting: not the event loop
MANY_CHUNKS = 64  # that were there at once
REDACTED_AT_ONCE = 16  # chunks: some milliseconds, whatever is in them
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class OutputKeeper:
    """Keeps the output of one run. `stop` is called, as often as it comes to that, when a cap is reached."""

    run_id: str
    limit_bytes: int
    logs: LogStore
    events: Events
    stop: Callable[[Stop], None]

    def follow(self, sandbox: Sandbox, secrets: Iterable[str], on_first: Callable[[], None]) -> None:
        """From where the store stands to the sandbox's last word. `on_first` is called once something was kept."""
        position = self.logs.position(self.run_id)
        values = list(dict.fromkeys(value.strip().encode() for value in secrets))
        redactor, is_first = Redactor(values, position.mark, position.held), True
        for batch in sandbox.output(position.mark):
            with floods.piece() if _is_much(batch) else nullcontext():
                safe = _redacted(redactor, batch) if values else batch
                if self._keep(sandbox, safe) and is_first:
                    is_first = False
                    on_first()
            give_way()
        self._keep(sandbox, redactor.end())

    def _keep(self, sandbox: Sandbox, batch: Sequence[Chunk]) -> bool:
        """Stores what of `batch` is within the caps; says whether that was anything."""
        kept, over = within_caps(batch, self.logs.position(self.run_id), self.limit_bytes)
        if over:
            self.stop(over)
        if kept:
            size = sum(len(chunk.data) for chunk in kept)
            position = self._store(kept, size)
            sandbox.release(position.mark)
            telemetry.OUTPUT_BYTES.inc(size)
            self.events.publish(self.run_id)
        return bool(kept)

    def _store(self, chunks: Sequence[Chunk], size: int) -> Position:
        """While the disk is full, the program waits with us, as soon as it has filled what its stream holds."""
        while True:
            stored = beside_the_loop(self._append, chunks) if size > MUCH_BYTES else self._append(chunks)
            if isinstance(stored, Position):
                return stored
            wait_for_room(stored)

    def _append(self, chunks: Sequence[Chunk]) -> Position | OSError:
        try:
            return self.logs.append(self.run_id, chunks)
        except OSError as error:
            return error


def _is_much(batch: Sequence[Chunk]) -> bool:
    return len(batch) >= MANY_CHUNKS or sum(len(chunk.data) for chunk in batch) > MUCH_BYTES


def wait_for_room(error: OSError) -> None:
    """A moment. Raises `error` unless it is a full disk, which is the operator's to put right."""
    if error.errno not in _NO_ROOM:
        raise error
    log.error("the data folder's disk is full; the run waits for room")
    gevent.sleep(RETRY_S)


def _redacted(redactor: Redactor, batch: Sequence[Chunk]) -> list[Chunk]:
    """`batch` without secrets, a little at a time: a program that makes looking for them dear keeps nobody waiting."""
    safe: list[Chunk] = []
    for start in range(0, len(batch), REDACTED_AT_ONCE):
        safe += redactor.feed(batch[start : start + REDACTED_AT_ONCE])
        give_way()
    return safe
