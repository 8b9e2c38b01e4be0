"""What is wrong with this installation, part by part, each with what to do."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.domain.errors import BytemeError, EngineError

if TYPE_CHECKING:
    from server.wiring import Services


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    ok: bool
    said: str


def examine(services: "Services") -> list[Finding]:
    """One finding a part; nothing is changed."""
    parts: dict[str, Callable[[], str]] = {
        "engine": lambda: _engine(services),
        "runtime": lambda: _runtime(services),
        "storage": lambda: _storage(services),
        "image": lambda: _image(services),
        "pool": lambda: _pool(services),
        "gpus": lambda: _gpus(services),
        "network": lambda: _network(services),
        "database": lambda: _database(services),
        "disk": lambda: _disk(services),
    }
    return [_finding(name, look) for name, look in parts.items()]


def _finding(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, look())
    except BytemeError as error:
        return Finding(name, False, error.message)


def _engine(services: "Services") -> str:
    facts = services.engine.check()
    memory = facts["memory_bytes"] / (1 << 30)
    cgroup, driver = facts["cgroup_version"], facts["storage_driver"]
    return f"Docker {facts['version']}, cgroup v{cgroup}, {driver}; {facts['cpus']} cores, {memory:.0f} GiB"


def _runtime(services: "Services") -> str:
    facts = services.engine.check()
    if facts["runtime"] == "runsc":
        return "runsc (gVisor): programs do not reach this host's kernel"
    return f"{facts['runtime']}: programs share this host's kernel; {_advice('runsc' in facts['runtimes'])}"


def _advice(is_installed: bool) -> str:
    if is_installed:
        return "for strangers' code set BYTEME_SANDBOX_RUNTIME=runsc (gVisor, which this engine has)"
    return "for strangers' code install gVisor, register it with the engine, set BYTEME_SANDBOX_RUNTIME=runsc"


def _storage(services: "Services") -> str:
    kind = services.engine.check()["storage"]
    how = "a loop-mounted ext4" if kind == "disk" else "a tmpfs, which counts as the run's memory"
    return (
        f"each run's disk (workspace, outputs, /tmp) is {how}: bytes and inodes are hard limits; /dev/shm is a tmpfs "
        "of its own; without either no run starts"
    )


def _image(services: "Services") -> str:
    image = services.engine.resolve(None)
    return f"{image.ref} is {image.digest[:19]}"


def _pool(services: "Services") -> str:
    settings = services.settings
    if not settings.warm_pool_size:
        return "none: every run starts cold (BYTEME_WARM_POOL_SIZE=0)"
    budget, available = settings.warm_memory_mb, services.engine.check()["memory_available_mb"]
    if available < settings.warm_min_free_memory_mb:
        raise EngineError(
            f"{available} MB of memory available, below BYTEME_WARM_MIN_FREE_MEMORY_MB "
            f"({settings.warm_min_free_memory_mb}): no sandbox is kept ready"
        )
    return f"up to {settings.warm_pool_size} sandboxes ready, {budget} MB in all; {available} MB available"


def _gpus(services: "Services") -> str:
    there, promised = services.engine.check().get("gpus", 0), services.settings.quota.gpus
    if promised > there:
        raise EngineError(f"BYTEME_QUOTA promises {promised} GPUs, this host has {there} for runs: others are refused")
    if not there:
        return "none for runs: the engine has neither NVIDIA's runtime nor its CDI devices, or runs are under gVisor"
    return f"{there}, each for one run at a time; a tenant needs a quota of `gpus`"


def _network(services: "Services") -> str:
    facts = services.engine.check()["egress"]
    if facts["state"] == "failing":
        raise EngineError(facts["said"])
    return str(facts["said"])


def _database(services: "Services") -> str:
    services.db.check()
    return str(services.db.engine.url.render_as_string(hide_password=True))


def _disk(services: "Services") -> str:
    folder, least = services.settings.data_dir, services.settings.min_free_disk_mb
    free = shutil.disk_usage(folder).free >> 20
    if free < least:
        raise EngineError(
            f"{free} MB free in {folder.resolve()}, below BYTEME_MIN_FREE_DISK_MB ({least}): no run starts"
        )
    if not os.access(folder, os.W_OK):
        raise EngineError(f"{folder.resolve()} can't be written (BYTEME_DATA_DIR)")
    early = services.settings.expire_below_mb
    expiry = f"below {early} MB ended runs expire early" if early else "none expires early (BYTEME_EXPIRE_BELOW_MB=0)"
    return f"{free} MB free in {folder.resolve()}; below {least} MB no run starts, {expiry}"
