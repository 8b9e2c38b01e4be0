"""How the platform is: its queue, the last day in numbers, and the settings in force. For operators only.

Of a tenant's run they see whose it is, what it needs and where it stands; nothing of its code, environment or output.
"""

import shutil
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server import telemetry
from server.db.models import Run, User
from server.db.queries import Queue, look_at_queue
from server.db.session import Database
from server.domain.policy import Actor, require_admin
from server.domain.quota import Quota
from server.domain.run import LEASED, Reason, State
from server.domain.times import rfc3339
from server.domain.wait import Place, why_waiting
from server.settings import PREFIX, Settings

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_RECENT = 20_000  # ended runs that the numbers are of, at most
_PLATFORMS = frozenset({Reason.HOST_LOST, Reason.IMAGE_UNAVAILABLE, Reason.INTERNAL_ERROR})
_SHOWN = (
    Run.id, Run.user_id, User.email, Run.state, Run.limits, Run.network, Run.created_at, Run.started_at, Run.host,
    Run.cancel_requested_at,
)  # fmt: skip


class Board:
    """Every call raises Forbidden for anybody but operators."""

    def __init__(self, db: Database, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._settings = settings
        self._clock = clock

    def queue(self, actor: Actor, limit: int) -> dict[str, Any]:
        """The first `limit` runs that wait, by their turn, and all that are under way."""
        require_admin(actor)
        with self._db.transaction() as session:
            queue = self._look(session)
            first = sorted(queue.places, key=lambda run_id: queue.places[run_id].position)[:limit]
            waiting = session.execute(_rows().where(Run.id.in_(first))).all()
            running = session.execute(_rows().where(Run.state.in_(LEASED)).order_by(Run.id)).all()
        waiting = sorted(waiting, key=lambda row: queue.places[row.id].position)
        return {
            "items": [_describe(row) | self._describe_place(queue, queue.places[row.id]) for row in waiting],
            "next": None,
            "queued": len(queue.places),
            "running": [_describe(row) | _describe_start(row) for row in running],
            "slots": self._settings.run_slots,
        }

    def overview(self, actor: Actor) -> dict[str, Any]:
        """The queue's length, and the last day's waits, ends and failures; the disk."""
        require_admin(actor)
        now = self._clock()
        with self._db.transaction() as session:
            counts = {row[0]: row[1] for row in session.execute(select(Run.state, func.count()).group_by(Run.state))}
            users = session.scalars(select(func.count()).select_from(User)).one()
            ended = session.execute(_ended_since(now - _DAY)).all()
        waits = sorted((row.started_at - row.created_at).total_seconds() for row in ended if row.started_at)
        return {
            "queued": counts.get(State.QUEUED, 0),
            "running": sum(counts.get(state, 0) for state in LEASED),
            "slots": self._settings.run_slots,
            "waits": {"median_s": _quantile(waits, 0.5), "p95_s": _quantile(waits, 0.95)},
            "hours": _hours(ended, now),
            "ended": len(ended),
            "failed": sum(row.state == State.FAILED for row in ended),
            "platform_failed": sum(row.reason in _PLATFORMS for row in ended),
            "disk": self._disk(),
            "users": users,
        }

    def settings(self, actor: Actor) -> list[dict[str, Any]]:
        """Each setting in force. Of a secret only whether it is set."""
        require_admin(actor)
        return [
            _describe_setting(name, field, getattr(self._settings, name))
            for name, field in Settings.model_fields.items()
        ]

    def _look(self, session: Session) -> Queue:
        return look_at_queue(session, self._settings.quota, self._settings.run_slots, self._clock())

    def _describe_place(self, queue: Queue, place: Place) -> dict[str, Any]:
        return {"position": place.position, "wait_s": place.wait_s, "why": self._why(queue, place)}

    def _why(self, queue: Queue, place: Place) -> str:
        if queue.draining:
            return "An operator lets no run start."
        if self._disk()["free_mb"] < self._settings.min_free_disk_mb:
            return "The data folder's disk is too full for a run to start."
        return why_waiting(place.position, queue.everybodys, queue.lanes[place.tenant])

    def _disk(self) -> dict[str, int]:
        total, _, free = shutil.disk_usage(self._settings.data_dir)
        return {"free_mb": free >> 20, "total_mb": total >> 20, "least_mb": self._settings.min_free_disk_mb}


def _rows() -> Any:
    return select(*_SHOWN).join(User, User.id == Run.user_id)


def _describe(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "owner_id": row.user_id,
        "owner_email": row.email,
        "state": row.state,
        "limits": row.limits,
        "network": row.network,
        "created_at": rfc3339(row.created_at),
    }


def _describe_start(row: Any) -> dict[str, Any]:
    stopping = row.cancel_requested_at is not None
    return {"host": row.host, "started_at": rfc3339(row.started_at), "stopping": stopping}


def _ended_since(time: datetime) -> Any:
    columns = (Run.state, Run.reason, Run.created_at, Run.started_at, Run.finished_at)
    return select(*columns).where(Run.finished_at >= time).order_by(Run.finished_at.desc()).limit(_RECENT)


def _quantile(ordered: Sequence[float], part: float) -> float | None:
    """The value below which `part` of them are; None of none."""
    return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))], 3) if ordered else None


def _hours(ended: Sequence[Any], now: datetime) -> list[dict[str, Any]]:
    """The last 24 hours by the clock, the present one last."""
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    hours = [{"begins_at": rfc3339(this_hour - ago * _HOUR), "ended": 0, "failed": 0} for ago in range(23, -1, -1)]
    for row in ended:
        ago = (this_hour - row.finished_at.replace(minute=0, second=0, microsecond=0)) // _HOUR
        if ago < len(hours):
            hours[-1 - ago]["ended"] += 1
            hours[-1 - ago]["failed"] += row.state == State.FAILED
    return hours


def _describe_setting(name: str, field: FieldInfo, value: Any) -> dict[str, Any]:
    default = field.get_default(call_default_factory=True)
    secret = "SecretStr" in str(field.annotation)
    return {
        "name": PREFIX + name.upper(),
        "value": _plain(value),
        "default": _plain(default),
        "description": field.description or "",
        "secret": secret,
        "is_set": value != default,
    }


def _plain(value: Any) -> Any:
    """As JSON holds it: no secret, and no password of a URL."""
    if isinstance(value, SecretStr):
        return None
    if isinstance(value, Quota):
        return value.as_dict()
    return telemetry.redact(str(value)) if isinstance(value, str | Path) else value
