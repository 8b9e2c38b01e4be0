"""Two engines as two hosts, one database: one command brings an image to both, and runs only where it is."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.images.rig import EmptyEngine, Shelf
from tests.postgres import Cluster
from tests.server_process import ROOT, ServerProcess, run_program
from tests.waiting import eventually

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    cluster = Cluster()
    yield cluster.create()
    cluster.stop()


@pytest.fixture(scope="module")
def common(stock: Shelf, database: str) -> dict[str, str]:
    """What the hosts' settings have in common."""
    return {
        "BYTEME_DATABASE_URL": database, "BYTEME_SANDBOX_IMAGE": "byteme/sandbox:none-is-built", "BYTEME_REGISTRY": "ecr",
        "BYTEME_ECR_REGISTRY_HOST": stock.registry.host, "BYTEME_SECRET_KEY": "k" * 32, **stock.aws.environment,
    }  # fmt: skip


@pytest.fixture(scope="module")
def hosts(
    common: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    """Two servers, each with its own engine; the second's has nothing."""
    with EmptyEngine() as engine:
        first = ServerProcess(tmp_path_factory.mktemp("one"), **common, BYTEME_HOST_NAME="host-1", BYTEME_RUN_SLOTS="1")
        second = ServerProcess(
            tmp_path_factory.mktemp("two"), **common, BYTEME_HOST_NAME="host-2", BYTEME_DOCKER_HOST=engine.url,
            BYTEME_WARM_POOL_SIZE="1", BYTEME_RUN_SLOTS="1",
        )  # fmt: skip
        with first, second:
            yield first, second


def states(byteme: Cli) -> dict[str, str]:
    """How the hosts are with the active image."""
    items: list[dict[str, Any]] = json.loads(byteme("images", "list", "--json").stdout)
    return {host["host"]: host["state"] for item in items if item["active"] for host in item["hosts"]}


def test_one_command_brings_two_hosts_from_nothing_to_running(
    hosts: tuple[ServerProcess, ServerProcess], stock: Shelf, operate: Callable[[ServerProcess], Cli], smoke: Path
) -> None:
    byteme = operate(hosts[0])
    eventually(lambda: len(json.loads(byteme("hosts", "--json").stdout)) == 2, "the hosts to know of each other", 60)
    done = byteme("images", "pull", "tests/sandbox:one", "--smoke", smoke)
    assert done.returncode == 0, done.stderr
    assert "host-1: ready" in done.stderr
    assert "host-2: ready" in done.stderr
    assert states(byteme) == {"host-1": "ready", "host-2": "ready"}
    digest = stock.registry.manifest("tests/sandbox", "one")[1]
    runs = [run_program(server.tenant(), "print(1)") for server in hosts for _ in range(2)]
    assert {run["state"] for run in runs} == {"succeeded"}
    assert {run["image"]["digest"] for run in runs} == {digest}
    assert any(run["warm"] for run in runs if run["host"] == "host-2")


def test_a_host_that_lacks_the_active_image_gets_no_runs(
    hosts: tuple[ServerProcess, ServerProcess], stock: Shelf, operate: Callable[[ServerProcess], Cli], smoke: Path
) -> None:
    byteme, (first, second) = operate(hosts[0]), hosts
    second.stop()
    done = byteme("images", "pull", "tests/sandbox:two", "--smoke", smoke, "--quorum", "50")
    assert done.returncode == 0, done.stderr
    stock.registry.stop()  # so that the host which comes back can't have it
    try:
        second.start()
        eventually(lambda: states(byteme).get("host-2") == "failed", "it to try", 120)
        assert {run_program(first.tenant(), "print(1)")["host"] for _ in range(4)} == {"host-1"}
    finally:
        stock.registry.start()
    eventually(lambda: states(byteme).get("host-2") == "ready", "it to catch up by itself", 120)


def test_a_host_joins_by_one_command_before_its_server_starts(
    hosts: tuple[ServerProcess, ServerProcess], common: dict[str, str], stock: Shelf, tmp_path: Path
) -> None:
    digest = stock.registry.manifest("tests/sandbox", "one")[1]
    with EmptyEngine() as engine:
        settings = common | {"BYTEME_HOST_NAME": "host-3", "BYTEME_DOCKER_HOST": engine.url}
        env = {k: v for k, v in os.environ.items() if not k.startswith("BYTEME_")} | settings
        done = subprocess.run(
            [sys.executable, "-m", "client", "images", "sync", "--this-host", "--json"], cwd=ROOT, text=True,
            env=env | {"BYTEME_DATA_DIR": str(tmp_path / "data")}, capture_output=True, timeout=200, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        last = {state["digest"]: state["state"] for state in map(json.loads, done.stdout.splitlines())}
        assert last[digest] == "ready"
        found = subprocess.run(
            ["docker", "-H", engine.url, "images", "-q", "byteme.local/tests/sandbox"], capture_output=True, check=True
        )
        assert len(found.stdout.split()) == len(last)


def test_a_disk_that_fills_up_while_an_image_is_unpacked_is_told(
    stock: Shelf, operate: Callable[[ServerProcess], Cli], tmp_path: Path, smoke: Path
) -> None:
    stock.put("tests/sandbox", "zeros", files={"zeros": bytes(400 << 20)})  # next to nothing, compressed
    with EmptyEngine(tmpfs_mb=400) as engine:
        settings = {
            "BYTEME_SANDBOX_IMAGE": "byteme/sandbox:none-is-built", "BYTEME_REGISTRY": stock.registry.host,
            "BYTEME_REGISTRY_USER": "AWS", "BYTEME_REGISTRY_PASSWORD": "123456789012-auth-token",
            "BYTEME_DOCKER_HOST": engine.url,
        }  # fmt: skip
        with ServerProcess(tmp_path, **settings) as server:
            done = operate(server)("images", "pull", "tests/sandbox:zeros", "--smoke", smoke, "--json")
            assert done.returncode == 5, done.stdout
            pull = json.loads(done.stdout.splitlines()[-1])
            assert (pull["why"], "no space left" in pull["message"]) == ("disk", True)


@pytest.mark.parametrize(
    ("password", "code", "why"), [("wrong", 3, "auth"), ("123456789012-auth-token", 0, None)], ids=["wrong", "right"]
)
def test_a_registry_with_a_password_of_the_settings(
    stock: Shelf, operate: Callable[[ServerProcess], Cli], tmp_path: Path, password: str, code: int, why: str | None
) -> None:
    settings = {
        "BYTEME_REGISTRY": stock.registry.host, "BYTEME_REGISTRY_USER": "AWS", "BYTEME_REGISTRY_PASSWORD": password,
    }  # fmt: skip
    with ServerProcess(tmp_path, **settings) as server:
        done = operate(server)("images", "pull", "tests/sandbox:one", "--dry-run", "--json")
    pull = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, pull["why"]) == (code, why), pull
    assert password not in done.stdout + server.log.read_text()
