"""Datasets over REST: streamed in, kept within bounds, read-only from then on."""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor

import gevent
import pytest
from sqlalchemy import func, select

from server.db.models import Dataset
from tests.integration.web import API

FILES = {"main.py": ""}
BOUNDARY = "xxBOUNDARYxx"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def upload(tenant, data=b"1,2,3", name="d.csv", filename="file.csv"):
    form = {"file": (io.BytesIO(data), filename)} | ({"name": name} if name is not None else {})
    return tenant.call("POST", "/datasets", data=form, content_type="multipart/form-data")


def part(data, name="file", filename=None):
    suffix = f'; filename="{filename}"' if filename is not None else ""
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{suffix}\r\n\r\n'.encode() + data + b"\r\n"


def send(tenant, body, content_type=TYPE, **options):
    return tenant.call("POST", "/datasets", data=body, content_type=content_type, **options)


END = f"--{BOUNDARY}--\r\n".encode()


def left_behind(platform):
    """Folders of datasets, whether whole or not."""
    folder = platform.settings.data_dir / "datasets"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def rows(platform):
    with platform.services.db.transaction() as session:
        return session.scalar(select(func.count()).select_from(Dataset))


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 3_000_001])
def test_what_was_uploaded_is_what_is_kept(platform, alice, size):
    data = (bytes(range(256)) + f"\r\n--{BOUNDARY[:-1]}\r\n--\n".encode()) * (size // 256 + 1)
    data = data[:size]
    response = upload(alice, data, "my data.csv")
    dataset = response.json
    assert response.status_code == 201
    assert (dataset["bytes"], dataset["name"]) == (size, "my data.csv")
    assert dataset["sha256"] == hashlib.sha256(data).hexdigest()
    assert response.headers["Location"] == f"{API}/datasets/{dataset['id']}"
    assert alice.get(f"/datasets/{dataset['id']}").json == dataset
    assert alice.get("/datasets").json["items"] == [dataset]
    assert platform.services.datasets.path(dataset["id"]).read_bytes() == data


def test_a_dataset_is_downloaded_in_ranges(platform, alice):
    data = bytes(range(256)) * 10
    dataset = upload(alice, data, "ü.csv").json
    path = f"/datasets/{dataset['id']}/content"
    response = alice.get(path)
    assert (response.data, response.headers["ETag"]) == (data, f'"{dataset["sha256"]}"')
    assert "filename*=UTF-8''%C3%BC.csv" in response.headers["Content-Disposition"]
    assert alice.get(path, headers={"Range": "bytes=-10"}).data == data[-10:]
    assert platform.http.get(alice.ticket(path)).data == data


def test_the_name_may_come_after_the_file_or_be_the_files_own(alice):
    after = part(b"1", filename="a.csv") + part("späť".encode(), "name") + END
    assert send(alice, after).json["name"] == "späť"
    assert send(alice, part(b"1", filename=r"C:\\Users\\x\\a b.csv") + END).json["name"] == "a b.csv"
    assert send(alice, part(b"1", filename="../../etc/cron.d/x") + END).json["name"] == "x"


def test_a_file_never_leaves_its_place(platform, alice):
    for name in ("../../x", "/etc/x", "..", ".", "a/b", "=cmd|' /C calc'!A0", "<script>", "\u202e"):
        assert upload(alice, name=name).json["name"] == name
    assert len(left_behind(platform)) == 8
    assert all(len(name) == 32 for name in left_behind(platform))


@pytest.mark.parametrize(
    ("body", "content_type", "status", "field"),
    [
        (b"", "application/json", 422, "file"),
        (b"x=1", "application/x-www-form-urlencoded", 422, "file"),
        (b"", "multipart/form-data", 422, "file"),
        (END, TYPE, 422, "file"),
        (part(b"d", "name") + END, TYPE, 422, "file"),
        (part(b"1", "other", "a") + END, TYPE, 422, "other"),
        (part(b"1", filename="a") + part(b"2", filename="b") + END, TYPE, 422, "file"),
        (part(b"1", filename="a") + part(b"x" * 5000, "name") + END, TYPE, 422, "name"),
        (part(b"1", filename="a") + part(b"x" * 201, "name") + END, TYPE, 422, "name"),
        (part(b"1", filename="a") + part(b"a\0b", "name") + END, TYPE, 422, "name"),
        (part(b"1", filename="") + END, TYPE, 422, "name"),
        (part(b"1", filename="a"), TYPE, 400, None),
        (b"garbage", TYPE, 400, None),
        (b"--" + BOUNDARY.encode() + b"\r\n\r\nno header\r\n" + END, TYPE, 400, None),
        (b"".join(part(b"1", f"f{n}") for n in range(100)) + END, TYPE, 413, None),
        (b"--" + BOUNDARY.encode() + b"\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n" + END, TYPE, 413, None),
    ],
)
def test_a_body_that_is_no_upload_leaves_nothing(platform, alice, body, content_type, status, field):
    response = send(alice, body, content_type)
    assert (response.status_code, response.content_type) == (status, "application/problem+json"), response.text
    if field:
        assert response.json["errors"][0]["field"] == field
    assert (left_behind(platform), rows(platform)) == ([], 0)


def test_an_upload_that_is_cut_off_leaves_nothing(platform, alice):
    body = part(b"x" * 100_000, filename="a")
    response = send(alice, body, headers={"Content-Length": str(len(body) + 1000)})
    assert response.status_code == 400
    assert (left_behind(platform), rows(platform)) == ([], 0)


def test_a_dataset_above_the_servers_limit_is_refused(make_platform):
    platform = make_platform(max_dataset_mb=1)
    alice = platform.tenant()
    assert upload(alice, b"x" * (1 << 20)).status_code == 201
    for size in ((1 << 20) + 1, 5 << 20):
        assert upload(alice, b"x" * size).status_code == 413
    assert rows(platform) == len(left_behind(platform)) == 1


def test_a_dataset_may_be_larger_than_any_other_body(make_platform):
    platform = make_platform(max_body_mb=1, max_dataset_mb=3)
    alice = platform.tenant()
    assert upload(alice, b"x" * (2 << 20)).status_code == 201
    assert alice.post("/runs", {"files": {"main.py": "x" * (2 << 20)}}).status_code == 413


def test_the_storage_quota_holds_under_concurrent_uploads(platform, alice):
    platform.set_quota(alice, storage_mb=3)
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda _: upload(alice, b"x" * (1 << 20)), range(8)))
    assert sorted(response.status_code for response in responses) == [201] * 3 + [429] * 5
    assert rows(platform) == len(left_behind(platform)) == 3
    dataset = next(response.json["id"] for response in responses if response.status_code == 201)
    assert alice.call("DELETE", f"/datasets/{dataset}").status_code == 204
    assert upload(alice, b"x" * (1 << 20)).status_code == 201


