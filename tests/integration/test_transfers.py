"""Uploads and downloads over real connections, with clients that stall or go away."""

import os
import socket

import httpx
import pytest
from gevent.pywsgi import WSGIServer

from server.patience import PatientHandler
from tests.integration.web import API
from tests.waiting import eventually

MB = 1 << 20
HEAD = b'--B\r\nContent-Disposition: form-data; name="file"; filename="big.bin"\r\n\r\n'
TYPE = "multipart/form-data; boundary=B"


@pytest.fixture
def address(platform):
    server = WSGIServer(("127.0.0.1", 0), platform.app, log=None, error_log=None, handler_class=PatientHandler)
    server.start()
    yield ("127.0.0.1", server.server_port)
    server.stop(timeout=1)


@pytest.fixture
def http(address, alice):
    headers = {"Authorization": f"Bearer {alice.access}"}
    with httpx.Client(base_url=f"http://{address[0]}:{address[1]}{API}", headers=headers, timeout=60) as client:
        yield client


def body(size):
    yield HEAD
    for _ in range(size // MB):
        yield b"x" * MB
    yield b"\r\n--B--\r\n"


def datasets_folder(platform):
    folder = platform.settings.data_dir / "datasets"
    return list(folder.iterdir()) if folder.exists() else []


def begin_upload(address, alice, declared, sent):
    """A connection that has announced `declared` bytes of body and sent some of them."""
    connection = socket.create_connection(address)
    headers = [
        f"POST {API}/datasets HTTP/1.1", "Host: x", f"Authorization: Bearer {alice.access}", f"Content-Type: {TYPE}",
        f"Content-Length: {declared}",
    ]  # fmt: skip
    connection.sendall("\r\n".join(headers).encode() + b"\r\n\r\n" + sent)
    return connection


def memory_mb():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE") / MB


def test_an_upload_in_chunks_of_unknown_length_is_stored(platform, http):
    response = http.post("/datasets", content=body(3 * MB), headers={"Content-Type": TYPE})
    assert (response.status_code, response.json()["bytes"]) == (201, 3 * MB)
    assert platform.services.datasets.path(response.json()["id"]).stat().st_size == 3 * MB


def test_a_large_upload_and_its_download_take_no_memory(http):
    before = memory_mb()
    dataset = http.post("/datasets", content=body(200 * MB), headers={"Content-Type": TYPE}).json()
    received = 0
    with http.stream("GET", f"/datasets/{dataset['id']}/content") as response:
        for piece in response.iter_raw():
            received += len(piece)
    assert received == dataset["bytes"] == 200 * MB
    assert memory_mb() - before < 64


def test_a_sender_that_goes_away_leaves_nothing(platform, address, alice):
    connection = begin_upload(address, alice, 10 * MB, HEAD + b"x" * MB)
    eventually(lambda: datasets_folder(platform), "the upload to begin")
    connection.close()
    eventually(lambda: not datasets_folder(platform), "its remains to go")


def test_a_body_that_announces_too_much_is_refused_before_it_is_sent(platform, address, alice):
    with begin_upload(address, alice, (platform.settings.max_dataset_mb + 2) * MB, b"") as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_client_that_stalls_keeps_nobody_waiting(platform, address, alice, http):
    run_id = platform.ended_run(alice, b"x" * (20 * MB))
    with socket.socket() as stalled:
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stalled.connect(address)
        request = f"GET {API}/runs/{run_id}/output HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {alice.access}\r\n\r\n"
        stalled.sendall(request.encode())
        assert stalled.recv(15) == b"HTTP/1.1 200 OK"
        assert http.get("/me").status_code == 200
        assert len(http.get(f"/runs/{run_id}/output").content) == 20 * MB


def test_a_download_whose_run_is_deleted_meanwhile_ends(platform, alice, http):
    run_id = platform.ended_run(alice, b"", {"big.bin": (b"x" * (8 * MB), "application/octet-stream")})
    with http.stream("GET", f"/runs/{run_id}/artifacts/big.bin") as response:
        pieces = response.iter_raw(MB)
        next(pieces)
        assert http.delete(f"/runs/{run_id}").status_code == 204
        assert sum(map(len, pieces)) == 7 * MB  # the file was open; its space is given back when we are done
    assert http.get(f"/runs/{run_id}/artifacts/big.bin").status_code == 404


# --- resumable uploads


BYTES = "application/offset+octet-stream"


def begin(http, size):
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(size), "Upload-Metadata": "name YS5iaW4="}
    response = http.post("/uploads", headers=headers)
    assert response.status_code == 201, response.text
    return response.json()["id"]


def patch(http, upload_id, offset, content, **headers):
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset), "Content-Type": BYTES, **headers}
    return http.patch(f"/uploads/{upload_id}", content=content, headers=headers)


@pytest.mark.parametrize("is_chunked", [False, True])
def test_all_of_an_upload_may_come_in_one_request_and_no_byte_more(platform, http, is_chunked):
    upload_id = begin(http, 3 * MB)
    whole, more = b"x" * 3 * MB, b"x" * (3 * MB + 1)
    if not is_chunked:
        assert patch(http, upload_id, 0, more).status_code == 413
    assert patch(http, upload_id, 0, iter([whole]) if is_chunked else whole).status_code == 204
    assert platform.services.datasets.path(upload_id).stat().st_size == 3 * MB


def test_a_large_resumable_upload_takes_no_memory(http):
    before = memory_mb()
    upload_id = begin(http, 200 * MB)
    assert patch(http, upload_id, 0, (b"x" * MB for _ in range(200))).status_code == 204
    assert http.get(f"/datasets/{upload_id}").json()["bytes"] == 200 * MB
    assert memory_mb() - before < 64
