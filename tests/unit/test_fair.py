"""Whose turn is it."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from server.domain.fair import Waiting, turn_order

START = datetime(2026, 1, 1, tzinfo=UTC)


def queue(*tenants: str) -> list[Waiting]:
    """Runs submitted one second apart, each by the tenant named."""
    return [Waiting(f"{n:04}", tenant, START + timedelta(seconds=n)) for n, tenant in enumerate(tenants)]


def tenants(order: list[Waiting]) -> str:
    return "".join(run.tenant for run in order)


def test_an_empty_queue_has_no_turns() -> None:
    assert turn_order([], {"a": 3}) == []


def test_a_single_tenant_is_served_in_order_of_arrival() -> None:
    runs = queue("a", "a", "a")
    assert turn_order(reversed(runs), {}) == runs


def test_equal_tenants_take_turns_and_the_one_who_came_first_begins() -> None:
    assert tenants(turn_order(queue("b", "a", "b", "a", "b"), {})) == "babab"


def test_who_runs_least_goes_first() -> None:
    assert tenants(turn_order(queue("a", "b", "c"), {"a": 2, "b": 1})) == "cba"


@pytest.mark.parametrize("queued", [1, 2, 7, 100])
@pytest.mark.parametrize("place", ["first", "last"])
def test_a_flood_of_one_tenant_delays_another_by_one_turn_at_most(queued: int, place: str) -> None:
    runs = queue("b", *"a" * queued) if place == "first" else queue(*"a" * queued, "b")
    assert tenants(turn_order(runs, {})).index("b") <= 1


def test_the_order_keeps_every_run_and_each_tenants_own_order() -> None:
    rng = random.Random(4)
    for _ in range(200):
        runs = queue(*(rng.choice("abcd") for _ in range(rng.randrange(30))))
        running = {tenant: rng.randrange(4) for tenant in "abce"}
        order = turn_order(rng.sample(runs, len(runs)), running)
        assert sorted(order, key=lambda run: run.run_id) == runs
        for tenant in "abcd":
            own = [run.run_id for run in order if run.tenant == tenant]
            assert own == sorted(own)


def test_at_every_turn_nobody_with_less_running_is_passed_over() -> None:
    rng = random.Random(5)
    for _ in range(100):
        runs = queue(*(rng.choice("abcd") for _ in range(rng.randrange(1, 30))))
        load = {tenant: rng.randrange(4) for tenant in "abcd"}
        order = turn_order(runs, load)
        for place, run in enumerate(order):
            assert load[run.tenant] == min(load[waiting.tenant] for waiting in order[place:])
            load[run.tenant] += 1


def test_a_tenant_of_twice_the_weight_gets_twice_the_turns() -> None:
    order = tenants(turn_order(queue(*"ab" * 30), {}, {"a": 2.0}))
    for end in range(1, 46):
        a, b = order[:end].count("a"), order[:end].count("b")
        assert abs(a - 2 * b) <= 2
    assert order[45:] == "b" * 15


def test_weights_are_compared_with_what_runs_already() -> None:
    assert tenants(turn_order(queue("a", "b"), {"a": 3, "b": 2}, {"a": 2.0, "b": 1.0})) == "ab"
    assert tenants(turn_order(queue("a", "b"), {"a": 1, "b": 1}, {"a": 0.5})) == "ba"


@pytest.mark.parametrize("weight", [0.01, 1.0, 100.0])
def test_whatever_the_weight_of_a_flood_another_tenant_with_nothing_running_goes_next(weight: float) -> None:
    order = tenants(turn_order(queue(*"a" * 500, "b"), {"a": 4}, {"a": weight}))
    assert order.index("b") == 0


def test_runs_of_one_moment_have_one_order() -> None:
    runs = [Waiting(name, "a", START) for name in ("2", "1", "3")]
    assert [run.run_id for run in turn_order(runs, {})] == ["1", "2", "3"]
