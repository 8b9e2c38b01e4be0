"""Request rates: by address, or by the user."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, NoReturn

from flask import Flask
from flask_limiter import Limiter, RequestLimit
from flask_limiter.util import get_remote_address

from server.domain.errors import TooMany
from server.web.auth import Guard


class By(Enum):
    ADDRESS = "address"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Rate:
    """A limit such as "10/minute", and what it is counted by."""

    limit: str
    by: By = By.ADDRESS


class Limits:
    """Counts requests in this process's memory."""

    def __init__(self, app: Flask, guard: Guard, *, enabled: bool) -> None:
        self._enabled = enabled
        self._limiter = Limiter(
            get_remote_address, app=app, storage_uri="memory://", enabled=enabled, on_breach=_refuse
        )
        self._keys: dict[By, Callable[[], str]] = {
            By.ADDRESS: get_remote_address,
            By.USER: lambda: guard.actor().id,
        }

    def apply(self, view: Callable[..., Any], rates: tuple[Rate, ...]) -> Callable[..., Any]:
        """`view`, refused with 429 above any of the rates. Its qualified name must be its own."""
        for rate in rates if self._enabled else ():
            view = self._limiter.limit(rate.limit, key_func=self._keys[rate.by], scope=rate.by.value)(view)
        return view


def _refuse(broken: RequestLimit) -> NoReturn:
    """Says when to come again: when the window ends."""
    raise TooMany(retry_after_s=max(1, math.ceil(broken.reset_at - time.time())))
