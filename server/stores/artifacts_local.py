"""Artifacts in a folder: written beside their place, renamed into it, and made durable there."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from server.domain.errors import NotFound
from server.domain.ports import StoredObject
from server.stores.hashing import Sha256

_PIECE = 1 << 20


class LocalArtifactStore:
    """An ArtifactStore below `root`. Keys are ours (letters, digits, `/`, `-`, `.`), never a tenant's."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, data: Iterator[bytes]) -> StoredObject:
        """Raises what `data` raises, or OSError when the disk does not take it; nothing is left behind then."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
        try:
            stored = _write(part, data, path)
        finally:
            part.unlink(missing_ok=True)
        return stored

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        path = self._path(key)
        if not path.is_file():
            raise NotFound("The artifact's content is gone.")
        return _read(path, start, end)

    def link(self, key: str, ttl_s: int) -> str | None:
        return None

    def delete(self, prefix: str) -> None:
        path = self._path(prefix)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if not key or key.startswith("/") or ".." in key.split("/"):
            raise ValueError(f"not a key: {key!r}")
        return self._root / key


def _write(path: Path, data: Iterator[bytes], final: Path) -> StoredObject:
    """Renamed first, synced then: that makes content and name durable at once (ext4, XFS, Btrfs), and nobody asks for
    it before it is told of as stored."""
    digest, size = Sha256(), 0
    try:
        with path.open("xb", buffering=0) as file:
            for piece in data:
                digest.update(piece)
                view = memoryview(piece)
                while view:
                    view = view[file.write(view) :]
                size += len(piece)
            path.rename(final)
            _make_durable(file.fileno(), final)
    finally:
        sha256 = digest.hexdigest()  # also ends its thread
    return StoredObject(size, sha256)


def _make_durable(fd: int, path: Path) -> None:
    try:
        os.fsync(fd)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _read(path: Path, start: int, end: int | None) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        left = (end if end is not None else os.fstat(file.fileno()).st_size) - start
        while left > 0 and (piece := file.read(min(_PIECE, left))):
            yield piece
            left -= len(piece)
