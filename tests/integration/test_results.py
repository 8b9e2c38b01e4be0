"""What came of runs: notes and filters, code and phases, records that go out and come in, links for others."""

import io
import json
import zipfile

import pytest
from click.testing import CliRunner

from client import Client
from client.cli import main
from server.domain.policy import Role
from server.domain.ports import Stream
from tests.integration.web import API, encoded

FILES = {"main.py": "print(1)", "lib/a.py": "x = 1\n"}


def patch(tenant, run_id, **changes):
    return tenant.call("PATCH", f"/runs/{run_id}", json=changes)


def report(platform, run_id, **header):
    platform.say(run_id, json.dumps({"type": "metric", **header}).encode() + b"\n", Stream.EVENT)


# --- notes and filters


def test_a_run_is_tagged_starred_and_annotated_and_found_by_it(alice):
    first, second = alice.submit(), alice.submit()
    changed = patch(alice, first, tags=["best", "lr 0.1"], note="The baseline.", starred=True)
    assert changed.status_code == 200
    assert (changed.json["tags"], changed.json["note"], changed.json["starred"]) == (
        ["best", "lr 0.1"], "The baseline.", True,
    )  # fmt: skip
    assert patch(alice, first, starred=False).json["tags"] == ["best", "lr 0.1"]
    for query, found in (
        ("tag=best", [first]), ("text=baseline", [first]), ("starred=false", [second, first]), ("starred=true", []),
        (f"text={second}", [second]), ("state=queued", [second, first]), ("state=failed", []),
        ("since=2999-01-01T00:00:00Z", []), ("reason=timeout", []),
    ):  # fmt: skip
        assert [run["id"] for run in alice.get(f"/runs?{query}").json["items"]] == found, query


def test_a_filtered_list_goes_on_where_its_page_ended(alice):
    starred = [alice.submit() for _ in range(3)]
    for run_id in starred:
        patch(alice, run_id, starred=True)
        alice.submit()
    page = alice.get("/runs?starred=true&limit=2").json
    rest = alice.get(f"/runs?starred=true&limit=2&cursor={page['next']}").json
    assert [run["id"] for run in page["items"] + rest["items"]] == starred[::-1]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"tags": [""]}, "tags.0"),
        ({"tags": [" a"]}, "tags.0"),
        ({"tags": ["a\nb"]}, "tags.0"),
        ({"tags": ["a", "A"]}, "tags"),
        ({"tags": ["x" * 51]}, "tags.0"),
        ({"tags": [str(n) for n in range(21)]}, "tags"),
        ({"note": "a\0"}, "note"),
        ({"note": "x" * 10_001}, "note"),
        ({"starred": 1}, "starred"),
        ({"state": "succeeded"}, "state"),
    ],
)
def test_an_odd_note_is_refused_by_field_and_changes_nothing(alice, body, field):
    run_id = alice.submit()
    before = alice.get(f"/runs/{run_id}").json
    refused = alice.call("PATCH", f"/runs/{run_id}", json=body)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, field)
    assert alice.get(f"/runs/{run_id}").json == before


# --- code and phases


def test_the_code_of_a_run_is_what_it_got_whatever_became_of_its_project(alice):
    project = alice.post("/projects", {"name": "p", "files": FILES}).json["id"]
    run_id = alice.post("/runs", {"project": project}).json["id"]
    alice.call("PATCH", f"/projects/{project}", json={"files": {"main.py": "another"}})
    assert alice.get(f"/runs/{run_id}/files").json == {"entrypoint": "main.py", "files": FILES}


def test_the_phases_of_a_run_are_told_in_order(platform, alice):
    run_id = platform.ended_run(alice)
    events = alice.get(f"/runs/{run_id}/events").json
    assert [event["state"] for event in events["items"]] == [
        "queued", "starting", "running", "collecting", "succeeded",
    ]  # fmt: skip
    assert events["next"] is None


# --- some artifacts


def test_some_artifacts_come_as_one_zip(platform, alice):
    data = {"a.txt": (b"A", "text/plain"), "b/ü &.txt": (b"B", "text/plain"), "c.txt": (b"C", "text/plain")}
    run_id = platform.ended_run(alice, artifacts=data)
    url = alice.ticket(f"/runs/{run_id}/artifacts.zip")
    answer = platform.http.get(f"{url}&path=c.txt&path={encoded('b/ü &.txt')}")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"b/ü &.txt": b"B", "c.txt": b"C"}
    refused = alice.get(f"/runs/{run_id}/artifacts.zip?path=a.txt&path=none")
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "path")


# --- records


@pytest.fixture
def data(alice):
    upload = {"name": "digits", "file": (io.BytesIO(b"1,2"), "d.csv")}
    return alice.call("POST", "/datasets", data=upload, content_type="multipart/form-data").json


