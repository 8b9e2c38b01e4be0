"""Calls of the engine are counted by kind: few kinds, whatever things are called."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import docker
import pytest

from server import telemetry
from server.engine.measured import MeasuredClient, call_of

BASE = "http+docker://localhost/v1.41"


@pytest.mark.parametrize(
    ("method", "path", "call"),
    [
        ("get", "/containers/json?all=1&limit=-1", "GET containers/json"),
        ("POST", "/containers/run-01J/start", "POST containers/start"),
        ("POST", "/containers/create?name=run-1", "POST containers/create"),
        ("DELETE", "/containers/0123abcd?force=1", "DELETE containers"),
        ("GET", "/images/registry.example.org/byteme/sandbox:latest/json", "GET images/json"),
        ("GET", "/info", "GET info"),
    ],
)
def test_ids_names_and_queries_are_no_part_of_a_call(method: str, path: str, call: str) -> None:
    assert call_of(method, BASE + path) == call


class Broken(BaseHTTPRequestHandler):
    """An engine that can't."""

    def do_GET(self) -> None:
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def broken() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Broken)
    threading.Thread(target=server.serve_forever).start()
    yield f"tcp://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def count(name: str, **labels: str) -> float:
    return telemetry.REGISTRY.get_sample_value(name, labels) or 0.0


def test_failures_tell_an_engine_that_is_away_from_one_that_fails(broken: str) -> None:
    def failures(why: str) -> float:
        return count("byteme_engine_call_failures_total", call="GET info", why=why)

    failed, away = failures("failed"), failures("away")
    seen = count("byteme_engine_call_seconds_count", call="GET info")
    client = MeasuredClient(broken, version="1.41")
    with pytest.raises(docker.errors.APIError):
        client.info()
    client.close()
    gone = MeasuredClient("tcp://127.0.0.1:1", version="1.41")
    with pytest.raises(OSError, match="refused"):
        gone.info()
    gone.close()
    assert (failures("failed"), failures("away")) == (failed + 1, away + 1)
    assert count("byteme_engine_call_seconds_count", call="GET info") == seen + 2
