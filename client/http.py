"""HTTP to one server: problems become exceptions, idempotent requests survive a dropped connection."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from client.errors import ConnectionFailed, api_error

__all__ = ["Http", "checked_url"]

USER_AGENT = "byteme-client"
ATTEMPTS = 4
PAGE = 100
# What a proxy answers while the server behind it restarts.
_PASSING = frozenset({502, 503, 504})


def checked_url(url: str) -> str:
    """`url` without a trailing slash. Raises ValueError unless it is an http(s) URL with a host and no credentials."""
    parsed = httpx.URL(url)
    if parsed.scheme not in {"http", "https"} or not parsed.host or parsed.userinfo:
        raise ValueError(f"not a server URL: {url!r} (expected something like https://byteme.example.org)")
    return url.rstrip("/")


class Http:
    """Requests below `url`/api/v1. Thread-safe."""

    def __init__(self, url: str, timeout: float) -> None:
        self._client = httpx.Client(
            base_url=f"{url}/api/v1",
            timeout=httpx.Timeout(timeout, connect=10.0),
            headers={"User-Agent": USER_AGENT, "Accept": "application/json, application/problem+json, */*"},
        )

    def close(self) -> None:
        self._client.close()

    def sign(self, auth: httpx.Auth) -> None:
        """Every later request that does not say otherwise is signed by `auth`."""
        self._client.auth = auth

    def call(self, method: str, path: str, **options: Any) -> Any:
        """The answer's JSON, or None where there is no body. Raises ApiError or ConnectionFailed."""
        attempts = ATTEMPTS if _repeatable(method, options.get("headers")) else 1
        response = self._send(method, path, attempts, options)
        _raise_for_problem(response)
        return _decoded(response) if response.content else None

    @contextmanager
    def stream(self, path: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """The response to a GET, its body still to be read. 416 is left to the caller; other errors are raised."""
        plain = {"Accept-Encoding": "identity", **headers}
        try:
            with self._client.stream("GET", path, headers=plain) as response:
                if response.is_error and response.status_code != 416:
                    response.read()
                    _raise_for_problem(response)
                yield response
        except httpx.TransportError as error:
            raise ConnectionFailed(_reason(error, self._client.base_url)) from error

    def items(self, path: str, **params: str | int | None) -> Iterator[dict[str, Any]]:
        """The items of a list, page after page."""
        query = {"limit": PAGE, **{k: v for k, v in params.items() if v is not None}}
        while True:
            page = self.call("GET", path, params=query)
            yield from page["items"]
            if not page.get("next"):
                return
            query["cursor"] = page["next"]

    def _send(self, method: str, path: str, attempts: int, options: dict[str, Any]) -> httpx.Response:
        for attempt in range(1, attempts + 1):
            try:
                response = self._client.request(method, path, **options)
                if response.status_code not in _PASSING or attempt == attempts:
                    return response
            except httpx.TransportError as error:
                if attempt == attempts:
                    raise ConnectionFailed(_reason(error, self._client.base_url)) from error
            time.sleep(0.1 * 2**attempt)
        raise AssertionError("unreachable")


def _repeatable(method: str, headers: Mapping[str, str] | None) -> bool:
    return method in {"GET", "HEAD"} or "Idempotency-Key" in (headers or {})


def _reason(error: httpx.TransportError, url: httpx.URL) -> str:
    return f"cannot reach {url.scheme}://{url.netloc.decode()}: {error or type(error).__name__}"


def _decoded(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError as error:
        raise ConnectionFailed(f"{response.url} did not answer with JSON: is this a ByteMe server?") from error


def _raise_for_problem(response: httpx.Response) -> None:
    if response.is_success or response.status_code == 304:
        return
    raise api_error(_problem(response))


def _problem(response: httpx.Response) -> dict[str, Any]:
    fallback = {"status": response.status_code, "title": response.reason_phrase or "Error"}
    try:
        body = response.json()
    except ValueError:
        body = None
    detail = f"{response.request.method} {response.url.path} answered {response.status_code}"
    return {**fallback, **body} if isinstance(body, dict) else {**fallback, "detail": detail}
