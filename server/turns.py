"""Work that would hold up this process's event loop: it gives way, rests, or is done beside it."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import gevent
from gevent import monkey

_AT_ONCE_S = 1e-9
_WAITED_ON_S = 0.5  # how long after a request somebody is still taken to be there
_REST = 3.0  # times as long as the work
_LONGEST_S = 0.02  # however long the work took: a disk may have held it up
_PATIENCE_S = 0.2  # at most for one piece, however many others rest
Result = TypeVar("Result")


def give_way() -> None:
    """Whoever is ready goes first, who waits for a connection included; then the caller goes on.

    `gevent.sleep(0)` is not enough: it lets other greenlets go, but the loop looks at its connections only after some
    fifty such turns. This costs two microseconds.
    """
    gevent.sleep(_AT_ONCE_S)


class Floods:
    """Work that programs can cause without end. All of it together has a quarter of the loop, and of a core, while
    anybody else asks for something, a little more when they are very many; and all that there is when nobody does.

    Giving way is not enough then: who asks has several turns to wait for, and the CPU is the programs' too.
    """

    def __init__(
        self, now: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = gevent.sleep
    ) -> None:
        self._now, self._sleep = now, sleep
        self._asked_at = float("-inf")
        self._rest_until = float("-inf")

    def somebody_asks(self) -> None:
        """A request is there, of whomever."""
        self._asked_at = self._now()

    @contextmanager
    def piece(self) -> Iterator[None]:
        """Around a piece of such work. Afterwards it gives way, or waits for the others' rests and its own."""
        begun = self._now()
        yield
        now = self._now()
        if now - self._asked_at > _WAITED_ON_S:
            self._sleep(_AT_ONCE_S)
            return
        rested = max(now, self._rest_until) + min(_REST * (now - begun), _LONGEST_S)
        self._rest_until = min(rested, now + _PATIENCE_S)
        self._sleep(self._rest_until - now)


floods = Floods()  # there is one loop in a process


def beside_the_loop(work: Callable[..., Result], *args: object) -> Result:
    """The result of `work(*args)`, computed in a native thread when this process is gevent's.

    `work` must not raise for what is to be expected: gevent prints what a native thread raises. A thread can't be
    ended: who is killed or timed out meanwhile ends once the work has, so that nobody deletes what it is using.
    """
    if not monkey.is_module_patched("threading"):
        return work(*args)
    pending = gevent.get_hub().threadpool.spawn(work, *args)
    try:
        result: Result = pending.get()
    finally:
        pending.wait()
    return result


def all_beside_the_loop(works: Iterable[Callable[[], Result]]) -> list[Result]:
    """The results of several works, in order, computed side by side in native threads when this process is gevent's.

    Raises what one of them raised, after all have ended.
    """
    if not monkey.is_module_patched("threading"):
        return [work() for work in works]
    pool = gevent.get_hub().threadpool
    waiting = [pool.spawn(work) for work in works]
    gevent.wait(waiting)
    return [result.get() for result in waiting]
