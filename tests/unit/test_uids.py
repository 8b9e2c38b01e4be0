"""Uids of sandboxes: never two live ones with the same."""

import pytest

from server.domain.errors import EngineError
from server.engine.uids import UidPool


def test_live_sandboxes_never_share_a_uid() -> None:
    pool = UidPool(20000, 20009)
    assert sorted(pool.take() for _ in range(10)) == list(range(20000, 20010))


def test_when_all_are_in_use_it_says_so_and_one_that_comes_back_is_given_out_again() -> None:
    pool = UidPool(20000, 20001)
    first, _ = pool.take(), pool.take()
    with pytest.raises(EngineError, match="All 2 sandbox uids are in use"):
        pool.take()
    pool.give_back(first)
    assert pool.take() == first


def test_a_uid_rests_for_as_long_as_possible_before_its_next_use() -> None:
    pool = UidPool(1000, 1002)
    taken = []
    for _ in range(6):
        taken.append(pool.take())
        pool.give_back(taken[-1])
    assert taken == [1000, 1001, 1002, 1000, 1001, 1002]


def test_the_uid_of_a_sandbox_that_was_found_is_not_given_out() -> None:
    pool = UidPool(1000, 1001)
    pool.claim(1000)
    assert pool.take() == 1001


def test_giving_back_twice_changes_nothing() -> None:
    pool = UidPool(1000, 1000)
    uid = pool.take()
    pool.give_back(uid)
    pool.give_back(uid)
    assert pool.take() == uid
    with pytest.raises(EngineError):
        pool.take()
