"""How long a queued run is likely to wait: an estimate, from what runs have taken of late and how many go on at once.

It knows nothing of what the programs ahead will do: it takes each of them to last as long as the recent ones did.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from server.domain.fair import Waiting


@dataclass(frozen=True, slots=True)
class Lane:
    """Room for so many runs at once, `running` of which are on their way. None starts before `closed_s` seconds."""

    slots: int
    running: int
    closed_s: float = 0.0

    def wait_s(self, place: int, each_s: float | None) -> float | None:
        """Seconds until the run at `place` (1 is next) starts, if each takes `each_s`; None when nobody can tell.

        Of `slots` runs that go on at once, one ends every `each_s / slots` seconds.
        """
        ahead = place - max(0, self.slots - self.running)
        if ahead <= 0:
            return self.closed_s
        if each_s is None or self.slots <= 0:
            return None
        return max(self.closed_s, ahead * each_s / self.slots)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a queued run of `tenant` stands, 1 is next, and how long it is likely to wait, if anybody can tell."""

    position: int
    wait_s: int | None
    tenant: str


def why_waiting(position: int, everybodys: Lane, own: Lane) -> str:
    """What keeps the queued run at `position` from starting now, in words for operators."""
    if own.closed_s > 0:
        return "Its owner's CPU-seconds of the day are used up."
    if own.running >= own.slots:
        return f"Its owner has {own.running} runs under way, which is the quota."
    if everybodys.running >= everybodys.slots:
        return f"All {everybodys.slots} slots are busy."
    return "It is next." if position == 1 else "Others are before it."


def run_seconds(ended: Iterable[float], going: Iterable[float]) -> float | None:
    """What a run takes, from how long those that ended took and those that go on have lasted; None before any ended.

    All the time seen, for each end seen: so that long runs count though they have not ended yet.
    """
    took = list(ended)
    return (sum(took) + sum(going)) / len(took) if took else None


def places(
    order: Sequence[Waiting], everybodys: Lane, own: Mapping[str, Lane], each_s: float | None
) -> dict[str, Place]:
    """Of each run, where it stands in `order`: it waits for a slot of everybody's and for one of its tenant's quota."""
    seen: Counter[str] = Counter()
    found = {}
    for position, run in enumerate(order, 1):
        seen[run.tenant] += 1
        waits = (everybodys.wait_s(position, each_s), own[run.tenant].wait_s(seen[run.tenant], each_s))
        found[run.run_id] = Place(position, _longest(waits), run.tenant)
    return found


def next_start_s(queue: Iterable[Place], tenant: str, unknown_s: int) -> int:
    """In how many seconds, 1 or more, the first of a tenant's queued runs is likely to leave the queue."""
    known = [place.wait_s for place in queue if place.tenant == tenant and place.wait_s is not None]
    return max(1, min(known)) if known else unknown_s


def _longest(waits: Iterable[float | None]) -> int | None:
    known = list(waits)
    return None if None in known else math.ceil(max(wait for wait in known if wait is not None))
