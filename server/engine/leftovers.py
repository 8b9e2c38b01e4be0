"""What an engine that did not answer kept us from removing: it is tried again until it is gone."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import gevent

log = logging.getLogger(__name__)

RETRY_S = 2.0


@dataclass(frozen=True, slots=True)
class Leftover:
    """A container that may still be there, by its id or name, and the storage and uid that it keeps from others."""

    container: str
    storage: str
    uid: int


class Leftovers:
    """`remove` says whether a leftover is gone; while there are any, a greenlet asks it again and again."""

    def __init__(self, remove: Callable[[Leftover], bool]) -> None:
        self._remove = remove
        self._waiting: list[Leftover] = []
        self._greenlet: gevent.Greenlet | None = None

    def add(self, leftover: Leftover) -> None:
        self._waiting.append(leftover)
        if self._greenlet is None:
            self._greenlet = gevent.spawn(self._until_gone)

    def storages(self) -> set[str]:
        """The storage that is still somebody's."""
        return {leftover.storage for leftover in self._waiting}

    def _until_gone(self) -> None:
        while self._waiting:
            gevent.sleep(RETRY_S)
            for leftover in list(self._waiting):
                if self._is_gone(leftover):
                    self._waiting.remove(leftover)
                    log.info("a container that could not be removed before is gone: %s", leftover.container)
        self._greenlet = None

    def _is_gone(self, leftover: Leftover) -> bool:
        try:
            return self._remove(leftover)
        except Exception:
            log.exception("a leftover could not be removed; it is tried again")
            return False
