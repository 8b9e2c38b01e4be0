"""Who has failed to sign in, where, and how long they wait for it (domain/guessing.py). In this process's memory."""

import logging
import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from server import telemetry
from server.domain.account import normalise_email
from server.domain.errors import Invalid, TooMany, Unauthenticated
from server.domain.guessing import (
    FORGET_S,
    STRANGERS_ROOM,
    allowance,
    neighbourhood,
    pause_s,
    refill_s,
)  # fmt: skip

log = logging.getLogger(__name__)

ROOM = 10_000  # accounts, and pairs of account and address, that are remembered
Pair = tuple[str, str]
Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(slots=True)
class Failures:
    """Of one address at one account, one after the other."""

    count: int
    last: datetime

    @property
    def until(self) -> datetime:
        return self.last + timedelta(seconds=pause_s(self.count))


@dataclass(slots=True)
class Strangers:
    """What all strange addresses may still try at one account, as of `at`."""

    left: float
    at: datetime


class Memory(OrderedDict[Key, Value], Generic[Key, Value]):
    """The `ROOM` entries that were written last."""

    def put(self, key: Key, value: Value) -> None:
        self[key] = value
        self.move_to_end(key)
        if len(self) > ROOM:
            self.popitem(last=False)


class Guesses:
    """An account need not exist: nothing here depends on it, so nothing here tells."""

    def __init__(self, clock: Callable[[], datetime], *, enabled: bool) -> None:
        self._clock = clock
        self._enabled = enabled
        self._failures: Memory[Pair, Failures] = Memory()
        self._strangers: Memory[str, Strangers] = Memory()
        self._known: Memory[Pair, None] = Memory()

    @contextmanager
    def guess(self, email: str, address: str) -> Iterator[None]:
        """Around one attempt to sign in, which fails with Unauthenticated. Raises TooMany instead of making it.

        It counts as a failure from its beginning: many at once are as many as one after the other.
        """
        pair = (_account(email), neighbourhood(address))
        if self._enabled:
            self._begin(pair)
        try:
            yield
        except Unauthenticated:
            telemetry.SIGN_INS.labels("wrong").inc()
            raise
        except BaseException:
            self._take_back(pair)
            raise
        telemetry.SIGN_INS.labels("right").inc()
        self._take_back(pair)
        self._known.put(pair, None)

    def _begin(self, pair: Pair) -> None:
        now = self._clock()
        failures = self._failures.get(pair) or Failures(0, now)
        if now < failures.until:
            _refuse((failures.until - now).total_seconds())
        if pair not in self._known:
            self._spend(pair[0], now)
        count = 0 if now - failures.last > timedelta(seconds=FORGET_S) else failures.count
        self._failures.put(pair, Failures(count + 1, now))

    def _spend(self, account: str, now: datetime) -> None:
        before = self._strangers.get(account) or Strangers(STRANGERS_ROOM, now)
        left = allowance(before.left, (now - before.at).total_seconds())
        if left < 1:
            _refuse(refill_s(left))
        self._strangers.put(account, Strangers(left - 1, now))

    def _take_back(self, pair: Pair) -> None:
        """It was no failure."""
        self._failures.pop(pair, None)
        strangers = self._strangers.get(pair[0])
        if strangers is not None and pair not in self._known:
            strangers.left += 1


def _refuse(seconds: float) -> None:
    telemetry.SIGN_INS.labels("not tried").inc()
    log.warning("sign-in refused", extra={"why": "not tried"})
    raise TooMany("Too many attempts to sign in; wait a while.", retry_after_s=max(1, math.ceil(seconds)))


def _account(email: str) -> str:
    """One spelling for all that mean the same account; what can't be one is counted together."""
    try:
        return normalise_email(email)
    except Invalid:
        return ""
