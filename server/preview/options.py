"""What a look is asked for, and how much it may take."""

from dataclasses import dataclass
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "cp1252", "latin-1"]
Delimiter = Literal[",", ";", "\t", "|"]
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "cp1252", "latin-1")
DELIMITERS: tuple[Delimiter, ...] = (",", ";", "\t", "|")

READ = 16 << 20  # bytes, from the beginning
ROWS = 100_000
CELLS = 1_000_000
COLUMNS = 200
CELL = 200  # characters
PAGE = 100  # rows
NAMES = 200


@dataclass(frozen=True, slots=True)
class Options:
    """How to read a file of that name; what is None is guessed. Rows from `start` on are wanted."""

    name: str
    encoding: Encoding | None = None
    delimiter: Delimiter | None = None
    header: bool | None = None
    start: int = 0
    with_statistics: bool = True
