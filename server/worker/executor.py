"""Which runs this process executes: takes them, carries them on, and reaches them while they run."""

import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager

from server import telemetry
from server.db import image_moves, moves
from server.domain.errors import Conflict, EngineError
from server.domain.ports import Sandbox
from server.worker.execute import Execution, Tools
from server.worker.removal import Removals

log = logging.getLogger(__name__)

PRESSURE_S = 0.5  # an answer about the queue serves for so long
HAND_OVER_S = 2.0  # whoever types at once when told that a run is running waits so long for it to read


class Executor:
    """Executes runs in this process, each in the greenlet that asks for it."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._live: dict[str, Execution] = {}
        self._removals = Removals()
        self._busy = 0
        self._pressed = False
        self._pressed_until = 0.0

    @property
    def worker(self) -> str:
        return self._tools.worker

    @property
    def busy(self) -> int:
        """How many slots are in use."""
        return self._busy

    def run_next(self) -> bool:
        """Executes the fairest queued run to its end; False when there is none to take, or no room for it."""
        if self._busy >= self._tools.settings.run_slots or not self._may_start():
            return False
        with self._counted():
            tools, begin = self._tools, time.perf_counter()
            with tools.db.transaction() as session:
                lacking = image_moves.lacking(session, self.worker)
                lease = moves.claim(
                    session, self.worker, tools.clock(), tools.settings.lease_s, tools.settings.quota, lacking
                )
            if lease is None:
                return False
            execution = Execution(tools, lease, None, self._removals)
            execution.trace.since_last("queue", begin)
            telemetry.QUEUE_SECONDS.observe(execution.trace.spans[-1]["ms"] / 1000)
            execution.trace.add("claim", begin)
            self._execute(execution)
        return True

    def is_pressed(self) -> bool:
        """Do runs wait for this process, as of up to half a second ago: any, once no slot is free; else one whose
        tenant has room. What is done ahead of time gives way to them."""
        now = time.monotonic()
        if now >= self._pressed_until:
            self._pressed, self._pressed_until = self._do_runs_wait(), now + PRESSURE_S
        return self._pressed

    def resume(self, run_id: str, sandbox: Sandbox | None) -> None:
        """Carries on a run that a worker left behind, with its sandbox if that still exists. Raises StaleLease.

        Its container is there already, so it waits for no slot; but no new run takes the one that it counts for.
        """
        with self._counted():
            tools, begin = self._tools, time.perf_counter()
            with tools.db.transaction() as session:
                lease = moves.take_over(session, run_id, self.worker, tools.clock(), tools.settings.lease_s)
            execution = Execution(tools, lease, sandbox, self._removals)
            execution.trace.add("recover", begin)
            self._execute(execution)

    def is_removing(self, sandbox_id: str) -> bool:
        """Is it a sandbox of an ended run, on its way out."""
        return self._removals.is_pending(sandbox_id)

    def settle(self, timeout_s: float | None = None) -> None:
        """Until the sandboxes of ended runs are removed, at most so long."""
        self._removals.settle(timeout_s)

    def owns(self, run_id: str) -> bool:
        return run_id in self._live

    def live(self) -> list[str]:
        return list(self._live)

    def cancel(self, run_id: str) -> None:
        if execution := self._live.get(run_id):
            execution.nudge.set()

    def send_input(self, run_id: str, data: bytes | None) -> None:
        execution = self._live.get(run_id)
        if execution is None or not execution.begun.wait(HAND_OVER_S) or not execution.started:
            raise Conflict("The run is not running, so it reads no input.")
        try:
            execution.sandbox_or_raise().send_input(data)
        except EngineError:
            raise Conflict("The run no longer reads input.") from None

    def _execute(self, execution: Execution) -> None:
        run_id = execution.run.id
        self._live[run_id] = execution
        try:
            with telemetry.bound(run_id=run_id):
                execution.execute()
        finally:
            if self._live.get(run_id) is execution:  # queued again, it may be another slot's by now
                del self._live[run_id]

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1

    def _do_runs_wait(self) -> bool:
        settings = self._tools.settings
        with self._tools.db.transaction() as session:
            if self._busy >= settings.run_slots:
                return moves.is_any_queued(session)
            lacking = image_moves.lacking(session, self.worker)
            return moves.is_any_claimable(session, settings.quota, self._tools.clock(), lacking)

    def _may_start(self) -> bool:
        free_mb = shutil.disk_usage(self._tools.settings.data_dir).free >> 20
        if free_mb >= self._tools.settings.min_free_disk_mb:
            return True
        log.warning("no run starts: %d MB free on the data folder's disk, below BYTEME_MIN_FREE_DISK_MB", free_mb)
        return False
