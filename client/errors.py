"""What can go wrong between a program and a ByteMe server.

ByteMeError
  ConnectionFailed      the server cannot be reached
    ConnectionLost      a live connection broke (following a run recovers from it by itself)
  ApiError              the server answered with a problem (RFC 9457)
    NotSignedIn 401   NotFound 404   Conflict 409   Invalid 422   RateLimited 429
  IntegrityError        downloaded bytes are not the ones the server announced
  UnsafeName            a file name from the server that must not be written
  BundleError           local files that cannot be sent as a run's source
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = [
    "ApiError",
    "BundleError",
    "ByteMeError",
    "Conflict",
    "ConnectionFailed",
    "ConnectionLost",
    "IntegrityError",
    "Invalid",
    "NotFound",
    "NotSignedIn",
    "RateLimited",
    "UnsafeName",
]


class ByteMeError(Exception):
    """Base of every error this package raises on purpose."""


class ConnectionFailed(ByteMeError):
    """The server cannot be reached, or does not speak the protocol."""


class ConnectionLost(ConnectionFailed):
    """An established live connection broke."""


class IntegrityError(ByteMeError):
    """Downloaded bytes differ from the announced size or sha256."""


class UnsafeName(ByteMeError):
    """A file name from the server that would leave the folder it belongs in."""


class BundleError(ByteMeError):
    """Local files that cannot be sent as a run's source."""


class ApiError(ByteMeError):
    """The server's problem document. `errors` lists the fields that did not validate, as (field, message)."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        self.problem = dict(problem)
        self.status = int(problem.get("status") or 0)
        self.title = str(problem.get("title") or "Error")
        self.detail = str(problem.get("detail") or "")
        self.errors = [(str(e.get("field", "")), str(e.get("message", ""))) for e in problem.get("errors") or []]
        super().__init__(self.detail or self.title)

    def __str__(self) -> str:
        text = self.detail or self.title
        fields = [f"{field}: {message}" for field, message in self.errors]
        return "\n  ".join([text, *(line for line in fields if line not in text)])


class NotSignedIn(ApiError):
    """The token is missing, expired or revoked."""


class NotFound(ApiError):
    """It is not there, or belongs to somebody else."""


class Conflict(ApiError):
    """The thing is not in a state that allows this."""


class Invalid(ApiError):
    """A field of the request was refused; see `errors`."""


class RateLimited(ApiError):
    """Too many requests; try again later."""


_BY_STATUS: dict[int, type[ApiError]] = {
    401: NotSignedIn,
    404: NotFound,
    409: Conflict,
    422: Invalid,
    429: RateLimited,
}


def api_error(problem: Mapping[str, Any]) -> ApiError:
    """The exception for a problem document, by its status."""
    return _BY_STATUS.get(int(problem.get("status") or 0), ApiError)(problem)
