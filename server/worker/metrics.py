"""What stands in lists of an ended run's metrics: the last value of each."""

from collections.abc import Iterator
from typing import Any

from server.domain.ports import LogStore
from server.domain.record import last_values
from server.domain.reports import Metric, parse_report
from server.turns import give_way

MOST = 20  # names
MOST_BYTES = 4 << 20  # of reports, figures among them: who has more is told nothing, and waits for nothing
_PIECE = 1 << 16


def last_metrics(logs: LogStore, run_id: str, events_bytes: int) -> list[dict[str, Any]] | None:
    """Name, step and value of the last report of each of the first metrics; None when there is too much to read."""
    if events_bytes > MOST_BYTES:
        return None
    last = last_values(_reported(logs, run_id, events_bytes), MOST).values()
    return [{"name": metric.name, "step": metric.step, "value": metric.value} for metric in last]


def _reported(logs: LogStore, run_id: str, events_bytes: int) -> Iterator[Metric]:
    offset = 0
    while offset < events_bytes:
        events, end = logs.read_events(run_id, offset, _PIECE)
        if end <= offset:
            return
        yield from (report for event in events if isinstance(report := parse_report(event.data), Metric))
        offset = end
        give_way()
