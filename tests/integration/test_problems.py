"""Every error is a problem that says what is wrong and gives nothing away."""

import json

import pytest

from server.domain.errors import Unavailable
from tests.integration.web import API

MEDIA_TYPE = "application/problem+json"


def check(response, status, code):
    assert (response.status_code, response.content_type) == (status, MEDIA_TYPE), response.text
    body = response.json
    assert (body["type"], body["status"]) == (f"/problems/{code}", status)
    assert body["title"]
    assert body["detail"]
    assert ("errors" in body) == (status == 422)
    return body


def test_what_is_not_there(alice):
    for path in ("/nothing", "/runs/", "//runs", "/runs/x/y/z", "/RUNS", "/runs;a=b"):
        for method in ("GET", "POST", "DELETE"):
            check(alice.call(method, path), 404, "not_found")


def test_a_method_that_is_not_offered_names_those_that_are(alice):
    response = alice.call("DELETE", "/runs")
    check(response, 405, "method_not_allowed")
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


BODIES = {
    b"": 400, b"{": 400, b"\xff\xfe": 400, b'{"files": 1}': 422, b"[" * 100_000: 400, b'{"a":' * 100_000: 400,
    b"9" * 10_000: 400, b'"x"': 422, b'{"files": {"a": "\\ud800"}}': 422, b'{"files": {"\\ud800": ""}}': 422,
    b'{"files": {"main.py": ""}, "limits": {"timeout_s": 1e999}}': 422,
    b'{"files": {"main.py": ""}, "limits": {"cpus": NaN}}': 422,
    b'{"files": {"main.py": ""}, "limits": {"timeout_s": 99999999999999999999999}}': 422,
    b'{"files": {"main.py": ""}, "\\ud800": 1}': 422,
    b'{"files": {"main.py": "\\u0000"}}': 422,
    b'{"files": 1, "files": {"main.py": ""}}': 201,
}  # fmt: skip


def test_a_body_that_cannot_be_read_is_the_clients_mistake(alice):
    for body, status in BODIES.items():
        response = alice.call("POST", "/runs", data=body, content_type="application/json")
        assert response.status_code == status, body[:50]
        assert response.content_type == (MEDIA_TYPE if status >= 400 else "application/json")


def test_null_is_no_body(platform, alice, admin):
    project = alice.post("/projects", {"name": "p", "files": {"main.py": ""}}).json["id"]
    for who, path in ((alice, f"/projects/{project}"), (admin, f"/users/{alice.id}")):
        for body in (b"null", b"[]", b"0", b'""', b"false"):
            response = who.call("PATCH", path, data=body, content_type="application/json")
            assert check(response, 422, "invalid")["errors"][0]["field"] == "body"


def test_a_compressed_body_is_not_unpacked(alice):
    response = alice.call(
        "POST", "/runs", data=b"\x1f\x8b" + b"\0" * 100, headers={"Content-Encoding": "gzip"},
        content_type="application/json",
    )  # fmt: skip
    check(response, 400, "bad_request")


def test_a_body_that_is_too_large_is_refused(make_platform):
    alice = make_platform(max_body_mb=1).tenant()
    response = alice.post("/runs", {"files": {"main.py": "x" * (1 << 20)}})
    check(response, 413, "too_large")


@pytest.mark.parametrize("call", ["login", "register"])
def test_a_large_body_of_somebody_unknown_is_refused_unread_and_before_any_rate_is_counted(platform, call):
    body = b'{"email": "a@b.c", "password": [' + b"[]," * 40_000 + b"[]]}"
    response = platform.http.post(f"{API}/auth/{call}", data=body, content_type="application/json")
    check(response, 413, "too_large")


def test_a_validation_error_names_each_field_by_its_path(alice):
    body = {"files": {"main.py": 1, "/abs": ""}, "limits": {"cpus": -1, "pids": 1.5}, "datasets": [{"id": "x"}], "x": 1}
    fields = {error["field"] for error in check(alice.post("/runs", body), 422, "invalid")["errors"]}
    assert {
        "files.main.py",
        "files./abs",
        "limits.cpus",
        "limits.pids",
        "datasets.0.id",
        "datasets.0.name",
        "x",
    } <= fields


@pytest.fixture
def broken(platform, alice, monkeypatch):
    """Makes listing runs fail with an error."""

    def break_with(error):
        def fail(*args, **kwargs):
            raise error

        monkeypatch.setattr(type(platform.services.runs), "page", fail)
        return alice.get("/runs")

    return break_with


def test_an_unexpected_error_gives_nothing_away_and_is_logged(broken, caplog):
    body = check(broken(RuntimeError("secret detail /srv/byteme")), 500, "internal")
    assert "secret" not in json.dumps(body)
    assert "secret detail" in caplog.text


def test_a_part_that_is_away_says_so_and_when_to_try_again(broken):
    response = broken(Unavailable("The database does not answer."))
    assert check(response, 503, "unavailable")["detail"] == "The database does not answer."
    assert int(response.headers["Retry-After"]) > 0


def test_problems_carry_the_security_headers_and_are_not_cached(platform):
    headers = platform.http.get(f"{API}/me").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_a_request_id_comes_back(platform):
    assert platform.http.get(f"{API}/me", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
