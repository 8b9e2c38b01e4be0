"""Which sandboxes to keep ready."""

import pytest

from server.domain.pool import EXPECTED_MB, HALF_LIFE_S, Demand, mix, next_to_make, preference, surplus
from server.domain.preload import BARE, DATA, FULL, PROFILES, TORCH

EVEN = dict.fromkeys(PROFILES, 1.0)
PLENTY = 100_000


def test_without_demand_there_is_one_of_each() -> None:
    assert mix(4, EVEN, EXPECTED_MB, PLENTY) == dict.fromkeys(PROFILES, 1)


def test_a_small_pool_holds_what_serves_the_most_programs() -> None:
    assert mix(1, EVEN, EXPECTED_MB, PLENTY)[FULL] == 1
    assert mix(2, EVEN, EXPECTED_MB, PLENTY) == {BARE: 1, DATA: 0, TORCH: 0, FULL: 1}


def test_what_is_wanted_most_gets_the_most_and_nothing_is_given_up_while_there_is_room() -> None:
    wanted = mix(8, {**EVEN, TORCH: 20.0}, EXPECTED_MB, PLENTY)
    assert wanted == {BARE: 1, DATA: 1, TORCH: 5, FULL: 1}


@pytest.mark.parametrize("budget", [0, 19, 20, 150, 300, 600, 1000])
def test_the_memory_budget_holds(budget: int) -> None:
    wanted = mix(50, {**EVEN, FULL: 9.0}, EXPECTED_MB, budget)
    assert sum(EXPECTED_MB[profile] * number for profile, number in wanted.items()) <= budget


@pytest.mark.parametrize("size", range(12))
def test_there_are_never_more_than_the_size_says(size: int) -> None:
    assert sum(mix(size, {**EVEN, DATA: 3.0}, EXPECTED_MB, PLENTY).values()) == size


def test_demand_is_forgotten_by_half_in_its_half_life() -> None:
    demand = Demand()
    for _ in range(8):
        demand.note(TORCH, 100.0)
    assert demand.weights(100.0) == {**EVEN, TORCH: 9.0}
    assert demand.weights(100.0 + HALF_LIFE_S)[TORCH] == pytest.approx(5.0)
    assert demand.weights(100.0 + 100 * HALF_LIFE_S)[TORCH] == pytest.approx(1.0)


def test_a_clock_that_steps_back_makes_no_demand() -> None:
    demand = Demand()
    demand.note(DATA, 100.0)
    assert demand.weights(50.0) == {**EVEN, DATA: 2.0}


def test_the_lack_that_weighs_most_is_made_good_first() -> None:
    wanted = {BARE: 1, DATA: 1, TORCH: 4, FULL: 1}
    weights = {**EVEN, TORCH: 20.0}
    assert next_to_make(wanted, {}, weights) == TORCH
    assert next_to_make(wanted, {TORCH: 4, BARE: 1, DATA: 1}, weights) == FULL
    assert next_to_make(wanted, wanted, weights) is None


def test_a_surplus_is_named() -> None:
    assert surplus({BARE: 1, TORCH: 2}, {BARE: 2, TORCH: 2}) == BARE
    assert surplus({BARE: 1, TORCH: 2}, {BARE: 1, TORCH: 1}) is None


@pytest.mark.parametrize(
    ("wanted", "order"),
    [
        (BARE, [BARE, DATA, TORCH, FULL]),
        (DATA, [DATA, FULL, BARE, TORCH]),
        (TORCH, [TORCH, FULL, BARE, DATA]),
        (FULL, [FULL, BARE, DATA, TORCH]),
    ],
)
def test_what_has_everything_goes_first_and_anything_is_better_than_nothing(wanted: str, order: list[str]) -> None:
    assert preference([*PROFILES, BARE], wanted) == order