@pytest.fixture
def recorded(platform, alice, data):
    """The record of a run that used everything there is."""
    alice.call("PUT", "/secrets/API_KEY", json={"value": "sesame-open-up"})
    run_id = alice.submit(
        files=FILES, args=["--seed", "7"], env={"MODE": "fast"}, secrets=["API_KEY"], limits={"memory_mb": 256},
        datasets=[{"id": data["id"], "name": "train"}],
    )  # fmt: skip
    lease = platform.begin(run_id)
    for step in range(2):
        report(platform, run_id, name="loss", value=1 - step / 2, step=step)
    platform.end(lease, image_digest=platform.engine.image.digest)
    return alice.get(f"/runs/{run_id}/record").json


def take(tenant, record, **more):
    return tenant.post("/records", {"record": record, **more})


def test_a_record_holds_all_of_a_run_and_no_secret(recorded, data, platform):
    request = recorded["request"]
    assert (recorded["format"], recorded["version"]) == ("byteme-run-record", 1)
    assert (request["files"], request["args"], request["env"]) == (FILES, ["--seed", "7"], {"MODE": "fast"})
    assert request["datasets"] == [{"id": data["id"], "name": "train", "sha256": data["sha256"]}]
    assert (request["secrets"], request["limits"]["memory_mb"]) == (["API_KEY"], 256)
    assert (recorded["seeds"], recorded["image"]["digest"]) == ({"seed": "7"}, platform.engine.image.digest)
    assert recorded["result"]["state"] == "succeeded"
    assert [(one["name"], one["step"], one["value"]) for one in recorded["metrics"]] == [("loss", 1, 0.5)]
    assert "sesame" not in json.dumps(recorded)


def test_a_record_that_comes_in_runs_the_same_again(alice, recorded):
    answer = take(alice, recorded)
    assert answer.status_code == 201, answer.text
    assert (answer.json["differences"], answer.json["project"]) == ([], None)
    again = alice.get(f"/runs/{answer.json['run']['id']}/record").json
    assert again["request"] == recorded["request"]
    assert again["id"] != recorded["id"]


def test_another_tenants_data_is_found_by_its_content(bob, recorded):
    bob.call("PUT", "/secrets/API_KEY", json={"value": "another value"})
    refused = take(bob, recorded)
    assert refused.status_code == 422
    assert refused.json["errors"][0]["field"] == "record.request.datasets.0.sha256"
    upload = {"name": "mine", "file": (io.BytesIO(b"1,2"), "d.csv")}
    own = bob.call("POST", "/datasets", data=upload, content_type="multipart/form-data").json["id"]
    assert take(bob, recorded).json["run"]["datasets"] == [{"id": own, "name": "train"}]


def test_what_differs_is_told(platform, alice, recorded):
    recorded["image"]["digest"] = "sha256:" + "b" * 64
    (told,) = take(alice, recorded).json["differences"]
    assert told["field"] == "image.digest"
    assert platform.engine.image.digest in told["message"]
    platform.engine.image = None
    (told,) = take(alice, recorded).json["differences"]
    assert "can't be told" in told["message"]


def test_a_record_becomes_a_project_even_without_its_data(bob, recorded):
    answer = take(bob, recorded, into="project", name="From Alice")
    assert answer.status_code == 201, answer.text
    project = bob.get(f"/projects/{answer.json['project']['id']}").json
    assert (project["name"], project["files"], project["entrypoint"]) == ("From Alice", FILES, "main.py")
    assert [told["field"] for told in answer.json["differences"]] == ["request.datasets.0.sha256"]
    assert bob.get("/runs").json["items"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"format": "something-else"}, "record.format"),
        ({"version": 2}, "record.version"),
        ({"request": {"entrypoint": "main.py"}}, "record.request.files"),
        ({"request": {"files": {"../x": ""}, "entrypoint": "main.py"}}, "record.request.files"),
        ({"request": {"files": FILES, "entrypoint": "absent.py"}}, "entrypoint"),
        ({"request": {"files": FILES, "entrypoint": "main.py", "privileged": True}}, "record.request.privileged"),
        ({"request": {"files": FILES, "entrypoint": "main.py", "limits": {"memory_mb": 1 << 25}}}, "limits.memory_mb"),
        ({"request": {"files": FILES, "entrypoint": "main.py", "secrets": ["NONE"]}}, "secrets.0"),
        ({"surprise": 1}, "record.surprise"),
    ],
)
def test_a_record_that_cannot_be_run_names_its_field(alice, recorded, changes, field):
    before = len(alice.get("/runs").json["items"])
    refused = take(alice, recorded | changes)
    assert refused.status_code == 422
    assert field in refused.json["errors"][0]["field"]
    assert len(alice.get("/runs").json["items"]) == before


# --- links


@pytest.fixture
def shared(platform, alice):
    """A run with everything in it that others must not see, and its link's token."""
    run_id = alice.submit(files=FILES, env={"HIDDEN": "sesame-open"})
    lease = platform.begin(run_id)
    platform.say(run_id, b"out")
    report(platform, run_id, name="loss", value=0.5, step=1)
    platform._leave(run_id, 0, "model.bin", b"m", "application/octet-stream")
    platform.end(lease, output_bytes=3, artifact_count=1)
    patch(alice, run_id, note="a private thought", tags=["private tag"])
    return run_id, alice.post(f"/runs/{run_id}/share").json


