"""What a program leaves in its outputs arrives whole, whatever its ending; what may not arrive is told of."""

import hashlib
import io
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.server_process import ServerProcess, run_program

MIB = 1 << 20
ENDINGS = {
    "succeeded": "",
    "exit_code": "raise SystemExit(1)",
    "timeout": "import time; time.sleep(600)",
    "out_of_memory": "x = bytearray(1 << 30)",
    "output_limit": "while True: print('x' * 1000)",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_artifacts_survive_every_ending(server: ServerProcess, ending: str) -> None:
    tenant = server.tenant()
    code = f"import os; os.makedirs('outputs/deep/er'); open('outputs/deep/er/a.bin', 'wb').write(b'1' * 70_000)\n{ENDINGS[ending]}"
    run = run_program(tenant, code, limits={"memory_mb": 128, "timeout_s": 3 if ending == "timeout" else 60})
    assert ending in (run["reason"], run["state"])
    (artifact,) = tenant.artifacts(run["id"])
    assert (artifact.path, artifact.bytes) == ("deep/er/a.bin", 70_000)
    assert artifact.sha256 == hashlib.sha256(b"1" * 70_000).hexdigest()
    assert run["artifacts"]["count"] == 1


def test_only_regular_files_are_taken_and_the_rest_is_told_of(server: ServerProcess) -> None:
    code = """
import os, socket
os.chdir('outputs')
open('good.txt', 'w').write('good')
os.symlink('/etc/passwd', 'link'); os.symlink('/', 'root')
socket.socket(socket.AF_UNIX).bind('sock')
os.mkdir('d'); os.symlink('../good.txt', 'd/up')
os.link('good.txt', 'hard.txt')
"""
    tenant = server.tenant()
    run = run_program(tenant, code)
    assert run["state"] == "succeeded", run["message"]
    assert [a.path for a in tenant.artifacts(run["id"])] == ["good.txt", "hard.txt"]
    assert {item["path"]: item["why"] for item in run["artifacts"]["skipped"]} == {
        "d/up": "a symbolic link, not a regular file",
        "link": "a symbolic link, not a regular file",
        "root": "a symbolic link, not a regular file",
        "sock": "a socket, not a regular file",
    }


def test_odd_names_can_be_downloaded(server: ServerProcess, tmp_path: Path) -> None:
    names = ["a b.txt", "ü.txt", "100%.txt", "q?x=#y", "..dots", "new\nline", 'quo"te', "-rf", "sub/..."]
    code = f"import os; os.mkdir('outputs/sub')\nfor n in {names!r}: open('outputs/' + n, 'w').write(n)"
    tenant = server.tenant()
    run = run_program(tenant, code)
    found = tenant.artifacts(run["id"])
    assert sorted(a.path for a in found) == sorted(names)
    headers = {"Authorization": f"Bearer {server.token(tenant)}"}
    for name in names:
        path = httpx.URL(server.url).copy_with(raw_path=f"/api/v1/runs/{run['id']}/artifacts/{quoted(name)}".encode())
        answer = httpx.get(path, headers=headers)
        assert (answer.status_code, answer.text) == (200, name)
        assert answer.headers["content-disposition"].startswith("attachment")


def test_all_of_them_come_as_one_zip(server: ServerProcess) -> None:
    code = "import os; os.mkdir('outputs/d')\nfor n in ('a', 'd/b'): open('outputs/' + n, 'w').write(n * 1000)\nos.utime('outputs/a', (0, 0))"
    tenant = server.tenant()
    run = run_program(tenant, code)
    headers = {"Authorization": f"Bearer {server.token(tenant)}"}
    answer = httpx.get(f"{server.url}/api/v1/runs/{run['id']}/artifacts.zip", headers=headers)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {"a": b"a" * 1000, "d/b": b"d/b" * 1000}


def test_too_many_or_too_large_artifacts_fail_the_run_and_keep_what_fits(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, BYTEME_QUOTA='{"artifact_count": 3, "artifact_mb": 2}') as server:
        tenant = server.tenant()
        many = run_program(tenant, "for n in range(5): open(f'outputs/{n}', 'w').write('x')")
        assert (many["state"], many["reason"], many["artifacts"]["count"]) == ("failed", "artifact_limit", 3)
        assert [item["path"] for item in many["artifacts"]["skipped"]] == ["3", "4"]
        large = run_program(
            tenant, "open('outputs/a', 'wb').write(bytes(1 << 20)); open('outputs/b', 'wb').write(bytes(3 << 20))"
        )
        assert (large["reason"], [a.path for a in tenant.artifacts(large["id"])]) == ("artifact_limit", ["a"])


def test_2_gb_are_collected_and_downloaded_in_flat_memory_and_a_cut_download_resumes(
    own_server: ServerProcess, tmp_path: Path
) -> None:
    tenant = own_server.tenant()
    run_program(tenant, "open('outputs/warm', 'w').write('up')")
    before = own_server.memory_bytes
    code = "import random\nblock = random.Random(3).randbytes(1 << 20)\nwith open('outputs/model.bin', 'wb') as f:\n for n in range(2048): f.write(n.to_bytes(8, 'big') + block[8:])"
    run = run_program(tenant, code, limits={"disk_mb": 2300, "memory_mb": 512, "timeout_s": 300})
    assert run["state"] == "succeeded", run["message"]
    (artifact,) = tenant.artifacts(run["id"])
    assert artifact.bytes == 2 << 30
    url, headers = (
        f"{own_server.url}/api/v1/runs/{run['id']}/artifacts/model.bin",
        {"Authorization": f"Bearer {own_server.token(tenant)}"},
    )
    digest, size = hashlib.sha256(), 0
    with httpx.stream("GET", url, headers=headers) as answer:  # cut after 100 MiB
        for piece in answer.iter_bytes(MIB):
            digest.update(piece)
            size += len(piece)
            if size >= 100 * MIB:
                break
    with httpx.stream(
        "GET", url, headers=headers | {"Range": f"bytes={size}-", "If-Range": answer.headers["etag"]}
    ) as rest:
        assert rest.status_code == 206
        for piece in rest.iter_bytes(MIB):
            digest.update(piece)
            size += len(piece)
    assert size == 2 << 30
    assert digest.hexdigest() == artifact.sha256
    assert own_server.memory_bytes - before < 64 * MIB


def quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="/")
