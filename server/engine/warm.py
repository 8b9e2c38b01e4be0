"""An Engine around an Engine: sandboxes that have their libraries imported already wait for runs.

A sandbox serves one run and is gone; it is never put back. `open` takes one that waits or has one made, and never
waits for the pool. All that is slow happens in one greenlet beside it: one sandbox at a time is made, with what is left
of the CPU, and only while no run waits and the host has memory to spare.

What can't be changed later is the key: the image's content and the profile. Runtime and GPUs are the same for all that
wait (no GPU); a run that wants another goes cold. No sandbox has a network; a way out is opened when its run is known.
"""

import logging
import random
import secrets
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gevent
from gevent.event import Event
from prometheus_client import Counter, Gauge, Histogram

from server import telemetry
from server.domain import pool
from server.domain.errors import BytemeError, EngineError, ImageError
from server.domain.ports import Engine, Image, Sandbox, SandboxSpec
from server.domain.preload import PROFILES
from server.domain.run import Limits

log = logging.getLogger(__name__)

LOOK_S = 2.0  # between looks at the image, the ages and the mix
PAUSE_S = 0.3  # after a sandbox was taken, so that its run goes first
READY_S = 180.0  # the longest that imports may take
JITTER = 0.2  # of the age limit: not all grow old at once
CLOSE_S = 20.0  # the longest that a shutdown waits for the engine
RETRY_S = (1.0, 60.0)  # after a failure, doubling from the first to the second
SWITCH_S = 60.0  # from the end of a preparation to the switch that it was for
REMIX_AFTER_S = 60.0  # a sandbox that the mix has no use for is given so long

_labels = ["profile"]
READY = Gauge("byteme_warm_ready", "Sandboxes that wait for a run.", _labels, registry=telemetry.REGISTRY)
TAKEN = Counter(
    "byteme_warm_opens", "Sandboxes opened for runs: from the pool (hit) or not (miss).", ["profile", "result"],
    registry=telemetry.REGISTRY,
)  # fmt: skip
DROPPED = Counter(
    "byteme_warm_dropped", "Sandboxes that waited in vain, by why.", ["profile", "why"], registry=telemetry.REGISTRY
)
_BUCKETS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60)
REFILL_SECONDS = Histogram(
    "byteme_warm_refill_seconds", "Making a sandbox that waits, until it is ready.", _labels, buckets=_BUCKETS,
    registry=telemetry.REGISTRY,
)  # fmt: skip
REFILL_CPU = Counter(
    "byteme_warm_refill_cpu_seconds", "CPU seconds that sandboxes used to make themselves ready.", _labels,
    registry=telemetry.REGISTRY,
)  # fmt: skip
MEMORY = Gauge(
    "byteme_warm_memory_bytes", "Memory of the sandbox that became ready last.", _labels, registry=telemetry.REGISTRY
)
AGE = Histogram(
    "byteme_warm_age_seconds", "How long a sandbox had waited when it was taken.",
    buckets=(1, 10, 60, 300, 900, 1800, 3600, 7200), registry=telemetry.REGISTRY,
)  # fmt: skip
FAILURES = Counter("byteme_warm_refill_failures", "Sandboxes that did not become ready.", registry=telemetry.REGISTRY)


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """`size` sandboxes, at most `memory_mb` MiB of them, none older than `max_age_s`, and none made while the host has
    less than `min_free_mb` MiB of memory available. `disk_mb` is the largest disk that one can be given, MiB, and
    `limits` are those of a run that asks for none."""

    size: int
    memory_mb: int
    min_free_mb: int
    max_age_s: float
    disk_mb: int
    limits: Limits = field(default_factory=Limits)


@dataclass(slots=True)
class Waiting:
    """A sandbox in the pool. `until` is when it has grown old (monotonic seconds)."""

    sandbox: Sandbox
    profile: str
    image: str
    since: float
    until: float


