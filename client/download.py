"""Artifacts to files: resumed after a cut, verified, and only then under their own name."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import httpx

from client.errors import ConnectionFailed, IntegrityError
from client.http import Http
from client.models import Artifact

__all__ = ["Progress", "fetch", "read_output", "sha256_of"]

# Called with how many of the artifact's bytes are here.
Progress = Callable[[int], None]

MAX_STALLS = 5


def fetch(http: Http, url: str, artifact: Artifact, target: Path, progress: Progress = lambda _: None) -> None:
    """Download `artifact` to `target`, going on where an earlier attempt stopped; a file that is right is kept.

    Raises IntegrityError (nothing is left behind) or ConnectionFailed (the next call goes on from there).
    """
    if _matches(target, artifact):
        return progress(artifact.bytes)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = _part(target, artifact)
    _complete(http, url, artifact, part, progress)
    if not _matches(part, artifact):
        part.unlink()
        raise IntegrityError(f"{artifact.path!r}: the bytes received do not have the announced sha256")
    part.replace(target)
    return None


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _part(target: Path, artifact: Artifact) -> Path:
    # Named after the content, so bytes of another version are never continued, and of a length that always fits.
    name = hashlib.sha256(os.fsencode(artifact.path) + artifact.sha256.encode()).hexdigest()[:24]
    return target.with_name(f".byteme-{name}.part")


def _complete(http: Http, url: str, artifact: Artifact, part: Path, progress: Progress) -> None:
    stalls = 0
    while not part.exists() or part.stat().st_size < artifact.bytes:
        before = _size(part)
        try:
            _append(http, url, artifact, part, progress)
        except ConnectionFailed as error:
            stalls = _pause(0 if _size(part) > before else stalls + 1, error)


def _append(http: Http, url: str, artifact: Artifact, part: Path, progress: Progress) -> None:
    start = _size(part)
    headers = {"Range": f"bytes={start}-", "If-Range": f'"{artifact.sha256}"'} if start else {}
    with http.stream(url, headers) as response, _open(part) as file:
        if response.status_code != 206:
            file.truncate(0)
        if response.status_code != 416:
            _copy(response, file, artifact, progress)
    if start == _size(part) < artifact.bytes:
        raise ConnectionFailed(f"{artifact.path!r}: the server sent nothing")


def _copy(response: httpx.Response, file: BinaryIO, artifact: Artifact, progress: Progress) -> None:
    written = file.seek(0, os.SEEK_END)
    for block in response.iter_raw():  # as it arrives: gathering larger blocks would lose what a cut finds gathered
        written += len(block)
        if written > artifact.bytes:
            raise IntegrityError(f"{artifact.path!r}: more than the announced {artifact.bytes} bytes")
        file.write(block)
        progress(written)


def _open(part: Path) -> BinaryIO:
    return os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o666), "ab")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _matches(path: Path, artifact: Artifact) -> bool:
    return path.is_file() and path.stat().st_size == artifact.bytes and sha256_of(path) == artifact.sha256


def read_output(http: Http, url: str, start: int) -> Iterator[bytes]:
    """Bytes of a run's output from `start` to its present end; a cut connection is resumed."""
    stalls = 0
    while True:
        before = start
        try:
            for block in _range(http, url, start):
                start += len(block)
                yield block
            return
        except ConnectionFailed as error:
            stalls = _pause(0 if start > before else stalls + 1, error)


def _range(http: Http, url: str, start: int) -> Iterator[bytes]:
    with http.stream(url, {"Range": f"bytes={start}-"} if start else {}) as response:
        if response.status_code == 416:
            return
        if start and response.status_code != 206:
            raise ConnectionFailed(f"{url}: the server ignores Range")
        yield from response.iter_raw()


def _pause(stalls: int, error: ConnectionFailed) -> int:
    """Waits after `stalls` attempts in a row that brought nothing; raises `error` when they are too many."""
    if stalls > MAX_STALLS:
        raise error
    time.sleep(0.1 * 2**stalls)
    return stalls
