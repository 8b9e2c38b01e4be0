"""The data folder as a whole: who uses it, and whether it may be used."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.domain.errors import Conflict

LOCK = "lock"
RESTORING = "restoring"  # there while a backup is put back, and for good when that did not come to its end
LAST_BACKUP = "last_backup"  # its time of change is that of the last backup that came to its end


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """One server a data folder. Raises Conflict while another has it."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data_dir / LOCK).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Conflict(f"Another server uses the data folder {data_dir.resolve()} (BYTEME_DATA_DIR).") from None
        yield


def check_whole(data_dir: Path) -> None:
    """Raises Conflict when a backup was being put back here and only a part of it arrived."""
    if (data_dir / RESTORING).exists():
        raise Conflict(f"A restore into {data_dir.resolve()} did not come to its end: empty it and restore again.")
