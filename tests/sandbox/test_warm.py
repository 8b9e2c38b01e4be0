"""Runs in sandboxes that waited for them: the same limits, data and endings as in those made for a run."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import docker
import pytest

from client import Client
from tests.server_process import ServerProcess, finished, output, run_program, submit
from tests.waiting import eventually

MIB = 1 << 20
UP = "print('up', flush=True)\nimport time; time.sleep(600)"


@pytest.fixture
def tenant(warm_server: ServerProcess) -> Client:
    return warm_server.tenant()


def run_warm(
    server: ServerProcess, tenant: Client, code: str, profile: str = "bare", **request: Any
) -> Mapping[str, Any]:
    """The run at its end, once more in a sandbox that waited."""
    server.await_warm(profile)
    run = run_program(tenant, code, **request)
    assert run["warm"] is True
    return run


def told(server: ServerProcess, tenant: Client, code: str, profile: str = "bare", **request: Any) -> Any:
    """What a program printed as JSON."""
    run = run_warm(server, tenant, code, profile, **request)
    said = output(tenant, run["id"])
    assert run["state"] == "succeeded", said.decode()
    return json.loads(said)


ENDINGS = {
    "memory": (
        "x = bytearray(1 << 30)",
        {"memory_mb": 128},
        ("out_of_memory", 137, "Memory limit 128 MB reached; peak 128 MB."),
    ),
    "more memory than a sandbox waits with": (
        "x = bytearray(3 << 30)",
        {"memory_mb": 2000},
        ("out_of_memory", 137, "Memory limit 2000 MB reached; peak 2000 MB."),
    ),
    "a child's memory": (
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'x = bytearray(1 << 30)'], check=True)",
        {"memory_mb": 128},
        ("out_of_memory", 1, "Memory limit 128 MB"),
    ),
    "disk": (
        "f = open('fill', 'wb', buffering=0)\nwhile True: f.write(bytes(1 << 20))",
        {"disk_mb": 32},
        ("disk_limit", 1, "Disk limit 32 MB reached."),
    ),
    "time": ("import time; time.sleep(100)", {"timeout_s": 1}, ("timeout", 137, "Time limit 1 s reached.")),
    "code": ("raise SystemExit(7)", {}, ("exit_code", 7, "exit code 7")),
    "signal": ("import os; os.kill(os.getpid(), 11)", {}, ("exit_code", 139, "SIGSEGV")),
}


@pytest.mark.parametrize("case", ENDINGS)
def test_limits_given_at_the_hand_over_hold_and_every_ending_is_told_truly(
    warm_server: ServerProcess, tenant: Client, case: str
) -> None:
    code, limits, (reason, exit_code, message) = ENDINGS[case]
    run = run_warm(warm_server, tenant, code, limits=limits)
    assert (run["state"], run["reason"], run["exit_code"]) == ("failed", reason, exit_code), run["message"]
    assert message in run["message"]


@pytest.mark.parametrize("disk_mb", [16, 300, 1024, 4000, 10240])
def test_the_disk_is_as_large_as_the_run_may_use(warm_server: ServerProcess, tenant: Client, disk_mb: int) -> None:
    code = "import os; fs = os.statvfs('.'); print(fs.f_bavail * fs.f_frsize >> 20)"
    free = told(warm_server, tenant, code, limits={"disk_mb": disk_mb})
    assert min(disk_mb * 0.98, disk_mb - 1) <= free <= disk_mb


def test_a_larger_disk_can_be_filled(warm_server: ServerProcess, tenant: Client) -> None:
    code = "with open('big', 'wb') as f:\n for _ in range(1500): f.write(bytes(1 << 20))\nimport os; print(os.stat('big').st_size >> 20)"
    assert told(warm_server, tenant, code, limits={"disk_mb": 1600}) == 1500


def test_shared_memory_is_half_of_the_memory(warm_server: ServerProcess, tenant: Client) -> None:
    code = "import os; fs = os.statvfs('/dev/shm'); print(fs.f_blocks * fs.f_frsize >> 20)"
    assert told(warm_server, tenant, code, limits={"memory_mb": 256}) == 128


def test_no_more_processes_than_the_limit(warm_server: ServerProcess, tenant: Client) -> None:
    code = (
        "import os, time\nmade = 0\n"
        "try:\n    while made < 200:\n        if os.fork() == 0: time.sleep(100)\n        made += 1\n"
        "except OSError: pass\nprint(made)"
    )
    assert 20 <= told(warm_server, tenant, code, limits={"pids": 40}) < 40


def test_what_is_counted_begins_with_the_run(warm_server: ServerProcess, tenant: Client) -> None:
    """What the sandbox used to import its libraries is not the run's."""
    run = run_warm(warm_server, tenant, "import torch, pandas", "full", limits={"memory_mb": 700})
    assert run["usage"]["cpu_s"] < 1


