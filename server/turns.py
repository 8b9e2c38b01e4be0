"""Work that would hold up this process's event loop: it gives way, or is done beside it."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import gevent
from gevent import monkey

_AT_ONCE_S = 1e-9
Result = TypeVar("Result")


def give_way() -> None:
    """Whoever is ready goes first, who waits for a connection included; then the caller goes on.

    `gevent.sleep(0)` is not enough: it lets other greenlets go, but the loop looks at its connections only after some
    fifty such turns. This costs two microseconds.
    """
    gevent.sleep(_AT_ONCE_S)


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
