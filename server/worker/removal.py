"""What an ended run leaves is cleared away beside what goes on: nobody waits for it, and the slot is free."""

from collections.abc import Callable

import gevent

MOST = 8  # at once; a removal keeps the engine busy for tenths of a second


class Removals:
    """What is being cleared away by this process, by the ids of the sandboxes."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._pending: dict[str, gevent.Greenlet] = {}

    def begin(self, sandbox_id: str, work: Callable[[], None]) -> None:
        """Returns at once; after `work` when as much as may be is under way: who makes more is to wait."""
        if len(self._pending) >= self._most:
            work()
        else:
            self._pending[sandbox_id] = gevent.spawn(self._do, sandbox_id, work)

    def is_pending(self, sandbox_id: str) -> bool:
        return sandbox_id in self._pending

    def settle(self, timeout_s: float | None = None) -> None:
        """Until all that is under way has ended, at most so long."""
        gevent.joinall(list(self._pending.values()), timeout=timeout_s)

    def _do(self, sandbox_id: str, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            del self._pending[sandbox_id]
