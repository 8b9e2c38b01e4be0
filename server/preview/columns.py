"""What the cells of one column have in common. Pure."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from server.preview.options import CELL

BINS = 20
TOP = 10
INTEGER = re.compile(r"\s*[+-]?[0-9]{1,18}\s*")
NUMBER = re.compile(r"\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*")
_CLOCK = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{3,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
_DAY = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([T ]{_CLOCK})?")
_NULLS = frozenset({"", "na", "n/a", "nan", "null", "none"})
_BOOLEANS = frozenset({"true", "false"})


def summary(name: str, cells: Sequence[str | None]) -> dict[str, Any]:
    """The API's Column."""
    values = [cell for cell in cells if cell is not None and cell.strip().lower() not in _NULLS]
    counts = Counter(values)
    kind = column_type(counts)
    told: dict[str, Any] = {
        "name": name, "type": kind, "nulls": round(1 - len(values) / len(cells), 6) if cells else 0.0,
        "distinct": len(counts), "min": None, "max": None, "mean": None, "histogram": [], "top": [],
    }  # fmt: skip
    if kind in {"integer", "number"}:
        return told | _of_numbers(counts)
    if kind == "date":
        told |= {"min": min(counts), "max": max(counts)}
    top = [{"value": value[:CELL], "count": count} for value, count in counts.most_common(TOP)]
    return told | {"top": top}


def column_type(values: Iterable[str]) -> str:
    """Of different values, those for "nothing" aside: the narrowest type that all of them have."""
    texts = list(values)
    if not texts:
        return "text"
    for kind, fits in _TYPES.items():
        if all(map(fits, texts)):
            return kind
    return "text"


def _is_number(text: str) -> bool:
    return bool(NUMBER.fullmatch(text)) and math.isfinite(float(text))


def _is_date(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


_TYPES = {
    "integer": lambda text: INTEGER.fullmatch(text) is not None,
    "number": _is_number,
    "boolean": lambda text: text.strip().lower() in _BOOLEANS,
    "date": _is_date,
}


def _of_numbers(counts: Counter[str]) -> dict[str, Any]:
    values = [(float(text), count) for text, count in counts.items()]
    low, high = min(values)[0], max(values)[0]
    total = sum(count for _, count in values)
    mean = math.fsum(value / total * count for value, count in values)
    return {"min": low, "max": high, "mean": mean, "histogram": histogram(values, low, high)}


def histogram(values: Iterable[tuple[float, int]], low: float, high: float) -> list[dict[str, float]]:
    """How many of the values (each with how often it is there) lie in each of up to BINS equal parts."""
    width = (high / BINS) - (low / BINS)
    if width <= 0:
        return [{"low": low, "high": high, "count": sum(count for _, count in values)}]
    counts = [0] * BINS
    for value, count in values:
        counts[min(BINS - 1, int((value / width) - (low / width)))] += count
    edges = [low * (1 - n / BINS) + high * (n / BINS) for n in range(BINS)] + [high]
    return [{"low": edges[n], "high": edges[n + 1], "count": counts[n]} for n in range(BINS)]
