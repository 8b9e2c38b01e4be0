"""Unprivileged uids for sandboxes, each unique among the live ones: kernel limits are per uid, across containers."""

from server.domain.errors import EngineError


class UidPool:
    def __init__(self, first: int, last: int) -> None:
        self._range = range(first, last + 1)
        self._taken: set[int] = set()
        self._next = 0

    def take(self) -> int:
        """A free uid, the longest unused first. Raises EngineError when all are in use."""
        for step in range(len(self._range)):
            index = (self._next + step) % len(self._range)
            uid = self._range[index]
            if uid not in self._taken:
                self._taken.add(uid)
                self._next = index + 1
                return uid
        raise EngineError(f"All {len(self._range)} sandbox uids are in use.")

    def claim(self, uid: int) -> None:
        """Marks a uid as in use by a sandbox that was found."""
        self._taken.add(uid)

    def give_back(self, uid: int) -> None:
        self._taken.discard(uid)
