"""Errors become RFC 9457 problems here, and nowhere else."""

import logging
from typing import Any

from apiflask import APIFlask, HTTPError
from flask import Response, json, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from server.domain import errors
from server.domain.errors import BytemeError, FieldError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
CHECKSUM_MISMATCH = 460  # tus's own
STATUS: dict[type[BytemeError], int] = {
    errors.Invalid: 422,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Outdated: 412,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.TooMany: 429,
    errors.TooLarge: 413,
    errors.ChecksumMismatch: CHECKSUM_MISMATCH,
    errors.Unavailable: 503,
    errors.EngineError: 503,
}
_CODES = {status: kind.code for kind, status in STATUS.items() if kind is not errors.EngineError}
_UNEXPECTED = "Something went wrong on the server. It has been logged; try again."
# Said by us, not by Werkzeug, whose texts are for web pages.
_DETAILS = {
    400: "The request can't be understood.",
    404: "There is no such thing.",
    413: "The body is larger than allowed.",
    429: "Too many requests.",
    500: _UNEXPECTED,
}


def problem(error: Exception) -> dict[str, Any]:
    """The problem object that tells a client of `error`; of an unexpected one it gives nothing away."""
    if isinstance(error, ValidationError):
        return _problem(422, "invalid", "The request does not validate.", _pydantic_fields(error))
    if isinstance(error, BytemeError):
        fields = error.fields if isinstance(error, errors.Invalid) else ()
        return _problem(_status(error), error.code, error.message, fields)
    if isinstance(error, HTTPError):
        return _http_problem(error.status_code, error.message, _webargs_fields(error.detail))
    if isinstance(error, HTTPException) and error.code:
        return _http_problem(error.code, error.description)
    return _problem(500, "internal", _UNEXPECTED)


def phrase(status: int) -> str:
    """What a status means, in a word or two."""
    return "Checksum Mismatch" if status == CHECKSUM_MISMATCH else HTTP_STATUS_CODES.get(status, "Error")


def _problem(status: int, code: str, detail: str, fields: tuple[FieldError, ...] = ()) -> dict[str, Any]:
    title = phrase(status).capitalize()
    body: dict[str, Any] = {"type": f"/problems/{code}", "title": title, "status": status, "detail": detail}
    if status == 422:
        body["errors"] = [{"field": f.field, "message": f.message} for f in fields]
    return body


def _http_problem(status: int, detail: str | None, fields: tuple[FieldError, ...] = ()) -> dict[str, Any]:
    code = _CODES.get(status) or HTTP_STATUS_CODES.get(status, "error").lower().replace(" ", "_")
    return _problem(status, code, _DETAILS.get(status) or detail or "", fields)


def _status(error: BytemeError) -> int:
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def _pydantic_fields(error: ValidationError) -> tuple[FieldError, ...]:
    return tuple(
        FieldError(_dotted(e["loc"]), _plain(e["msg"]))
        for e in error.errors(include_url=False, include_context=False, include_input=False)
    )


def _webargs_fields(detail: Any) -> tuple[FieldError, ...]:
    """From APIFlask's {location: {field: [messages]}}."""
    by_field = [pair for fields in detail.values() for pair in fields.items()] if isinstance(detail, dict) else []
    return tuple(
        FieldError("body" if name == "_schema" else name.removesuffix(".[key]"), _plain(message))
        for name, messages in by_field
        for message in messages
    )


def _dotted(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location if part != "[key]") or "body"


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")


def respond(error: Exception) -> Response:
    """The response to a request that ended with `error`."""
    body = problem(error)
    response = Response(json.dumps(body), status=body["status"], content_type=MEDIA_TYPE)
    if isinstance(error, HTTPException):
        response.headers.extend({k: v for k, v in error.get_headers() if k.lower() not in {"content-type", "location"}})
    if body["status"] == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if body["status"] in {429, 503}:
        response.headers["Retry-After"] = str(getattr(error, "retry_after_s", 5))
    return response


def register(app: APIFlask) -> None:
    """Every error of a request is answered with a problem; an unexpected one is logged with its traceback."""

    def answer(error: Exception) -> Any:
        if isinstance(error, HTTPException) and error.code and error.code < 400:
            return error  # a redirect of the router's
        if problem(error)["status"] == 500:
            log.error("request failed: %s %s", request.method, request.path, exc_info=error)
        return respond(error)

    for kind in (Exception, HTTPException):
        app.register_error_handler(kind, answer)
    app.error_callback = answer  # APIFlask's own, which validation raises
