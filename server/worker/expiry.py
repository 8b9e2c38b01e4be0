"""What has grown old goes; what is merely oldest goes early when the disk is short. What has not ended never does."""

import logging
import shutil
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from server import telemetry
from server.db.models import AuthSession, DailyUse, Run
from server.db.queries import audit
from server.db.session import Database
from server.domain.ports import ArtifactStore, LogStore
from server.domain.times import utc_day
from server.services.uploads import Uploads
from server.settings import Settings

log = logging.getLogger(__name__)

EVERY_S = 600.0
AT_ONCE = 200
EARLY_AT_ONCE = 20  # between two looks at the disk
CLOCK_STEP_S = 3600.0


class Expiry:
    """Deletes ended runs with their outputs and artifacts, and uploads that were not finished."""

    def __init__(
        self, settings: Settings, db: Database, logs: LogStore, artifacts: ArtifactStore, uploads: Uploads,
        clock: Callable[[], datetime],
        ticks: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
    ) -> None:  # fmt: skip
        self._settings, self._db, self._logs, self._artifacts = settings, db, logs, artifacts
        self._uploads, self._clock, self._ticks = uploads, clock, ticks
        self._began = clock(), ticks()
        self._looked = ticks()

    def look(self) -> None:
        """Call it often: deletes what is due, and more when the disk is short. Never raises."""
        try:
            if self._has_clock_stepped():
                return
            if self._ticks() - self._looked >= EVERY_S:
                self._looked = self._ticks()
                while self.expire() == AT_ONCE:
                    pass
            self.make_room()
        except Exception:
            log.exception("old runs could not be expired")

    def expire(self) -> int:
        """Deletes ended runs past the retention time, the oldest first; how many."""
        with self._db.transaction() as session:
            session.execute(delete(AuthSession).where(AuthSession.expires_at < self._clock()))
            before = self._clock() - timedelta(days=self._settings.retention_days)
            session.execute(delete(DailyUse).where(DailyUse.day < utc_day(before)))
        self._uploads.expire()
        return self._delete(self._settings.retention_days, AT_ONCE, "age")

    def make_room(self) -> int:
        """While the disk is short, deletes the oldest runs that ended long enough ago; how many."""
        count = 0
        while self._is_short() and (deleted := self._delete(self._settings.expire_early_days, EARLY_AT_ONCE, "disk")):
            count += deleted
        return count

    def _is_short(self) -> bool:
        return shutil.disk_usage(self._settings.data_dir).free >> 20 < self._settings.expire_below_mb

    def _delete(self, days: float, most: int, why: str) -> int:
        before = self._clock() - timedelta(days=days)
        old = select(Run.id, Run.user_id).where(Run.finished_at < before).order_by(Run.finished_at).limit(most)
        with self._db.transaction() as session:
            runs = session.execute(old).all()
        for run in runs:
            self._artifacts.delete(run.id)
            self._logs.delete(run.id)
            with self._db.transaction() as session:  # last: what a crash leaves is found again
                session.execute(delete(Run).where(Run.id == run.id))
                audit(session, self._clock(), None, "run.expire", run.id, why=why, user=run.user_id)
        telemetry.EXPIRED.labels(why).inc(len(runs))
        if runs and why == "disk":
            log.warning("%d ended runs expired early: little is free on the data folder's disk", len(runs))
        return len(runs)

    def _has_clock_stepped(self) -> bool:
        """A clock that was set while we ran makes everything look old; that is no reason to delete it."""
        began, tick = self._began
        step_s = (self._clock() - began).total_seconds() - (self._ticks() - tick)
        if abs(step_s) < CLOCK_STEP_S:
            return False
        log.error(
            "the clock was set by %d s since the start: nothing expires until the server is started again", step_s
        )
        return True
