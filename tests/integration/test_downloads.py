"""Output, artifacts and archives as bytes: resumable, whatever they are called, harmless to a browser."""

import hashlib
import io
import unicodedata
import zipfile

import pytest

from tests.integration.web import API, encoded

DATA = bytes(range(256)) * 8
ETAG = hashlib.sha256(DATA).hexdigest()
BINARY = "application/octet-stream"
LENGTH = len(DATA)


@pytest.fixture
def run_id(platform, alice):
    return platform.ended_run(alice, DATA, {"model.bin": (DATA, BINARY)})


@pytest.fixture(params=["output", "artifacts/model.bin"])
def path(request, run_id):
    return f"/runs/{run_id}/{request.param}"


def test_the_whole_comes_without_a_range(alice, path):
    response = alice.get(path)
    assert (response.status_code, response.data, response.content_length) == (200, DATA, LENGTH)
    assert response.headers["Accept-Ranges"] == "bytes"
    assert "Content-Range" not in response.headers


RANGES = {
    "bytes=0-": (0, LENGTH),
    "bytes=0-0": (0, 1),
    "bytes=10-19": (10, 20),
    "bytes=2047-": (2047, LENGTH),
    "bytes=100-999999": (100, LENGTH),
    "bytes=-1": (2047, LENGTH),
    "bytes=-2048": (0, LENGTH),
    "bytes=-999999": (0, LENGTH),
    "BYTES=5-6": (5, 7),
}
NOT_OFFERED = ["bytes=0-1,5-6", "bytes=" + "0-0," * 1000 + "1-1", "bytes=5-4", "bytes=-0", "bytes=x", "lines=0-1", ""]


def test_a_range_gives_its_bytes(alice, path):
    for header, (start, end) in RANGES.items():
        response = alice.get(path, headers={"Range": header})
        assert (response.status_code, response.data) == (206, DATA[start:end]), header
        assert response.headers["Content-Range"] == f"bytes {start}-{end - 1}/{LENGTH}"
        assert response.content_length == end - start


def test_a_range_beyond_the_end_is_refused_with_the_length(alice, path):
    for header in ("bytes=2048-", "bytes=99999-99999"):
        response = alice.get(path, headers={"Range": header})
        assert (response.status_code, response.content_type) == (416, "application/problem+json")
        assert response.headers["Content-Range"] == f"bytes */{LENGTH}"


def test_a_range_that_we_do_not_offer_gives_the_whole(alice, path):
    for header in NOT_OFFERED:
        response = alice.get(path, headers={"Range": header})
        assert (response.status_code, response.data) == (200, DATA), header


def test_head_tells_what_get_would_give(alice, path):
    for headers in ({}, {"Range": "bytes=5-9"}):
        head, get = (alice.call(method, path, headers=headers) for method in ("HEAD", "GET"))
        assert (head.status_code, head.data) == (get.status_code, b"")
        for name in ("Content-Length", "Content-Type", "ETag", "Content-Range", "Accept-Ranges"):
            assert head.headers.get(name) == get.headers.get(name)


def test_a_download_cannot_run_in_our_origin(alice, path):
    headers = alice.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_the_output_of_a_live_run_is_what_there_is_now(platform, alice):
    run_id = alice.submit()
    platform.begin(run_id)
    platform.say(run_id, b"12345")
    assert alice.get(f"/runs/{run_id}/output").data == b"12345"
    platform.say(run_id, b"678")
    response = alice.get(f"/runs/{run_id}/output", headers={"Range": "bytes=5-"})
    assert (response.status_code, response.data) == (206, b"678")


def test_a_run_that_said_nothing_has_an_empty_output(alice):
    run_id = alice.submit()
    assert alice.get(f"/runs/{run_id}/output").data == b""
    assert alice.get(f"/runs/{run_id}/output", headers={"Range": "bytes=0-"}).status_code == 416


def test_large_output_is_streamed_in_pieces(platform, alice):
    run_id = platform.ended_run(alice, b"x" * (5 << 20))
    response = alice.get(f"/runs/{run_id}/output", buffered=False)
    assert max(len(piece) for piece in response.iter_encoded()) <= 1 << 20


