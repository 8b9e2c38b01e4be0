"""What every answer carries: a request id and the security headers; and the log line and timing of each request."""

import logging
import re
import secrets
import time

from flask import Flask, Response, g, request

from server import telemetry
from server.turns import floods

log = logging.getLogger(__name__)

REQUEST_ID = "X-Request-ID"
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SANE_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})  # asked for every few seconds by machines
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HSTS = "max-age=31536000"
DESCRIPTION = "/api/v1/openapi.json"  # which people look at


def content_security_policy(host: str) -> str:
    """The policy of our pages. `host` is the request's: not every browser takes 'self' to mean its WebSocket too."""
    sockets = f" ws://{host} wss://{host}" if _SANE_HOST.fullmatch(host) else ""
    return (
        "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data: blob:; font-src 'self'; connect-src 'self'{sockets}; "
        "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )


def request_id(offered: str | None) -> str:
    """The caller's id of the request if it is harmless to write into logs, else one of ours."""
    return offered if offered and _SANE_ID.fullmatch(offered) else secrets.token_hex(8)


def register(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(lambda _error: telemetry.bind())  # the greenlet may serve another request


def _begin() -> None:
    floods.somebody_asks()
    g.began = time.perf_counter()
    g.request_id = request_id(request.headers.get(REQUEST_ID))
    telemetry.bind(request_id=g.request_id)


def _end(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", content_security_policy(request.host))
    response.headers[REQUEST_ID] = g.request_id
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    if request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")
        _make_a_file(response)
    _account(response)
    return response


def _make_a_file(response: Response) -> None:
    """Opened as a page, JSON is saved, under a name of ours: no part of a request becomes that of a program."""
    if response.is_json and request.path != DESCRIPTION:
        response.headers.setdefault("Content-Disposition", 'attachment; filename="api.json"')


def _account(response: Response) -> None:
    seconds = time.perf_counter() - g.began
    route = request.url_rule.rule if request.url_rule else "(none)"
    telemetry.HTTP_SECONDS.labels(_method(), route, response.status_code).observe(seconds)
    level = logging.DEBUG if request.path in _QUIET else logging.INFO
    # The path alone: a query may hold a ticket.
    what = {"method": request.method, "path": telemetry.redact(request.path), "status": response.status_code}
    if "actor" in g:
        what["user_id"] = g.actor.id
        what |= {"key_id": g.actor.key} if g.actor.key else {}
    log.log(level, "request", extra={**what, "ms": round(seconds * 1000, 1), "client": request.remote_addr})


def _method() -> str:
    """A label out of a small set, whatever a client sends."""
    known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
    return request.method if request.method in known else "OTHER"
