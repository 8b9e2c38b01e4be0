"""A container's cgroup files on the host (v1 and v2): what it uses, which no tenant can forge, and what it may use.

An engine call takes tens of milliseconds for what these files tell, or take, in microseconds.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
PERIOD_US = 100_000
RUN_SHARES = 256  # of the CPU, where the host's other processes have 1024
WAITING_SHARES = 8  # of a sandbox that imports its libraries
LOW_SHARES = 128  # of all sandboxes together, where each other process of the host has 1024
GROUPS = {"low": "byteme", "idle": "byteme-idle"}
_PATTERNS = ("byteme/{id}", "byteme-idle/{id}", "docker/{id}", "system.slice/docker-{id}.scope")


@dataclass(frozen=True, slots=True)
class Sample:
    """CPU seconds so far, memory now and at its peak in bytes, and processes killed for memory."""

    cpu_s: float = 0.0
    memory_bytes: int = 0
    peak_memory_bytes: int = 0
    oom_kills: int = 0


def make_group(priority: str) -> str:
    """Makes the group of all sandboxes that have this priority on the CPU, unless it is there, and gives its name.

    `low`: all of them together weigh an eighth of one other process. `idle`: they have what nobody else wants, and
    whoever else wakes up goes first, at once. Empty where the kernel has no such group (`idle`: before Linux 5.15), or
    we may not make one.
    """
    name = GROUPS[priority]
    folder = _ROOT / name if _is_v2() else _ROOT / "cpu" / name
    weight = (folder / "cpu.weight", _weight(LOW_SHARES)) if _is_v2() else (folder / "cpu.shares", LOW_SHARES)
    path, value = (folder / "cpu.idle", 1) if priority == "idle" else weight
    with suppress(OSError):
        folder.mkdir(exist_ok=True)
        if path.exists():
            _write(path, value)
            return name
        folder.rmdir()  # nothing of it is of use
    return ""


def sample(container_id: str) -> Sample:
    """Zeros when the container's cgroup is not there (it has ended, or the engine is on another host)."""
    with suppress(OSError, ValueError):
        return _v2(container_id) if _is_v2() else _v1(container_id)
    return Sample()


def file_bytes(container_id: str) -> int:
    """The part of a container's memory that holds pages of files, which the kernel takes back when memory is short.
    Who reads a library's file first on this host is charged for it. Zero when that can't be told."""
    with suppress(OSError, ValueError):
        if _is_v2():
            stat, prefix = _fields(_folder(".", container_id) / "memory.stat"), ""
        else:
            stat, prefix = _fields(_folder("memory", container_id) / "memory.stat"), "total_"
        return stat.get(f"{prefix}inactive_file", 0) + stat.get(f"{prefix}active_file", 0)
    return 0


def limit(container_id: str, memory_bytes: int, cpus: float, pids: int) -> bool:
    """Sets what a container may use from now on, without swap and with a run's share of the CPU; its memory peak begins
    anew.

    False when its cgroup is not on this host. Raises OSError when the kernel refuses: it uses more memory than that.
    """
    try:
        folder = _folder(".", container_id) if _is_v2() else _folder("memory", container_id)
    except FileNotFoundError:
        return False
    if _is_v2():
        _limit_v2(folder, memory_bytes, cpus, pids)
    else:
        _limit_v1(container_id, memory_bytes, cpus, pids)
    return True


def is_frozen(container_id: str) -> bool:
    """Is it paused, so that it would hear nothing. False also when that can't be told."""
    with suppress(OSError):
        if _is_v2():
            return _number(_folder(".", container_id) / "cgroup.freeze") != 0
        return (_folder("freezer", container_id) / "freezer.state").read_text().strip() != "THAWED"
    return False


def _limit_v1(container_id: str, memory_bytes: int, cpus: float, pids: int) -> None:
    memory, cpu = _folder("memory", container_id), _folder("cpu", container_id)
    names = [n for n in ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes") if (memory / n).exists()]
    if memory_bytes > _number(memory / names[0]):
        names.reverse()  # memory may never be above memory and swap together
    for name in names:
        _write(memory / name, memory_bytes)
    _write(memory / "memory.max_usage_in_bytes", 0)
    _write(cpu / "cpu.cfs_period_us", PERIOD_US)
    _write(cpu / "cpu.cfs_quota_us", round(cpus * PERIOD_US))
    _write(cpu / "cpu.shares", RUN_SHARES)
    _write(_folder("pids", container_id) / "pids.max", pids)


def _limit_v2(folder: Path, memory_bytes: int, cpus: float, pids: int) -> None:
    _write(folder / "memory.max", memory_bytes)
    _write(folder / "memory.swap.max", 0)
    _write(folder / "cpu.max", f"{round(cpus * PERIOD_US)} {PERIOD_US}")
    _write(folder / "cpu.weight", _weight(RUN_SHARES))
    _write(folder / "pids.max", pids)


def _weight(shares: int) -> int:
    """As runc converts them."""
    return 1 + ((shares - 2) * 9999) // 262142


def _write(path: Path, value: int | str) -> None:
    path.write_text(str(value))


def _is_v2() -> bool:
    return (_ROOT / "cgroup.controllers").exists()


def _v1(container_id: str) -> Sample:
    memory, cpu = _folder("memory", container_id), _folder("cpuacct", container_id)
    kills = _fields(memory / "memory.oom_control").get("oom_kill", 0)
    return Sample(
        _number(cpu / "cpuacct.usage") / 1e9,
        _number(memory / "memory.usage_in_bytes"),
        _number(memory / "memory.max_usage_in_bytes"),
        kills,
    )


def _v2(container_id: str) -> Sample:
    folder = _folder(".", container_id)
    now = _number(folder / "memory.current")
    peak = folder / "memory.peak"  # since Linux 5.19
    return Sample(
        _fields(folder / "cpu.stat").get("usage_usec", 0) / 1e6,
        now,
        _number(peak) if peak.exists() else now,
        _fields(folder / "memory.events").get("oom_kill", 0),
    )


def _folder(controller: str, container_id: str) -> Path:
    for pattern in _PATTERNS:
        folder = _ROOT / controller / pattern.format(id=container_id)
        if folder.is_dir():
            return folder
    raise FileNotFoundError(container_id)


def _number(path: Path) -> int:
    return int(path.read_text())


def _fields(path: Path) -> dict[str, int]:
    return {key: int(value) for key, value in (line.split() for line in path.read_text().splitlines())}