def test_a_link_shows_the_run_to_another_account_and_nothing_its_owner_said(platform, bob, alice, shared):
    run_id, link = shared
    path = link["url"]
    assert path == f"/shared/{link['token']}"
    seen = bob.get(path).json
    assert (seen["id"], seen["state"]) == (run_id, "succeeded")
    assert bob.get(f"{path}/output").data == b"out"
    assert bob.get(f"{path}/files").json["files"] == FILES
    assert [one["path"] for one in bob.get(f"{path}/artifacts").json["items"]] == ["model.bin"]
    assert bob.get(f"{path}/artifacts/model.bin").data == b"m"
    assert bob.get(f"{path}/metrics").json["items"][0]["value"] == 0.5
    assert platform.http.get(bob.ticket(f"{path}/artifacts.zip")).status_code == 200
    assert not {"env", "secrets", "note", "tags", "datasets", "project"} & set(seen)
    assert "sesame" not in json.dumps(seen)
    assert bob.get(f"/runs/{run_id}").status_code == 404
    for method in ("PATCH", "POST", "DELETE", "PUT"):
        assert bob.call(method, path, json={}).status_code == 405


def test_a_revoked_link_is_dead_at_once(bob, alice, shared):
    run_id, link = shared
    assert alice.get(f"/runs/{run_id}").json["shared_at"] is not None
    assert alice.call("DELETE", f"/runs/{run_id}/share").status_code == 204
    for rest in ("", "/output", "/files", "/metrics", "/artifacts", "/artifacts/model.bin", "/artifacts.zip"):
        assert bob.get(link["url"] + rest).status_code == 404, rest
    assert alice.get(f"/runs/{run_id}").json["shared_at"] is None


def test_the_links_of_a_disabled_account_are_dead(platform, bob, alice, shared):
    _, link = shared
    admin = platform.tenant("admin@example.org", Role.ADMIN)
    assert admin.call("PATCH", f"/users/{alice.id}", json={"disabled": True}).status_code == 200
    assert bob.get(link["url"]).status_code == 404
    assert admin.call("PATCH", f"/users/{alice.id}", json={"disabled": False}).status_code == 200
    assert bob.get(link["url"]).status_code == 200


def test_a_new_link_takes_the_place_of_the_one_before(bob, alice, shared):
    run_id, link = shared
    again = alice.post(f"/runs/{run_id}/share").json
    assert bob.get(link["url"]).status_code == 404
    assert bob.get(again["url"]).status_code == 200


def test_a_link_dies_with_its_run(bob, alice, shared):
    run_id, link = shared
    alice.call("DELETE", f"/runs/{run_id}")
    assert bob.get(link["url"]).status_code == 404


def test_nobody_comes_in_by_a_guess_or_without_an_account(platform, bob, shared):
    _, link = shared
    for token in (link["token"][:-1], link["token"] + "A", "A" * 43, "%00", "x" * 5000):
        assert bob.get(f"/shared/{token}").status_code == 404
    assert platform.http.get(f"{API}{link['url']}").status_code == 401


def test_a_links_token_is_kept_nowhere(platform, bob, shared, caplog):
    caplog.set_level("INFO")
    _, link = shared
    bob.get(f"{link['url']}/output")
    with platform.services.db.transaction() as session:
        tables = session.connection().exec_driver_sql("select name from sqlite_master where type = 'table'").scalars()
        kept = [str(session.connection().exec_driver_sql(f'select * from "{name}"').all()) for name in tables.all()]
    assert not [rows for rows in kept if link["token"] in rows]
    logged = caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert "/output" in logged
    assert link["token"] not in logged


# --- SDK and command


def test_the_sdk_finds_records_and_repeats_runs(served, alice, recorded):
    run_id = recorded["id"]
    patch(alice, run_id, tags=["best"], starred=True)
    with Client(served, alice.access) as client:
        assert [run.id for run in client.runs(tag="best", starred="true")] == [run_id]
        again = client.rerun(run_id)
        assert client.record(again.id)["request"] == client.record(run_id)["request"]


def test_the_command_finds_records_and_repeats_runs(served, alice, recorded):
    def byteme(*arguments):
        done = CliRunner().invoke(main, arguments, env={"BYTEME_URL": served, "BYTEME_TOKEN": alice.access})
        assert done.exit_code == 0, done.output
        return done.stdout

    patch(alice, recorded["id"], note="the baseline")
    assert [run["id"] for run in json.loads(byteme("runs", "--text", "baseline", "--json"))] == [recorded["id"]]
    assert json.loads(byteme("runs", "--tag", "none", "--json")) == []
    assert json.loads(byteme("record", recorded["id"]))["request"] == recorded["request"]
    again = byteme("rerun", recorded["id"]).strip()
    assert json.loads(byteme("record", again))["request"] == recorded["request"]
