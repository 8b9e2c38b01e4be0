"""What a crash left. Recovery runs before sweeping, so nothing that lives on is swept away."""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime

import gevent
from sqlalchemy import select

from server import telemetry
from server.db.models import Run
from server.db.session import Database
from server.domain.errors import StaleLease
from server.domain.ports import Engine, Sandbox
from server.domain.run import LEASED, TERMINAL
from server.settings import Settings
from server.worker.executor import Executor
from server.worker.expiry import Expiry

log = logging.getLogger(__name__)

PERIOD_S = 30.0
FIRST_RETRY_S = 1.0  # while the first sweep can't be done: nothing else is begun before it
GRACE_S = 120.0  # a container may be older than the row that will name it

Attempt = tuple[str, int]  # of the run with that id


class Sweeper:
    """Recovers runs without a worker, removes containers without a run, and has old runs expire."""

    def __init__(
        self, settings: Settings, db: Database, engine: Engine, executor: Executor, expiry: Expiry,
        clock: Callable[[], datetime], wake: Callable[[], None],
    ) -> None:  # fmt: skip
        self._settings, self._db, self._engine, self._executor, self._expiry = settings, db, engine, executor, expiry
        self._clock, self._wake = clock, wake
        self._seen: dict[str, float] = {}  # strays, and when they were first seen
        self._orphans: dict[str, float] = {}  # leased runs of this host that nobody executes, likewise

    def start(self, then: Callable[[], None]) -> gevent.Greenlet:
        """Recovers what an earlier life of this server left, calls `then`, and sweeps for ever in a greenlet.

        With an engine or a database that is away at the start both come later.
        """
        is_done = self.once(first=True)
        if is_done:
            then()
        return gevent.spawn(self._for_ever, None if is_done else then)

    def once(self, *, first: bool = False) -> bool:
        """False when it could not be done."""
        try:
            sandboxes = self._engine.find(lost=first)
            if first:
                self._engine.sweep()
            self._recover({(sandbox.run_id, sandbox.attempt): sandbox for sandbox in sandboxes}, first=first)
            self._remove_strays(sandboxes, first=first)
        except Exception:
            log.exception("the sweep could not be done; it comes again")
            telemetry.SWEEPS.labels("failed").inc()
            return False
        finally:
            self._wake()
        return True

    def _for_ever(self, then: Callable[[], None] | None) -> None:
        while then is not None:
            gevent.sleep(FIRST_RETRY_S)
            if self.once(first=True):
                then()
                then = None
        while True:
            gevent.sleep(PERIOD_S)
            self.once()
            self._expiry.look()

    def _recover(self, sandboxes: Mapping[Attempt, Sandbox], *, first: bool) -> None:
        """At the first sweep of a process every lease of this host is an earlier life's; later, only those run out."""
        with self._db.transaction() as session:
            leased = select(Run.id, Run.attempt, Run.worker, Run.lease_until).where(Run.state.in_(LEASED))
            rows = [row for row in session.execute(leased).all() if not self._executor.owns(row.id)]
        self._note_orphans([row.id for row in rows if row.worker == self._executor.worker], first=first)
        now = self._clock()
        for run_id, attempt, _, until in rows:
            if self._is_orphaned(run_id) or until is None or until < now:
                log.info("carrying on a run", extra={"run_id": run_id})
                telemetry.SWEEPS.labels("carried on").inc()
                gevent.spawn(self._resume, run_id, sandboxes.get((run_id, attempt)))

    def _note_orphans(self, ours: list[str], *, first: bool) -> None:
        now = time.monotonic()
        since = now - self._settings.lease_s if first else now
        self._orphans = {run_id: self._orphans.get(run_id, since) for run_id in ours}

    def _is_orphaned(self, run_id: str) -> bool:
        """Has nobody here executed it for as long as a lease: known without the wall clock, which may have been set."""
        since = self._orphans.get(run_id)
        return since is not None and time.monotonic() - since >= self._settings.lease_s

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
            found = select(Run.id, Run.attempt, Run.state).where(Run.id.in_({sandbox.run_id for sandbox in sandboxes}))
            runs = {row.id: (row.attempt, row.state) for row in session.execute(found)}
        strays = [one for one in sandboxes if not self._is_needed(one, runs.get(one.run_id))]
        now = time.monotonic()
        self._seen = {sandbox.id: self._seen.get(sandbox.id, now) for sandbox in strays}
        for sandbox in strays:
            is_over = _is_over(sandbox, runs.get(sandbox.run_id))
            if first or is_over or now - self._seen[sandbox.id] >= GRACE_S:
                log.warning("removing a container without a run", extra={"run_id": sandbox.run_id})
                telemetry.SWEEPS.labels("removed").inc()
                sandbox.destroy()

    def _is_needed(self, sandbox: Sandbox, run: tuple[int, str] | None) -> bool:
        if self._executor.owns(sandbox.run_id) or self._executor.is_removing(sandbox.id):
            return True
        return run is not None and run[0] == sandbox.attempt and run[1] in LEASED


def _is_over(sandbox: Sandbox, run: tuple[int, str] | None) -> bool:
    """Has its run ended, or come to a later attempt (attempt and state of it now)."""
    return run is not None and (run[1] in TERMINAL or run[0] > sandbox.attempt)
