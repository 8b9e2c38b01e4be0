"""GPUs of this host, each one sandbox's alone: the engine itself would give the first one to everybody."""

from collections.abc import Callable

from gevent.event import Event

from server.domain.errors import EngineError
from server.domain.gpus import NO_GPUS, Gpus


class GpuPool:
    """`look` tells which there are. Sandboxes are known by the names of their storage."""

    def __init__(self, look: Callable[[], Gpus]) -> None:
        self._look = look
        self._held: dict[str, tuple[str, ...]] = {}
        self._freed = Event()

    def take(self, name: str, count: int) -> Gpus:
        """`count` GPUs for a sandbox, as soon as so many are free. Raises EngineError when there are not so many."""
        if not count:
            return NO_GPUS
        while True:
            there = self._look()
            if count > len(there.ids):
                raise EngineError(f"The run wants {count} GPUs; this host has {len(there.ids)} for runs.")
            held = {gpu for gpus in self._held.values() for gpu in gpus}
            free = [gpu for gpu in there.ids if gpu not in held]
            if len(free) >= count:
                self._held[name] = tuple(free[:count])
                return Gpus(there.driver, self._held[name])
            self._freed.clear()
            self._freed.wait()

    def claim(self, name: str, ids: tuple[str, ...]) -> None:
        """Marks those of a sandbox that was found as in use."""
        if ids:
            self._held[name] = ids

    def give_back(self, name: str) -> None:
        if self._held.pop(name, None):
            self._freed.set()
