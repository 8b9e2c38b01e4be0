"""Work that would hold up the event loop, done beside it."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import gevent
from gevent import monkey

Result = TypeVar("Result")


def beside_the_loop(work: Callable[..., Result], *args: object) -> Result:
    """The result of `work(*args)`, computed in a native thread when this process is gevent's.

    `work` must not raise for what is to be expected: gevent prints what a native thread raises.
    """
    if not monkey.is_module_patched("threading"):
        return work(*args)
    result: Result = gevent.get_hub().threadpool.apply(work, args)
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
