"""What a tenant may use, and the decisions that follow from it."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from server.domain import egress, gpus, image
from server.domain.errors import FieldError, Invalid, TooMany
from server.domain.run import Limits
from server.domain.times import end_of_day, rfc3339

# To the engine 0 means "no limit", and below these no sandbox starts. A weight divides.
_LEAST: Mapping[str, float] = {
    "cpus": 0.1, "memory_mb": 64, "disk_mb": 16, "pids": 16, "timeout_s": 1, "weight": 0.01,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quota:
    """A tenant's ceilings. Sizes in MiB, times in seconds; what is called `runs` is a count. A day is one of UTC.

    `weight` is no ceiling: a tenant of weight 2 gets two turns where others get one.
    `egress` lists the domains and presets that runs with `network: egress` may reach; while it is empty, none starts.
    `images` lists the aliases that runs may name besides the default one; `*` stands for all.
    """

    cpus: float = 2.0
    memory_mb: int = 8192
    disk_mb: int = 10240
    pids: int = 4096
    timeout_s: int = 14400
    gpus: int = 0
    output_mb: int = 64
    artifact_mb: int = 10240
    artifact_count: int = 1000
    parallel_runs: int = 16
    queued_runs: int = 1000
    runs_per_day: int = 20000
    cpu_s_per_day: int = 172800
    storage_mb: int = 102400
    weight: float = 1.0
    egress: tuple[str, ...] = ()
    images: tuple[str, ...] = (image.ANY,)

    def with_overrides(self, overrides: Mapping[str, Any]) -> "Quota":
        """This quota with an operator's changes; raises Invalid for a name that is not a quota or a bad value."""
        problems = tuple(
            FieldError(f"quota.{name}", wrong)
            for name, value in overrides.items()
            if (wrong := self._objection(name, value))
        )
        if problems:
            raise Invalid(fields=problems)
        return replace(self, **{name: type(getattr(self, name))(value) for name, value in overrides.items()})

    def _objection(self, name: str, value: Any) -> str | None:
        if name not in self.as_dict():
            return "there is no such quota"
        if name == "egress":
            return egress.objection(value)
        if name == "images":
            return image.objection_to_images(value)
        least, is_number = _LEAST.get(name, 0), isinstance(value, int | float) and not isinstance(value, bool)
        return None if is_number and least <= value < 1e12 else f"must be a number, {least:g} or more"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Room:
    """How many bytes the artifacts of a run may take, and what it is that bounds them."""

    bytes: int
    bound: str


def artifact_room(quota: Quota, limits: Limits, stored_bytes: int) -> Room:
    """The least of what the quota, the owner's storage (of which `stored_bytes` are used) and the run's disk allow:
    files with holes, or with many names, look larger than the disk they are on, and would be so once copied."""
    left = max(0, (quota.storage_mb << 20) - stored_bytes)
    rooms = (
        Room(quota.artifact_mb << 20, f"artifact limit of {quota.artifact_mb} MB"),
        Room(limits.disk_mb << 20, f"disk limit of {limits.disk_mb} MB"),
        Room(left, f"storage quota of {quota.storage_mb} MB"),
    )
    return min(rooms, key=lambda room: room.bytes)


@dataclass(frozen=True, slots=True)
class DayUse:
    """What a tenant has used of a day: the runs submitted, and the CPU-seconds of those that ended."""

    runs: int = 0
    cpu_s: float = 0.0


def check_day(use: DayUse, quota: Quota, now: datetime) -> None:
    """Raises TooMany, until the day's end, when the day's runs or CPU-seconds are used up."""
    used_up = None
    if use.runs >= quota.runs_per_day:
        used_up = f"You have submitted {quota.runs_per_day} runs today"
    elif use.cpu_s >= quota.cpu_s_per_day:
        used_up = f"Your runs have used {quota.cpu_s_per_day} CPU-seconds today"
    if used_up:
        end = end_of_day(now)
        left = math.ceil((end - now).total_seconds())
        raise TooMany(f"{used_up}, which is your quota; the next day begins at {rfc3339(end)}.", retry_after_s=left)


def may_start(quota: Quota, running: int, cpu_s: float) -> bool:
    """May one more of a tenant's queued runs start, with `running` of them on their way and `cpu_s` used of the day."""
    return running < quota.parallel_runs and cpu_s < quota.cpu_s_per_day


def check_limits(limits: Limits, quota: Quota) -> None:
    """Raises Invalid, naming every limit above the tenant's quota: a limit is refused, never cut down in silence."""
    problems = tuple(
        FieldError(f"limits.{name}", f"{wanted:.10g} is above your quota of {getattr(quota, name):.10g}")
        for name, wanted in asdict(limits).items()
        if wanted > getattr(quota, name)
    )
    if problems:
        raise Invalid("; ".join(f"{p.field}: {p.message}" for p in problems), fields=problems)


def choose_limits(asked: Mapping[str, float], quota: Quota, host_gpus: int = 0) -> Limits:
    """The limits of a run: as asked for, else the default or, where that is less, the quota. Raises Invalid, also for
    more GPUs than its host has."""
    defaults = {name: min(value, getattr(quota, name)) for name, value in asdict(Limits()).items()}
    limits = replace(Limits(), **{**defaults, **asked})
    check_limits(limits, quota)
    if wrong := gpus.objection(limits.gpus, host_gpus):
        raise Invalid.of("limits.gpus", wrong)
    return limits
