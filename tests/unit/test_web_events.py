"""Watchers are woken; nothing is queued for them."""

import gevent
import pytest

from server.domain.run import Usage
from server.web.events import Bell, EventHub


def test_news_rings_the_bells_of_that_run_only():
    hub = EventHub()
    with hub.listen("a") as mine, hub.listen("a") as too, hub.listen("b") as other:
        hub.publish("a")
        assert mine.wait(0)
        assert too.wait(0)
        assert not other.wait(0)


def test_rings_that_nobody_waited_for_count_once():
    bell = Bell()
    for _ in range(1000):
        bell.ring()
    assert bell.wait(0)
    assert not bell.wait(0)


def test_a_ring_ends_a_wait():
    hub = EventHub()
    with hub.listen("a") as bell:
        waiter = gevent.spawn(bell.wait, 30)
        gevent.spawn(hub.publish, "a")
        assert waiter.get(timeout=10) is True


def test_nothing_is_kept_for_a_run_that_nobody_watches():
    hub = EventHub()
    hub.publish("a")
    hub.usage("a", Usage())
    with hub.listen("a") as bell:
        assert not bell.wait(0)
    with pytest.raises(RuntimeError), hub.listen("a"):
        raise RuntimeError
    assert hub._bells == {}


def test_load_is_measured_between_samples():
    now = [10.0]
    hub = EventHub(clock=lambda: now[0])
    with hub.listen("a") as bell:
        hub.usage("a", Usage(cpu_s=1.0, memory_bytes=5))
        assert bell.take_load() is None
        now[0] = 12.0
        hub.usage("a", Usage(cpu_s=4.0, memory_bytes=7))
        assert bell.take_load() == (1.5, 7)
        assert bell.take_load() is None
        now[0] = 13.0
        hub.usage("a", Usage(cpu_s=4.5, memory_bytes=8))
        assert bell.take_load() == (0.5, 8)


def test_load_that_is_not_taken_does_not_pile_up():
    now = [0.0]
    hub = EventHub(clock=lambda: now[0])
    with hub.listen("a") as bell:
        for second in range(100):
            now[0] = float(second)
            hub.usage("a", Usage(cpu_s=second / 2, memory_bytes=second))
        assert bell.take_load() == (0.5, 99)
        assert bell.take_load() is None
