"""Which GPUs a host can give to runs, and what is to be said when somebody asks for more."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_CDI = "nvidia.com/gpu="
DEVICE_PREFIX = "nvidia"


@dataclass(frozen=True, slots=True)
class Gpus:
    """The engine's driver for device requests, and the ids by which it knows each GPU."""

    driver: str = ""
    ids: tuple[str, ...] = ()


NO_GPUS = Gpus()


def gpus_of(info: Mapping[str, Any], devices: Iterable[str]) -> Gpus:
    """From what the engine says of itself (`docker info`) and the names in the host's /dev.

    By CDI it lists the GPUs itself. With NVIDIA's runtime it does not: then each /dev/nvidiaN is one. Neither: none.
    """
    found = [item["ID"] for item in info.get("DiscoveredDevices") or () if item.get("Source") == "cdi"]
    if cdi := tuple(
        sorted((name for name in found if _number(name, _CDI) is not None), key=lambda n: _number(n, _CDI))
    ):
        return Gpus("cdi", cdi)
    if "nvidia" in (info.get("Runtimes") or {}):
        numbers = sorted(number for name in devices if (number := _number(name, DEVICE_PREFIX)) is not None)
        return Gpus("nvidia", tuple(map(str, numbers))) if numbers else NO_GPUS
    return NO_GPUS


def objection(wanted: float, there: int) -> str | None:
    """Why `wanted` GPUs can't be had on a host that has `there`; None if they can."""
    if wanted <= there:
        return None
    return (
        f"must be at most {there}: the host has no more GPUs" if there else "must be 0: the host has no GPUs for runs"
    )


def _number(name: str, prefix: str) -> Any:
    """N of a name that is prefix and N."""
    rest = name.removeprefix(prefix)
    return int(rest) if name != rest and rest.isascii() and rest.isdigit() else None
