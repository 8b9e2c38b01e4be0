"""The host's clock is set while runs go on: by libfaketime, for the server alone, so that nothing else here notices."""

import glob
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.server_process import ServerProcess, finished, output, raw_run, submit
from tests.waiting import eventually

PROGRAM = """
print('begun', flush=True)
print('went on with', input(), flush=True)
open('outputs/x', 'w').write('x')
"""
LIMIT_S = 60


class Clock:
    """The server's: `set` shifts it against the real one, in seconds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.set(0)

    def set(self, shift_s: int) -> None:
        following = self._path.with_suffix(".new")
        following.write_text(f"{shift_s:+d}\n")
        following.replace(self._path)

    @property
    def settings(self) -> dict[str, str]:
        (library,) = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        return {
            "LD_PRELOAD": library,
            "FAKETIME_TIMESTAMP_FILE": str(self._path),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_NO_CACHE": "1",
        }


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "clock")


@pytest.fixture
def server(tmp_path: Path, clock: Clock) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path, BYTEME_RUN_SLOTS="1", **clock.settings) as server:
        yield server


def moment(server: ServerProcess) -> datetime:
    """The server's, as its newest run tells it."""
    tenant = server.tenant()
    run = tenant.submit({"files": {"main.py": "pass"}})
    created = raw_run(tenant, run.id)["created_at"]
    return datetime.fromisoformat(created)


@pytest.mark.parametrize("step", [timedelta(hours=3), -timedelta(hours=3)], ids=["forward", "back"])
def test_a_clock_that_is_set_ends_no_run_and_loses_none(server: ServerProcess, clock: Clock, step: timedelta) -> None:
    tenant, before = server.tenant(), moment(server)
    live = tenant.launch({"files": {"main.py": PROGRAM}, "limits": {"timeout_s": LIMIT_S}})
    eventually(lambda: output(tenant, live.run_id) == b"begun\n", "the program to begin")
    waiting = submit(tenant, "print('after it')")
    clock.set(int(step.total_seconds()))
    moved = moment(server) - before
    assert abs(moved - step) < timedelta(minutes=10)
    live.send_input(b"it\n")
    assert finished(tenant, live.run_id)["reason"] is None
    assert output(tenant, live.run_id) == b"begun\nwent on with it\n"
    assert finished(tenant, waiting)["state"] == "succeeded"
    assert [artifact.path for artifact in tenant.artifacts(live.run_id)] == ["x"]
    live.close()
