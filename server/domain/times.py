"""How times are written for others."""

from datetime import UTC, datetime, timedelta
from typing import overload


@overload
def rfc3339(time: datetime) -> str: ...
@overload
def rfc3339(time: None) -> None: ...
def rfc3339(time: datetime | None) -> str | None:
    """UTC with milliseconds, as 2026-01-31T12:00:00.000Z."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if time else None


def utc_day(time: datetime) -> str:
    """The day in UTC, as 2026-01-31."""
    return time.astimezone(UTC).date().isoformat()


def end_of_day(time: datetime) -> datetime:
    """When the day in UTC is over: the midnight that follows."""
    return time.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
