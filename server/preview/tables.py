"""Text as a table: comma-separated, JSON, or JSON Lines."""

import codecs
import csv
import io
import json
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from server.preview.columns import NUMBER, summary
from server.preview.options import CELL, CELLS, COLUMNS, DELIMITERS, PAGE, ROWS, Encoding, Options

SECONDS = 5.0  # of reading rows
_BOMS: dict[bytes, str] = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_SAMPLE = 50  # rows that a guess is made of
Row = list[str | None]


def look(data: bytes, options: Options, *, complete: bool) -> dict[str, Any]:
    """The Preview's fields that are about a table. Raises ValueError, csv.Error being one of it here."""
    text, encoding = _decode(data, options.encoding, complete=complete)
    if not complete:
        text = text[: text.rfind("\n") + 1] or text
    try:
        form, names, rows, how = _read(text, options)
        kept, is_all = _bounded(rows, len(names))
    except csv.Error as error:
        raise ValueError from error
    complete = complete and is_all
    told = {
        "kind": "table", "format": form, "encoding": encoding, "complete": complete, "rows_read": len(kept),
        "rows": [[_cut(cell) for cell in row] for row in kept[options.start : options.start + PAGE]],
        "next": str(options.start + PAGE) if options.start + PAGE < len(kept) else None,
        "why": None if complete else "Only the beginning of the file was read.",
    } | how  # fmt: skip
    if options.with_statistics:
        columns = zip(*kept, strict=True) if kept else [()] * len(names)
        told["columns"] = [summary(name[:CELL], cells) for name, cells in zip(names, columns, strict=True)]
    return told


def _decode(data: bytes, wanted: Encoding | None, *, complete: bool) -> tuple[str, Encoding]:
    """The text, and the name of the encoding. What was asked for is used, whatever it makes of the bytes."""
    by_mark = next((name for mark, name in _BOMS.items() if data.startswith(mark)), None)
    if wanted:
        codec = "utf-8-sig" if wanted == "utf-8" else wanted
        return codecs.getincrementaldecoder(codec)("replace").decode(data, complete), wanted
    try:
        text = codecs.getincrementaldecoder(by_mark or "utf-8")().decode(data, complete)
        return text, "utf-16" if by_mark == "utf-16" else "utf-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), "cp1252"


def _read(text: str, options: Options) -> tuple[str, list[str], Iterator[Row], dict[str, Any]]:
    """Its format, the columns' names, the rows below them, and how it was read."""
    if form := None if options.delimiter else _json_format(text, options.name):
        values = _lines(text) if form == "jsonl" else _elements(text)
        return form, *_of_objects(values), {}
    delimiter = options.delimiter or _guess_delimiter(text, options.name)
    rows = _cells(text, delimiter)
    first = list(islice(rows, _SAMPLE))
    width = min(COLUMNS, max(map(len, first), default=0))
    header = _is_header(first) if options.header is None else options.header
    names = _names(first[0] if header and first else [], width)
    below = _fitted(_chained(first[1 if header else 0 :], rows), width)
    return "csv", names, below, {"delimiter": delimiter, "header": header}


def _bounded(rows: Iterator[Row], width: int) -> tuple[list[Row], bool]:
    """As many as may be; and whether that is all of them."""
    until, most = time.monotonic() + SECONDS, min(ROWS, CELLS // max(1, width))
    kept: list[Row] = []
    for row in rows:
        if len(kept) >= most or time.monotonic() > until:
            return kept, False
        kept.append(row)
    return kept, True


def _cut(cell: str | None) -> str | None:
    return cell if cell is None or len(cell) <= CELL else cell[: CELL - 1] + "…"


# --- comma-separated, or by another delimiter


def _cells(text: str, delimiter: str) -> Iterator[list[str]]:
    return (row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row)


def _guess_delimiter(text: str, name: str) -> str:
    """The one that cuts the first rows into as many cells each, and the most of them."""
    if name.lower().endswith((".tsv", ".tab")):
        return "\t"
    return max(DELIMITERS, key=lambda delimiter: _evenness(text, delimiter))


def _evenness(text: str, delimiter: str) -> tuple[float, int]:
    widths = [len(row) for row in islice(_cells(text, delimiter), _SAMPLE)]
    usual = max(set(widths), key=widths.count, default=1)
    return (widths.count(usual) / len(widths), usual) if usual > 1 else (0.0, 0)


def _is_header(rows: list[list[str]]) -> bool:
    """Names are all there, differ, and are no numbers."""
    first = rows[0] if rows else []
    return bool(first) and all(first) and len(set(first)) == len(first) and not any(map(NUMBER.fullmatch, first))


def _names(given: list[str], width: int) -> list[str]:
    return [given[n] if n < len(given) and given[n] else f"column {n + 1}" for n in range(width)]


def _fitted(rows: Iterable[list[str]], width: int) -> Iterator[Row]:
    for row in rows:
        yield [*row[:width], *[None] * (width - len(row))]


def _chained(first: Iterable[Any], rest: Iterable[Any]) -> Iterator[Any]:
    yield from first
    yield from rest


# --- JSON


def _json_format(text: str, name: str) -> str | None:
    start = text.lstrip()[:1]
    if name.lower().endswith((".jsonl", ".ndjson")):
        return "jsonl"
    if start == "[" and name.lower().endswith(".json"):
        return "json"
    return ("jsonl" if _has_object_lines(text) else "json") if start == "{" else None


def _has_object_lines(text: str) -> bool:
    lines = [line for line in text[: 1 << 20].splitlines() if line.strip()][:2]
    try:
        return all(isinstance(json.loads(line), dict) for line in lines) and (len(lines) > 1)
    except ValueError:
        return False


def _lines(text: str) -> Iterator[Any]:
    return (json.loads(line) for line in text.split("\n") if line.strip())


def _elements(text: str) -> Iterator[Any]:
    """Of an array, one by one, as far as they can be read; what is no array is one."""
    decoder, at = json.JSONDecoder(), len(text) - len(text.lstrip())
    if text[at] != "[":
        yield decoder.raw_decode(text, at)[0]
        return
    at, first = at + 1, True
    while (at := _past_spaces(text, at)) < len(text) and text[at] != "]":
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError:
            if first:
                raise
            return  # the text was cut
        yield value
        first, at = False, _past_spaces(text, at)
        at += text[at : at + 1] == ","


def _past_spaces(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _of_objects(values: Iterator[Any]) -> tuple[list[str], Iterator[Row]]:
    """The columns that the first objects have, and the rows of all."""
    first = list(islice(values, _SAMPLE))
    keys = {key: None for value in first for key in (value if isinstance(value, dict) else {"value": None})}
    names = list(islice(keys, COLUMNS))
    return names, ([_cell(value, name) for name in names] for value in _chained(first, values))


def _cell(value: Any, name: str) -> str | None:
    found = value.get(name) if isinstance(value, dict) else value if name == "value" else None
    if found is None or isinstance(found, str):
        return found
    return json.dumps(found, ensure_ascii=False)
