"""All artifacts of a run as one zip, made while it is sent."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from zipstream import ZIP_STORED, ZipStream

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"\\|?*]')


def safe_names(paths: Iterable[str]) -> list[str]:
    """A name for each path that unpacks below the target folder on every system, all different even without case."""
    taken: set[str] = set()
    return [_distinct(_harmless(path), taken) for path in paths]


def zip_stream(members: Iterable[tuple[str, int, Iterator[bytes]]]) -> ZipStream:
    """A zip of (name, size in bytes, data), stored without compression so that its length is known beforehand."""
    archive = ZipStream(compress_type=ZIP_STORED, sized=True)
    for name, size, data in members:
        archive.add(data, name, size=size)
    return archive


def _harmless(path: str) -> str:
    parts = [_UNSAFE.sub("_", part).rstrip(". ") or "_" for part in path.split("/")]
    return "/".join(parts).encode("utf-8", "replace").decode()


def _distinct(name: str, taken: set[str]) -> str:
    """`name`, or with a number before its suffix when something is called so already."""
    path, number, candidate = PurePosixPath(name), 1, name
    while _folded(candidate) in taken:
        number += 1
        candidate = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
    taken.add(_folded(candidate))
    return candidate


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
