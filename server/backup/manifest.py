"""What a backup holds: every file with its size, its SHA-256 and its time of change.

Written last, so a folder with one is a backup that came to its end.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from server.domain.errors import Conflict

NAME = "manifest.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """A file; `mtime_ns` is the original's."""

    bytes: int
    sha256: str
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """`database` is the dialect's name, `revision` that of its last migration; `files` go by their path in it."""

    made_at: str
    database: str
    revision: str
    files: Mapping[str, Entry]

    @property
    def bytes(self) -> int:
        return sum(entry.bytes for entry in self.files.values())

    def write(self, folder: Path) -> None:
        part = folder / f".{NAME}.part"
        part.write_text(json.dumps({"format": FORMAT, **asdict(self)}, indent=0))
        part.rename(folder / NAME)


def read(folder: Path) -> Manifest:
    """Raises Conflict, by name, for a folder that holds no finished backup, or one that can't be understood."""
    path = folder / NAME
    if not path.is_file():
        raise Conflict(f"{folder} is no finished backup: it has no {NAME}.")
    try:
        values = json.loads(path.read_text())
        if values.pop("format") != FORMAT:
            raise Conflict(f"{path} was written by another version of ByteMe, which this one does not understand.")
        values["files"] = {_checked(name): Entry(**entry) for name, entry in values["files"].items()}
        return Manifest(**values)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Conflict(f"{path} is damaged: {error}") from None


def _checked(name: str) -> str:
    """A path that stays inside of the backup."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError(f"{name!r} is no path inside of a backup")
    return name
