"""Runs are executed by this process, a fixed number at once."""

import logging
import time
from typing import Protocol

import gevent
from gevent.event import Event

log = logging.getLogger(__name__)

RETRY_S = 2.0


class Worker(Protocol):
    def run_next(self) -> bool: ...
    def live(self) -> list[str]: ...
    def settle(self, timeout_s: float | None = None) -> None: ...
    def cancel(self, run_id: str) -> None: ...
    def send_input(self, run_id: str, data: bytes | None) -> None: ...


class LocalDispatcher:
    """A Dispatcher with `slots` greenlets that take runs from the database whenever the bell rings."""

    def __init__(self, worker: Worker, slots: int) -> None:
        self._worker = worker
        self._slots = slots
        self._bell = Event()
        self._rings = 0
        self._greenlets: list[gevent.Greenlet] = []
        self._closing = False

    def start(self) -> None:
        self._greenlets = [gevent.spawn(self._serve) for _ in range(self._slots)]
        self.wake()

    def wake(self) -> None:
        self._rings += 1
        self._bell.set()

    def cancel(self, run_id: str) -> None:
        self._worker.cancel(run_id)

    def send_input(self, run_id: str, data: bytes | None) -> None:
        self._worker.send_input(run_id, data)

    def stop(self, grace_s: float) -> None:
        """Takes no more runs and waits for those under way, and for what ended ones left to be removed; after `grace_s`
        leaves them to the next start."""
        self._closing, until = True, time.monotonic() + grace_s
        self.wake()
        gevent.joinall(self._greenlets, timeout=grace_s)
        self._worker.settle(max(0.0, until - time.monotonic()))
        if left := self._worker.live():
            log.info("runs left to the next start: %s", ", ".join(left))
        gevent.killall(self._greenlets)

    def _serve(self) -> None:
        while not self._closing:
            self._bell.wait()
            if not self._bell.is_set():
                continue  # another has just seen that there is nothing
            rings = self._rings
            if self._ran_one():
                self.wake()  # its end may be another's turn: its tenant has room again
            elif rings == self._rings and not self._closing:
                self._bell.clear()

    def _ran_one(self) -> bool:
        try:
            return not self._closing and self._worker.run_next()
        except Exception:  # a slot that ended would be missed by nobody but those who wait
            log.exception("a slot could not take a run")
            gevent.sleep(RETRY_S)
            return True