def test_others_have_their_turn_during_an_upload(alice):
    turns = []

    def take_turns():
        while True:
            turns.append(1)
            gevent.sleep(0)

    other = gevent.spawn(take_turns)
    upload(alice, b"x" * (5 << 20))
    other.kill()
    assert len(turns) >= 50


def test_a_run_names_its_datasets(platform, alice):
    dataset = upload(alice).json["id"]
    run = alice.post("/runs", {"files": FILES, "datasets": [{"id": dataset, "name": "train"}]}).json
    assert run["datasets"] == [{"id": dataset, "name": "train"}]


def test_a_run_cannot_have_another_tenants_dataset(alice, bob):
    own, theirs = upload(alice).json["id"], upload(bob).json["id"]
    mounts = [{"id": own, "name": "a"}, {"id": theirs, "name": "b"}]
    response = alice.post("/runs", {"files": FILES, "datasets": mounts})
    assert response.json["errors"] == [{"field": "datasets.1.id", "message": "there is no such dataset"}]


def test_a_dataset_that_a_live_run_uses_is_not_deleted(platform, alice):
    dataset = upload(alice).json["id"]
    run = alice.post("/runs", {"files": FILES, "datasets": [{"id": dataset, "name": "train"}]}).json["id"]
    assert alice.call("DELETE", f"/datasets/{dataset}").status_code == 409
    platform.end(platform.begin(run))
    assert alice.call("DELETE", f"/datasets/{dataset}").status_code == 204
    assert left_behind(platform) == []
    assert alice.get(f"/datasets/{dataset}").status_code == 404
    assert alice.get(f"/runs/{run}").json["datasets"] == [{"id": dataset, "name": "train"}]


def test_what_a_crash_left_of_an_upload_is_removed_at_the_start_and_nothing_else(platform, alice):
    kept = upload(alice).get_json()["id"]
    half = platform.settings.data_dir / "datasets" / ("0" * 32)
    half.mkdir()
    (half / "data").write_bytes(b"half of")
    assert platform.services.datasets.remove_strays() == [half.name]
    assert left_behind(platform) == [kept]
