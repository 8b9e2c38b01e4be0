"""Names that come from the server, and so perhaps from somebody else's program: never trusted as paths or as text."""

from __future__ import annotations

import os
from pathlib import Path

from client.errors import UnsafeName

__all__ = ["printable", "safe_path"]


def safe_path(folder: Path, name: str) -> Path:
    """Where the file called `name` (parts separated by /) belongs below `folder`.

    Raises UnsafeName if it is absolute, has empty, `.` or `..` parts, cannot be a file name here, or would be written
    outside `folder` through a symbolic link that is already there.
    """
    parts = name.split("/")
    if any(part in {"", ".", ".."} for part in parts) or not _encodable(name):
        raise UnsafeName(f"refusing to write a file called {name!r}")
    target = folder.joinpath(*parts)
    if not target.parent.resolve().is_relative_to(folder.resolve()):
        raise UnsafeName(f"refusing to write {name!r}: a symbolic link leads out of {folder}")
    return target


def printable(text: str) -> str:
    """`text` with everything that could steer a terminal or break a line written as an escape."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _encodable(name: str) -> bool:
    try:
        return b"\0" not in os.fsencode(name)
    except UnicodeEncodeError:
        return False
