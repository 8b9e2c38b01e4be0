"""The slots of one process: as many at once as there are, woken by a hint, stopped in good order."""

from collections.abc import Iterator

import gevent
import pytest
from gevent.event import Event

from server.dispatch import local
from server.dispatch.local import LocalDispatcher
from server.domain.errors import Unavailable
from tests.waiting import eventually


class Worker:
    """A queue of `waiting` runs, each of which lasts until `done` is set."""

    def __init__(self, waiting: int = 0) -> None:
        self.waiting, self.running, self.most, self.ended, self.asked = waiting, 0, 0, 0, 0
        self.room = 1000
        self.done = Event()
        self.told: list[tuple[str, object]] = []
        self.errors: list[Exception] = []

    def run_next(self) -> bool:
        self.asked += 1
        if self.errors:
            raise self.errors.pop()
        if not self.waiting or self.running >= self.room:
            return False
        self.waiting, self.running = self.waiting - 1, self.running + 1
        self.most = max(self.most, self.running)
        try:
            self.done.wait()
        finally:
            self.running -= 1
        self.ended += 1
        return True

    def live(self) -> list[str]:
        return ["run"] * self.running

    def settle(self, timeout_s: float | None = None) -> None:
        self.told.append(("settle", timeout_s))

    def cancel(self, run_id: str) -> None:
        self.told.append((run_id, "cancel"))

    def send_input(self, run_id: str, data: bytes | None) -> None:
        self.told.append((run_id, data))


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
def dispatcher(worker: Worker) -> Iterator[LocalDispatcher]:
    dispatcher = LocalDispatcher(worker, slots=3)
    yield dispatcher
    dispatcher.stop(0)


def test_no_more_runs_at_once_than_slots_and_all_get_their_turn(worker: Worker, dispatcher: LocalDispatcher) -> None:
    worker.waiting = 10
    dispatcher.start()
    eventually(lambda: worker.running == 3, "the slots to fill", 5)
    worker.done.set()
    eventually(lambda: worker.ended == 10, "all runs to end", 5)
    assert worker.most == 3


def test_a_hint_starts_what_came_while_all_slots_slept(worker: Worker, dispatcher: LocalDispatcher) -> None:
    worker.done.set()
    dispatcher.start()
    eventually(lambda: worker.asked, "a slot to look", 5)
    worker.waiting = 2
    dispatcher.wake()
    eventually(lambda: worker.ended == 2, "the runs to end", 5)


def test_slots_with_nothing_to_do_do_not_ask_on_and_on(worker: Worker, dispatcher: LocalDispatcher) -> None:
    dispatcher.start()
    eventually(lambda: worker.asked, "a slot to look", 5)
    for _ in range(100):
        gevent.sleep(0)
    assert worker.asked <= 3


def test_when_a_run_ends_whoever_waited_for_its_tenants_room_gets_its_turn(
    worker: Worker, dispatcher: LocalDispatcher
) -> None:
    worker.waiting, worker.room = 2, 1
    dispatcher.start()
    eventually(lambda: worker.running == 1 and not dispatcher._bell.is_set(), "the other slots to sleep", 5)
    worker.done.set()
    eventually(lambda: worker.ended == 2, "both runs to end", 5)


@pytest.mark.parametrize("error", [Unavailable(), ZeroDivisionError()])
def test_whatever_fails_costs_no_slot(
    worker: Worker, dispatcher: LocalDispatcher, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(local, "RETRY_S", 0.01)
    worker.errors = [error] * 5
    worker.waiting = 3
    dispatcher.start()
    eventually(lambda: worker.running == 3, "all slots to work", 5)


def test_cancels_and_input_go_to_the_worker(worker: Worker, dispatcher: LocalDispatcher) -> None:
    dispatcher.cancel("a")
    dispatcher.send_input("b", b"x")
    assert worker.told == [("a", "cancel"), ("b", b"x")]


def test_a_stop_waits_for_what_is_under_way_and_takes_nothing_new(worker: Worker, dispatcher: LocalDispatcher) -> None:
    worker.waiting = 5
    dispatcher.start()
    eventually(lambda: worker.running == 3, "the slots to fill", 5)
    stopping = gevent.spawn(dispatcher.stop, 10)
    gevent.sleep(0)
    worker.done.set()
    stopping.get(timeout=10)
    assert (worker.ended, worker.waiting) == (3, 2)


def test_a_stop_without_patience_leaves_what_is_under_way(worker: Worker, dispatcher: LocalDispatcher) -> None:
    worker.waiting = 1
    dispatcher.start()
    eventually(lambda: worker.running == 1, "the run to start", 5)
    dispatcher.stop(0)
    assert (worker.ended, worker.running) == (0, 0)
