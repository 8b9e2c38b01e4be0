"""From a spec to what the Docker SDK is told: pure, and golden-tested. Each concern is a function of its own."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.domain.ports import SandboxSpec
from server.domain.run import Limits

LABEL = "byteme"
WORKSPACE = "/workspace"
OUTPUTS = "/workspace/outputs"
DATA = "/workspace/data"
CONTROL = "/run/byteme"
_MIB = 1 << 20
# gVisor's own threads count against the limit; with fewer the sandbox dies without a word.
_RUNSC_MIN_PIDS = 1024


@dataclass(frozen=True, slots=True)
class Mounted:
    """The host's folders for one sandbox. `control` is where the supervisor writes its stream."""

    workspace: Path
    outputs: Path
    tmp: Path
    control: Path


@dataclass(frozen=True, slots=True)
class Host:
    """What the engine adds to a spec: its own names, and what a tenant can't choose. `life` is its process's."""

    owner: str
    life: str
    runtime: str
    uid: int
    seccomp: str
    sink: str
    mounted: Mounted


def create_arguments(spec: SandboxSpec, host: Host) -> dict[str, Any]:
    """Arguments of `APIClient.create_container` but for `host_config`."""
    return {
        "image": spec.image,
        "name": spec.name,
        "command": [host.sink],
        "user": f"{host.uid}:{host.uid}",
        "working_dir": WORKSPACE,
        "hostname": "sandbox",
        "environment": {"PATH": _PATH, "LANG": "C.UTF-8"},
        "labels": labels(spec, host),
        "detach": True,  # with stdin_open: the standard input outlives a connection to it
        "stdin_open": True,
        "tty": False,
        "stop_signal": "SIGTERM",
    }


def host_arguments(spec: SandboxSpec, host: Host) -> dict[str, Any]:
    """Arguments of `APIClient.create_host_config`: the hardening."""
    return {
        **_privileges(host),
        **_memory(spec.limits),
        **_cpu(spec.limits),
        "pids_limit": max(spec.limits.pids, _RUNSC_MIN_PIDS if host.runtime == "runsc" else 0),
        "ulimits": _ulimits(),
        "binds": _binds(spec, host.mounted),
        "network_mode": "none",
        "ipc_mode": "private",
        "runtime": host.runtime,
        "auto_remove": False,  # its exit state outlives a crash of ours
        "restart_policy": {"Name": "no"},
        "log_config": {"Type": "none", "Config": {}},
        "init": False,  # the supervisor is the init
    }


def labels(spec: SandboxSpec, host: Host) -> dict[str, str]:
    return {
        f"{LABEL}.owner": host.owner,
        f"{LABEL}.life": host.life,
        f"{LABEL}.run": spec.run_id,
        f"{LABEL}.attempt": str(spec.attempt),
        f"{LABEL}.uid": str(host.uid),
        f"{LABEL}.memory_mb": str(spec.limits.memory_mb),
    }


def _privileges(host: Host) -> dict[str, Any]:
    return {
        "cap_drop": ["ALL"],
        "privileged": False,
        "security_opt": ["no-new-privileges:true", f"seccomp={host.seccomp}"],
        "read_only": True,
    }


def _memory(limits: Limits) -> dict[str, Any]:
    """Memory without swap; /dev/shm counts as memory and may take half of it."""
    size = limits.memory_mb * _MIB
    return {
        "mem_limit": size,
        "memswap_limit": size,
        "mem_swappiness": 0,
        "shm_size": size // 2,
        "oom_kill_disable": False,
        "oom_score_adj": 500,  # under pressure of the whole host it dies before the server does
    }


def _cpu(limits: Limits) -> dict[str, Any]:
    return {"nano_cpus": round(limits.cpus * 1e9), "cpu_shares": 256}


def _ulimits() -> list[dict[str, Any]]:
    """No nproc: it counts per uid on the whole host; the pids limit does the work."""
    wanted = {"nofile": 4096, "core": 0, "memlock": 65536, "msgqueue": 0}
    return [{"Name": name, "Soft": value, "Hard": value} for name, value in wanted.items()]


def _binds(spec: SandboxSpec, mounted: Mounted) -> list[str]:
    own = [
        (mounted.workspace, WORKSPACE),
        (mounted.outputs, OUTPUTS),
        (mounted.tmp, "/tmp"),
        (mounted.control, CONTROL),
    ]
    data = [f"{path}:{DATA}/{name}:ro" for name, path in sorted(spec.data.items())]
    return [f"{path}:{target}:rw" for path, target in own] + data


_PATH = "/opt/venv/bin:/usr/local/bin:/usr/bin:/bin"


def program_environment(limits: Limits, extra: Mapping[str, str]) -> dict[str, str]:
    """The program's environment: ours, then the request's. Threads follow the CPU limit, not the host's cores."""
    threads = str(max(1, math.floor(limits.cpus)))
    return {
        "PATH": _PATH,
        "HOME": WORKSPACE,
        "USER": "sandbox",
        "LOGNAME": "sandbox",
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLUMNS": "120",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "BYTEME_OUTPUT_DIR": OUTPUTS,
        "BYTEME_INPUT_DIR": DATA,
        "BYTEME_EVENTS": "@byteme-events",
        "BYTEME_CPUS": f"{limits.cpus:g}",
        "BYTEME_MEMORY_MB": str(limits.memory_mb),
        **dict.fromkeys(_THREADS, threads),
        **_CACHES,
        "MPLBACKEND": "module://byteme.mpl",
        "GLOO_SOCKET_IFNAME": "lo",
        **extra,
    }


_THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMEXPR_MAX_THREADS",
    "VECLIB_MAXIMUM_THREADS", "LOKY_MAX_CPU_COUNT",
)  # fmt: skip
# Writable, and on the run's own capped disk.
_CACHES = {
    "TMPDIR": "/tmp",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "XDG_CACHE_HOME": "/tmp/.cache",
    "HF_HOME": "/tmp/.cache/huggingface",
    "TORCH_HOME": "/tmp/.cache/torch",
    "NUMBA_CACHE_DIR": "/tmp/.cache/numba",
    "JOBLIB_TEMP_FOLDER": "/dev/shm",
}
