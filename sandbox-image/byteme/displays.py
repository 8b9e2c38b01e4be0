"""Figures, images and tables shown in and beside a run's output."""

import contextlib
import io
import sys
from typing import Any

from byteme import events

SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"<svg", "image/svg+xml"),
)
# The methods by which objects (pandas tables, Pillow images, ...) show themselves in notebooks, best first.
REPRESENTATIONS = (
    ("_repr_png_", "image/png"),
    ("_repr_jpeg_", "image/jpeg"),
    ("_repr_svg_", "image/svg+xml"),
    ("_repr_html_", "text/html"),
)


def display(obj: Any, media_type: str | None = None) -> None:
    """Show a matplotlib figure, an image, a table or text: figures and images at this place of the run's output.

    `obj` is a figure, anything with a notebook representation (a pandas table, a Pillow image), a string, or bytes.
    `media_type` says what a string or bytes are; without it images are recognised, and a string is plain text.

    Raises:
        TypeError: there is no way to show `obj`.
        ValueError: bytes of no known kind came without a `media_type`.
    """
    body, kind = _render(obj, media_type)
    for printed in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):  # there is none, or it is closed
            printed.flush()
    events.send({"type": "display", "media_type": kind}, body, in_place=True)


def _render(obj: Any, media_type: str | None) -> tuple[bytes, str]:
    if isinstance(obj, str):
        return obj.encode(), media_type or _recognise(obj.encode()) or "text/plain"
    if isinstance(obj, bytes | bytearray | memoryview):
        return _render_bytes(bytes(obj), media_type)
    if hasattr(obj, "savefig"):
        return _png(obj), "image/png"
    for method, kind in REPRESENTATIONS:
        shown = _represent(obj, method)
        if shown:
            return shown, kind
    raise TypeError(f"cannot display {type(obj).__name__}: give a figure, an image, a table, a string or bytes")


def _render_bytes(data: bytes, media_type: str | None) -> tuple[bytes, str]:
    kind = media_type or _recognise(data)
    if kind is None:
        raise ValueError("media_type is needed: these bytes are not a PNG, JPEG, GIF or SVG image")
    return data, kind


def _recognise(data: bytes) -> str | None:
    return next((kind for signature, kind in SIGNATURES if data.lstrip().startswith(signature)), None)


def _represent(obj: Any, method: str) -> bytes | None:
    represent = getattr(obj, method, None)
    shown = represent() if callable(represent) else None
    return shown.encode() if isinstance(shown, str) else shown


def _png(figure: Any) -> bytes:
    image = io.BytesIO()
    figure.savefig(image, format="png", bbox_inches="tight")
    return image.getvalue()
