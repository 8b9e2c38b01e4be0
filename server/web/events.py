"""The Events port in one process: who watches a run is woken when something about it is new.

A hint carries nothing: what is new is read from the store and the database, so a slow watcher holds nobody back and a
lost hint costs nothing but time.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from server.domain.run import Usage


class Bell:
    """Rung when a run has news. Rings that come before the next `wait` count once."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        self._samples: list[tuple[float, Usage]] = []

    def ring(self) -> None:
        self._rung.set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Whether it rang within `timeout_s` seconds (None: wait for as long as it takes)."""
        rang = self._rung.wait(timeout_s)
        self._rung.clear()
        return rang

    def sample(self, now: float, usage: Usage) -> None:
        self._samples = [*self._samples[:1], (now, usage)]

    def take_load(self) -> tuple[float, int] | None:
        """The cores used on average since the last call, and the bytes of memory now; None while that is unknown."""
        if len(self._samples) < 2:
            return None
        (begin, before), (end, now) = self._samples
        self._samples = self._samples[1:]
        return max(0.0, now.cpu_s - before.cpu_s) / max(end - begin, 1e-3), now.memory_bytes


class EventHub:
    """Rings the bells of a run's watchers. Call it from any greenlet; it never blocks and never raises."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._bells: dict[str, set[Bell]] = {}

    def listeners(self) -> int:
        """How many bells there are, of all runs."""
        return sum(map(len, self._bells.values()))

    @contextmanager
    def listen(self, run_id: str) -> Iterator[Bell]:
        """A bell for `run_id`, for as long as the context lasts."""
        bell = Bell()
        self._bells.setdefault(run_id, set()).add(bell)
        try:
            yield bell
        finally:
            bells = self._bells[run_id]
            bells.discard(bell)
            if not bells:
                del self._bells[run_id]

    def publish(self, run_id: str) -> None:
        for bell in tuple(self._bells.get(run_id, ())):
            bell.ring()

    def usage(self, run_id: str, usage: Usage) -> None:
        now = self._clock()
        for bell in tuple(self._bells.get(run_id, ())):
            bell.sample(now, usage)
            bell.ring()
