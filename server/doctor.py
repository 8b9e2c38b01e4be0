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
    advice = (
        "" if facts["runtime"] == "runsc" else "; for strangers' code BYTEME_SANDBOX_RUNTIME=runsc (gVisor) is safer"
    )
    return f"{facts['runtime']}, of {', '.join(facts['runtimes'])}{advice}"


def _storage(services: "Services") -> str:
    kind = services.engine.check()["storage"]
    how = "a loop-mounted ext4" if kind == "disk" else "a tmpfs, which counts as the run's memory"
    return f"each run's disk is {how}: bytes and inodes are hard limits"


def _image(services: "Services") -> str:
    image = services.engine.resolve(None)
    return f"{image.ref} is {image.digest[:19]}"


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
    return f"{free} MB free in {folder.resolve()}"
