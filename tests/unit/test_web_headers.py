"""Every answer carries the security headers and a request id."""

import io
import json
import logging

import pytest
from flask import Flask, Response

from server import telemetry
from server.web import headers


@pytest.fixture
def logs():
    stream, before = io.StringIO(), logging.root.handlers[:]
    telemetry.configure("INFO", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.captureWarnings(False)
    logging.basicConfig(handlers=before, force=True, level=logging.WARNING)


@pytest.fixture
def client():
    app = Flask(__name__)
    headers.register(app)

    @app.get("/")
    def page():
        return "page"

    @app.get("/api/v1/thing")
    def thing():
        logging.getLogger("test").info("working")
        return {}

    @app.get("/api/v1/file")
    def file():
        return Response("bytes", headers={"Content-Security-Policy": "sandbox", "Cache-Control": "private"})

    return app.test_client()


@pytest.mark.parametrize("path", ["/", "/api/v1/thing", "/nothing"])
def test_every_answer_is_guarded(client, path):
    response = client.get(path)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; ")
    assert "connect-src 'self' ws://localhost wss://localhost;" in policy
    assert "frame-ancestors 'none'" in policy


def test_an_answer_may_be_stricter_than_the_rest(client):
    response = client.get("/api/v1/file")
    assert response.headers["Content-Security-Policy"] == "sandbox"
    assert response.headers["Cache-Control"] == "private"


def test_the_api_is_never_cached(client):
    assert client.get("/api/v1/thing").headers["Cache-Control"] == "no-store"
    assert client.get("/api/v1/nothing").headers["Cache-Control"] == "no-store"
    assert "no-store" not in client.get("/").headers.get("Cache-Control", "")


def test_json_of_the_api_is_a_file_of_our_name(client):
    assert client.get("/api/v1/thing").headers["Content-Disposition"] == 'attachment; filename="api.json"'
    assert "Content-Disposition" not in client.get("/api/v1/file").headers
    assert "Content-Disposition" not in client.get("/").headers


def test_transport_security_is_asked_for_over_tls_only(client):
    assert "Strict-Transport-Security" not in client.get("/").headers
    assert "Strict-Transport-Security" in client.get("/", base_url="https://localhost").headers


@pytest.mark.parametrize("host", ["evil.example; script-src *", "a b", "x'y", ""])
def test_an_odd_host_does_not_reach_the_policy(host):
    policy = headers.content_security_policy(host)
    assert "connect-src 'self'; " in policy
    assert policy.count("script-src") == 1


def test_a_sane_request_id_is_kept_and_any_other_replaced(client):
    assert client.get("/", headers={"X-Request-ID": "abc-1.2_3"}).headers["X-Request-ID"] == "abc-1.2_3"
    for odd in ("a b", "x" * 65, 'x"}', ""):
        given = client.get("/", headers={"X-Request-ID": odd}).headers["X-Request-ID"]
        assert given != odd
        assert len(given) == 16


def test_lines_logged_in_a_request_carry_its_id(client, logs):
    client.get("/api/v1/thing?ticket=hidden", headers={"X-Request-ID": "r1"})
    lines = logs()
    assert [line["message"] for line in lines] == ["working", "request"]
    assert {line["request_id"] for line in lines} == {"r1"}
    assert lines[1]["path"] == "/api/v1/thing"
    assert lines[1]["status"] == 200
    assert "hidden" not in json.dumps(lines)


def test_requests_are_timed_by_route_whatever_their_method(client):
    def count(method, status):
        labels = {"method": method, "route": "/api/v1/thing", "status": status}
        return telemetry.REGISTRY.get_sample_value("byteme_http_seconds_count", labels) or 0

    before = count("GET", "200"), count("OTHER", "405")
    client.get("/api/v1/thing")
    client.open("/api/v1/thing", method="BREW")
    assert (count("GET", "200"), count("OTHER", "405")) == (before[0] + 1, before[1])