def artifact(alice, run_id, **headers):
    return alice.get(
        f"/runs/{run_id}/artifacts/model.bin", headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def test_an_artifacts_etag_is_its_digest(alice, run_id):
    assert artifact(alice, run_id).headers["ETag"] == f'"{ETAG}"'
    item = alice.get(f"/runs/{run_id}/artifacts").json["items"][0]
    assert (item["sha256"], item["bytes"], item["path"], item["media_type"]) == (ETAG, LENGTH, "model.bin", BINARY)


def test_a_copy_that_is_current_is_not_sent_again(alice, run_id):
    for condition in (f'"{ETAG}"', f'W/"{ETAG}"', "*", f'"x", "{ETAG}"'):
        response = artifact(alice, run_id, If_None_Match=condition)
        assert (response.status_code, response.data, response.headers["ETag"]) == (304, b"", f'"{ETAG}"')


def test_another_copy_is_sent_anew(alice, run_id):
    assert artifact(alice, run_id, If_None_Match='"x"').data == DATA


def test_a_cut_download_resumes_only_if_it_is_of_the_same_content(alice, run_id):
    same = artifact(alice, run_id, Range="bytes=5-", If_Range=f'"{ETAG}"')
    assert (same.status_code, same.data) == (206, DATA[5:])
    for condition in ('"x"', f'W/"{ETAG}"', "Wed, 21 Oct 2015 07:28:00 GMT", ETAG[:10]):
        other = artifact(alice, run_id, Range="bytes=5-", If_Range=condition)
        assert (other.status_code, other.data) == (200, DATA), condition


ODD_NAMES = [
    "a b.txt",
    "sub/dir/m.bin",
    ".hidden",
    "...",
    "line\nbreak.txt",
    "tab\t\r\x01.txt",
    "quo\"te'.txt",
    "back\\slash.txt",
    "semi;colon=1.txt",
    "per%cent%2e%2e%2fx.txt",
    "plus+&?#.txt",
    "ünï/中文 🎉.txt",
    "\u202egnp.exe",
    "<script>alert(1)</script>.html",
    unicodedata.normalize("NFC", "é.txt"),
    unicodedata.normalize("NFD", "é.txt"),
    "Same.txt",
    "same.txt",
    "x" * 255,
    "nested/" * 50 + "deep.txt",
    "-rf",
    " lead and trail ",
    "CON",
    "trailing.",
    "artifacts.zip",
]


@pytest.fixture
def odd_run(platform, alice):
    return platform.ended_run(alice, b"", {name: (name.encode(), BINARY) for name in ODD_NAMES})


def test_an_artifact_of_any_name_is_downloaded(alice, odd_run):
    for name in ODD_NAMES:
        response = alice.get(f"/runs/{odd_run}/artifacts/{encoded(name)}")
        assert (response.status_code, response.data) == (200, name.encode()), name
        assert len(response.headers.getlist("Content-Disposition")) == 1
        disposition = response.headers["Content-Disposition"]
        assert disposition.isascii()
        assert disposition.isprintable()
        last = name.rsplit("/", 1)[-1]
        assert disposition.startswith('attachment; filename="')
        assert disposition.endswith(f"filename*=UTF-8''{encoded(last)}")
        assert disposition.count('"') == 2


def test_the_list_names_all_of_them(alice, odd_run):
    items, cursor = [], None
    while items == [] or cursor:
        page = alice.get(f"/runs/{odd_run}/artifacts?limit=10" + (f"&cursor={cursor}" if cursor else "")).json
        items, cursor = items + page["items"], page["next"]
    assert sorted(item["path"] for item in items) == sorted(ODD_NAMES)


NO_ARTIFACTS = [
    "..%2f..%2f..%2fetc%2fpasswd", "%252e%252e/x", "....//x", "%2fetc%2fpasswd", "model.bin%00", "..%5cx",
    "x" * 4096, "model.bin/", "./model.bin", "MODEL.BIN", "model.bin%0a", "",
]  # fmt: skip


def test_a_path_that_is_no_artifact_is_not_there(alice, run_id):
    for path in NO_ARTIFACTS:
        assert alice.get(f"/runs/{run_id}/artifacts/{path}").status_code == 404, path


def test_an_artifact_is_reached_through_its_own_run_only(platform, alice, bob, run_id):
    theirs = platform.ended_run(bob, b"", {"theirs.bin": (b"x", BINARY)})
    assert alice.get(f"/runs/{run_id}/artifacts/theirs.bin").status_code == 404
    assert alice.get(f"/runs/{theirs}/artifacts/theirs.bin").status_code == 404


TYPES = {
    "image/png": "image/png",
    "text/csv": "text/csv",
    "text/plain; charset=latin-1": "text/plain",
    "text/html": BINARY,
    "image/svg+xml": BINARY,
    "application/javascript": BINARY,
    "x\r\nSet-Cookie: a=b": BINARY,
    "": BINARY,
}


def test_only_a_harmless_type_is_named(platform, alice):
    run_id = platform.ended_run(alice, b"", {str(n): (b"x", media_type) for n, media_type in enumerate(TYPES)})
    for number, sent in enumerate(TYPES.values()):
        response = alice.get(f"/runs/{run_id}/artifacts/{number}")
        assert response.headers["Content-Type"].partition(";")[0] == sent
        assert "Set-Cookie" not in response.headers


def archive(alice, run_id):
    response = alice.get(f"/runs/{run_id}/artifacts.zip")
    assert (response.status_code, response.content_type) == (200, "application/zip")
    assert response.content_length == len(response.data)
    return zipfile.ZipFile(io.BytesIO(response.data))


def test_the_archive_holds_every_artifact_under_a_name_of_its_own(alice, odd_run):
    with archive(alice, odd_run) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
        assert sorted(opened.read(name) for name in names) == sorted(name.encode() for name in ODD_NAMES)
    folded = {unicodedata.normalize("NFC", name).casefold() for name in names}
    assert len(folded) == len(ODD_NAMES)


def test_the_archive_unpacks_below_its_folder(alice, odd_run, tmp_path):
    with archive(alice, odd_run) as opened:
        for name in opened.namelist():
            assert not name.startswith("/")
            assert not {"", ".", ".."} & set(name.split("/"))
            assert not any(char in name for char in '\\:*?"<>|\r\n\0')
        opened.extractall(tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir() if path.name not in {"0"}] == ["out"]


def test_a_run_without_artifacts_gives_an_empty_archive(platform, alice):
    with archive(alice, platform.ended_run(alice)) as opened:
        assert opened.namelist() == []


def test_an_artifact_whose_content_is_gone_is_not_there(platform, alice, run_id):
    platform.services.artifacts.delete(run_id)
    assert artifact(alice, run_id).status_code == 404


def opened(platform, url, **options):
    return platform.http.open(url, **options)


@pytest.mark.parametrize("what", ["output", "artifacts/model.bin", "artifacts.zip"])
def test_a_ticket_downloads_without_a_header(platform, alice, run_id, what):
    url = alice.ticket(f"/runs/{run_id}/{what}")
    response = opened(platform, url)
    assert response.status_code == 200
    assert response.data == alice.get(f"/runs/{run_id}/{what}").data or what == "artifacts.zip"
    assert opened(platform, url, method="HEAD").status_code == 200
    assert opened(platform, url, headers={"Range": "bytes=1-2"}).status_code in {200, 206}


def test_a_ticket_is_for_its_own_path(platform, alice, run_id):
    ticket = alice.ticket(f"/runs/{run_id}/output").partition("?")[2]
    for path in (f"/runs/{run_id}/artifacts.zip", f"/runs/{run_id}", "/me", "/runs"):
        assert opened(platform, f"{API}{path}?{ticket}").status_code == 401


def test_a_ticket_lives_a_minute(platform, alice, run_id):
    url = alice.ticket(f"/runs/{run_id}/output")
    platform.clock.advance(59)
    assert opened(platform, url).status_code == 200
    platform.clock.advance(1)
    assert opened(platform, url).status_code == 401


def test_a_ticket_dies_with_its_session(platform, alice, run_id):
    url = alice.ticket(f"/runs/{run_id}/output")
    alice.post("/auth/logout")
    assert opened(platform, url).status_code == 401


def test_a_ticket_opens_nothing_that_is_somebody_elses(platform, bob, run_id):
    assert opened(platform, bob.ticket(f"/runs/{run_id}/output")).status_code == 404


def test_a_ticket_is_no_access_token(platform, alice, run_id):
    ticket = alice.ticket(f"/runs/{run_id}/output").partition("ticket=")[2]
    assert opened(platform, f"{API}/me", headers={"Authorization": f"Bearer {ticket}"}).status_code == 401


def test_tickets_work_for_odd_names(platform, alice, odd_run):
    for name in ODD_NAMES:
        response = opened(platform, alice.ticket(f"/runs/{odd_run}/artifacts/{encoded(name)}"))
        assert (response.status_code, response.data) == (200, name.encode()), name


def test_tickets_are_given_for_downloads_only(alice):
    others = ["/api/v1/me", "/api/v1/runs", "//evil.org/x", "https://evil.org", "/api/v1/runs/../me", "", "/x?y"]
    for path in others:
        response = alice.post("/tickets", {"path": path})
        assert (response.status_code, response.json["errors"][0]["field"]) == (422, "path"), path
