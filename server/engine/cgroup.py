"""What a container uses, from the host's cgroup files (v1 and v2): no engine call, and nothing a tenant can forge."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_PATTERNS = ("docker/{id}", "system.slice/docker-{id}.scope")


@dataclass(frozen=True, slots=True)
class Sample:
    """CPU seconds so far, memory now and at its peak in bytes, and processes killed for memory."""

    cpu_s: float = 0.0
    memory_bytes: int = 0
    peak_memory_bytes: int = 0
    oom_kills: int = 0


def sample(container_id: str) -> Sample:
    """Zeros when the container's cgroup is not there (it has ended, or the engine is on another host)."""
    with suppress(OSError, ValueError):
        return _v2(container_id) if (_ROOT / "cgroup.controllers").exists() else _v1(container_id)
    return Sample()


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
