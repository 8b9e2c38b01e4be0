"""How much of its quota an account uses."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.db.queries import count_runs, day_use, storage_bytes
from server.domain.run import LEASED, State
from server.domain.times import end_of_day, rfc3339


def usage_of(session: Session, user_id: str, now: datetime) -> dict[str, Any]:
    """Of runs, storage and the day's counts, as the API tells it."""
    day = day_use(session, user_id, now)
    return {
        "queued_runs": count_runs(session, user_id, State.QUEUED),
        "running_runs": count_runs(session, user_id, *LEASED),
        "storage_mb": round(storage_bytes(session, user_id) / (1 << 20), 1),
        "runs_today": day.runs,
        "cpu_s_today": round(day.cpu_s, 3),
        "day_ends_at": rfc3339(end_of_day(now)),
    }
