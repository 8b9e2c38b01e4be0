"""Turns on the event loop: work that goes on and on keeps nobody waiting who has a connection."""

import os

import gevent
import pytest
from gevent import monkey
from gevent.os import nb_read

from server.turns import beside_the_loop, give_way


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
