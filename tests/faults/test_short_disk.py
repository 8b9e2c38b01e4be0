"""The data folder's disk is short: ended runs expire early, the oldest first, and what is in use stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from client import Client
from client.errors import NotFound
from server.worker.expiry import EARLY_AT_ONCE
from tests.faults.test_full_disk import SmallDisk
from tests.server_process import ServerProcess, finished, output, raw_run, submit
from tests.waiting import eventually

WATERMARK_MB = 120
YOUNG = 3  # of the ended ones, so many more than go at once
LEAVES_A_MEGABYTE = "open('outputs/model', 'wb').write(bytes(1 << 20)); print('said')"
LIVES = "open('outputs/model', 'wb').write(b'x'); print('begun', flush=True); print(input())"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    disk = SmallDisk(tmp_path)
    yield disk
    disk.remove()


@pytest.fixture
def server(tmp_path: Path, disk: SmallDisk) -> Iterator[ServerProcess]:
    process = ServerProcess(
        disk.folder, BYTEME_MIN_FREE_DISK_MB="16", BYTEME_EXPIRE_BELOW_MB=str(WATERMARK_MB),
        BYTEME_EXPIRE_EARLY_DAYS="0", BYTEME_QUOTA='{"disk_mb": 32}',
    )  # fmt: skip
    process.log = tmp_path / "server.log"
    with process:
        yield process


def is_there(tenant: Client, run_id: str) -> bool:
    try:
        raw_run(tenant, run_id)
    except NotFound:
        return False
    return True


def test_below_the_watermark_the_oldest_unused_go_first_and_never_what_is_in_use(
    server: ServerProcess, disk: SmallDisk, tmp_path: Path
) -> None:
    tenant, small = server.tenant(), {"disk_mb": 16, "memory_mb": 64}
    (tmp_path / "train.csv").write_text("a,b\n1,2\n")
    dataset = tenant.upload_dataset("train.csv", tmp_path / "train.csv").id
    with tenant.launch({"files": {"main.py": LIVES}, "datasets": [{"id": dataset, "name": "train.csv"}]}) as live:
        eventually(lambda: output(tenant, live.run_id), "the oldest run of all to be under way")
        ended = []
        for _ in range(EARLY_AT_ONCE + YOUNG):
            ended.append(submit(tenant, LEAVES_A_MEGABYTE, limits=small))
            finished(tenant, ended[-1])
        disk.fill(leave_mb=WATERMARK_MB - EARLY_AT_ONCE // 2)
        eventually(lambda: not is_there(tenant, ended[0]), "the oldest to expire", 90)
        eventually(lambda: not is_there(tenant, ended[EARLY_AT_ONCE - 1]), "room to be made", 30)
        assert [is_there(tenant, run_id) for run_id in ended] == [False] * EARLY_AT_ONCE + [True] * YOUNG
        assert [output(tenant, run_id) for run_id in ended[EARLY_AT_ONCE:]] == [b"said\n"] * YOUNG
        live.send_input(b"still here\n")
        assert finished(tenant, live.run_id)["state"] == "succeeded"
    assert output(tenant, live.run_id) == b"begun\nstill here\n"
    assert [artifact.path for artifact in tenant.artifacts(live.run_id)] == ["model"]
    assert [item.id for item in tenant.datasets()] == [dataset]
