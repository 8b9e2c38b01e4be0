"""Whose turn is it: the tenant with the least running goes first, oldest run first within a tenant."""

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


def turn_order(waiting: Iterable[Waiting], running: Mapping[str, int]) -> list[Waiting]:
    """The order in which the queued runs would start if none of the running ones ended.

    Each start counts as running for its tenant, so a tenant with many queued runs delays another's by at most one turn.
    """
    queues: dict[str, list[Waiting]] = {}
    for run in sorted(waiting, key=lambda w: (w.queued_at, w.run_id), reverse=True):
        queues.setdefault(run.tenant, []).append(run)
    turns = [(running.get(tenant, 0), queue[-1].queued_at, queue[-1].run_id, queue) for tenant, queue in queues.items()]
    heapify(turns)
    order: list[Waiting] = []
    while turns:
        load, _, _, queue = turns[0]
        order.append(queue.pop())
        if queue:
            heapreplace(turns, (load + 1, queue[-1].queued_at, queue[-1].run_id, queue))
        else:
            heappop(turns)
    return order
