"""A process that an engine forgot does not keep a run's disk, and nobody else's processes are touched."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from server.engine.mounts import Size, Storage
from tests.waiting import eventually

UID, ANOTHER = 32700, 32701


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    storage = Storage(tmp_path / "sandboxes", "disk")
    yield storage
    for name in storage.names():
        storage.remove(name)


@contextmanager
def living(uid: int) -> Iterator[subprocess.Popen[bytes]]:
    """A process of that user with a copy of all mounts, as a half started container's has them."""
    command = ["unshare", "--mount", "--propagation", "private", "setpriv", "--reuid", str(uid), "--clear-groups"]
    with subprocess.Popen([*command, "sh", "-c", "echo up; exec sleep 600"], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"up\n"
        try:
            yield process
        finally:
            process.kill()


def loop_devices(folder: Path) -> list[str]:
    files = Path("/sys/block").glob("loop*/loop/backing_file")
    return [text for file in files if str(folder) in (text := file.read_text())]


def test_it_is_killed_with_the_storage_and_no_other_of_its_user_nor_another_user_s(
    storage: Storage, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        innocent = stack.enter_context(living(UID))  # it came before the disk did, so it has it not
        storage.make("run-1", UID, Size(16, 8))
        forgotten, other = stack.enter_context(living(UID)), stack.enter_context(living(ANOTHER))
        storage.remove("run-1")
        assert forgotten.wait(10) == -9
        assert (innocent.poll(), other.poll()) == (None, None)
    eventually(lambda: not loop_devices(tmp_path), "its loop device to be free")
    assert storage.names() == []
