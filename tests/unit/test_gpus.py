"""Which GPUs a host has, and that each is one run's alone."""

from typing import Any

import gevent
import pytest

from server.domain.errors import EngineError
from server.domain.gpus import Gpus, gpus_of
from server.engine.gpus import GpuPool
from tests.waiting import eventually

DEV = ["null", "nvidia0", "nvidia1", "nvidia10", "nvidiactl", "nvidia-uvm", "nvidia-caps"]
NVIDIA = {"Runtimes": {"runc": {}, "nvidia": {}}}
CDI = {
    "Runtimes": {"runc": {}},
    "DiscoveredDevices": [
        {"Source": "cdi", "ID": "nvidia.com/gpu=all"},
        {"Source": "cdi", "ID": "nvidia.com/gpu=10"},
        {"Source": "cdi", "ID": "nvidia.com/gpu=2"},
        {"Source": "cdi", "ID": "vendor.example/nic=0"},
    ],
}


@pytest.mark.parametrize(
    ("info", "devices", "gpus"),
    [
        ({"Runtimes": {"runc": {}}}, DEV, Gpus()),
        ({}, [], Gpus()),
        (NVIDIA, ["null", "nvidiactl"], Gpus()),
        (NVIDIA, DEV, Gpus("nvidia", ("0", "1", "10"))),
        (CDI, [], Gpus("cdi", ("nvidia.com/gpu=2", "nvidia.com/gpu=10"))),
        (CDI | NVIDIA, DEV, Gpus("cdi", ("nvidia.com/gpu=2", "nvidia.com/gpu=10"))),
        (NVIDIA | {"DiscoveredDevices": None}, ["nvidia0"], Gpus("nvidia", ("0",))),
    ],
)
def test_gpus_are_those_that_the_engine_can_give(info: dict[str, Any], devices: list[str], gpus: Gpus) -> None:
    assert gpus_of(info, devices) == gpus


@pytest.fixture
def pool() -> GpuPool:
    return GpuPool(lambda: Gpus("nvidia", ("0", "1", "2")))


def test_no_gpu_is_two_runs_at_once(pool: GpuPool) -> None:
    assert pool.take("a", 2) == Gpus("nvidia", ("0", "1"))
    assert pool.take("b", 1) == Gpus("nvidia", ("2",))


def test_a_run_without_gpus_is_not_asked_about_any() -> None:
    def broken() -> Gpus:
        raise EngineError("away")

    assert GpuPool(broken).take("a", 0) == Gpus()


def test_who_finds_none_free_waits_for_one(pool: GpuPool) -> None:
    pool.take("a", 3)
    waiting = gevent.spawn(pool.take, "b", 1)
    gevent.sleep(0)
    assert not waiting.ready()
    pool.give_back("a")
    eventually(waiting.ready, "the wait to end")
    assert waiting.get() == Gpus("nvidia", ("0",))


def test_more_than_there_are_is_never_waited_for(pool: GpuPool) -> None:
    with pytest.raises(EngineError, match="wants 4 GPUs; this host has 3"):
        pool.take("a", 4)


def test_what_a_sandbox_of_an_earlier_life_has_is_not_given_out(pool: GpuPool) -> None:
    pool.claim("old", ("0",))
    pool.claim("none", ())
    assert pool.take("new", 2).ids == ("1", "2")
    pool.give_back("old")
    pool.give_back("old")
    assert pool.take("newer", 1).ids == ("0",)
