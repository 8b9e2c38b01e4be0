"""The data folder's disk fills up: runs wait, nothing that was stored is harmed, and all goes on once there is room."""

import hashlib
import os
import random
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server_process import ServerProcess, finished, output, raw_run, submit
from tests.waiting import eventually

DISK_MB = 192
LINES = 4000
# Its file is on its disk for good before the server's is full: what a full disk does to a run's own is another matter.
PROGRAM = f"""
import os, random, sys, time
with open('outputs/model', 'wb') as file:
    file.write(random.Random(1).randbytes(8 << 20)); file.flush(); os.fsync(file.fileno())
for n in range({LINES}):
    print('%099d' % n, flush=True)
    if not n % 20: time.sleep(.02)
"""
EXPECTED = b"".join(b"%099d\n" % n for n in range(LINES))


class SmallDisk:
    """A file system of its own, and a ballast file that fills it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "small"
        self.folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", self.folder], check=True)

    def fill(self, leave_mb: int = 0) -> None:
        """To the last byte but for `leave_mb`; others may be writing."""
        with (self.folder / "ballast").open("ab", buffering=0) as file:
            while True:
                free = os.statvfs(self.folder)
                left = free.f_bavail * free.f_frsize - (leave_mb << 20)
                if left <= 0:
                    return
                try:
                    file.write(b"x" * min(left, 1 << 20))
                except OSError:
                    return

    def free(self) -> None:
        (self.folder / "ballast").unlink()

    def remove(self) -> None:
        subprocess.run(["umount", "-l", self.folder], check=False, capture_output=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    disk = SmallDisk(tmp_path)
    yield disk
    disk.remove()


@pytest.fixture
def server(tmp_path: Path, disk: SmallDisk) -> Iterator[ServerProcess]:
    process = ServerProcess(
        disk.folder, BYTEME_MIN_FREE_DISK_MB="16", BYTEME_EXPIRE_BELOW_MB="0", BYTEME_QUOTA='{"disk_mb": 32}'
    )
    process.log = tmp_path / "server.log"
    with process:
        yield process


def is_up(server: ServerProcess) -> bool:
    with urllib.request.urlopen(f"{server.url}/healthz", timeout=30) as answer:
        return bool(answer.status == 200)


def test_a_run_waits_for_room_and_loses_nothing(server: ServerProcess, disk: SmallDisk) -> None:
    tenant = server.tenant()
    run_id = submit(tenant, PROGRAM, limits={"memory_mb": 256})
    eventually(lambda: len(output(tenant, run_id)) > 10_000, "some output", 60)
    disk.fill()

    def is_noticed() -> bool:
        disk.fill()
        said = server.log.read_bytes()
        return b"disk is full" in said or b"the database is away" in said

    eventually(is_noticed, "the full disk to be noticed", 60)
    assert is_up(server)
    assert EXPECTED.startswith(output(tenant, run_id))
    disk.free()
    assert finished(tenant, run_id)["state"] == "succeeded"
    assert output(tenant, run_id) == EXPECTED
    (model,) = tenant.artifacts(run_id)
    assert model.sha256 == hashlib.sha256(random.Random(1).randbytes(8 << 20)).hexdigest()
    after = submit(tenant, "print('room again')")
    assert finished(tenant, after)["state"] == "succeeded"


def test_a_server_killed_on_a_full_disk_carries_on_when_there_is_room(server: ServerProcess, disk: SmallDisk) -> None:
    tenant = server.tenant()
    run_id = submit(tenant, PROGRAM, limits={"memory_mb": 256})
    eventually(lambda: len(output(tenant, run_id)) > 10_000, "some output", 60)
    disk.fill()
    server.kill()
    disk.free()
    server.start()
    assert finished(tenant, run_id)["state"] == "succeeded"
    assert output(tenant, run_id) == EXPECTED


def test_below_the_watermark_no_run_starts_until_there_is_room(server: ServerProcess, disk: SmallDisk) -> None:
    tenant = server.tenant()
    disk.fill(leave_mb=12)
    run_id = submit(tenant, "print('at last')")
    eventually(lambda: b"below BYTEME_MIN_FREE_DISK_MB" in server.log.read_bytes(), "the shortage to be noticed")
    assert raw_run(tenant, run_id)["state"] == "queued"
    disk.free()
    submit(tenant, "print('the bell')")  # or else the sweep would look, half a minute later
    assert finished(tenant, run_id)["state"] == "succeeded"
