"""Takes files out of a folder that a hostile program filled: regular files only, no link followed at any step.

Every name is opened relative to its parent's descriptor with O_NOFOLLOW, so nothing that was planted can lead out.
Call it only after the container has ended.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from gevent import monkey

from server.domain.ports import Member, Skipped
from server.turns import give_way

MAX_DEPTH = 32
MAX_NAMES = 100_000  # hard links cost no inode: there may be more names in a folder than there is memory for
PIECE = 1 << 20
_TURN = 256  # names looked at before others get a turn
_close = monkey.get_original("os", "close")  # gevent's own closes later: a wide tree would use up all descriptors
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_OURS = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO}  # this host's trouble, and no reason to leave a file out
_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def members(folder: Path) -> Iterator[Member | Skipped]:
    """What is below `folder`, in order of name; a member's data must be read before the next is asked for.

    Raises OSError when it is the host that can't read them.
    """
    try:
        top = os.open(folder, _DIRECTORY)
    except OSError as error:
        _raise_ours(error)
        yield Skipped("", f"the folder of outputs can't be read ({error.strerror})")
        return
    yield from _walk(top, "", 1, _Budget())


class _Budget:
    """How many names of the tree may still be looked at."""

    def __init__(self) -> None:
        self._left = MAX_NAMES
        self.exceeded = False

    def names(self, folder: int) -> list[str]:
        """Those in `folder` that it allows for, in order; others get a turn meanwhile."""
        found: list[str] = []
        with os.scandir(folder) as entries:
            for entry in entries:
                if not self._left:
                    self.exceeded = True
                    break
                self._left -= 1
                found.append(entry.name)
                if not self._left % _TURN:
                    give_way()
        return sorted(found, key=os.fsencode)


def _walk(folder: int, prefix: str, depth: int, budget: _Budget) -> Iterator[Member | Skipped]:
    """Closes `folder`. Depth is bounded, so the recursion is."""
    try:
        for number, name in enumerate(budget.names(folder)):
            if number % _TURN == 0:
                give_way()
            path = prefix + _display(name)
            info = os.stat(name, dir_fd=folder, follow_symlinks=False)
            kind = stat.S_IFMT(info.st_mode)
            if kind == stat.S_IFDIR and depth == MAX_DEPTH:
                yield Skipped(path, f"deeper than {MAX_DEPTH} folders")
            elif kind == stat.S_IFDIR:
                yield from _walk(os.open(name, _DIRECTORY, dir_fd=folder), path + "/", depth + 1, budget)
            elif kind == stat.S_IFREG:
                yield Member(path, info.st_size, _read(folder, name, info.st_size))
            else:
                yield Skipped(path, f"{_KINDS.get(kind, 'neither a file nor a folder')}, not a regular file")
        if budget.exceeded and depth == 1:
            yield Skipped("", f"there are more than {MAX_NAMES} names; the rest was not looked at")
    except OSError as error:
        _raise_ours(error)
        yield Skipped(prefix.rstrip("/"), f"can't be read ({error.strerror})")
    finally:
        _close(folder)


def _read(folder: int, name: str, size: int) -> Iterator[bytes]:
    """Opens the file when its first piece is asked for: one that is passed over costs nothing."""
    fd = os.open(name, _FILE, dir_fd=folder)
    with closing(os.fdopen(fd, "rb", buffering=0)) as file:
        left = size if stat.S_ISREG(os.fstat(fd).st_mode) else 0
        while left and (piece := file.read(min(PIECE, left))):
            yield piece
            left -= len(piece)


def _raise_ours(error: OSError) -> None:
    if error.errno in _OURS:
        raise error


def _display(name: str) -> str:
    """The name as text: bytes that are not UTF-8 are shown as \\xNN."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
