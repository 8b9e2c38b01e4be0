"""Many tenants at once: each gets its own, all of it, and nothing is left behind."""

import hashlib
import random

import docker

from client import Client
from tests.server_process import ServerProcess, finished, output, submit
from tests.waiting import eventually

KINDS = {
    "ok": ("print('{tag}', end='')\nopen('outputs/{tag}.txt', 'w').write('{tag}' * 1000)", ("succeeded", None)),
    "fails": (
        "print('{tag}', end='')\nopen('outputs/{tag}.txt', 'w').write('{tag}' * 1000)\nraise SystemExit(3)",
        ("failed", "exit_code"),
    ),
    "late": (
        "import time\nprint('{tag}', end='', flush=True)\nopen('outputs/{tag}.txt', 'w').write('{tag}' * 1000)\ntime.sleep(600)",
        ("failed", "timeout"),
    ),
    "hungry": (
        "print('{tag}', end='', flush=True)\nopen('outputs/{tag}.txt', 'w').write('{tag}' * 1000)\nx = bytearray(1 << 30)",
        ("failed", "out_of_memory"),
    ),
}


def test_a_hundred_runs_of_ten_tenants_end_right_and_leave_nothing(server: ServerProcess) -> None:
    rng, before = random.Random(11), volumes_and_networks()
    tenants = [server.tenant() for _ in range(10)]
    runs: list[tuple[Client, str, str, str]] = []
    for number in range(100):
        tenant, kind, tag = tenants[number % 10], rng.choice(list(KINDS)), f"run-{number}"
        limits = {"memory_mb": 128, "disk_mb": 32, "timeout_s": 2 if kind == "late" else 60}
        runs.append((tenant, submit(tenant, KINDS[kind][0].format(tag=tag), limits=limits), kind, tag))
    for tenant, run_id, kind, tag in runs:
        run = finished(tenant, run_id, 400)
        assert (run["state"], run["reason"]) == KINDS[kind][1], run["message"]
        assert output(tenant, run_id).startswith(tag.encode())
        assert [(a.path, a.sha256) for a in tenant.artifacts(run_id)] == [
            (f"{tag}.txt", hashlib.sha256(tag.encode() * 1000).hexdigest())
        ]
    eventually(lambda: not server.containers(), "no container to be left")
    eventually(lambda: not server.mounts(), "no mount to be left")
    assert volumes_and_networks() == before
    assert [path.name for path in (server.data_dir / "sandboxes").iterdir()] == [".templates"]


def volumes_and_networks() -> set[str]:
    api = docker.APIClient(timeout=30)
    names = {volume["Name"] for volume in api.volumes()["Volumes"] or []} | {net["Id"] for net in api.networks()}
    api.close()
    return names
