"""The front end, as built: files with their compressed twins, and the one page for every address of the application."""

import mimetypes
import re
from pathlib import Path

from flask import Blueprint, Flask, Response, request, send_file
from werkzeug.exceptions import NotFound
from werkzeug.routing import PathConverter
from werkzeug.security import safe_join

TWINS = {"br": ".br", "gzip": ".gz"}  # best first
IMMUTABLE = "public, max-age=31536000, immutable"  # names below assets/ hold a digest of the content
ASK_AGAIN = "no-cache"
_RESERVED = re.compile(r"(api|assets|socket\.io|problems)(/|$)")
_TYPES = {".js": "text/javascript", ".map": "application/json", ".ttf": "font/ttf", ".woff2": "font/woff2"}
UNBUILT = """ByteMe's server is up, but its front end is not built.

    make setup        builds it; then reload this page
    /api/docs         describes the API, which works without it
"""


class Page(PathConverter):
    """A path that is not the API's: there, what is unknown is unknown by every method."""

    regex = r"(?!api/)[^/].*?"
    part_isolating = False


def register(app: Flask, dist: Path) -> None:
    """Serves the files of `dist`, and its index.html for every other GET that is not the API's."""
    dist = dist.resolve()
    app.url_map.converters["page"] = Page
    routes = Blueprint("front_end", __name__)

    @routes.get("/", defaults={"path": ""})
    @routes.get("/<page:path>")
    def page(path: str) -> Response:
        if not (dist / "index.html").is_file():
            return _unbuilt(path)
        return _send(_find(dist, path))

    app.register_blueprint(routes)


def _unbuilt(path: str) -> Response:
    if not _is_page(path):
        raise NotFound
    return Response(UNBUILT, status=503, content_type="text/plain; charset=utf-8")


def _find(dist: Path, path: str) -> Path:
    """The file for `path`. Raises NotFound."""
    joined = safe_join(str(dist), path) if path and "\0" not in path else None
    if joined and (file := Path(joined)).is_file() and file.resolve().is_relative_to(dist):
        return file
    if not _is_page(path):
        raise NotFound
    return dist / "index.html"


def _is_page(path: str) -> bool:
    """Whether it is an address of the application, not the name of a file that should be there."""
    return not _RESERVED.match(path) and "." not in path.rpartition("/")[2]


def _send(file: Path) -> Response:
    encoding, served = _negotiate(file)
    kind = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    response = send_file(served, mimetype=kind, conditional=True, etag=True)
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = IMMUTABLE if file.parent.name == "assets" else ASK_AGAIN
    return response


def _negotiate(file: Path) -> tuple[str | None, Path]:
    """The best twin of `file` that the client takes, with its encoding; else the file itself."""
    for encoding, suffix in TWINS.items():
        twin = file.with_name(file.name + suffix)
        if request.accept_encodings[encoding] > 0 and twin.is_file():
            return encoding, twin
    return None, file
