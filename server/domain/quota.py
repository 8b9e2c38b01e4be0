"""What a tenant may use, and the decisions that follow from it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from server.domain import egress
from server.domain.errors import FieldError, Invalid
from server.domain.run import Limits

# To the engine 0 means "no limit", and below these no sandbox starts.
_LEAST: Mapping[str, float] = {"cpus": 0.1, "memory_mb": 64, "disk_mb": 16, "pids": 16, "timeout_s": 1}


@dataclass(frozen=True, slots=True)
class Quota:
    """A tenant's ceilings. Sizes in MiB, times in seconds; `parallel_runs` and `queued_runs` are counts.

    `egress` lists the domains and presets that runs with `network: egress` may reach; while it is empty, none starts.
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
    storage_mb: int = 102400
    egress: tuple[str, ...] = ()

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
        least, is_number = _LEAST.get(name, 0), isinstance(value, int | float) and not isinstance(value, bool)
        return None if is_number and least <= value < 1e12 else f"must be a number, {least:g} or more"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def check_limits(limits: Limits, quota: Quota) -> None:
    """Raises Invalid, naming every limit above the tenant's quota: a limit is refused, never cut down in silence."""
    problems = tuple(
        FieldError(f"limits.{name}", f"{wanted:.10g} is above your quota of {getattr(quota, name):.10g}")
        for name, wanted in asdict(limits).items()
        if wanted > getattr(quota, name)
    )
    if problems:
        raise Invalid("; ".join(f"{p.field}: {p.message}" for p in problems), fields=problems)


def choose_limits(asked: Mapping[str, float], quota: Quota) -> Limits:
    """The limits of a run: as asked for, else the default or, where that is less, the quota. Raises Invalid."""
    defaults = {name: min(value, getattr(quota, name)) for name, value in asdict(Limits()).items()}
    limits = replace(Limits(), **{**defaults, **asked})
    check_limits(limits, quota)
    return limits
