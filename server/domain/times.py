"""How times are written for others."""

from datetime import UTC, datetime
from typing import overload


@overload
def rfc3339(time: datetime) -> str: ...
@overload
def rfc3339(time: None) -> None: ...
def rfc3339(time: datetime | None) -> str | None:
    """UTC with milliseconds, as 2026-01-31T12:00:00.000Z."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if time else None
