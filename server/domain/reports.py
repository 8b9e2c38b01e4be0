"""What a program reports beside its output: metrics and displays, as the log store keeps them.

A record is a JSON header, a newline, and a body. It is written by the tenant's program, so nothing in it is believed:
a record that is not what it should be is None, never an error.
"""

import json
import math
from dataclasses import dataclass
from typing import Any

MAX_HEADER = 16 << 10  # bytes: a larger one would cost time to read, each time that somebody looks
MAX_NAME = 200
MAX_MEDIA_TYPE = 100


@dataclass(frozen=True, slots=True)
class Metric:
    """One point of a curve. `value` is None for what is not finite; `time` is in seconds since 1970."""

    name: str
    value: float | None
    step: int | None
    time: float | None


@dataclass(frozen=True, slots=True)
class Display:
    """A figure, an image, a table or text to look at."""

    media_type: str
    data: bytes


def parse_report(record: bytes) -> Metric | Display | None:
    """What `record` tells; None if it makes no sense."""
    head, _, body = record.partition(b"\n")
    if len(head) > MAX_HEADER:
        return None
    try:
        header = json.loads(head)
    except (ValueError, RecursionError):
        return None
    match header:
        case {"type": "metric", "name": str(name)} if 0 < len(name) <= MAX_NAME and _sound(name):
            return Metric(name, _number(header.get("value")), _step(header.get("step")), _number(header.get("time")))
        case {"type": "display", "media_type": str(kind)} if len(kind) <= MAX_MEDIA_TYPE and _sound(kind):
            return Display(kind, body)
    return None


def _sound(text: str) -> bool:
    """Whether it can be written as UTF-8: a lone surrogate would break the message it is sent in."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _step(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53 else None
