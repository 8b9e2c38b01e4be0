"""Standard input on its way to programs: in order, and no more of it waits than one that does not read may cost."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from server.domain.errors import TooMany

MOST_BYTES = 1 << 20  # of one run's input that wait here, whoever sent them
MOST = 64  # events


@dataclass(slots=True)
class _Queue:
    """What waits for one program. The lock gives turns in the order of asking."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    waiting: int = 0
    bytes: int = 0


class Inputs:
    """By run. It outlives connections: who goes and comes again finds what was sent before still waiting."""

    def __init__(self) -> None:
        self._queues: dict[str, _Queue] = {}

    @contextmanager
    def turn(self, run_id: str, size: int) -> Iterator[None]:
        """Around the sending of `size` bytes. Raises TooMany when too much waits already."""
        queue = self._queues.setdefault(run_id, _Queue())
        if queue.waiting >= MOST or (queue.waiting and queue.bytes + size > MOST_BYTES):
            raise TooMany("The program does not read its input; wait for the answers to what you sent.")
        queue.waiting, queue.bytes = queue.waiting + 1, queue.bytes + size
        try:
            with queue.turn:
                yield
        finally:
            queue.waiting, queue.bytes = queue.waiting - 1, queue.bytes - size
            if not queue.waiting:
                del self._queues[run_id]
