"""What is counted when somebody asks: the database, the disk, the slots. What happens is counted as it happens."""

import platform
import shutil
import time
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import func, select

from server.db.models import Dataset, Run
from server.domain.errors import Unavailable
from server.domain.run import TERMINAL, State
from server.folder import LAST_BACKUP

LIVE = [state for state in State if state not in TERMINAL]
STORED_S = 60.0  # sums over all rows are good for so long


class Collector:
    """Gauges for Prometheus. While the database is away there is `byteme_database_up 0`, and nothing that it knows."""

    def __init__(self, services: Any) -> None:
        self._x = services
        self._stored: dict[str, int] = {}
        self._stored_until = 0.0

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield _labelled(
            "byteme_build_info", "This version of the server.", ["version", "python"],
            [((version("byteme"), platform.python_version()), 1)],
        )  # fmt: skip
        yield from self._capacity()
        try:
            families = list(self._database())
        except Unavailable:
            families = []
        yield _plain("byteme_database_up", "Does the database answer.", bool(families))
        yield from families

    def _capacity(self) -> Iterator[GaugeMetricFamily]:
        settings = self._x.settings
        yield _plain("byteme_run_slots", "Runs that may be executed at once.", settings.run_slots)
        yield _plain("byteme_run_slots_busy", "Slots in use.", self._x.executor.busy)
        yield _plain("byteme_warm_pool_size", "Sandboxes that are to wait.", settings.warm_pool_size)
        disk = shutil.disk_usage(settings.data_dir)
        yield _plain("byteme_disk_free_bytes", "Free on the data folder's disk.", disk.free)
        yield _plain("byteme_disk_bytes", "Size of the data folder's disk.", disk.total)
        least = settings.min_free_disk_mb << 20
        yield _plain("byteme_disk_least_bytes", "Below so much free no run starts.", least)
        if (last := settings.data_dir / LAST_BACKUP).exists():
            yield _plain("byteme_last_backup_timestamp_seconds", "End of the last backup.", last.stat().st_mtime)

    def _database(self) -> Iterator[GaugeMetricFamily]:
        with self._x.db.transaction() as session:
            query = select(Run.state, func.count().label("runs")).where(Run.state.in_(LIVE)).group_by(Run.state)
            counts = {row.state: row.runs for row in session.execute(query)}
            oldest = session.scalar(select(func.min(Run.created_at)).where(Run.state == State.QUEUED))
            stored = self._stored_bytes(session)
        rows = [((str(state),), counts.get(state, 0)) for state in LIVE]
        yield _labelled("byteme_runs", "Runs that have not ended.", ["state"], rows)
        waited = (self._x.clock() - oldest).total_seconds() if oldest else 0.0
        yield _plain(
            "byteme_queue_oldest_seconds", "For how long the first submitted run has waited.", max(0.0, waited)
        )
        kinds = [((kind,), size) for kind, size in stored.items()]
        yield _labelled("byteme_stored_bytes", "What tenants store, as of up to a minute ago.", ["kind"], kinds)

    def _stored_bytes(self, session: Any) -> dict[str, int]:
        if time.monotonic() >= self._stored_until:
            sums = select(func.sum(Run.output_bytes), func.sum(Run.artifact_bytes))
            output, artifacts = session.execute(sums).one()
            datasets = session.scalar(select(func.sum(Dataset.bytes)))
            self._stored = {"output": output or 0, "artifacts": artifacts or 0, "datasets": datasets or 0}
            self._stored_until = time.monotonic() + STORED_S
        return self._stored


def _plain(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, value=float(value))


def _labelled(name: str, what: str, labels: list[str], rows: Any) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, what, labels=labels)
    for values, value in rows:
        family.add_metric(values, float(value))
    return family
