"""Numbers over time: the curves beside a run's output."""

import math
import operator
import time
from typing import Any, SupportsFloat, SupportsIndex

from byteme import events


def log(step: int | None = None, **metrics: SupportsFloat | SupportsIndex) -> None:
    """Report metrics by name, for instance ``log(step=3, loss=0.12, accuracy=0.97)``.

    A value is any number, a one-element tensor or array included; NaN and infinities are kept. All values of one call
    share one time. Nothing is sent unless every value is good.

    Raises:
        TypeError: a value, or `step`, is not a number (the message names it).
        OverflowError: an integer is too large for a float.
    """
    at = None if step is None else _integer(step)
    values = {name: _number(name, value) for name, value in metrics.items()}
    now = time.time()
    for name, value in values.items():
        events.send({"type": "metric", "name": name, "value": _json_number(value), "step": at, "time": now})


def _integer(step: Any) -> int:
    try:
        return operator.index(step)
    except TypeError:
        raise TypeError(f"step must be an integer or None, not {type(step).__name__}") from None


def _number(name: str, value: Any) -> float:
    try:
        plain = value.item() if hasattr(value, "item") else value  # a tensor or array of one element
        if isinstance(plain, str | bytes):
            raise TypeError("text is not a number")
        return float(plain)
    except OverflowError:
        raise OverflowError(f"metric {name!r} is too large for a float") from None
    except (TypeError, ValueError, RuntimeError) as error:  # torch raises RuntimeError for a tensor of many elements
        raise TypeError(f"metric {name!r} must be one number, not {type(value).__name__} ({error})") from None


def _json_number(value: float) -> float | str:
    """JSON has no word for what is not finite."""
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
