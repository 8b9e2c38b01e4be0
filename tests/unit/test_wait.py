"""How long a queued run is likely to wait: honest about what nobody can know."""

from datetime import UTC, datetime, timedelta

import pytest

from server.domain.fair import Waiting
from server.domain.wait import Lane, Place, next_start_s, places, run_seconds

START = datetime(2026, 1, 1, tzinfo=UTC)


def order(tenants: str) -> list[Waiting]:
    return [Waiting(str(n), tenant, START + timedelta(seconds=n)) for n, tenant in enumerate(tenants)]


def waits(tenants: str, everybodys: Lane, each_s: float | None, **own: Lane) -> list[int | None]:
    lanes = {tenant: Lane(100, 0) for tenant in tenants} | own
    return [place.wait_s for place in places(order(tenants), everybodys, lanes, each_s).values()]


def test_nothing_is_known_of_runs_before_one_has_ended() -> None:
    assert run_seconds([], [100.0]) is None


def test_a_run_takes_what_those_that_ended_took_on_average() -> None:
    assert run_seconds([1.0, 3.0], []) == 2.0


def test_long_runs_count_though_they_have_not_ended() -> None:
    assert run_seconds([1.0, 1.0], [298.0]) == 150.0


@pytest.mark.parametrize(
    ("place", "lane", "expected"),
    [
        (1, Lane(4, 3), 0),  # a slot is free
        (1, Lane(4, 4), 5),  # of four runs that take 20 s each, one ends every 5 s
        (3, Lane(4, 4), 15),
        (3, Lane(4, 2), 5),
        (1, Lane(4, 6), 5),  # runs carried on after a crash wait for no slot
        (2, Lane(1, 1), 40),
        (1, Lane(0, 0), None),  # a quota of none
        (1, Lane(4, 0, closed_s=100.0), 100),
        (9, Lane(1, 1, closed_s=100.0), 180),
    ],
)
def test_a_place_waits_for_those_before_it(place: int, lane: Lane, expected: float | None) -> None:
    assert lane.wait_s(place, 20.0) == expected


def test_without_a_known_length_only_who_need_not_wait_is_told_so() -> None:
    assert waits("abc", Lane(4, 2), None) == [0, 0, None]


def test_the_wait_is_for_a_slot_and_for_the_tenants_own_quota() -> None:
    assert waits("aab", Lane(8, 1), 10.0, a=Lane(1, 1)) == [10, 20, 0]


def test_the_longer_of_both_waits_counts() -> None:
    assert waits("ba", Lane(2, 2), 10.0, a=Lane(1, 0)) == [5, 10]


def test_a_wait_is_whole_seconds_and_never_too_short() -> None:
    assert waits("a", Lane(3, 3), 10.0) == [4]


def test_places_count_from_one_in_the_given_order() -> None:
    found = places(order("ab"), Lane(1, 0), {"a": Lane(1, 0), "b": Lane(1, 0)}, 7.0)
    assert found == {"0": Place(1, 0, "a"), "1": Place(2, 7, "b")}


def test_when_to_come_again_is_when_the_first_of_ones_own_runs_leaves_the_queue() -> None:
    queue = [Place(1, 3, "b"), Place(2, 40, "a"), Place(3, 50, "a")]
    assert next_start_s(queue, "a", 30) == 40
    assert next_start_s([Place(1, 0, "a")], "a", 30) == 1
    assert next_start_s([Place(1, None, "a")], "a", 30) == 30
