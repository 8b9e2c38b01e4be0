"""Files copied with their checksums."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from server.backup.manifest import Entry

_PIECE = 1 << 20


def regular_files(root: Path, without: frozenset[Path]) -> Iterator[Path]:
    """The regular files below `root`, in reverse order of name: an output's index before what it tells of, so that a
    copy of one that still grows tells of nothing that it does not hold. Left out: `without`, and files half written."""
    with suppress(FileNotFoundError, NotADirectoryError):  # deleted meanwhile
        for entry in sorted(os.scandir(root), key=lambda found: found.name, reverse=True):
            path = Path(entry.path)
            if path in without or entry.name.endswith(".part"):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from regular_files(path, without)
            elif entry.is_file(follow_symlinks=False):
                yield path


def copy(source: Path, target: Path) -> Entry:
    """Copies content, mode and time; what it then is. Raises FileNotFoundError when `source` is gone."""
    digest, size = hashlib.sha256(), 0
    with source.open("rb", buffering=0) as original, target.open("xb", buffering=0) as made:
        stat = os.fstat(original.fileno())
        while piece := original.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            view = memoryview(piece)
            while view:
                view = view[made.write(view) :]
        os.fchmod(made.fileno(), stat.st_mode & 0o777)
    os.utime(target, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    return Entry(size, digest.hexdigest(), stat.st_mtime_ns)


def make_parents(root: Path, name: str, like: Path) -> Path:
    """The path of `name` below `root`; its folders are made with the modes of those below `like`."""
    folder, model = root, like
    for part in Path(name).parts[:-1]:
        folder, model = folder / part, model / part
        if not folder.exists():
            folder.mkdir(mode=0o700)
            folder.chmod(model.stat().st_mode & 0o777)
    return root / name


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
