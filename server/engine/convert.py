"""From a spec to what the Docker SDK is told: pure, and golden-tested. Each concern is a function of its own."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.domain.gpus import NO_GPUS, Gpus
from server.domain.ports import SandboxSpec
from server.domain.run import Limits
from server.engine.cgroup import RUN_SHARES, WAITING_SHARES

LABEL = "byteme"
WORKSPACE = "/workspace"
OUTPUTS = "/workspace/outputs"
DATA = "/workspace/data"
CONTROL = "/run/byteme"
SHM = "/dev/shm"
_MIB = 1 << 20
# gVisor's own threads count against the limit; with fewer the sandbox dies without a word.
_RUNSC_MIN_PIDS = 1024


@dataclass(frozen=True, slots=True)
class Mounted:
    """The host's folders for one sandbox. `control` is where the supervisor writes its stream."""

    workspace: Path
    outputs: Path
    data: Path
    tmp: Path
    control: Path
    shm: Path


@dataclass(frozen=True, slots=True)
class Host:
    """What the engine adds to a spec: its own names, and what a tenant can't choose. `life` is its process's; `group`
    the cgroup that the container's is made in, empty for the engine's own choice."""

    owner: str
    life: str
    runtime: str
    uid: int
    seccomp: str
    sink: str
    mounted: Mounted
    group: str = ""
    gpus: Gpus = NO_GPUS


def create_arguments(spec: SandboxSpec, host: Host) -> dict[str, Any]:
    """Arguments of `APIClient.create_container` but for `host_config`.

    A sandbox that waits has the environment of a run that asks for nothing: its libraries are imported in it.
    """
    waits = not spec.run_id
    return {
        "image": spec.image,
        "name": spec.name,
        "command": [host.sink, spec.preload] if waits else [host.sink],
        "user": f"{host.uid}:{host.uid}",
        "working_dir": WORKSPACE,
        "hostname": "sandbox",
        "environment": program_environment(spec.limits, {}) if waits else {"PATH": _PATH, "LANG": "C.UTF-8"},
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
        **_cpu(spec),
        **_gpus(host.gpus),
        "pids_limit": pids_limit(spec.limits, host.runtime),
        "ulimits": _ulimits(),
        "binds": _binds(host.mounted),
        **({"cgroup_parent": f"/{host.group}"} if host.group else {}),
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
        f"{LABEL}.storage": spec.name,
        **({f"{LABEL}.gpus": " ".join(host.gpus.ids)} if host.gpus.ids else {}),
        **({f"{LABEL}.egress": " ".join(spec.egress)} if spec.egress else {}),
    }


def pids_limit(limits: Limits, runtime: str) -> int:
    return max(limits.pids, _RUNSC_MIN_PIDS if runtime == "runsc" else 0)


def shm_mb(limits: Limits) -> int:
    """MiB of /dev/shm: half of the memory, as which it counts."""
    return max(1, limits.memory_mb // 2)


def _privileges(host: Host) -> dict[str, Any]:
    return {
        "cap_drop": ["ALL"],
        "privileged": False,
        "security_opt": ["no-new-privileges:true", f"seccomp={host.seccomp}"],
        "read_only": True,
    }


def _memory(limits: Limits) -> dict[str, Any]:
    """Memory without swap."""
    size = limits.memory_mb * _MIB
    return {
        "mem_limit": size,
        "memswap_limit": size,
        "mem_swappiness": 0,
        "oom_kill_disable": False,
        "oom_score_adj": 500,  # under pressure of the whole host it dies before the server does
    }


def _cpu(spec: SandboxSpec) -> dict[str, Any]:
    """A sandbox that waits makes itself ready with what the runs leave."""
    return {"nano_cpus": round(spec.limits.cpus * 1e9), "cpu_shares": RUN_SHARES if spec.run_id else WAITING_SHARES}


def _gpus(gpus: Gpus) -> dict[str, Any]:
    """Those that are this sandbox's, by name; no device at all otherwise. CDI's devices know no capabilities."""
    if not gpus.ids:
        return {}
    request = {"Driver": gpus.driver, "DeviceIDs": list(gpus.ids)}
    capabilities = {} if gpus.driver == "cdi" else {"Capabilities": [["gpu", "compute", "utility"]]}
    return {"device_requests": [request | capabilities]}


def update_arguments(limits: Limits, runtime: str) -> dict[str, int]:
    """Body of the engine's `POST /containers/ID/update`: the limits of a run for a sandbox that waited for it."""
    size = limits.memory_mb * _MIB
    return {
        "Memory": size,
        "MemorySwap": size,
        "NanoCpus": round(limits.cpus * 1e9),
        "CpuShares": RUN_SHARES,
        "PidsLimit": pids_limit(limits, runtime),
    }


def _ulimits() -> list[dict[str, Any]]:
    """No nproc: it counts per uid on the whole host; the pids limit does the work."""
    wanted = {"nofile": 4096, "core": 0, "memlock": 65536, "msgqueue": 0}
    return [{"Name": name, "Soft": value, "Hard": value} for name, value in wanted.items()]


def _binds(mounted: Mounted) -> list[str]:
    own = [
        (mounted.workspace, WORKSPACE),
        (mounted.outputs, OUTPUTS),
        (mounted.tmp, "/tmp"),
        (mounted.control, CONTROL),
        (mounted.shm, SHM),
    ]
    # Datasets are bound below it by the host, before the run begins, and show in the container.
    return [*(f"{path}:{target}:rw" for path, target in own), f"{mounted.data}:{DATA}:rw,rslave"]


_PATH = "/opt/venv/bin:/usr/local/bin:/usr/bin:/bin"


def program_environment(limits: Limits, extra: Mapping[str, str], *, egress: bool = False) -> dict[str, str]:
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
        **(_PROXY if egress else {}),
        **extra,
    }


PROXY_PORT = 3128  # on the sandbox's own loopback
_PROXY = {
    **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), f"http://127.0.0.1:{PROXY_PORT}"),
    **dict.fromkeys(("no_proxy", "NO_PROXY"), "localhost,127.0.0.1"),
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
