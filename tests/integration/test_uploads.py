"""Uploads that go on after a cut, over REST, as tus 1.0.0 says."""

import base64
import hashlib
import shutil

import gevent
import pytest
from sqlalchemy import select

from server.db.models import Upload
from server.services.uploads import MOST_CHECKED
from tests.integration.test_datasets import left_behind, upload
from tests.integration.web import API

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"


def metadata(**pairs):
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


def begin(tenant, size, **pairs):
    told = {"Upload-Length": str(size), "Upload-Metadata": metadata(**(pairs or {"filename": "d.csv"}))}
    return tenant.call("POST", "/uploads", headers=TUS | told)


def begun(tenant, size, **pairs):
    response = begin(tenant, size, **pairs)
    assert response.status_code == 201, response.text
    return response.json["id"]


def send(tenant, upload_id, offset, data, **headers):
    headers = TUS | {"Upload-Offset": str(offset)} | headers
    return tenant.call("PATCH", f"/uploads/{upload_id}", data=data, headers=headers, content_type=BYTES)


def look(tenant, upload_id):
    return tenant.call("HEAD", f"/uploads/{upload_id}", headers=TUS)


def checksum(data, algorithm="sha256"):
    return {"Upload-Checksum": f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"}


def parts(platform):
    folder = platform.settings.data_dir / "uploads"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_what_is_offered_is_told_to_whoever_asks(platform):
    response = platform.http.open(f"{API}/uploads", method="OPTIONS")
    assert response.status_code in {200, 204}
    assert response.headers["Tus-Version"] == response.headers["Tus-Resumable"] == "1.0.0"
    assert response.headers["Tus-Extension"] == "creation,termination,checksum,expiration"
    assert response.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert response.headers["Tus-Max-Size"] == str(platform.settings.max_dataset_mb << 20)


def test_pieces_become_a_dataset_of_the_same_id(platform, alice):
    data = bytes(range(256)) * 1000
    created = begin(alice, len(data), filename="C:\\data\\d.csv", fingerprint="f", filetype="text/csv")
    upload_id = created.json["id"]
    assert created.headers["Location"] == f"{API}/uploads/{upload_id}"
    assert created.headers["Upload-Offset"] == "0"
    assert "GMT" in created.headers["Upload-Expires"]
    for start in range(0, len(data), 100_000):
        response = send(alice, upload_id, start, data[start : start + 100_000])
        assert (response.status_code, response.headers["Tus-Resumable"]) == (204, "1.0.0")
        assert response.headers["Upload-Offset"] == str(min(len(data), start + 100_000))
    dataset = alice.get(f"/datasets/{upload_id}").json
    assert dataset["sha256"] == hashlib.sha256(data).hexdigest()
    assert (dataset["name"], dataset["bytes"], dataset["version"]) == ("d.csv", len(data), 1)
    assert platform.services.datasets.path(upload_id).read_bytes() == data
    assert (parts(platform), alice.get("/uploads").json["items"]) == ([], [])


def test_an_empty_file_is_whole_at_once(platform, alice):
    upload_id = begun(alice, 0)
    assert alice.get(f"/datasets/{upload_id}").json["sha256"] == hashlib.sha256().hexdigest()
    assert alice.get(f"/datasets/{upload_id}/content").data == b""


def test_how_far_it_is_is_told_also_after_its_end(alice):
    upload_id = begun(alice, 5)
    send(alice, upload_id, 0, b"123")
    response = look(alice, upload_id)
    assert (response.status_code, response.data) == (200, b"")
    assert (response.headers["Upload-Offset"], response.headers["Upload-Length"]) == ("3", "5")
    assert response.headers["Cache-Control"] == "no-store"
    assert alice.get(f"/uploads/{upload_id}").json["offset"] == 3
    send(alice, upload_id, 3, b"45")
    assert look(alice, upload_id).headers["Upload-Offset"] == "5"
    assert "Upload-Expires" not in look(alice, upload_id).headers


def test_unfinished_ones_are_listed_with_what_the_client_knows_them_by(alice, bob):
    first, second = begun(alice, 5, name="a", fingerprint="a-5"), begun(alice, 6, name="b")
    send(alice, first, 0, b"12")
    items = alice.get("/uploads").json["items"]
    assert {(item["id"], item["name"], item["offset"], item["bytes"]) for item in items} == {
        (first, "a", 2, 5), (second, "b", 0, 6),
    }  # fmt: skip
    assert {item["fingerprint"] for item in items} == {"a-5", ""}
    assert bob.get("/uploads").json["items"] == []


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_piece_with_a_checksum_is_all_or_nothing(platform, alice, algorithm):
    data = b"x" * 100_000
    upload_id = begun(alice, len(data))
    damaged = send(alice, upload_id, 0, b"y" + data[1:50_000], **checksum(data[:50_000], algorithm))
    assert (damaged.status_code, damaged.json["type"]) == (460, "/problems/checksum_mismatch")
    assert look(alice, upload_id).headers["Upload-Offset"] == "0"
    assert parts(platform) == []
    assert send(alice, upload_id, 0, data[:50_000], **checksum(data[:50_000], algorithm)).status_code == 204
    assert send(alice, upload_id, 50_000, data[50_000:], **checksum(data[50_000:], algorithm)).status_code == 204
    assert alice.get(f"/datasets/{upload_id}").json["sha256"] == hashlib.sha256(data).hexdigest()


class Cut:
    """A body that ends before its length."""

    def __init__(self, data):
        self._left = data

    def read(self, size=-1):
        piece, self._left = self._left[:size], self._left[size:]
        if not piece:
            raise OSError("the connection is gone")
        return piece


def send_cut(platform, tenant, upload_id, data, size, **headers):
    return send_body(platform, tenant, upload_id, Cut(data), size, **headers)


def send_body(platform, tenant, upload_id, body, size, **headers):
    headers = TUS | {"Authorization": f"Bearer {tenant.access}", "Upload-Offset": "0"} | headers
    environ = {"wsgi.input": body, "CONTENT_LENGTH": str(size)}
    return platform.http.open(
        f"{API}/uploads/{upload_id}", method="PATCH", headers=headers, environ_overrides=environ, content_type=BYTES
    )


def test_what_came_before_a_cut_is_kept(platform, alice):
    data = bytes(range(256)) * 1000
    upload_id = begun(alice, len(data))
    assert send_cut(platform, alice, upload_id, data[: 2 << 16], len(data)).status_code == 400
    offset = int(look(alice, upload_id).headers["Upload-Offset"])
    assert offset == 2 << 16
    assert send(alice, upload_id, offset, data[offset:]).status_code == 204
    assert alice.get(f"/datasets/{upload_id}").json["sha256"] == hashlib.sha256(data).hexdigest()


def test_of_a_cut_piece_with_a_checksum_nothing_is_kept(platform, alice):
    data = b"x" * 200_000
    upload_id = begun(alice, len(data))
    assert send_cut(platform, alice, upload_id, data[:100_000], len(data), **checksum(data)).status_code == 400
    assert look(alice, upload_id).headers["Upload-Offset"] == "0"
    assert parts(platform) == []


class Overtaken:
    """A body during which somebody else goes on with the upload."""

    def __init__(self, pieces, overtake):
        self._pieces, self._overtake = list(pieces), overtake

    def read(self, _size=-1):
        if len(self._pieces) == 1:
            gevent.spawn(self._overtake).get()  # a request of its own, not one within ours
        return self._pieces.pop(0) if self._pieces else b""


def test_who_comes_again_goes_on_and_what_came_late_is_not_written(platform, alice):
    upload_id = begun(alice, 30)

    def overtake():
        assert look(alice, upload_id).headers["Upload-Offset"] == "10"
        assert send(alice, upload_id, 10, b"b" * 10).status_code == 204

    body = Overtaken([b"a" * 10, b"a" * 10], overtake)
    late = send_body(platform, alice, upload_id, body, 20)
    assert late.status_code == 409
    assert send(alice, upload_id, 20, b"c" * 10).status_code == 204
    assert platform.services.datasets.path(upload_id).read_bytes() == b"a" * 10 + b"b" * 10 + b"c" * 10


def test_nobody_else_ends_a_request_that_writes(platform, alice, bob):
    upload_id = begun(alice, 20)
    body = Overtaken([b"a" * 10, b"a" * 10], lambda: [look(bob, upload_id), send(bob, upload_id, 10, b"x")])
    ended = send_body(platform, alice, upload_id, body, 20)
    assert ended.status_code == 204
    assert alice.get(f"/datasets/{upload_id}").json["bytes"] == 20


@pytest.mark.parametrize(
    ("offset", "data", "headers", "status"),
    [
        (4, b"x", {}, 409),
        (0, b"x", {}, 409),
        (3, b"x" * 8, {}, 413),
        (3, b"x", {"Tus-Resumable": "0.2.2"}, 412),
        (3, b"x", {"Content-Type": "application/octet-stream"}, 415),
        (3, b"x", {"Upload-Checksum": "md5 AAAA"}, 400),
        (3, b"x", {"Upload-Checksum": "sha1 ?"}, 460),
        ("-1", b"x", {}, 422),
        ("x", b"x", {}, 422),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(alice, offset, data, headers, status):
    upload_id = begun(alice, 10)
    send(alice, upload_id, 0, b"123")
    content_type = headers.pop("Content-Type", BYTES)
    response = alice.call(
        "PATCH", f"/uploads/{upload_id}", data=data, content_type=content_type,
        headers=TUS | {"Upload-Offset": str(offset)} | headers,
    )  # fmt: skip
    assert (response.status_code, response.content_type) == (status, "application/problem+json"), response.text
    if status == 412:
        assert response.headers["Tus-Version"] == "1.0.0"
    assert look(alice, upload_id).headers["Upload-Offset"] == "3"


@pytest.mark.parametrize(
    ("pairs", "field"),
    [
        ("", "upload-metadata.name"),
        ("name !", "upload-metadata"),
        ("name gA==", "upload-metadata"),
        (metadata(name=""), "upload-metadata.name"),
        (metadata(name="x" * 201), "upload-metadata.name"),
        (metadata(name="a\0b"), "upload-metadata.name"),
        (metadata(name="a", dataset="1"), "upload-metadata.dataset"),
        (metadata(name="a", dataset="0" * 32), "upload-metadata.dataset"),
        (metadata(name="a", fingerprint="x" * 201), "upload-metadata.fingerprint"),
    ],
)
def test_a_beginning_that_says_nothing_sensible_names_what_is_wrong(alice, pairs, field):
    response = alice.call("POST", "/uploads", headers=TUS | {"Upload-Length": "5", "Upload-Metadata": pairs})
    assert response.status_code == 422
    assert response.json["errors"][0]["field"] == field
    assert alice.get("/uploads").json["items"] == []


def test_it_counts_against_the_storage_from_its_beginning(platform, alice):
    platform.set_quota(alice, storage_mb=3)
    first = begun(alice, 2 << 20)
    assert alice.get("/me").json["usage"]["storage_mb"] == 2.0
    assert begin(alice, 2 << 20).status_code == 413
    assert upload(alice, b"x" * (2 << 20)).status_code == 429
    assert alice.call("DELETE", f"/uploads/{first}", headers=TUS).status_code == 204
    assert begin(alice, 3 << 20).status_code == 201


def test_a_dataset_above_the_servers_limit_is_refused_at_its_beginning(make_platform):
    alice = make_platform(max_dataset_mb=1).tenant()
    assert begin(alice, 1 << 20).status_code == 201
    assert begin(alice, (1 << 20) + 1).status_code == 413


def test_no_more_are_begun_than_one_can_keep_in_mind(alice):
    for _ in range(100):
        begun(alice, 1)
    assert begin(alice, 1).status_code == 429


def test_what_is_not_finished_in_time_goes(platform, alice):
    late, whole = begun(alice, 10), begun(alice, 1)
    send(alice, late, 0, b"123")
    send(alice, whole, 0, b"1")
    platform.clock.advance(platform.settings.upload_days * 86400)
    alice.sign_in()
    assert look(alice, late).status_code == send(alice, late, 3, b"4").status_code == 404
    assert alice.get("/uploads").json["items"] == []
    platform.services.expiry.expire()
    assert (parts(platform), left_behind(platform)) == ([], [whole])
    with platform.services.db.transaction() as session:
        assert session.scalars(select(Upload.id)).all() == []


def test_one_that_is_given_up_leaves_nothing(platform, alice):
    upload_id = begun(alice, 10)
    send(alice, upload_id, 0, b"123")
    assert alice.call("DELETE", f"/uploads/{upload_id}", headers=TUS).status_code == 204
    assert look(alice, upload_id).status_code == 404
    assert parts(platform) == []


def test_a_whole_one_is_no_longer_an_upload_to_give_up(alice):
    upload_id = begun(alice, 1)
    send(alice, upload_id, 0, b"1")
    assert alice.call("DELETE", f"/uploads/{upload_id}", headers=TUS).status_code == 404
    assert alice.get(f"/datasets/{upload_id}").status_code == 200


def test_one_that_a_crash_kept_from_its_end_is_whole_when_somebody_asks(platform, alice):
    upload_id = begun(alice, 5)
    send(alice, upload_id, 0, b"123")
    with (platform.settings.data_dir / "uploads" / upload_id).open("ab") as file:
        file.write(b"45")  # the bytes were there, and then the server was not
    assert look(alice, upload_id).headers["Upload-Offset"] == "5"
    assert alice.get(f"/datasets/{upload_id}/content").data == b"12345"


def test_what_a_crash_left_is_removed_at_the_start_and_nothing_else(platform, alice):
    kept = begun(alice, 5)
    send(alice, kept, 0, b"123")
    for name in ("0" * 32, f"{kept}.0badcafe"):
        (platform.settings.data_dir / "uploads" / name).write_bytes(b"half")
    assert platform.services.uploads.remove_strays() == sorted(["0" * 32, f"{kept}.0badcafe"])
    assert parts(platform) == [kept]


# --- versions


def new_version(tenant, dataset_id, data):
    upload_id = begun(tenant, len(data), filename="other.csv", dataset=dataset_id)
    send(tenant, upload_id, 0, data)
    return upload_id


def test_an_upload_to_a_dataset_is_its_next_version(alice, bob):
    first = upload(alice, b"1", "train.csv").json["id"]
    upload(alice, b"other", "other.csv")
    second = new_version(alice, first, b"22")
    third = new_version(alice, second, b"333")
    versions = alice.get(f"/datasets/{first}/versions").json["items"]
    assert [(item["id"], item["version"], item["name"]) for item in versions] == [
        (third, 3, "train.csv"), (second, 2, "train.csv"), (first, 1, "train.csv"),
    ]  # fmt: skip
    listed = {item["name"]: item for item in alice.get("/datasets").json["items"]}
    assert (listed["train.csv"]["id"], listed["train.csv"]["versions"]) == (third, 3)
    assert len(listed) == 2
    assert alice.get(f"/datasets/{first}/content").data == b"1"
    assert begin(bob, 1, name="mine", dataset=first).status_code == 422


def test_a_run_has_exactly_the_version_that_it_names(platform, alice, bob):
    first = upload(alice, b"1", "train.csv").json["id"]
    run_id = alice.submit(datasets=[{"id": first, "name": "train.csv"}, {"id": first, "name": "again"}])
    second = new_version(alice, first, b"22")
    assert alice.get(f"/runs/{run_id}").json["datasets"][0]["id"] == first
    assert [item["id"] for item in alice.get(f"/datasets/{first}/runs").json["items"]] == [run_id]
    assert alice.get(f"/datasets/{second}/runs").json["items"] == []
    assert [item["used_by_runs"] for item in alice.get(f"/datasets/{second}/versions").json["items"]] == [0, 1]


def test_one_version_is_deleted_or_all_of_them(platform, alice):
    first = upload(alice, b"1", "train.csv").json["id"]
    second, third = new_version(alice, first, b"22"), new_version(alice, first, b"333")
    assert alice.call("DELETE", f"/datasets/{third}").status_code == 204
    assert alice.get("/datasets").json["items"][0]["id"] == second
    run_id = alice.submit(datasets=[{"id": first, "name": "a"}])
    assert alice.call("DELETE", f"/datasets/{second}?all_versions=true").status_code == 409
    assert left_behind(platform) == sorted([first, second])
    platform.end(platform.begin(run_id))
    assert alice.call("DELETE", f"/datasets/{second}?all_versions=true").status_code == 204
    assert (left_behind(platform), alice.get("/datasets").json["items"]) == ([], [])


def test_datasets_are_found_by_a_part_of_their_names(alice):
    for name in ("Train.csv", "test_set.csv", "100%.csv"):
        upload(alice, b"1", name)
    answers = {s: alice.get("/datasets", query_string={"search": s}) for s in ("TRAIN", "t_", "%", "csv", "x")}
    found = {search: sorted(dataset["name"] for dataset in answer.json["items"]) for search, answer in answers.items()}
    assert found == {
        "TRAIN": ["Train.csv"], "t_": ["test_set.csv"], "%": ["100%.csv"], "x": [],
        "csv": ["100%.csv", "Train.csv", "test_set.csv"],
    }  # fmt: skip


def test_what_was_promised_to_others_is_not_promised_again(make_platform, tmp_path):
    free_mb = shutil.disk_usage(tmp_path).free >> 20
    platform = make_platform(max_dataset_mb=8192, min_free_disk_mb=free_mb - 6144)
    alice = platform.tenant()
    first = begun(alice, 4 << 30)
    refused = begin(alice, 4 << 30)
    assert (refused.status_code, refused.json["detail"]) == (503, "The server's disk has no room for this now.")
    assert alice.call("DELETE", f"/uploads/{first}", headers=TUS).status_code == 204
    assert begin(alice, 4 << 30).status_code == 201


def test_a_checksum_is_for_a_piece_and_not_for_a_flood(platform, alice):
    data = b"x" * (MOST_CHECKED + 1)
    upload_id = begun(alice, len(data))
    assert send(alice, upload_id, 0, data, **checksum(data)).status_code == 413
    assert look(alice, upload_id).headers["Upload-Offset"] == "0"
    assert parts(platform) == []


def test_a_key_that_may_only_read_cuts_nobody_off(platform, alice):
    upload_id = begun(alice, 10)
    key = alice.post("/keys", {"name": "k", "scopes": ["datasets:read"]}).json["key"]
    headers = TUS | {"Authorization": f"Bearer {key}"}
    assert platform.http.get(f"{API}/uploads/{upload_id}", headers=headers).status_code == 200
    assert platform.http.head(f"{API}/uploads/{upload_id}", headers=headers).status_code == 403
