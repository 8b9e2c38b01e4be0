"""A digest computed beside the work that feeds it."""

import hashlib
from _queue import SimpleQueue
from typing import Final

from gevent import monkey

# The real ones: under gevent's patches a thread is a greenlet of the same thread, and nothing would overlap.
_start_thread: Final = monkey.get_original("_thread", "start_new_thread")
_AHEAD = 4  # pieces that may wait to be hashed


class Sha256:
    """The SHA-256 of the pieces it is given, computed in a native thread of its own. Call `hexdigest` once, last."""

    def __init__(self) -> None:
        self._pieces: SimpleQueue[bytes | None] = SimpleQueue()
        self._places: SimpleQueue[None] = SimpleQueue()
        self._result: SimpleQueue[str] = SimpleQueue()
        for _ in range(_AHEAD):
            self._places.put(None)
        _start_thread(self._work, ())

    def update(self, piece: bytes) -> None:
        """Waits while too many pieces are not hashed yet, so that a fast source fills no memory."""
        self._places.get()
        self._pieces.put(piece)

    def hexdigest(self) -> str:
        self._pieces.put(None)
        return self._result.get()

    def _work(self) -> None:
        digest = hashlib.sha256()
        while (piece := self._pieces.get()) is not None:
            digest.update(piece)
            self._places.put(None)
        self._result.put(digest.hexdigest())
