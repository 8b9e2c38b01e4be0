"""The SDK's client, with every call of the engine counted and timed: which kind, how long, how many failed."""

import re
import time
from typing import Any

import docker
import requests
from prometheus_client import Counter, Histogram

from server import telemetry

CALL_SECONDS = Histogram(
    "byteme_engine_call_seconds", "Requests to the container engine, up to the answer's headers.", ["call"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60), registry=telemetry.REGISTRY,
)  # fmt: skip
CALL_FAILURES = Counter(
    "byteme_engine_call_failures", "Requests that the engine did not answer (away) or could not carry out (failed).",
    ["call", "why"], registry=telemetry.REGISTRY,
)  # fmt: skip

_VERSION = re.compile(r"^/v[\d.]+/")
# The words of the engine's paths; whatever else stands there is somebody's name.
_WORDS = frozenset(
    re.findall(
        r"\w+",
        "_ping archive attach auth build commit connect containers create df disconnect distribution events exec get "
        "history images import info json kill load logs networks pause prune push rename resize restart search start "
        "stats stop system tag top unpause update version volumes wait",
    )
)


class MeasuredClient(docker.APIClient):  # type: ignore[misc]  # the SDK has no types
    """`docker.APIClient`, observed."""

    def request(self, method: str, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        call, begin = call_of(method, str(url)), time.perf_counter()
        try:
            answer: requests.Response = super().request(method, url, *args, **kwargs)
        except (requests.RequestException, OSError):
            CALL_FAILURES.labels(call, "away").inc()
            raise
        finally:
            CALL_SECONDS.labels(call).observe(time.perf_counter() - begin)
        if answer.status_code >= 500:
            CALL_FAILURES.labels(call, "failed").inc()
        return answer


def call_of(method: str, url: str) -> str:
    """What kind of call it is, of few: `POST containers/start`. Ids, names and queries are not part of it."""
    path = "/" + url.partition("://")[2].partition("/")[2].partition("?")[0]
    parts = [part for part in _VERSION.sub("/", path).split("/") if part in _WORDS]
    return f"{method.upper()} {'/'.join(parts[:1] + parts[1:][-1:])}"
