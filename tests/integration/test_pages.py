"""What a browser may do with our answers: run our own scripts, and nothing that a tenant, or another site, made."""

import io
import re
from pathlib import Path

import pytest

from tests.integration.test_access import PAGES, PROTECTED, PUBLIC, call, fill, own_things
from tests.integration.web import API, PASSWORD

SOURCE = Path(__file__).resolve().parents[2] / "frontend"
EVIL = "https://evil.example"
DOWNLOADS = [line for line in PROTECTED if line.endswith(("/output", "/content", ".zip", "path>"))]


@pytest.fixture
def things(platform, alice):
    return own_things(platform, alice)


def policy(response):
    """The Content-Security-Policy by directive."""
    rules = response.headers["Content-Security-Policy"].split("; ")
    return {name: set(sources.split()) for name, _, sources in (rule.partition(" ") for rule in rules)}


@pytest.fixture
def everything(platform, alice, things):
    """An answer of every route, to a page of another site that somehow has the token."""
    alice_too = platform.tenant()
    answers = {}
    for line in sorted(PROTECTED, key=lambda line: (line.startswith("DELETE"), "logout" in line)):
        who = alice_too if "logout" in line or "password" in line or "sign-out" in line else alice
        answers[line] = call(who, line, things)
    for line in PUBLIC | PAGES:
        method, path = line.split(" ")
        path = path if line in PAGES else API + path
        answers[line] = platform.http.open(fill(path, {"page:path": "runs"}), method=method, headers={"Origin": EVIL})
    return answers


def test_every_answer_is_typed_framed_by_nobody_and_never_refers(everything):
    for line, response in everything.items():
        assert response.headers["X-Content-Type-Options"] == "nosniff", line
        assert response.headers["X-Frame-Options"] == "DENY", line
        assert response.headers["Referrer-Policy"] == "no-referrer", line
        assert "camera=(), geolocation=(), microphone=()" in response.headers["Permissions-Policy"], line
        assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin", line
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin", line


def test_no_answer_sets_a_cookie_or_opens_itself_to_another_site(everything):
    for line, response in everything.items():
        assert "Set-Cookie" not in response.headers, line
        assert [name for name, _ in response.headers if name.startswith("Access-Control-")] == [], line


def test_what_a_browser_sends_by_itself_opens_nothing(platform, alice):
    """No cross-site request can be forged: nothing that a browser adds of its own accord says who asks."""
    for name in ("token", "access_token", "session", "jwt"):
        platform.http.set_cookie(name, alice.access)
    assert platform.http.get(f"{API}/me").status_code == 401
    assert platform.http.get(f"{API}/me", auth=("alice@example.org", PASSWORD)).status_code == 401
    preflight = platform.http.options(f"{API}/runs", headers={"Origin": EVIL, "Access-Control-Request-Method": "POST"})
    assert "Access-Control-Allow-Origin" not in preflight.headers


def test_our_pages_run_our_scripts_only(platform):
    for path in ("/", "/runs", "/api/docs", f"{API}/openapi.json", "/nothing.js"):
        rules = policy(platform.http.get(path))
        assert rules["default-src"] == {"'none'"}
        assert rules["script-src"] == {"'self'"}
        assert rules["worker-src"] == {"'self'", "blob:"}  # the editor's
        assert rules["frame-ancestors"] == rules["base-uri"] == {"'none'"}
        assert rules["form-action"] == {"'self'"}
        assert {"object-src", "frame-src"}.isdisjoint(rules)  # as default-src says


def test_our_pages_need_no_more_than_that():
    page = (SOURCE / "index.html").read_text()
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"\son\w+=|javascript:", page) == []


@pytest.mark.parametrize("line", DOWNLOADS)
def test_a_download_is_saved_and_never_shown(alice, things, line):
    assert len(DOWNLOADS) == 7
    response = call(alice, line, things)
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith("attachment; ")
    assert response.headers["Content-Type"] in {"application/octet-stream", "application/zip"}
    assert policy(response) == {"sandbox": set(), "default-src": {"'none'"}}


@pytest.mark.parametrize(
    "media_type", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "text/javascript"]
)
def test_what_could_run_is_only_bytes(platform, alice, media_type):
    run_id = platform.ended_run(alice, b"", {"page.html": (b"<script>alert(1)</script>", media_type)})
    for path in (f"/runs/{run_id}/artifacts/page.html", alice.ticket(f"/runs/{run_id}/artifacts/page.html")):
        response = alice.get(path) if path.startswith("/runs") else platform.http.get(path)
        assert response.headers["Content-Type"] == "application/octet-stream"
        assert response.headers["Content-Disposition"].startswith("attachment; ")


def test_what_programs_said_is_no_page_over_polling_either(platform):
    response = platform.http.get("/socket.io/?EIO=4&transport=polling")
    assert (response.status_code, response.headers.getlist("Cache-Control")) == (200, ["no-store"])
    assert (response.headers["X-Content-Type-Options"], response.headers["X-Frame-Options"]) == ("nosniff", "DENY")
    assert policy(response) == {"sandbox": set(), "default-src": {"'none'"}}


def test_an_uploads_name_is_only_a_name(alice):
    for name in ("<script>", "../../etc/cron.d/x", "a\u202egpj.exe", "=cmd|' /C calc'!A0", "x" * 200):
        form = {"data": {"name": name, "file": (io.BytesIO(b"1"), "d.csv")}, "content_type": "multipart/form-data"}
        dataset = alice.call("POST", "/datasets", **form)
        assert (dataset.status_code, dataset.json["name"]) == (201, name)
        sent = alice.get(f"/datasets/{dataset.json['id']}/content").headers["Content-Disposition"]
        assert re.fullmatch(r"attachment; filename=\"[^\"\\/]*\"; filename\*=UTF-8''[\w.~%-]+", sent)
