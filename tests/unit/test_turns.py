"""Turns on the event loop: work that goes on and on keeps nobody waiting who has a connection."""

import os

import gevent
import pytest
from gevent import monkey
from gevent.os import nb_read

from server.turns import Floods, beside_the_loop, give_way


class Clock:
    """Time that passes by work and by sleep alone."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 4))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def floods(clock: Clock) -> Floods:
    return Floods(clock, clock.sleep)


def work(floods: Floods, clock: Clock, seconds: float) -> float:
    """How long the rest after it is."""
    with floods.piece():
        clock.now += seconds
    return clock.slept[-1]


def test_a_flood_has_all_of_the_loop_while_nobody_asks_for_anything(floods: Floods, clock: Clock) -> None:
    assert work(floods, clock, 0.004) == 0
    floods.somebody_asks()
    clock.now += 1
    assert work(floods, clock, 0.004) == 0


def test_while_somebody_asks_all_floods_together_work_a_quarter_of_the_time(floods: Floods, clock: Clock) -> None:
    floods.somebody_asks()
    assert work(floods, clock, 0.001) == pytest.approx(0.003)
    assert work(floods, clock, 0.001) == pytest.approx(0.005)  # after the other's rest


def test_no_piece_rests_long_however_many_floods_there_are(floods: Floods, clock: Clock) -> None:
    floods.somebody_asks()
    for _ in range(64):
        work(floods, clock, 0.005)
    assert max(clock.slept) == pytest.approx(0.2)


def test_work_that_fails_is_told(floods: Floods) -> None:
    floods.somebody_asks()
    with pytest.raises(OSError, match="full"), floods.piece():
        raise OSError("full")


def test_work_that_a_disk_has_held_up_is_not_punished_for_it(floods: Floods, clock: Clock) -> None:
    floods.somebody_asks()
    assert work(floods, clock, 0.4) == pytest.approx(0.02)


@pytest.mark.parametrize("busy", [1, 3])
def test_who_waits_for_a_connection_gets_a_turn_before_the_busy_ones_have_had_two_more(busy: int) -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    turns = [0] * busy
    written_at: list[int] = []

    def work(number: int) -> None:
        while True:
            turns[number] += 1
            if number == 0 and turns[0] == 10:
                os.write(writing, b"x")
                written_at.extend(turns)
            give_way()

    def wait() -> list[int]:
        gevent.get_hub().wait(gevent.get_hub().loop.io(reading, 1))
        return list(turns)

    waiting = gevent.spawn(wait)
    workers = [gevent.spawn(work, number) for number in range(busy)]
    seen = waiting.get(timeout=10)
    gevent.killall(workers)
    assert nb_read(reading, 10) == b"x"
    assert max(now - then for now, then in zip(seen, written_at, strict=True)) <= 2
    os.close(reading)
    os.close(writing)


def test_who_is_killed_while_a_thread_works_ends_once_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monkey, "is_module_patched", lambda _: True)  # as in the server
    reading, writing = os.pipe()
    ended: list[str] = []

    def work() -> None:
        os.read(reading, 1)  # in the thread, which can't be ended
        ended.append("work")

    def caller() -> None:
        try:
            beside_the_loop(work)
        finally:
            ended.append("caller")

    killed = gevent.spawn(caller)
    gevent.idle()
    killed.kill(block=False)
    gevent.idle()
    assert ended == []
    os.write(writing, b"x")
    killed.join(10)
    assert ended == ["work", "caller"]
    os.close(reading)
    os.close(writing)
