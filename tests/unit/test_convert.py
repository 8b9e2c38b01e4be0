"""What the engine is told for a run: the whole of it kept as golden files, and the promises one by one.

After a wanted change: UPDATE_GOLDEN=1 pytest tests/unit/test_convert.py, then read the difference.
"""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
import pytest

from server.domain.gpus import Gpus
from server.domain.ports import SandboxSpec
from server.domain.run import Limits, Network
from server.engine.convert import (
    Host,
    Mounted,
    create_arguments,
    host_arguments,
    program_environment,
    shm_mb,
    update_arguments,
)

GOLDEN = Path(__file__).parent / "golden"
MIB = 1 << 20
STATE = Path("/srv/byteme/sandboxes/run-0a1b-1")
DISK = STATE / "disk"
MOUNTED = Mounted(DISK / "workspace", DISK / "outputs", DISK / "data", DISK / "tmp", STATE / "control", STATE / "shm")
HOST = Host("/srv/byteme", "life-1", "runc", 20007, '{"defaultAction": "SCMP_ACT_ERRNO"}', "file", MOUNTED)
SPEC = SandboxSpec("run-0a1b-1", "0a1b", 1, "sha256:" + "ab" * 32, Limits())
CASES: dict[str, tuple[SandboxSpec, Host]] = {
    "defaults": (SPEC, HOST),
    "limits": (replace(SPEC, limits=Limits(cpus=1.5, memory_mb=4096, disk_mb=2048, pids=64, timeout_s=5)), HOST),
    "waiting": (replace(SPEC, run_id="", attempt=0, preload="torch"), HOST),
    "gvisor-attach": (SPEC, replace(HOST, runtime="runsc", sink="stdout")),
    "grouped": (SPEC, replace(HOST, group="byteme")),
    "gpus": (replace(SPEC, limits=Limits(gpus=2)), replace(HOST, gpus=Gpus("nvidia", ("0", "3")))),
    "egress": (replace(SPEC, network=Network.EGRESS, egress=("example.org", ".example.net")), HOST),
}
EVERY = pytest.mark.parametrize("case", CASES)


def told(case: str) -> dict[str, Any]:
    spec, host = CASES[case]
    return {"create": create_arguments(spec, host), "host": host_arguments(spec, host)}


def host_of(case: str) -> dict[str, Any]:
    return host_arguments(*CASES[case])


@EVERY
def test_the_engine_is_told_exactly_what_the_golden_file_says(case: str) -> None:
    path, text = GOLDEN / f"convert-{case}.json", json.dumps(told(case), indent=2, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text)
    assert path.read_text() == text


def test_the_programs_environment_is_exactly_what_the_golden_file_says() -> None:
    environment = program_environment(Limits(cpus=2.5), {"SEED": "7"})
    path, text = GOLDEN / "convert-environment.json", json.dumps(environment, indent=2, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text)
    assert path.read_text() == text


def test_a_run_that_may_use_the_network_finds_a_proxy_on_its_own_loopback_and_no_other_run_does() -> None:
    online, offline = (program_environment(Limits(), {}, egress=egress) for egress in (True, False))
    added = {name: value for name, value in online.items() if name not in offline}
    assert {name.lower(): value for name, value in added.items()} == {
        "http_proxy": "http://127.0.0.1:3128",
        "https_proxy": "http://127.0.0.1:3128",
        "no_proxy": "localhost,127.0.0.1",
    }
    assert len(added) == 6


@EVERY
def test_there_is_no_network_whatever_was_asked_for(case: str) -> None:
    assert host_of(case)["network_mode"] == "none"


@EVERY
def test_the_image_can_not_be_written(case: str) -> None:
    assert host_of(case)["read_only"] is True


@EVERY
def test_no_privilege_is_left_and_none_can_be_gained(case: str) -> None:
    host = host_of(case)
    assert host["cap_drop"] == ["ALL"]
    assert "cap_add" not in host
    assert host["privileged"] is False
    assert "no-new-privileges:true" in host["security_opt"]
    assert not {"devices", "device_cgroup_rules", "pid_mode", "userns_mode", "uts_mode"} & set(host)


def test_no_run_is_given_a_device_but_the_gpus_that_are_its_own() -> None:
    assert {case for case in CASES if "device_requests" in host_of(case)} == {"gpus"}
    (request,) = host_of("gpus")["device_requests"]
    assert (request["Driver"], request["DeviceIDs"]) == ("nvidia", ["0", "3"])
    assert "Count" not in request  # the engine would count from the first one, for everybody
    assert told("gpus")["create"]["labels"]["byteme.gpus"] == "0 3"


def test_gpus_by_cdi_go_by_their_names_and_have_no_capabilities() -> None:
    host = replace(HOST, gpus=Gpus("cdi", ("nvidia.com/gpu=1",)))
    assert host_arguments(SPEC, host)["device_requests"] == [{"Driver": "cdi", "DeviceIDs": ["nvidia.com/gpu=1"]}]


def test_the_sdk_takes_what_is_asked_of_it_for_gpus() -> None:
    made = docker.types.HostConfig(version="1.41", device_requests=host_of("gpus")["device_requests"])
    assert made["DeviceRequests"] == [
        {
            "Driver": "nvidia",
            "Count": 0,
            "DeviceIDs": ["0", "3"],
            "Capabilities": [["gpu", "compute", "utility"]],
            "Options": {},
        }
    ]


