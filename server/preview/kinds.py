"""What kind of file it is, by its first bytes; and what there is to say of each."""

import zipfile
from typing import Any, BinaryIO

from server.preview import tables
from server.preview.options import CELL, NAMES, READ, Options

IMAGES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
_NOT_SHOWN = {
    b"PAR1": "Parquet is not shown here; a program reads it, with pandas for one.",
    b"\x1f\x8b": "It is compressed with gzip; a program unpacks it.",
    b"\x93NUMPY": "It is a NumPy array; a program reads it with numpy.load.",
    b"\x89HDF": "It is an HDF5 file; a program reads it, with h5py for one.",
    b"%PDF": "It is a PDF.",
    b"SQLite format 3": "It is an SQLite database; a program reads it with sqlite3.",
}
_BINARY = "It is a binary file."
_NOTHING: dict[str, Any] = {
    "kind": "none", "why": None, "format": None, "media_type": None, "encoding": None, "delimiter": None,
    "header": None, "columns": [], "rows": [], "rows_read": 0, "complete": True, "names": [], "names_total": 0,
    "next": None,
}  # fmt: skip


def nothing(why: str) -> dict[str, Any]:
    """There is no preview, and why."""
    return _NOTHING | {"why": why}


def look(file: BinaryIO, options: Options) -> dict[str, Any]:
    """The API's Preview of `file`. Never raises for what is in it."""
    try:
        return _look(file, options)
    except (ValueError, OSError, MemoryError, RecursionError, zipfile.BadZipFile, NotImplementedError):
        return nothing("It can't be read as what it seems to be.")


def _look(file: BinaryIO, options: Options) -> dict[str, Any]:
    head = file.read(16)
    file.seek(0)
    if not head:
        return nothing("It is empty.")
    if media_type := _image(head):
        return _NOTHING | {"kind": "image", "media_type": media_type}
    if head[:4] in {b"PK\x03\x04", b"PK\x05\x06"}:
        return _archive(file)
    for magic, why in _NOT_SHOWN.items():
        if head.startswith(magic):
            return nothing(why)
    data = file.read(READ + 1)
    is_wide = head[:2] in {b"\xff\xfe", b"\xfe\xff"} or options.encoding == "utf-16"
    if not is_wide and b"\0" in data[: 1 << 16]:
        return nothing(_BINARY)
    return _NOTHING | tables.look(data[:READ], options, complete=len(data) <= READ)


def _image(head: bytes) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((media_type for magic, media_type in IMAGES.items() if head.startswith(magic)), None)


def _archive(file: BinaryIO) -> dict[str, Any]:
    """The names alone: nothing of it is unpacked."""
    names = [info.filename for info in zipfile.ZipFile(file).infolist() if not info.is_dir()]
    shown = [name[:CELL] for name in names[:NAMES]]
    return _NOTHING | {"kind": "archive", "names": shown, "names_total": len(names)}
