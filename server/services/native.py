"""Work that would hold up the event loop, done beside it."""

from collections.abc import Callable
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
