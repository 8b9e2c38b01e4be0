"""A run, top to bottom: claim, open, put, start, follow, wait, collect, finish; then, whatever happened, clear away.

Load, act, apply: no transaction spans an engine call. The lease is renewed by a greenlet beside, which also sees the
cancel flag and the deadline and stops the sandbox.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import gevent
from gevent.event import Event
from sqlalchemy import insert
from sqlalchemy.orm import Session

from server import telemetry
from server.db import moves
from server.db.models import Base
from server.db.moves import Lease
from server.db.queries import storage_bytes
from server.db.session import Database
from server.domain.egress import domains
from server.domain.errors import BytemeError, EngineAway, EngineError, ImageError, StaleLease, Unavailable
from server.domain.ids import make_id
from server.domain.ports import (
    ArtifactStore,
    Engine,
    Events,
    Job,
    LogStore,
    Member,
    Sandbox,
    SandboxSpec,
    Skipped,
)
from server.domain.preload import profile_for_run
from server.domain.quota import Room, artifact_room
from server.domain.run import DatasetMount, Ending, Limits, Network, Reason, State, Stop, Usage, explain
from server.domain.trace import Trace
from server.services.datasets import Datasets
from server.services.secrets import Secrets
from server.settings import Settings
from server.tracing import Tracing
from server.turns import beside_the_loop
from server.worker.collect import Collected, Item, collect
from server.worker.endings import CancelledEarly, HostLost, ending_of
from server.worker.metrics import last_metrics
from server.worker.output import OutputKeeper, wait_for_room
from server.worker.removal import Removals

log = logging.getLogger(__name__)

TICK_S = 0.25  # how late a deadline may be noticed
RETRY_S = 1.0  # between attempts to write what a run came to while the database is away
USAGE_S = 1.0
EXIT_S = 60.0  # from the end of a program's output to the engine's word that its container has ended
STDIN_GRACE_S = 5.0  # for a run that nobody follows: then its standard input ends
MAX_ATTEMPTS = 3
MAX_OUTAGES = 10  # attempts, where the engine went away: that is none of the run's doing
_INSERT_ARTIFACTS = insert(Base.metadata.tables["artifacts"])

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Tools:
    """What executing a run needs; `worker` is the name that its leases carry."""

    settings: Settings
    db: Database
    engine: Engine
    logs: LogStore
    artifacts: ArtifactStore
    events: Events
    datasets: Datasets
    secrets: Secrets
    clock: Callable[[], datetime]
    tracing: Tracing
    worker: str


class Execution:
    """One lease's worth of one run."""

    def __init__(self, tools: Tools, lease: Lease, sandbox: Sandbox | None, removals: Removals) -> None:
        self.x, self.lease, self.sandbox, self.run = tools, lease, sandbox, lease.task
        self.removals = removals
        self.nudge = Event()
        self.begun = Event()
        self.started = False
        self.exited = False  # the program has, and what is in its sandbox is done with
        self.ended = False  # the run has
        self.unwanted = False
        self.secrets: Mapping[str, str] = {}  # what the program is given, by name
        self.deadline: float | None = None
        self.limits = Limits(**self.run.limits)
        self.quota = tools.settings.quota.with_overrides(self.run.quota)
        self.stop = Stop(self.run.stop_cause) if self.run.stop_cause else None
        self.trace = Trace(self.run.created_at, tools.clock(), self.run.trace or ())
        self.taken = time.perf_counter()
        self.handed_over = 0.0  # when, by perf_counter; 0 when that was in an earlier life
        self.warm = sandbox.warm if sandbox else False

    def execute(self) -> None:
        log.info("run taken", extra={"state": self.run.state, "attempt": self.lease.attempt})
        supervisor = gevent.spawn(self._supervise)
        leave = False
        try:
            self._carry_on(State(self.run.state))
        except gevent.GreenletExit:
            leave = True  # the server stops: the next one carries on
            raise
        except StaleLease:
            leave = True
            log.warning("another worker has this run now")
        except BytemeError as error:
            leave = not self._fail(error)
        except Exception as error:
            log.exception("a run failed for a reason of ours")
            leave = not self._fail(error)
        finally:
            supervisor.kill()
            if not leave:
                self._clear_away()

    def _clear_away(self) -> None:
        """Beside the slot; but a run whose program may still be there keeps its slot until that is gone."""
        if self.sandbox is not None and self.exited:
            self.removals.begin(self.sandbox.id, self._remove)
        else:
            self._remove()

    def _remove(self) -> None:
        """The output of a run that has ended is made durable, its sandbox removed."""
        if self.ended:
            try:
                beside_the_loop(self.x.logs.seal, self.run.id)
            except OSError:
                log.exception("an output could not be made durable")
        if self.sandbox is not None:
            self.sandbox.destroy()

    def _carry_on(self, state: State) -> None:
        """From wherever the run is. A fresh one is in `starting` and has no sandbox."""
        if state is State.STARTING:
            self._begin()
        elif self.sandbox is None:
            raise HostLost
        if state in {State.STARTING, State.RUNNING}:
            self._start(again=state is State.RUNNING)
            self._follow()
        self._finish()

    # before the program

    def _begin(self) -> None:
        if self.sandbox is not None:  # of an attempt whose program had not begun
            self.sandbox.destroy()
        with self.trace.step("resolve"):
            image = self.x.engine.resolve(self.run.image_alias)
        telemetry.note_image(image.alias, image.ref, image.digest)
        with self.trace.step("open"), telemetry.ENGINE_SECONDS.labels("open").time():
            sandbox = self.sandbox = self.x.engine.open(self._spec(image.engine_id))
        with self.trace.step("put"):
            sandbox.put({path: text.encode() for path, text in self.run.files.items()})
        self.warm, now = sandbox.warm, self.x.clock()
        values = {
            "started_at": now, "host": self.lease.worker, "image_ref": image.ref, "image_digest": image.digest,
            "warm": self.warm, "trace": self.trace.spans,
        }  # fmt: skip
        with self.trace.step("running"):
            may_start = self._write(lambda session: self._may_begin(session, now, values))
        if not may_start:
            raise CancelledEarly
        self.run.state, self.run.started_at = State.RUNNING, now

    def _may_begin(self, session: Session, now: datetime, values: Mapping[str, Any]) -> bool:
        """The move to `running`, and in the same transaction what the program is given."""
        may_start = moves.begin(session, self.lease, now, **values)
        if may_start and self.run.secrets:
            self.secrets = self.x.secrets.give(session, self.run.id, self.run.secrets)
        return may_start

    def _spec(self, image: str) -> SandboxSpec:
        mounts, network = [DatasetMount(**item) for item in self.run.datasets], Network(self.run.network)
        return SandboxSpec(
            name=f"run-{self.run.id}-{self.lease.attempt}",
            run_id=self.run.id,
            attempt=self.lease.attempt,
            image=image,
            limits=self.limits,
            network=network,
            egress=domains(self.quota.egress, self.x.settings.egress_presets) if network is Network.EGRESS else (),
            output_limit_bytes=self.run.output_limit_bytes,
            data={mount.name: str(self.x.datasets.path(mount.id)) for mount in mounts},
            preload=profile_for_run(self.run.files, self.limits.memory_mb),
        )

    def _start(self, *, again: bool) -> None:
        """Hands over the job; again after a crash between the two, since then it may not have arrived."""
        self.deadline = time.monotonic() + self.limits.timeout_s - self._elapsed_s()
        if again and self.run.secrets:
            self.secrets = self._write(lambda session: self.x.secrets.given(session, self.run.id))
        grace = None if self.run.interactive else STDIN_GRACE_S
        job = Job((_as_path(self.run.entrypoint), *self.run.args), {**self.run.env, **self.secrets}, self.limits, grace)
        with suppress(EngineError) if again else self.trace.step("start"):
            self.sandbox_or_raise().start(job)
        self.handed_over = 0.0 if again else time.perf_counter()
        if not again:
            telemetry.START_SECONDS.labels(str(self.warm).lower()).observe(self.handed_over - self.taken)
        self.started = True
        self.begun.set()
        if again and self.stop is not None:  # an earlier life wrote down that it would, and may not have come to it
            self.sandbox_or_raise().stop()
        if again or self.unwanted:  # a cancel that came while it was not there to be stopped is seen now
            self.nudge.set()
        self.x.events.publish(self.run.id)  # no sooner: whoever looks now costs the hand-over no time

    def _elapsed_s(self) -> float:
        """Since the program's start. The wall clock may have been set since, so it is asked last."""
        known = self.sandbox_or_raise().lasted_s()
        if known is not None or self.run.started_at is None:
            return known or 0.0
        return max(0.0, (self.x.clock() - self.run.started_at).total_seconds())

    # while it runs

    def _follow(self) -> None:
        secrets = [value for _, value in sorted(self.secrets.items())]
        keeper = OutputKeeper(self.run.id, self.run.output_limit_bytes, self.x.logs, self.x.events, self._stop)
        keeper.follow(self.sandbox_or_raise(), secrets, lambda: self._note("first_output"))
        self._note("program")
        self.started = False

    def _note(self, step: str) -> None:
        """A step that began with the hand-over, if that was in this life."""
        if self.handed_over:
            self.trace.add(step, self.handed_over)

    # after it

    def _finish(self) -> None:
        sandbox = self.sandbox_or_raise()
        with self.trace.step("exit"):
            exit_ = sandbox.wait(EXIT_S)
        self.exited, usage = True, _usage(exit_.usage)
        if self.run.state != State.COLLECTING:
            self._move_to_collecting(usage | {"exit_code": exit_.code})
        else:  # a crash may have left half of a file
            self.x.artifacts.delete(self.run.id)
        with self.trace.step("collect"), telemetry.ENGINE_SECONDS.labels("collect").time():
            collected = self._collected(sandbox)
        ending = explain(exit_, self.stop, self.limits, self.run.output_limit_bytes)
        if ending.state is State.SUCCEEDED and collected.over_limit:
            ending = Ending(State.FAILED, collected.over_limit, Reason.ARTIFACT_LIMIT, ending.exit_code)
        if self.unwanted and self.stop is None:
            ending = Ending(State.CANCELLED, "Cancelled after the program had ended.", exit_code=ending.exit_code)
        self._end(ending, collected, usage)

    def _collected(self, sandbox: Sandbox) -> Collected:
        """From the beginning: what an attempt before a crash, or on a full disk, left is of no use."""
        while True:
            try:
                return collect(
                    self._members(sandbox), self.x.artifacts, self.run.id, self.quota.artifact_count, self._room
                )
            except OSError as error:
                self.x.artifacts.delete(self.run.id)
                wait_for_room(error)

    def _room(self) -> Room:
        stored = self._write(lambda session: storage_bytes(session, self.run.user_id))
        return artifact_room(self.quota, self.limits, stored)

    def _members(self, sandbox: Sandbox) -> Iterator[Member | Skipped]:
        """What the program left, until its owner no longer wants it."""
        for member in sandbox.get():
            if self.unwanted and self.stop is None:
                yield Skipped(member.path, "the run was cancelled")
                return
            yield member

    def _end(self, ending: Ending, collected: Collected, usage: dict[str, Any]) -> None:
        """The terminal state and the artifacts, in one transaction."""
        position, now = self.x.logs.position(self.run.id), self.x.clock()
        values = usage | {
            "output_bytes": position.offset,
            "output_truncated": self.stop in {Stop.OUTPUT_LIMIT, Stop.OUTPUT_PIECES},
            "artifact_count": len(collected.items),
            "artifact_bytes": sum(item.stored.bytes for item in collected.items),
            "last_metrics": last_metrics(self.x.logs, self.run.id, position.events),
            "artifacts_skipped": [{"path": item.path, "why": item.why} for item in collected.skipped],
        }

        begin = time.perf_counter()

        def write(session: Session) -> None:
            spans = self.trace.spans_and("finish", begin)
            moves.finish(session, self.lease, ending, now, **values, trace=spans)
            if self.run.secrets:
                self.x.secrets.forget(session, self.run.id)
            if collected.items:
                session.execute(_INSERT_ARTIFACTS, [_artifact(item, self.run.id, now) for item in collected.items])

        self._write(write)
        self.ended = True
        self.trace.add("finish", begin)
        self.x.events.publish(self.run.id)
        telemetry.observe_steps(self.trace.spans, warm=self.warm)
        self._tell_trace(ending)
        telemetry.ARTIFACT_BYTES.inc(values["artifact_bytes"])
        telemetry.RUNS_ENDED.labels(ending.state, ending.reason or "").inc()
        log.info("run ended", extra={"state": ending.state, "reason": ending.reason, "exit_code": ending.exit_code})

    def _tell_trace(self, ending: Ending) -> None:
        about = {
            "run_id": self.run.id, "state": str(ending.state), "warm": self.warm, "host": self.lease.worker,
            "attempt": self.lease.attempt,
        }  # fmt: skip
        self.x.tracing.tell(self.run.created_at, self.trace.spans, about, ending.reason and str(ending.reason))

    def _fail(self, error: Exception) -> bool:
        """Ends a run that could not be carried through; if that was before the program began, tries again.

        False when its end was not ours to write, or could not be: then the sandbox is left to whoever carries on.
        """
        passes = isinstance(error, EngineError | Unavailable) and not isinstance(error, ImageError)
        try:
            if not (passes and self._requeued(is_outage=isinstance(error, EngineAway))):
                early = self.unwanted and self.run.state == State.STARTING
                self._end(ending_of(CancelledEarly() if early else error), Collected(), {})
                self.x.artifacts.delete(self.run.id)  # of a collection that came to nothing
        except (StaleLease, OSError):
            log.exception("the end of a run was not written; whoever has its lease next carries on")
            return False
        return True

    def _requeued(self, *, is_outage: bool) -> bool:
        most = MAX_OUTAGES if is_outage else MAX_ATTEMPTS
        if self.run.state != State.STARTING or self.lease.attempt >= most:
            return False
        if is_outage:
            self._wait_for_engine()
        if self.unwanted:
            return False
        self._write(lambda session: moves.requeue(session, self.lease, self.x.clock(), trace=self.trace.spans))
        log.warning("something failed before the program began; the run is queued again")
        gevent.sleep(self.lease.attempt)
        return True

    def _wait_for_engine(self) -> None:
        """Until it answers, or the run is unwanted: one outage would use up the attempts of all that wait."""
        log.warning("the container engine is away; the run waits for it")
        while not self.unwanted:
            with suppress(EngineError):
                self.x.engine.check()
                return
            gevent.sleep(RETRY_S)

    # beside it

    def _supervise(self) -> None:
        """Renews the lease, sees the cancel flag and the deadline, tells what is used. Ends with the execution."""
        beat, told = time.monotonic(), 0.0
        while True:
            nudged = self.nudge.wait(TICK_S)
            self.nudge.clear()
            now = time.monotonic()
            try:
                if nudged or now - beat >= self.x.settings.lease_s / 3:
                    beat = now
                    self._heartbeat()
                if self.started and self.deadline is not None and now >= self.deadline:
                    self._stop(Stop.TIMEOUT)
                if self.started and now - told >= USAGE_S:
                    told = now
                    self.x.events.usage(self.run.id, self.sandbox_or_raise().usage())
            except Exception:  # without it nothing would end this run
                log.exception("watching over a run failed; the next look comes in a moment")

    def _heartbeat(self) -> None:
        try:
            self.unwanted = self._cancelled()
            if self.unwanted and self.started:
                self._stop(Stop.CANCEL)
        except StaleLease:
            log.warning("the lease is lost")
        except Unavailable:
            log.warning("the database is away; the run goes on")

    def _cancelled(self) -> bool:
        with self.x.db.transaction() as session:
            return moves.heartbeat(session, self.lease, self.x.clock(), self.x.settings.lease_s)

    def _stop(self, why: Stop) -> None:
        """Ends the program; the first reason counts, also over a crash of ours."""
        if self.stop is not None:
            return
        if not self.sandbox_or_raise().stop() and why in {Stop.CANCEL, Stop.TIMEOUT}:
            return  # it has ended by itself: how, we are about to learn
        self.stop = why
        with suppress(Unavailable), self.x.db.transaction() as session:
            moves.note_stop(session, self.lease, why)

    def _move_to_collecting(self, values: dict[str, Any]) -> None:
        with self.trace.step("collecting"):
            self._write(lambda session: moves.move(session, self.lease, State.COLLECTING, self.x.clock(), **values))
        self.run.state = State.COLLECTING  # no bell: mostly the end comes first, and who watches looks again in a while

    def _write(self, work: Callable[[Session], Result]) -> Result:
        """`work` in a transaction, as soon as the database answers: a moment without one must cost a run nothing."""
        while True:
            try:
                with self.x.db.transaction() as session:
                    return work(session)
            except Unavailable:
                log.warning("the database is away; the run waits for it")
                gevent.sleep(RETRY_S)

    def sandbox_or_raise(self) -> Sandbox:
        if self.sandbox is None:
            raise EngineError("There is no sandbox.")
        return self.sandbox


def _artifact(item: Item, run_id: str, now: datetime) -> dict[str, Any]:
    return {
        "id": make_id(int(now.timestamp() * 1000)), "run_id": run_id, "path": item.path, "store_key": item.key,
        "bytes": item.stored.bytes, "sha256": item.stored.sha256, "media_type": item.media_type, "created_at": now,
    }  # fmt: skip


def _as_path(entrypoint: str) -> str:
    """As the interpreter takes it for a file, and not for an option of its own."""
    return f"./{entrypoint}" if entrypoint.startswith("-") else entrypoint


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "cpu_s": usage.cpu_s,
        "peak_memory_bytes": usage.peak_memory_bytes,
        "disk_bytes": usage.peak_disk_bytes,
    }