class WarmEngine:
    """`engine` with a pool in front. `are_runs_waiting` tells when making sandboxes would cost somebody time."""

    def __init__(
        self, engine: Engine, settings: PoolSettings, are_runs_waiting: Callable[[], bool],
        available_mb: Callable[[], float] | None = None, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._engine, self._settings, self._clock = engine, settings, clock
        self._are_runs_waiting = are_runs_waiting
        self._available_mb = available_mb or memory_available_mb
        self._idle: list[Waiting] = []
        self._demand = pool.Demand()
        self._cost_mb = dict(pool.EXPECTED_MB)
        self._image: Image | None = None
        self._coming = ""  # what the default image will be made from soon
        self._coming_until = 0.0
        self._is_full = Event()  # of what is coming
        self._opening = 0  # runs for which a sandbox is being made at the moment
        self._taken_at = -PAUSE_S
        self._bell = Event()
        self._in_the_making = ""  # the id of the sandbox that imports its libraries
        self._at_rest = Event()  # unless a container is being created to wait
        self._at_rest.set()
        self._keeper: gevent.Greenlet | None = None

    # an Engine

    def start(self) -> None:
        self._engine.start()
        if self._keeper is None:
            self._keeper = gevent.spawn(self._keep)

    def open(self, spec: SandboxSpec) -> Sandbox:
        self._demand.note(spec.preload, self._clock())
        sandbox = self._take(spec) if self._may_be_warm(spec) else None
        TAKEN.labels(spec.preload, "hit" if sandbox else "miss").inc()
        if sandbox is not None:
            return sandbox
        self._opening += 1
        try:
            return self._engine.open(spec)
        finally:
            self._opening -= 1

    def find(self, *, lost: bool = False) -> list[Sandbox]:
        """Those of runs, and those that nobody knows of; not those that wait here, or will."""
        ours = {waiting.sandbox.id for waiting in self._idle} | {self._in_the_making}
        return [sandbox for sandbox in self._engine.find(lost=lost) if sandbox.id not in ours]

    def resolve(self, alias: str | None) -> Image:
        """The default image as of the last look: an engine call would take longer than all the rest of a warm start."""
        if alias is None and self._image is not None and self._keeper:
            return self._image
        return self._engine.resolve(alias)

    def prepare(self, image: Image, timeout_s: float) -> bool:
        """Sandboxes of an image to come wait beside those of the present one, as many again, or in their place where
        memory is short. They are given up when the switch does not come soon."""
        is_present = self._image is not None and image.engine_id == self._image.engine_id
        if is_present or self._keeper is None:
            return True
        self._coming, self._coming_until = image.engine_id, self._clock() + timeout_s + SWITCH_S
        self._is_full.clear()
        self._bell.set()
        return bool(self._is_full.wait(timeout_s))

    def refresh(self) -> None:
        self._image = None
        self._engine.refresh()
        self._bell.set()

    def check(self) -> dict[str, Any]:
        """The engine's facts, how many sandboxes wait, and how much memory the host has to spare for them."""
        available = self._available_mb()
        return {**self._engine.check(), "warm": len(self._idle), "memory_available_mb": round(available)}

    def sweep(self) -> list[str]:
        return self._engine.sweep()

    def close(self) -> None:
        """Nothing waits any longer. One that is being created is waited for: it would be there unknown to us."""
        if self._keeper is not None:
            self._at_rest.wait(CLOSE_S)
            self._keeper.kill()
            self._keeper = None
        self._drop(list(self._idle), "shutdown")
        self._engine.close()

    # taking

    def _take(self, spec: SandboxSpec) -> Sandbox | None:
        """The first healthy one; none when that can't be given to the run: no other could."""
        while waiting := self._best(spec):
            self._idle.remove(waiting)
            self._taken_at = self._clock()
            READY.labels(waiting.profile).dec()
            self._bell.set()
            if waiting.sandbox.is_healthy():
                return self._assigned(waiting, spec)
            self._give_up(waiting, "unhealthy")
        return None

    def _may_be_warm(self, spec: SandboxSpec) -> bool:
        fits = spec.limits.disk_mb <= self._settings.disk_mb
        return fits and not spec.limits.gpus

    def _best(self, spec: SandboxSpec) -> Waiting | None:
        """The oldest of the profile that suits the run best and leaves it half of its memory."""
        room_mb = spec.limits.memory_mb / 2
        fits = [w for w in self._idle if w.image == spec.image and self._cost_mb[w.profile] <= room_mb]
        order = pool.preference([waiting.profile for waiting in fits], spec.preload)
        return next((waiting for waiting in fits if waiting.profile == order[0]), None)

    def _assigned(self, waiting: Waiting, spec: SandboxSpec) -> Sandbox | None:
        try:
            waiting.sandbox.assign(spec)
        except EngineError as error:
            log.warning("a sandbox that waited could not be given to a run: %s", error.message)
            self._give_up(waiting, "refused")
            return None
        AGE.observe(self._clock() - waiting.since)
        return waiting.sandbox

    def _give_up(self, waiting: Waiting, why: str) -> None:
        DROPPED.labels(waiting.profile, why).inc()
        gevent.spawn(waiting.sandbox.destroy)

    # keeping

    def _keep(self) -> None:
        """For ever: looks again at once while sandboxes are lacking, else after a pause or when one is taken."""
        failures = 0
        while True:
            try:
                pause = 0.0 if self._look() else LOOK_S
                failures = 0
            except Exception as error:
                pause = min(RETRY_S[1], RETRY_S[0] * 2**failures)
                failures += 1
                FAILURES.inc()
                log.warning(
                    "no sandbox could be made ready (%s); next attempt in %g s",
                    error,
                    pause,
                    exc_info=_surprising(error),
                )
            if self._bell.wait(pause):
                gevent.sleep(pause if failures else PAUSE_S)
            self._bell.clear()

    def _look(self) -> bool:
        """Drops what should not wait any longer, and makes one sandbox if one is lacking; says whether it did."""
        image = self._image_if_any()
        self._drop([waiting for waiting in self._idle if not waiting.sandbox.is_healthy()], "unhealthy")
        self._drop([waiting for waiting in self._idle if waiting.until <= self._clock()], "age")
        if self._coming and self._fill(self._coming):
            return True
        return image is not None and self._fill(image.engine_id)

    def _image_if_any(self) -> Image | None:
        """The image now; None on a host that has none yet, but for what is coming. Else raises ImageError."""
        try:
            return self._see_image()
        except ImageError:
            if not self._coming:
                raise
            return None

    def _fill(self, image: str) -> bool:
        """Makes one sandbox of an image if one is lacking; says whether it did."""
        weights = self._demand.weights(self._clock())
        wanted = pool.mix(self._settings.size, weights, self._cost_mb, self._settings.memory_mb)
        have = Tally(waiting.profile for waiting in self._idle if waiting.image == image)
        profile = pool.next_to_make(wanted, have, weights)
        if profile is None and image == self._coming:
            self._is_full.set()
        if profile is None or self._must_yield(profile, image):
            return False
        if have.total() >= self._settings.size and not self._drop_surplus(wanted, have, image):
            return False
        self._make(profile, image)
        return True

    def _see_image(self) -> Image:
        """The image now; on another content under the same name, what waits is of no more use."""
        if self._clock() >= self._coming_until:
            self._coming = ""
        self._image = None  # should it not be there, runs are told by the engine
        self._image = image = self._engine.resolve(None)
        if image.engine_id == self._coming:
            self._coming = ""
        used = {image.engine_id, self._coming}
        self._drop([waiting for waiting in self._idle if waiting.image not in used], "image")
        return image

    def _must_yield(self, profile: str, image: str) -> bool:
        rested = self._clock() - self._taken_at >= PAUSE_S
        if bool(self._opening) or not rested or self._are_runs_waiting():
            return True
        return not self._has_memory(profile) and not self._gave_way(profile, image)

    def _has_memory(self, profile: str) -> bool:
        return self._available_mb() - self._cost_mb[profile] >= self._settings.min_free_mb

    def _gave_way(self, profile: str, image: str) -> bool:
        """What is coming takes the place of a sandbox that is going, where there is no memory for both."""
        going = [w for w in self._idle if image == self._coming and w.image != image]
        self._drop(sorted(going, key=lambda w: w.profile != profile)[:1], "image")
        return bool(going) and self._has_memory(profile)

    def _drop_surplus(self, wanted: Mapping[str, int], have: Mapping[str, int], image: str) -> bool:
        profile, now = pool.surplus(wanted, have), self._clock()
        idle = [w for w in self._idle if w.image == image]
        spare = [w for w in idle if w.profile == profile and now - w.since >= REMIX_AFTER_S]
        self._drop(spare[:1], "mix")
        return bool(spare)

    def _make(self, profile: str, image: str) -> None:
        begin = self._clock()
        name = f"warm-{profile}-{secrets.token_hex(6)}"
        spec = SandboxSpec(name, "", 0, image, self._settings.limits, preload=profile)
        sandbox = self._created(spec)
        self._in_the_making = sandbox.id
        try:
            sandbox.await_ready(READY_S)
        except BaseException:
            sandbox.destroy()
            raise
        finally:
            self._in_the_making = ""
        now = self._clock()
        until = now + self._settings.max_age_s * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
        self._idle.append(Waiting(sandbox, profile, image, now, until))
        self._account(profile, sandbox, now - begin)

    def _created(self, spec: SandboxSpec) -> Sandbox:
        self._at_rest.clear()
        try:
            return self._engine.open(spec)
        finally:
            self._at_rest.set()

    def _account(self, profile: str, sandbox: Sandbox, seconds: float) -> None:
        READY.labels(profile).inc()
        REFILL_SECONDS.labels(profile).observe(seconds)
        usage = sandbox.usage()
        REFILL_CPU.labels(profile).inc(usage.cpu_s)
        if usage.memory_bytes:
            MEMORY.labels(profile).set(usage.memory_bytes)
            self._cost_mb[profile] = usage.memory_bytes / (1 << 20)

    def _drop(self, waiting: Iterable[Waiting], why: str) -> None:
        dropped = list(waiting)
        self._idle = [kept for kept in self._idle if kept not in dropped]
        for one in dropped:
            READY.labels(one.profile).dec()
            DROPPED.labels(one.profile, why).inc()
        gevent.joinall([gevent.spawn(one.sandbox.destroy) for one in dropped])


def _surprising(error: Exception) -> Exception | None:
    return None if isinstance(error, BytemeError) else error


def memory_available_mb() -> float:
    """MiB that this host could give out without swapping (proc(5), meminfo)."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("MemAvailable:"))


for _profile in PROFILES:
    READY.labels(_profile)
