"""The front end is served as built: the right twin, the right caching, and the page for every address of it."""

import pytest
from flask import Flask

from server.web import static

INDEX = "<!doctype html><title>ByteMe</title>"
SCRIPT = "export const answer = 42;"


@pytest.fixture
def dist(tmp_path):
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "index.html.br").write_bytes(b"brotli of index")
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "assets" / "app-1a2b.js").write_text(SCRIPT)
    (folder / "assets" / "app-1a2b.js.br").write_bytes(b"brotli")
    (folder / "assets" / "app-1a2b.js.gz").write_bytes(b"gzip")
    (folder / "assets" / "plain-3c4d.css").write_text("a{}")
    (tmp_path / "secret.txt").write_text("not for everybody")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


@pytest.fixture
def client(dist):
    app = Flask(__name__, static_folder=None)
    static.register(app, dist)
    return app.test_client()


@pytest.mark.parametrize("path", ["/", "/runs", "/runs/0123abcd", "/projects/a/b", "/login?next=/runs"])
def test_every_address_of_the_application_is_its_page(client, path):
    response = client.get(path)
    assert response.status_code == 200
    assert response.text == INDEX
    assert response.content_type == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/nothing", "/api", "/assets/gone-1.js", "/assets/", "/favicon.ico", "/runs/file.txt", "/socket.io/x",
        "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/link.txt", "/assets/%00.js",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_the_page(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [
        ("br, gzip", "br", b"brotli"),
        ("gzip, deflate", "gzip", b"gzip"),
        ("gzip;q=1, br;q=0", "gzip", b"gzip"),
        ("br;q=0.1, gzip", "br", b"brotli"),
        ("identity", None, SCRIPT.encode()),
        ("", None, SCRIPT.encode()),
    ],
)
def test_the_best_twin_that_the_client_takes_is_sent(client, accepted, encoding, body):
    response = client.get("/assets/app-1a2b.js", headers={"Accept-Encoding": accepted})
    assert response.data == body
    assert response.headers.get("Content-Encoding") == encoding
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.content_type == "text/javascript; charset=utf-8"


def test_a_file_without_twins_is_sent_as_it_is(client):
    response = client.get("/assets/plain-3c4d.css", headers={"Accept-Encoding": "br, gzip"})
    assert response.data == b"a{}"
    assert "Content-Encoding" not in response.headers


def test_assets_are_kept_for_good_and_the_page_is_asked_for_again(client):
    assert "immutable" in client.get("/assets/app-1a2b.js").headers["Cache-Control"]
    first = client.get("/", headers={"Accept-Encoding": "br"})
    again = client.get("/", headers={"Accept-Encoding": "br", "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    plain = client.get("/", headers={"If-None-Match": first.headers["ETag"]})
    assert plain.status_code == 200


def test_without_a_build_the_page_says_what_to_do(tmp_path):
    app = Flask(__name__, static_folder=None)
    static.register(app, tmp_path / "dist")
    response = app.test_client().get("/runs")
    assert response.status_code == 503
    assert "make setup" in response.text
    assert app.test_client().get("/api/v1/x").status_code == 404
