"""What it costs that sandboxes wait, and what the server costs that has nothing to do."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker

from scripts.bench.byteme import BenchServer
from scripts.bench.results import Idle, Waiting

MIB = 1 << 20


def waiting(server: BenchServer) -> list[Waiting]:
    """One line a profile; the server's pool must just have filled for the first time."""
    figures = server.metrics()
    return [
        Waiting(
            server.runtime, profile, charged / MIB, anonymous / MIB,
            _mean(figures, "byteme_warm_refill_seconds_sum", profile),
            _mean(figures, "byteme_warm_refill_cpu_seconds_total", profile),
        )
        for profile, charged, anonymous in _memory(server)
    ]  # fmt: skip


def _mean(figures: dict[str, float], name: str, profile: str) -> float:
    labels = f'{{profile="{profile}"}}'
    return figures[name + labels] / figures["byteme_warm_refill_seconds_count" + labels]


def _memory(server: BenchServer) -> Iterator[tuple[str, int, int]]:
    """Profile, bytes charged, and bytes that are no page cache, of each container that waits."""
    api = docker.APIClient(timeout=30)
    for name in sorted(server.containers()):
        stats = api.stats(name, stream=False)["memory_stats"]
        yield name.split("-")[1], stats["usage"], _anonymous(stats["stats"])
    api.close()


def _anonymous(stats: dict[str, Any]) -> int:
    """`anon` with cgroup v2, `total_rss` with v1."""
    return int(stats.get("anon", stats.get("total_rss", 0)))


def idle(server: BenchServer, seconds: float) -> Idle:
    """The server's process, its pool full."""
    server.settle()
    begin, used = time.monotonic(), _cpu_s(server)
    time.sleep(seconds)
    used, passed = _cpu_s(server) - used, time.monotonic() - begin
    return Idle(passed, server.pool, 100 * used / passed, server.memory_bytes / MIB)


def _cpu_s(server: BenchServer) -> float:
    """CPU seconds of the server's process so far (proc(5), stat: utime and stime)."""
    assert server.process
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
