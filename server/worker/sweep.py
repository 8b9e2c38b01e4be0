"""What a crash left, and what has grown old. Recovery runs before sweeping, so nothing that lives on is swept away."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import gevent
from sqlalchemy import delete, select

from server.db.models import AuthSession, DailyUse, Run
from server.db.session import Database
from server.domain.errors import StaleLease
from server.domain.ports import ArtifactStore, Engine, LogStore, Sandbox
from server.domain.run import LEASED
from server.domain.times import utc_day
from server.settings import Settings
from server.worker.executor import Executor

log = logging.getLogger(__name__)

PERIOD_S = 30.0
EXPIRE_EVERY_S = 600.0
GRACE_S = 120.0  # a container may be older than the row that will name it
EXPIRE_AT_ONCE = 200


class Sweeper:
    """Recovers runs without a worker, removes containers without a run, and expires old runs."""

    def __init__(
        self, settings: Settings, db: Database, engine: Engine, logs: LogStore, artifacts: ArtifactStore,
        executor: Executor, clock: Callable[[], datetime], wake: Callable[[], None],
    ) -> None:  # fmt: skip
        self._settings, self._db, self._engine, self._logs, self._artifacts = settings, db, engine, logs, artifacts
        self._executor, self._clock, self._wake = executor, clock, wake
        self._seen: dict[str, float] = {}  # strays, and when they were first seen

    def start(self) -> gevent.Greenlet:
        """Recovers what an earlier life of this server left, then sweeps for ever in a greenlet."""
        self.once(first=True)
        return gevent.spawn(self._for_ever)

    def once(self, *, first: bool = False) -> None:
        try:
            sandboxes = self._engine.find()
            self._recover({sandbox.run_id: sandbox for sandbox in sandboxes}, first=first)
            self._remove_strays(sandboxes, first=first)
        except Exception:
            log.exception("the sweep could not be done; it comes again")
        self._wake()

    def expire(self) -> int:
        """Deletes ended runs, their outputs and artifacts past the retention time, the oldest first; how many."""
        before = self._clock() - timedelta(days=self._settings.retention_days)
        with self._db.transaction() as session:
            session.execute(delete(AuthSession).where(AuthSession.expires_at < self._clock()))
            session.execute(delete(DailyUse).where(DailyUse.day < utc_day(before)))
            old = select(Run.id).where(Run.finished_at < before).order_by(Run.finished_at).limit(EXPIRE_AT_ONCE)
            ids = list(session.scalars(old))
        for run_id in ids:
            self._artifacts.delete(run_id)
            self._logs.delete(run_id)
            with self._db.transaction() as session:
                session.execute(delete(Run).where(Run.id == run_id))
        return len(ids)

    def _for_ever(self) -> None:
        expired = 0.0
        while True:
            gevent.sleep(PERIOD_S)
            self.once()
            if time.monotonic() - expired >= EXPIRE_EVERY_S:
                expired = time.monotonic()
                try:
                    while self.expire() == EXPIRE_AT_ONCE:
                        pass
                except Exception:
                    log.exception("old runs could not be expired")

    def _recover(self, sandboxes: dict[str, Sandbox], *, first: bool) -> None:
        """At the first sweep of a process every lease of this host is an earlier life's; later, only those run out."""
        now = self._clock()
        with self._db.transaction() as session:
            rows = session.execute(select(Run.id, Run.worker, Run.lease_until).where(Run.state.in_(LEASED))).all()
        for run_id, worker, until in rows:
            stale = (first and worker == self._executor.worker) or until is None or until < now
            if stale and not self._executor.owns(run_id):
                log.info("carrying on a run", extra={"run_id": run_id})
                gevent.spawn(self._resume, run_id, sandboxes.get(run_id))

    def _resume(self, run_id: str, sandbox: Sandbox | None) -> None:
        try:
            self._executor.resume(run_id, sandbox)
        except StaleLease:
            log.info("another worker carries it on", extra={"run_id": run_id})
        except Exception:
            log.exception("a run could not be carried on", extra={"run_id": run_id})
        self._wake()  # its tenant has room again

    def _remove_strays(self, sandboxes: list[Sandbox], *, first: bool) -> None:
        with self._db.transaction() as session:
            live = set(session.scalars(select(Run.id).where(Run.state.in_(LEASED))))
        gone = [sandbox for sandbox in sandboxes if sandbox.run_id not in live]
        strays = [sandbox for sandbox in gone if not self._executor.is_removing(sandbox.id)]
        now = time.monotonic()
        self._seen = {sandbox.id: self._seen.get(sandbox.id, now) for sandbox in strays}
        for sandbox in strays:
            if first or now - self._seen[sandbox.id] >= GRACE_S:
                log.warning("removing a container without a run", extra={"run_id": sandbox.run_id})
                sandbox.destroy()
        if first:
            self._engine.sweep()
