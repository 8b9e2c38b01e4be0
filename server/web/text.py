"""Text and numbers as requests may hold them: no NUL, no lone surrogate, no infinity, no boolean as a number."""

import re
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, WithJsonSchema

_ID = re.compile(r"[0-9a-f]{32}")
_SURROGATE = re.compile("[\ud800-\udfff]")
# What a path looks like, for the API's description; `_path` says more, and says it better.
_PATH = r"^[^/\\\x00-\x1f\x7f]+(/[^/\\\x00-\x1f\x7f]+)*$"


def storable(value: str) -> str:
    """`value` itself. Raises ValueError when no database would take it."""
    if "\0" in value:
        raise ValueError("must not hold a NUL character")
    if _SURROGATE.search(value):
        raise ValueError("must be valid Unicode")
    return value


def _path(value: str) -> str:
    """A relative POSIX path below /workspace that is spelt in one way only."""
    segments = value.split("/")
    if value.startswith("/") or "\\" in value:
        raise ValueError(f"{value!r}: must be a relative path with forward slashes")
    if any(segment in {"", ".", ".."} for segment in segments):
        raise ValueError(f"{value!r}: must not have empty, '.' or '..' segments")
    if len(value.encode()) > 1024 or any(len(segment.encode()) > 255 for segment in segments):
        raise ValueError(f"{value[:80]!r}...: at most 1024 bytes, 255 in a segment")
    if any(ord(char) < 32 or ord(char) == 127 for char in value):
        raise ValueError(f"{value!r}: must not hold control characters")
    return value


def _id(value: str) -> str:
    if not _ID.fullmatch(value):
        raise ValueError("is not an id")
    return value


Text = Annotated[str, AfterValidator(storable)]
FilePath = Annotated[
    str, AfterValidator(storable), AfterValidator(_path), Field(min_length=1, json_schema_extra={"pattern": _PATH})
]
ID_PATTERN = f"^{_ID.pattern}$"


def _timestamp(value: Any) -> Any:
    """Pydantic would take a number for seconds since 1970."""
    if isinstance(value, str) and not re.match(r"\d{4}-\d\d-\d\dT", value, re.ASCII):
        raise ValueError("must be a time of RFC 3339")
    return value


# A moment as a query names it.
Moment = Annotated[AwareDatetime, BeforeValidator(_timestamp)]
Id = Annotated[str, AfterValidator(_id), WithJsonSchema({"type": "string", "pattern": ID_PATTERN})]
Integer = Annotated[int, Field(strict=True)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


def check_tree(files: dict[str, Any]) -> dict[str, Any]:
    """`files` itself. Raises ValueError when a path is both a file and a folder, or takes the place of one of ours."""
    for path in files:
        if path in {"data", "outputs"} or path.startswith("data/"):
            raise ValueError(f"{path!r}: data and outputs are folders of the platform")
        for folder in PurePosixPath(path).parents:
            if str(folder) in files:
                raise ValueError(f"{str(folder)!r} is both a file and a folder")
    return files
