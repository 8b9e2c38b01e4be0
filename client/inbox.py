"""A bounded queue with an end: what was put before the end is still read, and nobody waits for ever."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

__all__ = ["Inbox"]

T = TypeVar("T")


class Inbox(Generic[T]):
    def __init__(self, size: int) -> None:
        self._items: deque[T] = deque()
        self._size = size
        self._end: Exception | None = None
        self._changed = threading.Condition()

    @property
    def ended(self) -> bool:
        return self._end is not None

    def put(self, item: T) -> None:
        """Waits for room; after the end items are dropped."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._items) < self._size or self.ended)
            if not self.ended:
                self._items.append(item)
                self._changed.notify_all()

    def get(self) -> T:
        """The oldest item, waiting for one. Raises the end's error once there are no more."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._items) or self.ended)
            if not self._items and self._end is not None:
                raise self._end
            self._changed.notify_all()
            return self._items.popleft()

    def end(self, error: Exception) -> None:
        """Only the first end counts."""
        with self._changed:
            self._end = self._end or error
            self._changed.notify_all()
