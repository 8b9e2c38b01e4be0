"""What a tenant does in a day, over REST, on each kind of database."""

import io

import pytest

from server.domain.policy import Role
from tests.integration.web import Platform


@pytest.fixture
def platform(database, tmp_path):
    url = database.engine.url.render_as_string(hide_password=False)
    platform = Platform(tmp_path, database_url=url)
    yield platform
    platform.close()


def test_a_day_of_a_tenant(platform):
    alice, bob = platform.tenant(), platform.tenant()
    upload = {"file": (io.BytesIO(b"1,2"), "d.csv")}
    dataset = alice.call("POST", "/datasets", data=upload, content_type="multipart/form-data").json["id"]
    project = alice.post("/projects", {"name": "Ü", "files": {"main.py": "print(1)"}}).json["id"]
    assert (
        alice.call("PATCH", f"/projects/{project}", json={"name": "p"}, headers={"If-Match": '"1"'}).status_code == 200
    )

    request = {"project": project, "datasets": [{"id": dataset, "name": "d"}]}
    headers = {"Idempotency-Key": "k"}
    first, again = (alice.post("/runs", request, headers=headers).json for _ in range(2))
    assert first["id"] == again["id"]
    platform.clock.advance(1)
    second = alice.submit()
    assert [run["queue_position"] for run in alice.get("/runs").json["items"]] == [2, 1]
    assert alice.call("DELETE", f"/datasets/{dataset}").status_code == 409

    lease = platform.begin(first["id"])
    platform.say(first["id"], b"out")
    assert alice.get(f"/runs/{first['id']}").json["output"]["bytes"] == 3
    platform.end(lease, output_bytes=3)
    assert alice.post(f"/runs/{second}/cancel").json["state"] == "cancelled"
    assert [run["id"] for run in alice.get(f"/runs?state=succeeded&project={project}").json["items"]] == [first["id"]]
    usage = alice.get("/me").json["usage"]
    assert (usage["queued_runs"], usage["running_runs"], usage["storage_mb"]) == (0, 0, 0.0)

    assert alice.call("DELETE", f"/runs/{first['id']}").status_code == 204
    assert alice.call("DELETE", f"/datasets/{dataset}").status_code == 204
    assert bob.get("/runs").json == {"items": [], "next": None}


def test_a_day_of_an_operator(platform):
    root, alice = platform.tenant(role=Role.ADMIN), platform.tenant()
    assert len(root.get("/users").json["items"]) == 2
    changed = root.call("PATCH", f"/users/{alice.id}", json={"quota": {"queued_runs": 1}, "disabled": False})
    assert changed.json["quota"]["queued_runs"] == 1
    alice.submit()
    assert alice.post("/runs", {"files": {"main.py": ""}}).status_code == 429
    assert root.call("PATCH", f"/users/{root.id}", json={"role": "user"}).status_code == 409
    assert root.call("PATCH", f"/users/{alice.id}", json={"disabled": True}).status_code == 200
    assert alice.get("/me").status_code == 401
    assert {"user.create", "user.update", "run.submit"} <= {entry["verb"] for entry in root.get("/audit").json["items"]}
