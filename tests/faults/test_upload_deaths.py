"""An upload goes on after its server was killed, from the byte that it had reached."""

import hashlib
import os

import httpx

from tests.server_process import ServerProcess
from tests.waiting import eventually

MIB = 1 << 20
TUS = {"Tus-Resumable": "1.0.0"}


def test_an_upload_survives_kill_of_the_server(own_server: ServerProcess) -> None:
    tenant = own_server.tenant()
    data = os.urandom(64 * MIB)
    token = {"Authorization": f"Bearer {own_server.token(tenant)}"}
    http = httpx.Client(base_url=f"{own_server.url}/api/v1", headers=TUS | token, timeout=60)
    metadata = {"Upload-Length": str(len(data)), "Upload-Metadata": "name YS5iaW4="}
    upload_id = http.post("/uploads", headers=metadata).raise_for_status().json()["id"]
    part = own_server.data_dir / "uploads" / upload_id

    def cut_in_the_middle():  # type: ignore[no-untyped-def]
        yield data[: 40 * MIB]
        eventually(lambda: part.exists() and part.stat().st_size > 8 * MIB, "bytes to have come")
        own_server.kill()
        yield data[40 * MIB :]

    try:
        send(http, upload_id, 0, cut_in_the_middle()).raise_for_status()
    except httpx.TransportError:
        pass
    else:
        raise AssertionError("the server was not killed in the middle")
    own_server.start()
    offset = int(http.head(f"/uploads/{upload_id}").raise_for_status().headers["Upload-Offset"])
    assert 8 * MIB < offset <= 40 * MIB
    send(http, upload_id, offset, data[offset:]).raise_for_status()
    dataset = http.get(f"/datasets/{upload_id}").raise_for_status().json()
    assert dataset["sha256"] == hashlib.sha256(data).hexdigest()
    assert not part.exists()
    http.close()


def send(http: httpx.Client, upload_id: str, offset: int, content: object) -> httpx.Response:
    headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return http.patch(f"/uploads/{upload_id}", content=content, headers=headers)  # type: ignore[arg-type]
