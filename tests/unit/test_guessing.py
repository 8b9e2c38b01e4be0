"""Who guesses passwords is slowed down, and nobody else; whether there is such an account makes no difference."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from server.domain.errors import Forbidden, TooMany, Unauthenticated
from server.domain.guessing import (
    FORGET_S,
    FREE_FAILURES,
    LONGEST_PAUSE_S,
    STRANGERS_REFILL_S,
    STRANGERS_ROOM,
    allowance,
    neighbourhood,
    pause_s,
    refill_s,
)  # fmt: skip
from server.web import guesses
from server.web.guesses import Guesses

VICTIM, HOME, EVIL = "alice@example.org", "192.0.2.1", "198.51.100.66"


class Door:
    """Attempts at a time that stands still unless it is moved."""

    def __init__(self, *, enabled=True):
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.guesses = Guesses(lambda: self.now, enabled=enabled)

    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)

    def knock(self, email=VICTIM, address=EVIL, ends=Unauthenticated):
        """`wrong`, `right`, or how many seconds to wait."""
        try:
            with self.guesses.guess(email, address):
                if ends:
                    raise ends
        except TooMany as error:
            return error.retry_after_s
        except Unauthenticated:
            return "wrong"
        return "right"

    def knock_from_everywhere(self, times, email=VICTIM):
        return [self.knock(email, f"10.0.{number // 250}.{number % 250}") for number in range(times)]


@pytest.fixture
def door():
    return Door()


@pytest.mark.parametrize(
    ("failures", "pause"), [(0, 0), (4, 0), (5, 10), (6, 20), (8, 80), (11, 640), (12, 900), (10_000, 900)]
)
def test_each_failure_doubles_the_pause(failures, pause):
    assert pause_s(failures) == pause


@pytest.mark.parametrize(
    ("left", "idle", "allowed"), [(0, 0, 0), (0, 59, 59 / 60), (1, 60, 2), (30, 1e9, STRANGERS_ROOM), (0, 1e9, 30)]
)
def test_what_strangers_may_try_comes_back_slowly(left, idle, allowed):
    assert allowance(left, idle) == pytest.approx(allowed)
    assert refill_s(left) == pytest.approx(max(0, (1 - left) * STRANGERS_REFILL_S))


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("::ffff:192.0.2.1", "192.0.2.1"),
        ("not an address", "not an address"),
    ],
)  # fmt: skip
def test_an_address_is_what_one_subscriber_has(address, place):
    assert neighbourhood(address) == place


def test_an_address_that_fails_waits_longer_each_time(door):
    assert [door.knock() for _ in range(FREE_FAILURES + 1)] == ["wrong"] * FREE_FAILURES + [10]
    assert door.knock(ends=None) == 10  # the right password is not even looked at
    door.wait(10)
    assert [door.knock(), door.knock()] == ["wrong", 20]
    door.wait(LONGEST_PAUSE_S)
    assert [door.knock(), door.knock()] == ["wrong", 40]


def test_spellings_of_an_account_are_one_account(door):
    spellings = [VICTIM, VICTIM.upper(), f" {VICTIM}"]
    assert [door.knock(spelling) for spelling in spellings * 2][-1] == 10


def test_neither_other_accounts_nor_other_addresses_wait_for_it(door):
    for _ in range(FREE_FAILURES):
        door.knock()
    assert door.knock("bob@example.org") == "wrong"
    assert door.knock(address=HOME, ends=None) == "right"


def test_the_right_password_ends_the_pause_and_so_does_time(door):
    for _ in range(FREE_FAILURES - 1):
        door.knock()
    assert door.knock(ends=None) == "right"
    assert [door.knock() for _ in range(FREE_FAILURES)] == ["wrong"] * FREE_FAILURES
    door.wait(FORGET_S + 1)
    assert [door.knock() for _ in range(FREE_FAILURES)] == ["wrong"] * FREE_FAILURES


def test_many_addresses_together_are_slow(door):
    tried = door.knock_from_everywhere(200)
    assert tried == ["wrong"] * int(STRANGERS_ROOM) + [60] * (200 - int(STRANGERS_ROOM))
    door.wait(3600)
    assert door.knock_from_everywhere(200).count("wrong") <= STRANGERS_ROOM


def test_nobody_is_locked_out_from_where_they_have_signed_in(door):
    assert door.knock(address=HOME, ends=None) == "right"
    door.knock_from_everywhere(200)
    assert door.knock(address=HOME) == "wrong"
    assert door.knock(address=HOME, ends=None) == "right"


def test_nobody_is_locked_out_for_good_anywhere(door):
    door.knock_from_everywhere(200)
    assert door.knock(address=HOME, ends=None) == 60
    door.wait(60)
    assert door.knock(address=HOME, ends=None) == "right"


def test_an_attempt_under_way_counts_as_failed(door):
    under_way = [door.guesses.guess(VICTIM, EVIL) for _ in range(FREE_FAILURES)]
    for attempt in under_way:
        attempt.__enter__()
    assert door.knock() == 10
    for attempt in under_way:
        attempt.__exit__(None, None, None)
    assert door.knock() == "wrong"


def test_what_ends_otherwise_is_no_guess(door):
    for _ in range(100):
        with suppress(Forbidden), door.guesses.guess(VICTIM, EVIL):
            raise Forbidden
    assert door.knock() == "wrong"


def test_what_is_remembered_is_bounded(door, monkeypatch):
    monkeypatch.setattr(guesses, "ROOM", 20)
    for number in range(100):
        door.knock(f"{number}@example.org")
        door.knock(f"{number}@example.net", ends=None)
    assert max(map(len, (door.guesses._failures, door.guesses._strangers, door.guesses._known))) == 20


def test_it_can_be_off():
    door = Door(enabled=False)
    assert {door.knock() for _ in range(100)} == {"wrong"}