def test_datasets_are_there_and_can_not_be_written(warm_server: ServerProcess, tenant: Client, tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("a,b\n1,2\n")
    dataset = tenant.upload_dataset("train.csv", tmp_path / "train.csv")
    code = """
import json, os
seen = {"data": open("data/train.csv").read(), "mode": "ro"}
for attempt in (lambda: open("data/train.csv", "a"), lambda: os.unlink("data/train.csv"), lambda: os.rename("data/train.csv", "x")):
    try: attempt(); seen["mode"] = "rw"
    except OSError: pass
open("data/own", "w").write("mine")
print(json.dumps(seen))
"""
    seen = told(warm_server, tenant, code, datasets=[{"id": dataset.id, "name": "train.csv"}])
    assert seen == {"data": "a,b\n1,2\n", "mode": "ro"}
    assert (tmp_path / "train.csv").read_text() == "a,b\n1,2\n"


def test_the_engine_knows_whose_the_container_is_and_its_limits(warm_server: ServerProcess, tenant: Client) -> None:
    warm_server.await_warm("bare")
    run_id = submit(tenant, UP, limits={"memory_mb": 256, "cpus": 0.5, "pids": 77})
    api = docker.APIClient(timeout=30)
    name = f"run-{run_id}-1"
    eventually(lambda: name in warm_server.containers(), "the container to be named")
    limits = (256 * MIB, 256 * MIB, 500_000_000, 77)

    def shown() -> bool:
        host = api.inspect_container(name)["HostConfig"]
        return (host["Memory"], host["MemorySwap"], host["NanoCpus"], host["PidsLimit"]) == limits

    eventually(shown, "the engine to be told")
    api.close()
    assert tenant.run(run_id).raw["warm"] is True
    tenant.cancel(run_id)
    finished(tenant, run_id)


def test_input_and_artifacts_work_as_ever(warm_server: ServerProcess, tenant: Client) -> None:
    warm_server.await_warm("bare")
    code = "name = input()\nopen('outputs/name.txt', 'w').write(name)\nprint('hello', name)"
    with tenant.launch({"files": {"main.py": code}}) as live:
        tenant.send_input(live.run_id, b"Ada\n")
        list(live)
    assert output(tenant, live.run_id) == b"hello Ada\n"
    (artifact,) = tenant.artifacts(live.run_id)
    assert (artifact.path, artifact.bytes) == ("name.txt", 3)
    assert tenant.run(live.run_id).raw["warm"] is True


# before any run


def waiting(server: ServerProcess) -> list[str]:
    return [name for name in server.containers() if name.startswith("warm-")]


def test_a_sandbox_that_waits_holds_nothing_of_anybodys(warm_server: ServerProcess) -> None:
    """Neither a secret of the platform nor a byte of a tenant: only what is in the image and constants."""
    warm_server.await_warm("bare", "full")
    secret = (warm_server.data_dir / "secret_key").read_bytes().strip()
    api = docker.APIClient(timeout=30)
    for name in waiting(warm_server):
        facts = json.dumps(api.inspect_container(name))
        assert secret.decode() not in facts
        assert "BYTEME_TOKEN" not in facts
        storage = next(warm_server.data_dir.glob(f"sandboxes/{name}"))
        files = [path for path in (storage / "disk").rglob("*") if path.is_file() and path.name != "ballast"]
        assert [path for path in files if "matplotlib" not in str(path)] == []
    api.close()


def test_no_two_sandboxes_share_a_user_a_seed_or_a_random_number(warm_server: ServerProcess, tenant: Client) -> None:
    code = """
import json, os, random, tempfile, uuid
import numpy, torch
print(json.dumps([
    hash("a"), random.random(), float(numpy.random.rand()), torch.initial_seed(), float(torch.rand(1)),
    str(uuid.uuid4()), tempfile.mktemp(), os.getuid(), os.urandom(8).hex(),
]))
"""
    seen = [told(warm_server, tenant, code, "full") for _ in range(3)]
    for values in zip(*seen, strict=True):
        assert len(set(values)) == 3, values


def test_what_a_run_leaves_no_other_run_finds(warm_server: ServerProcess) -> None:
    places = ["/tmp/mark", "/dev/shm/mark", "/workspace/mark", "/workspace/data/mark"]
    leave = f"import json\nfor place in {places}: open(place, 'w').write('mine')\nprint(json.dumps('left'))"
    look = f"import json, os\nprint(json.dumps([os.path.exists(place) for place in {places}]))"
    first = warm_server.tenant()
    assert told(warm_server, first, leave) == "left"
    for who in (first, warm_server.tenant()):
        assert told(warm_server, who, look) == [False] * len(places)


@pytest.fixture
def pool_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server of the test's own with a single small sandbox ready."""
    with ServerProcess(tmp_path, BYTEME_WARM_POOL_SIZE="1", BYTEME_WARM_MEMORY_MB="100") as server:
        server.await_warm("bare")
        yield server


def test_what_a_killed_server_kept_ready_is_destroyed_by_the_next(pool_server: ServerProcess) -> None:
    (left,) = waiting(pool_server)
    pool_server.kill()
    pool_server.start()
    pool_server.await_warm("bare")
    eventually(lambda: left not in pool_server.containers(), "what was left to be gone")
    assert len(waiting(pool_server)) == 1


def test_a_run_given_to_a_waiting_sandbox_outlives_the_server(pool_server: ServerProcess) -> None:
    tenant = pool_server.tenant()
    code = "import time\nfor n in range(60): print(n, flush=True); time.sleep(.05)\nraise SystemExit(3)"
    run_id = submit(tenant, code)
    eventually(lambda: output(tenant, run_id), "output")
    pool_server.kill()
    pool_server.start()
    run = finished(tenant, run_id)
    assert (run["exit_code"], run["warm"], run["usage"]["cpu_s"] < 5) == (3, True, True)
    assert output(tenant, run_id) == b"".join(b"%d\n" % n for n in range(60))


def test_stopping_the_server_leaves_nothing_that_waits(pool_server: ServerProcess) -> None:
    pool_server.stop()
    assert pool_server.containers() == []
    assert pool_server.mounts() == []


def test_a_waiting_sandbox_that_was_removed_or_paused_behind_our_back_serves_nobody(pool_server: ServerProcess) -> None:
    tenant, api = pool_server.tenant(), docker.APIClient(timeout=30)
    for meddle in (lambda name: api.remove_container(name, force=True), api.pause, api.kill):
        pool_server.await_warm("bare")
        (name,) = waiting(pool_server)
        meddle(name)
        run = run_program(tenant, "print('fine')")
        assert (run["state"], output(tenant, run["id"])) == ("succeeded", b"fine\n")
        eventually(lambda name=name: name not in pool_server.containers(), "the sick one to be gone")
    api.close()


def test_the_pool_follows_the_image(tmp_path: Path) -> None:
    """A new content under the same tag: what waits is replaced, and the next run is of the new one."""
    api = docker.APIClient(timeout=30)
    tag = f"byteme/pool-test:{tmp_path.name.lower()}"
    base = ServerProcess(tmp_path).settings["BYTEME_SANDBOX_IMAGE"]
    api.tag(base, *tag.split(":"))
    try:
        with ServerProcess(
            tmp_path, BYTEME_WARM_POOL_SIZE="1", BYTEME_WARM_MEMORY_MB="100", BYTEME_SANDBOX_IMAGE=tag
        ) as server:
            server.await_warm("bare")
            old = waiting(server)
            container = api.create_container(base, labels={"byteme.test": "pool"})
            api.commit(container["Id"], *tag.split(":"), changes=["LABEL byteme.changed=1"])
            api.remove_container(container["Id"])
            eventually(lambda: not set(old) & set(server.containers()), "the old one to be gone")
            server.await_warm("bare")
            run = run_program(server.tenant(), "print('new')")
            assert run["warm"] is True
            assert run["image"]["digest"] == api.inspect_image(tag)["Id"] != api.inspect_image(base)["Id"]
    finally:
        api.remove_image(tag, force=True)
        api.close()
