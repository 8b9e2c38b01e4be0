"""The pool, over an engine in memory: what it hands out, when it makes more, and what it gives up."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import gevent
import pytest
from gevent.event import Event

from server.domain.errors import EngineError, ImageError
from server.domain.ports import SandboxSpec
from server.domain.preload import BARE, DATA, FULL, TORCH
from server.domain.run import Limits, Network
from server.engine import warm
from server.engine.fake import IMAGE, FakeEngine, FakeSandbox
from server.engine.warm import PoolSettings, WarmEngine
from tests.waiting import eventually

SPEC = SandboxSpec("run-1-1", "1", 1, IMAGE.digest, Limits(), preload=TORCH)
OTHER = replace(IMAGE, digest="sha256:" + "1" * 64)


@dataclass
class Pool:
    """A pool whose surroundings a test decides; its pauses are short."""

    inner: FakeEngine = field(default_factory=FakeEngine)
    now: float = 1000.0
    waiting: bool = False
    available: float = 1e6
    size: int = 4
    memory_mb: int = 10_000

    def __post_init__(self) -> None:
        settings = PoolSettings(self.size, self.memory_mb, min_free_mb=500, max_age_s=3600, disk_mb=10_240)
        self.engine = WarmEngine(
            self.inner, settings, lambda: self.waiting, available_mb=lambda: self.available, clock=lambda: self.now
        )

    def filled(self) -> "Pool":
        self.engine.start()
        eventually(lambda: len(self.idle()) == self.size, "the pool to be full")
        return self

    def idle(self) -> list[FakeSandbox]:
        return [sandbox for sandbox in self.inner.live.values() if not sandbox.run_id]

    def profiles(self) -> list[str]:
        return sorted(sandbox.spec.preload for sandbox in self.idle())


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "LOOK_S", 0.002)
    monkeypatch.setattr(warm, "PAUSE_S", 0.0)
    monkeypatch.setattr(warm, "RETRY_S", (0.002, 0.01))


@pytest.fixture
def make() -> Iterator[Any]:
    pools: list[Pool] = []

    def make(**arguments: Any) -> Pool:
        pools.append(Pool(**arguments))
        return pools[-1]

    yield make
    for pool in pools:
        pool.engine.close()


def looks(pool: Pool) -> None:
    """Until the pool has looked around twice."""
    count, resolve = [0], pool.inner.resolve

    def counted(alias: str | None) -> Any:
        count[0] += 1
        return resolve(alias)

    pool.inner.resolve = counted  # type: ignore[method-assign]
    eventually(lambda: count[0] > 2, "the pool to look around")
    pool.inner.resolve = resolve  # type: ignore[method-assign]


def test_a_run_gets_a_sandbox_that_waits_and_another_is_made(make: Any) -> None:
    pool = make().filled()
    (expected,) = [sandbox for sandbox in pool.idle() if sandbox.spec.preload == TORCH]
    taken = pool.engine.open(SPEC)
    assert taken is expected
    assert (taken.warm, taken.run_id, taken.attempt) == (True, "1", 1)
    eventually(lambda: pool.profiles() == sorted([BARE, DATA, TORCH, FULL]), "a new one to wait")


def test_none_is_handed_out_twice(make: Any) -> None:
    pool = make().filled()
    pool.waiting = True
    opened = [pool.engine.open(replace(SPEC, name=f"run-{i}-1", run_id=str(i))) for i in range(8)]
    assert len({sandbox.id for sandbox in opened}) == 8
    assert [sandbox.warm for sandbox in opened] == [True] * 4 + [False] * 4


def test_an_empty_pool_goes_cold_at_once(make: Any) -> None:
    pool = make()
    sandbox = pool.engine.open(SPEC)
    assert (sandbox.warm, sandbox.spec) == (False, SPEC)


@pytest.mark.parametrize(
    "spec",
    [
        replace(SPEC, limits=Limits(gpus=1)),
        replace(SPEC, limits=Limits(disk_mb=20_480)),
        replace(SPEC, image=IMAGE.ref),
    ],
    ids=["gpu", "disk", "image"],
)
def test_what_can_not_be_changed_later_makes_a_run_cold(make: Any, spec: SandboxSpec) -> None:
    pool = make().filled()
    assert not pool.engine.open(spec).warm


def test_a_run_that_may_use_the_network_need_not_be_cold(make: Any) -> None:
    spec = replace(SPEC, network=Network.EGRESS, egress=("mirror.example",))
    assert make().filled().engine.open(spec).warm


def test_a_run_with_little_memory_gets_none_of_which_half_is_taken(make: Any) -> None:
    pool = make().filled()
    sandbox = pool.engine.open(replace(SPEC, limits=Limits(memory_mb=64), preload=FULL))
    assert sandbox.profile == BARE


def test_a_sick_one_is_not_handed_out_and_is_destroyed(make: Any) -> None:
    pool = make().filled()
    pool.waiting = True
    (sick,) = [sandbox for sandbox in pool.idle() if sandbox.spec.preload == TORCH]
    sick.healthy = False
    assert pool.engine.open(SPEC) is not sick
    eventually(lambda: sick.destroyed, "the sick one to be destroyed")


def test_one_that_refuses_a_run_is_destroyed_and_no_other_is_tried(make: Any) -> None:
    pool = make().filled()
    pool.waiting = True
    pool.inner.fail("assign", EngineError("busy"))
    sandbox = pool.engine.open(SPEC)
    assert (sandbox.run_id, sandbox.warm) == ("1", False)
    eventually(lambda: sum(one.destroyed for one in pool.inner.opened) == 1, "it to be destroyed")


def test_while_runs_wait_none_is_made(make: Any) -> None:
    pool = make(waiting=True)
    pool.engine.start()
    looks(pool)
    assert pool.idle() == []
    pool.waiting = False
    eventually(lambda: len(pool.idle()) == 4, "the pool to be full")


def test_while_a_run_goes_cold_none_is_made(make: Any) -> None:
    pool = make()
    pool.engine._opening = 1
    pool.engine.start()
    looks(pool)
    assert pool.idle() == []


def test_the_hosts_memory_is_left_alone(make: Any) -> None:
    pool = make(available=600.0)
    pool.engine.start()
    looks(pool)
    assert FULL not in pool.profiles()


def test_the_budget_of_memory_holds(make: Any) -> None:
    pool = make(memory_mb=300, size=4)
    pool.engine.start()
    looks(pool)
    eventually(lambda: FULL in pool.profiles() and BARE in pool.profiles(), "what fits")
    assert TORCH not in pool.profiles()


def test_another_image_under_the_same_name_empties_the_pool(make: Any) -> None:
    pool = make().filled()
    old = pool.idle()
    pool.inner.image = OTHER
    eventually(lambda: all(sandbox.destroyed for sandbox in old), "the old ones to go")
    eventually(lambda: len(pool.idle()) == 4, "new ones")
    assert pool.engine.resolve(None) == OTHER
    assert {sandbox.spec.image for sandbox in pool.idle()} == {OTHER.digest}


def test_an_image_that_is_gone_is_told_to_runs(make: Any) -> None:
    pool = make().filled()
    pool.inner.image = None
    looks(pool)
    with pytest.raises(ImageError):
        pool.engine.resolve(None)


def test_none_grows_older_than_its_age(make: Any) -> None:
    pool = make().filled()
    old = pool.idle()
    pool.now += 3600 * (1 - warm.JITTER) - 1
    looks(pool)
    assert not any(sandbox.destroyed for sandbox in old)
    pool.now += 2 * 3600 * warm.JITTER + 2
    eventually(lambda: all(sandbox.destroyed for sandbox in old), "the old ones to go")
    eventually(lambda: len(pool.idle()) == 4, "new ones")


def test_not_all_grow_old_at_once(make: Any) -> None:
    pool = make(size=8).filled()
    assert len({waiting.until for waiting in pool.engine._idle}) == 8


def test_the_mix_follows_what_is_wanted(make: Any) -> None:
    pool = make(size=8).filled()
    for number in range(40):
        pool.engine.open(replace(SPEC, name=f"run-{number}-1", run_id=str(number)))
        pool.now += 1
        gevent.sleep(0)
    pool.now += warm.REMIX_AFTER_S
    eventually(lambda: pool.profiles().count(TORCH) == 5, "the mix to follow")
    assert len(pool.idle()) == 8


def test_what_fails_is_tried_again(make: Any) -> None:
    pool = make()
    pool.inner.fail("await_ready", EngineError("it did not become ready"), times=3)
    pool.filled()
    assert sum(sandbox.destroyed for sandbox in pool.inner.opened) == 3


def test_an_unforeseen_failure_does_not_end_the_pool(make: Any) -> None:
    pool = make()
    pool.inner.fail("open", ValueError("a bug"), times=2)
    pool.filled()


def test_those_that_wait_are_not_taken_for_strays(make: Any) -> None:
    pool = make().filled()
    pool.waiting = True
    run = pool.engine.open(SPEC)
    assert pool.engine.find() == [run]


def test_what_an_earlier_life_left_waiting_is_found(make: Any) -> None:
    """So that the sweep removes it."""
    inner = FakeEngine()
    left = inner.open(replace(SPEC, run_id=""))
    assert make(inner=inner).engine.find() == [left]


def test_one_that_imports_its_libraries_is_not_taken_for_a_stray(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pool, importing, may_go_on = make(), Event(), Event()

    def slowly(_sandbox: FakeSandbox, _timeout: float) -> None:
        importing.set()
        may_go_on.wait()

    monkeypatch.setattr(FakeSandbox, "await_ready", slowly)
    pool.engine.start()
    importing.wait()
    assert pool.inner.live
    assert pool.engine.find() == []
    may_go_on.set()


def test_closing_leaves_nothing_that_waits(make: Any) -> None:
    pool = make().filled()
    pool.waiting = True
    run = pool.engine.open(SPEC)
    pool.engine.close()
    assert list(pool.inner.live.values()) == [run]


def test_closing_waits_for_a_container_that_is_being_created(make: Any) -> None:
    """Ended in the middle, the engine would go on to create it, and nobody would know of it."""
    pool, asked, may_go_on = make(), Event(), Event()
    create = pool.inner.open

    def slowly(spec: SandboxSpec) -> Any:
        asked.set()
        may_go_on.wait()
        return create(spec)

    pool.inner.open = slowly
    pool.engine.start()
    asked.wait()
    closing = gevent.spawn(pool.engine.close)
    gevent.idle()
    assert not closing.ready()
    may_go_on.set()
    closing.join(10)
    assert closing.successful()
    assert pool.inner.opened
    assert pool.inner.live == {}


def test_a_run_does_not_wait_for_the_engine_to_say_what_the_default_image_is(make: Any) -> None:
    pool = make().filled()
    pool.inner.fail("resolve", AssertionError("the engine was asked"))
    assert pool.engine.resolve(None) == IMAGE


# an image to come


def prepared(pool: Pool, timeout_s: float = 30) -> gevent.Greenlet:
    pool.inner.others.add(OTHER.digest)
    return gevent.spawn(pool.engine.prepare, OTHER, timeout_s)


def images(pool: Pool) -> set[str]:
    return {sandbox.spec.image for sandbox in pool.idle()}


def test_the_first_run_after_a_switch_finds_a_sandbox_of_the_new_image(make: Any) -> None:
    pool = make().filled()
    assert prepared(pool).get(timeout=30) is True
    assert sorted(sandbox.spec.image for sandbox in pool.idle()) == sorted([IMAGE.digest, OTHER.digest] * pool.size)
    pool.inner.image = OTHER
    pool.engine.refresh()
    assert pool.engine.resolve(None) == OTHER
    assert pool.engine.open(replace(SPEC, image=OTHER.digest)).warm


def test_until_the_switch_runs_find_sandboxes_of_the_old_image(make: Any) -> None:
    pool = make().filled()
    prepared(pool).get(timeout=30)
    assert pool.engine.resolve(None) == IMAGE
    assert pool.engine.open(SPEC).warm


def test_what_is_coming_takes_the_place_of_what_goes_where_memory_is_short(make: Any) -> None:
    pool = make().filled()
    total = 500 + 4 * 260 + 130  # for one more of them than wait now, and not two
    pool.engine._available_mb = lambda: total - sum(pool.engine._cost_mb[s.spec.preload] for s in pool.idle())
    assert prepared(pool).get(timeout=30) is True
    assert sum(sandbox.spec.image == OTHER.digest for sandbox in pool.idle()) == pool.size
    assert len(pool.idle()) < 2 * pool.size


def test_while_runs_wait_nothing_is_prepared(make: Any) -> None:
    pool = make().filled()
    pool.waiting = True
    assert prepared(pool, 0.2).get(timeout=30) is False
    assert images(pool) == {IMAGE.digest}


def test_a_switch_that_does_not_come_leaves_no_sandboxes_behind(make: Any) -> None:
    pool = make().filled()
    prepared(pool).get(timeout=30)
    pool.now += 30 + warm.SWITCH_S + 1
    eventually(lambda: images(pool) == {IMAGE.digest}, "the others to go")


def test_a_host_without_any_image_prepares_its_first(make: Any) -> None:
    pool = make()
    pool.inner.image = None
    pool.engine.start()
    assert prepared(pool).get(timeout=30) is True
    assert images(pool) == {OTHER.digest}
