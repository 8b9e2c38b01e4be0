"""Sandboxes whose runs have ended are removed beside what goes on: nobody waits for it, and the slot is free."""

import gevent

from server.domain.ports import Sandbox

MOST = 8  # at once; a removal keeps the engine busy for tenths of a second


class Removals:
    """What is being removed by this process."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._pending: dict[str, gevent.Greenlet] = {}

    def remove(self, sandbox: Sandbox) -> None:
        """Returns at once; after the removal when as many as may be are under way: who makes more is to wait."""
        if len(self._pending) >= self._most:
            sandbox.destroy()
        else:
            self._pending[sandbox.id] = gevent.spawn(self._remove, sandbox)

    def is_pending(self, sandbox_id: str) -> bool:
        return sandbox_id in self._pending

    def settle(self, timeout_s: float | None = None) -> None:
        """Until all that are under way have ended, at most so long."""
        gevent.joinall(list(self._pending.values()), timeout=timeout_s)

    def _remove(self, sandbox: Sandbox) -> None:
        try:
            sandbox.destroy()
        finally:
            del self._pending[sandbox.id]
