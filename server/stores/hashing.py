"""A digest computed beside the work that feeds it."""

import hashlib
from _queue import SimpleQueue
from typing import Final

from gevent import monkey

# The real ones: under gevent's patches a thread is a greenlet of the same thread, and nothing would overlap.
_start_thread: Final = monkey.get_original("_thread", "start_new_thread")
INLINE = 1 << 20  # bytes that take less time than a thread to start and be waited for, or not much more
_AHEAD = 4  # pieces that may wait to be hashed


class Sha256:
    """The SHA-256 of the pieces it is given; beyond INLINE bytes computed in a native thread of its own. Call
    `hexdigest` once, last."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._size = 0
        self._beside: _Beside | None = None

    def update(self, piece: bytes) -> None:
        """Waits while too many pieces are not hashed yet, so that a fast source fills no memory."""
        self._size += len(piece)
        if self._beside is None and self._size > INLINE:
            self._beside = _Beside(self._digest)
        (self._beside or self._digest).update(piece)

    def hexdigest(self) -> str:
        return (self._beside or self._digest).hexdigest()


class _Beside:
    """Goes on with a digest in a native thread."""

    def __init__(self, digest: "hashlib._Hash") -> None:
        self._digest = digest
        self._pieces: SimpleQueue[bytes | None] = SimpleQueue()
        self._places: SimpleQueue[None] = SimpleQueue()
        self._result: SimpleQueue[str] = SimpleQueue()
        for _ in range(_AHEAD):
            self._places.put(None)
        _start_thread(self._work, ())

    def update(self, piece: bytes) -> None:
        self._places.get()
        self._pieces.put(piece)

    def hexdigest(self) -> str:
        self._pieces.put(None)
        return self._result.get()

    def _work(self) -> None:
        while (piece := self._pieces.get()) is not None:
            self._digest.update(piece)
            self._places.put(None)
        self._result.put(self._digest.hexdigest())
