"""Processes that an engine forgot: killed while it started a container, it may not know of the one that was in it.

Such a process waits for ever, and its mounts keep a run's disk.
"""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_FIRST_UID = 1000


def end_forgotten(image: Path, uid: int) -> list[int]:
    """Kills the processes of `uid` in whose mounts the file system in the file `image` still is; which they were."""
    devices = [f" /dev/{name} " for name in _loop_devices(image)] if uid >= _FIRST_UID else []
    killed = [pid for pid in _processes(uid) if _has_mounted(pid, devices)] if devices else []
    for pid in killed:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return killed


def _loop_devices(image: Path) -> Iterator[str]:
    for path in Path("/sys/block").glob("loop*/loop/backing_file"):
        with suppress(OSError):  # let go meanwhile
            if path.read_text().strip().removesuffix(" (deleted)") == str(image):
                yield path.parts[3]


def _processes(uid: int) -> Iterator[int]:
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):  # it has ended meanwhile
            found = re.search(r"^Uid:\s+(\d+)", status.read_text(), re.MULTILINE)
            if found and int(found[1]) == uid:
                yield int(status.parts[2])


def _has_mounted(pid: int, devices: list[str]) -> bool:
    with suppress(OSError):
        mounts = Path(f"/proc/{pid}/mountinfo").read_text()
        return any(device in mounts for device in devices)
    return False
