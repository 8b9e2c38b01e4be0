"""Whose turn is it: the tenant with the least running for its weight goes first, oldest run first within a tenant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heappop, heapreplace


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queued run."""

    run_id: str
    tenant: str
    queued_at: datetime


def load(running: int, weight: float) -> float:
    """What is compared between tenants: the least goes first."""
    return running / weight


def turn_order(
    waiting: Iterable[Waiting], running: Mapping[str, int], weights: Mapping[str, float] | None = None
) -> list[Waiting]:
    """The order in which the queued runs would start if none of the running ones ended. Who has no weight has 1.

    Each start counts as running for its tenant, so a tenant with many queued runs delays another's by at most one turn
    (by as many as its weight is larger).
    """
    queues: dict[str, list[Waiting]] = {}
    for run in sorted(waiting, key=lambda w: (w.queued_at, w.run_id), reverse=True):
        queues.setdefault(run.tenant, []).append(run)
    weigh, started = weights or {}, {tenant: running.get(tenant, 0) for tenant in queues}

    def turn(queue: list[Waiting]) -> tuple[float, datetime, str, list[Waiting]]:
        first = queue[-1]
        return load(started[first.tenant], weigh.get(first.tenant, 1.0)), first.queued_at, first.run_id, queue

    turns = [turn(queue) for queue in queues.values()]
    heapify(turns)
    order: list[Waiting] = []
    while turns:
        queue = turns[0][-1]
        order.append(queue.pop())
        started[order[-1].tenant] += 1
        if queue:
            heapreplace(turns, turn(queue))
        else:
            heappop(turns)
    return order