@EVERY
def test_our_own_list_of_system_calls_is_in_force(case: str) -> None:
    assert f"seccomp={HOST.seccomp}" in host_of(case)["security_opt"]
    assert "seccomp=unconfined" not in host_of(case)["security_opt"]


@EVERY
def test_the_program_is_nobody(case: str) -> None:
    assert told(case)["create"]["user"] == "20007:20007"


@EVERY
def test_memory_is_limited_without_swap_and_shared_memory_counts(case: str) -> None:
    host, size = host_of(case), CASES[case][0].limits.memory_mb * MIB
    assert host["mem_limit"] == host["memswap_limit"] == size
    assert shm_mb(CASES[case][0].limits) * MIB <= size // 2
    assert host["oom_kill_disable"] is False


def test_cpus_may_be_fractions() -> None:
    assert host_of("limits")["nano_cpus"] == 1_500_000_000


def test_processes_are_limited_but_gvisor_gets_the_threads_it_needs_itself() -> None:
    assert host_of("limits")["pids_limit"] == 64
    assert host_of("gvisor-attach")["pids_limit"] == 1024


@EVERY
def test_no_limit_that_the_kernel_counts_over_several_containers(case: str) -> None:
    assert "nproc" not in {limit["Name"] for limit in host_of(case)["ulimits"]}


@EVERY
def test_only_the_runs_own_folders_can_be_written(case: str) -> None:
    binds = host_of(case)["binds"]
    assert all(bind.startswith(f"{STATE}/") for bind in binds)
    assert [bind.split(":")[1] for bind in binds] == [
        "/workspace", "/workspace/outputs", "/tmp", "/run/byteme", "/dev/shm", "/workspace/data",
    ]  # fmt: skip


@EVERY
def test_what_the_host_mounts_reaches_the_container_only_below_the_datasets_and_never_comes_back(case: str) -> None:
    modes = {bind.split(":")[1]: bind.split(":")[2] for bind in host_of(case)["binds"]}
    assert {target for target, mode in modes.items() if mode != "rw"} == {"/workspace/data"}
    assert modes["/workspace/data"] == "rw,rslave"


@EVERY
def test_the_engine_keeps_no_copy_of_the_output_and_never_restarts_or_removes_by_itself(case: str) -> None:
    host = host_of(case)
    assert host["log_config"]["Type"] == "none"
    assert host["restart_policy"] == {"Name": "no"}
    assert host["auto_remove"] is False


@EVERY
def test_a_container_can_be_found_again_by_its_labels(case: str) -> None:
    spec, _ = CASES[case]
    labels = told(case)["create"]["labels"]
    assert labels["byteme.owner"] == "/srv/byteme"
    assert (labels["byteme.run"], labels["byteme.attempt"]) == (spec.run_id, str(spec.attempt))
    assert labels["byteme.uid"] == "20007"


@EVERY
def test_nothing_of_the_request_is_in_what_the_engine_can_show(case: str) -> None:
    """`docker inspect` shows the container's environment and command: the program's come over its standard input."""
    create = told(case)["create"]
    ours = {"PATH", "LANG"} if CASES[case][0].run_id else program_environment(Limits(), {}).keys()
    assert create["environment"].keys() == ours
    assert create["command"] in (["file"], ["stdout"], ["file", "torch"])


def test_a_sandbox_that_waits_takes_only_the_cpu_that_runs_leave() -> None:
    assert host_of("waiting")["cpu_shares"] * 10 < host_of("defaults")["cpu_shares"]


def test_the_engine_is_told_of_all_the_limits_that_a_run_is_given_later() -> None:
    limits = Limits(cpus=1.5, memory_mb=300, pids=40)
    assert update_arguments(limits, "runc") == {
        "Memory": 300 * MIB, "MemorySwap": 300 * MIB, "NanoCpus": 1_500_000_000, "CpuShares": 256, "PidsLimit": 40,
    }  # fmt: skip


@pytest.mark.parametrize(("cpus", "threads"), [(0.5, "1"), (1.0, "1"), (2.5, "2"), (16.0, "16")])
def test_libraries_use_as_many_threads_as_the_run_has_cores(cpus: float, threads: str) -> None:
    environment = program_environment(Limits(cpus=cpus), {})
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "LOKY_MAX_CPU_COUNT")
    assert {environment[name] for name in names} == {threads}


def test_what_the_request_sets_wins_over_our_defaults() -> None:
    environment = program_environment(Limits(), {"OMP_NUM_THREADS": "3", "MPLBACKEND": "Agg"})
    assert (environment["OMP_NUM_THREADS"], environment["MPLBACKEND"]) == ("3", "Agg")


def test_the_seccomp_list_allows_by_name_and_refuses_the_rest() -> None:
    profile = json.loads((Path(__file__).parents[2] / "sandbox-image" / "seccomp.json").read_text())
    allowed = {name for rule in profile["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]}
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    refused = {
        "ptrace", "process_vm_readv", "process_vm_writev", "bpf", "mount", "umount2", "unshare", "setns", "keyctl",
        "io_uring_setup", "perf_event_open", "userfaultfd", "kexec_load", "init_module", "open_by_handle_at",
    }  # fmt: skip
    assert not allowed & refused
