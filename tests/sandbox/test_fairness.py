"""A crowd of one tenant's runs on a real server: another tenant's single run does not wait behind it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.server_process import ServerProcess, finished, output, submit

SLOTS = 2
PROGRAM = "import time\nprint('here', flush=True)\ntime.sleep(0.5)\n"


def claimed_at(run: Mapping[str, Any]) -> datetime | None:
    """When its turn came: the beginning of the step in which it was taken from the queue."""
    span = next((span for span in run["trace"] if span["step"] == "claim"), None)
    return datetime.fromisoformat(run["created_at"]) + timedelta(milliseconds=span["at_ms"]) if span else None


def test_500_queued_runs_delay_another_tenants_run_by_a_turn(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, BYTEME_RUN_SLOTS=str(SLOTS)) as server:
        crowd, single = server.tenant(), server.tenant()
        for _ in range(500):
            submit(crowd, PROGRAM)
        run_id = submit(single, PROGRAM)
        run = finished(single, run_id)
        assert (run["state"], output(single, run_id)) == ("succeeded", b"here\n")
        asked, turn = datetime.fromisoformat(run["created_at"]), claimed_at(run)
        times = [claimed_at(other.raw) for other in crowd.runs()]
        before = [time for time in times if time is not None and turn is not None and asked < time < turn]
        assert len(before) <= SLOTS + 1
        assert None in times, "the crowd was still waiting when the single run had ended"
