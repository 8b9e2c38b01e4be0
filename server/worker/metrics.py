"""What stands in lists of an ended run's metrics: the last value of each."""

from typing import Any

from server.domain.ports import LogStore
from server.domain.record import last_values
from server.domain.reports import Metric, parse_report

MOST = 20  # names
MOST_BYTES = 4 << 20  # of reports, figures among them: who has more is told nothing, and waits for nothing
_PIECE = 1 << 20


def last_metrics(logs: LogStore, run_id: str, events_bytes: int) -> list[dict[str, Any]] | None:
    """Name, step and value of the last report of each of the first metrics; None when there is too much to read."""
    if events_bytes > MOST_BYTES:
        return None
    metrics: list[Metric] = []
    offset = 0
    while offset < events_bytes:
        records, end = logs.read_events(run_id, offset, _PIECE)
        if end <= offset:
            break
        metrics += [report for record in records if isinstance(report := parse_report(record), Metric)]
        offset = end
    last = list(last_values(metrics).values())[:MOST]
    return [{"name": metric.name, "step": metric.step, "value": metric.value} for metric in last]
