"""Answers that are bytes: streamed, resumable by Range, never interpreted by a browser."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import parse_if_range_header, parse_range_header

SANDBOXED = "sandbox; default-src 'none'"
# What a browser may be told about the type; everything else is just bytes.
_PLAIN_TYPES = frozenset(
    {"application/json", "image/gif", "image/jpeg", "image/png", "image/webp", "text/csv", "text/plain"}
)


@dataclass(frozen=True, slots=True)
class Content:
    """Something to download. `read(start, end)` gives its bytes [start, end); `etag` is strong, without quotes."""

    length: int
    read: Callable[[int, int], Iterator[bytes]]
    media_type: str = "application/octet-stream"
    filename: str | None = None
    etag: str | None = None


def choose_span(header: str | None, length: int) -> tuple[int, int] | None:
    """The bytes [start, end) that a Range header asks for; None: the whole (no header, or one to be ignored).

    Raises RequestedRangeNotSatisfiable. Several ranges at once are not offered, and answered with the whole.
    """
    wanted = parse_range_header(header)
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return None
    start, end = wanted.ranges[0]
    if start < 0:
        start, end = max(0, length + start), length
    end = length if end is None else min(end, length)
    if start >= end:
        raise RequestedRangeNotSatisfiable(length)
    return start, end


def send(content: Content) -> Response:
    """The response to the present GET or HEAD request."""
    if content.etag and request.if_none_match.contains_weak(content.etag):
        return _dressed(Response(status=304), content)
    span = choose_span(request.headers.get("Range"), content.length) if _range_applies(content.etag) else None
    start, end = span or (0, content.length)
    response = Response(content.read(start, end), status=206 if span else 200)
    response.content_length = end - start
    if span:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{content.length}"
    return _dressed(response, content)


def _range_applies(etag: str | None) -> bool:
    """Whether the copy that a client wants to complete is of the content we have."""
    condition = parse_if_range_header(request.headers.get("If-Range"))
    if condition.etag is None and condition.date is None:
        return True
    return etag is not None and condition.etag == etag and not request.headers["If-Range"].startswith("W/")


def _dressed(response: Response, content: Content) -> Response:
    plain = content.media_type.partition(";")[0].strip().lower()
    response.headers["Content-Type"] = plain if plain in _PLAIN_TYPES else "application/octet-stream"
    response.headers["Accept-Ranges"] = "bytes"
    if content.etag:
        response.set_etag(content.etag)
    protect(response)
    if content.filename is not None:
        response.headers["Content-Disposition"] = attachment(content.filename)
    return response


def protect(response: Response) -> None:
    """What a tenant's program made must not run in our origin."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = SANDBOXED


def attachment(path: str) -> str:
    """The Content-Disposition (RFC 6266) that saves a download under the last segment of `path`."""
    name = path.rsplit("/", 1)[-1].encode("utf-8", "replace").decode()
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "replace").decode()
    fallback = re.sub(r'[^ -~]|["\\%?/]', "_", ascii_name)
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(name, safe='')}"
