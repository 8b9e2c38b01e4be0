"""Runs over REST: submitting, looking, cancelling, deleting."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from server.db.models import Run
from server.domain.ports import Stream
from server.domain.run import Limits, State
from tests.integration.web import API

FILES = {"main.py": "print(1)"}


def count_runs(platform):
    with platform.services.db.transaction() as session:
        return session.scalar(select(func.count()).select_from(Run))


def test_a_submitted_run_is_what_was_asked_for(platform, alice):
    request = {
        "files": {"src/train.py": "…", "data.csv": "1,2"}, "entrypoint": "src/train.py", "args": ["--lr", "0.1"],
        "env": {"SEED": "1"}, "limits": {"cpus": 0.5, "memory_mb": 128}, "network": "none", "image": "gpu",
    }  # fmt: skip
    response = alice.post("/runs", request)
    run = response.json
    assert response.status_code == 201
    assert response.headers["Location"] == f"{API}/runs/{run['id']}"
    assert {name: run[name] for name in ("entrypoint", "args", "env", "network")} == {
        name: request[name] for name in ("entrypoint", "args", "env", "network")
    }
    assert (run["state"], run["queue_position"], run["project"], run["datasets"]) == ("queued", 1, None, [])
    assert run["limits"] == {"cpus": 0.5, "memory_mb": 128, "disk_mb": 1024, "pids": 256, "timeout_s": 600, "gpus": 0}
    assert run["image"] == {"alias": "gpu", "ref": None, "digest": None}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", run["created_at"])
    assert "files" not in run
    assert alice.get(f"/runs/{run['id']}").json == run


def test_the_engine_gets_the_files_as_they_were_sent(platform, alice):
    files = {"main.py": "print('ü\r\n')\n", "a/b/c.txt": "\ufeff\u2028" + "x" * 100_000}
    run_id = alice.submit(files=files)
    with platform.services.db.transaction() as session:
        assert session.get_one(Run, run_id).files == files


def test_limits_that_are_not_given_stay_below_a_small_quota(platform, alice):
    platform.set_quota(alice, memory_mb=512, timeout_s=60)
    limits = alice.get(f"/runs/{alice.submit(limits={'cpus': 1.5})}").json["limits"]
    assert (limits["memory_mb"], limits["timeout_s"], limits["cpus"]) == (512, 60, 1.5)
    assert limits["pids"] == Limits().pids


def test_a_limit_above_the_quota_is_refused_by_name(platform, alice):
    platform.set_quota(alice, memory_mb=512)
    response = alice.post("/runs", {"files": FILES, "limits": {"memory_mb": 513, "gpus": 1}})
    assert response.status_code == 422
    assert [error["field"] for error in response.json["errors"]] == ["limits.memory_mb", "limits.gpus"]
    assert "513 is above your quota of 512" in response.json["detail"]
    assert count_runs(platform) == 0


INVALID = [
    ({}, "files"),
    ({"files": {}}, "files"),
    ({"files": FILES, "entrypoint": "train.py"}, "entrypoint"),
    ({"files": FILES, "network": "egress"}, "network"),
    ({"files": FILES, "project": "0" * 32}, "project"),
    ({"files": FILES, "datasets": [{"id": "0" * 32, "name": "x"}]}, "datasets.0.id"),
    ({"files": FILES, "privileged": True}, "privileged"),
    ({"files": FILES, "limits": {"memory": 1}}, "limits.memory"),
    ({"files": FILES, "limits": {"cpus": float("nan")}}, "limits.cpus"),
    ({"files": FILES, "limits": {"cpus": float("inf")}}, "limits.cpus"),
    ([], "body"),
    ("x", "body"),
    (None, "body"),
]


def test_a_request_that_does_not_validate_names_its_field(platform, alice):
    for request, field in INVALID:
        response = alice.call("POST", "/runs", data=json.dumps(request), content_type="application/json")
        assert (response.status_code, response.content_type) == (422, "application/problem+json"), request
        assert field in [error["field"] for error in response.json["errors"]]
    assert count_runs(platform) == 0


def test_a_project_gives_its_files_and_entry_point(platform, alice):
    project = alice.post("/projects", {"name": "p", "files": {"go.py": "1"}, "entrypoint": "go.py"}).json["id"]
    run = alice.post("/runs", {"project": project}).json
    assert (run["project"], run["entrypoint"]) == (project, "go.py")
    alice.call("PATCH", f"/projects/{project}", json={"files": {"go.py": "2"}})
    with platform.services.db.transaction() as session:
        assert session.get_one(Run, run["id"]).files == {"go.py": "1"}


def test_a_projects_draft_is_run_as_that_projects(platform, alice):
    project = alice.post("/projects", {"name": "p", "files": FILES}).json["id"]
    run = alice.post("/runs", {"project": project, "files": {"main.py": "draft"}}).json
    with platform.services.db.transaction() as session:
        assert session.get_one(Run, run["id"]).files == {"main.py": "draft"}
    assert [item["id"] for item in alice.get(f"/runs?project={project}").json["items"]] == [run["id"]]


def test_another_tenants_project_or_dataset_cannot_be_run(alice, bob):
    project = alice.post("/projects", {"name": "p", "files": FILES}).json["id"]
    assert bob.post("/runs", {"project": project}).status_code == 422
    assert bob.post("/runs", {"project": project, "files": FILES}).status_code == 422


def test_a_repeat_with_the_same_key_answers_the_first_run(platform, alice, bob):
    def submit(tenant, files=FILES, key="k-1"):
        return tenant.post("/runs", {"files": files}, headers={"Idempotency-Key": key})

    first, again = submit(alice), submit(alice)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json["id"] == again.json["id"]
    other = submit(alice, {"main.py": "another"})
    assert (other.status_code, other.json["type"]) == (409, "/problems/conflict")
    assert submit(alice, key="k-2").json["id"] != first.json["id"]
    assert submit(bob).json["id"] != first.json["id"]
    assert count_runs(platform) == 3


def test_a_key_holds_after_its_run_has_ended(platform, alice):
    headers = {"Idempotency-Key": "k"}
    run_id = alice.post("/runs", {"files": FILES}, headers=headers).json["id"]
    platform.end(platform.begin(run_id))
    assert alice.post("/runs", {"files": FILES}, headers=headers).json["state"] == "succeeded"


def test_an_odd_idempotency_key_is_refused(alice):
    for key in ("", " ", "x" * 256, "ü", "a b"):
        response = alice.post("/runs", {"files": FILES}, headers={"Idempotency-Key": key})
        assert (response.status_code, response.json["errors"][0]["field"]) == (422, "idempotency_key"), key


def test_the_queue_quota_holds_under_concurrent_submissions(platform, alice):
    platform.set_quota(alice, queued_runs=5)
    with ThreadPoolExecutor(20) as pool:
        responses = list(pool.map(lambda _: alice.post("/runs", {"files": FILES}), range(20)))
    assert sorted(response.status_code for response in responses) == [201] * 5 + [429] * 15
    refused = next(response for response in responses if response.status_code == 429)
    assert "5 runs of yours are queued" in refused.json["detail"]
    assert int(refused.headers["Retry-After"]) > 0


def test_a_tenant_whose_storage_is_full_submits_nothing(platform, alice):
    platform.set_quota(alice, storage_mb=1)
    platform.ended_run(alice, b"x" * (1 << 20))
    response = alice.post("/runs", {"files": FILES})
    assert (response.status_code, "storage quota of 1 MB" in response.json["detail"]) == (429, True)


def test_the_place_in_the_queue_follows_the_tenants_turns(platform, alice, bob):
    first, second, third = (alice.submit() for _ in range(3))
    late = bob.submit()
    places = {run: tenant.get(f"/runs/{run}").json["queue_position"] for tenant, run in
              [(alice, first), (alice, second), (alice, third), (bob, late)]}  # fmt: skip
    assert places == {first: 1, late: 2, second: 3, third: 4}
    platform.begin(first)
    assert alice.get(f"/runs/{first}").json["queue_position"] is None
    listed = {run["id"]: run["queue_position"] for run in alice.get("/runs").json["items"]}
    assert listed == {first: None, second: 2, third: 3}


def test_lists_go_from_the_newest_on_page_by_page(platform, alice):
    runs = []
    for _ in range(7):
        runs.append(alice.submit())
        platform.clock.advance(1)
    seen, cursor = [], ""
    while cursor is not None:
        page = alice.get(f"/runs?limit=3{f'&cursor={cursor}' if cursor else ''}").json
        assert len(page["items"]) <= 3
        seen += [run["id"] for run in page["items"]]
        cursor = page["next"]
    assert seen == runs[::-1]


def test_a_page_of_just_the_last_items_is_the_last(alice):
    for _ in range(2):
        alice.submit()
    assert alice.get("/runs?limit=2").json["next"] is None


def test_lists_tell_how_far_the_output_of_a_live_run_reaches(platform, alice):
    run_id = alice.submit()
    platform.begin(run_id)
    platform.say(run_id, b"so far")
    (listed,) = alice.get("/runs").json["items"]
    assert listed["output"]["bytes"] == alice.get(f"/runs/{run_id}").json["output"]["bytes"] == 6


def test_lists_filter_by_state(platform, alice):
    done, queued = platform.ended_run(alice), alice.submit()
    assert [run["id"] for run in alice.get("/runs?state=queued").json["items"]] == [queued]
    assert [run["id"] for run in alice.get("/runs?state=succeeded").json["items"]] == [done]
    assert alice.get("/runs?state=failed").json == {"items": [], "next": None}


def test_a_bad_query_is_refused_by_name(alice):
    for query in ("limit=0", "limit=201", "limit=x", "limit=1e9", "cursor=x", "state=done", "project=1"):
        response = alice.get(f"/runs?{query}")
        assert (response.status_code, response.json["errors"][0]["field"]) == (422, query.partition("=")[0])


def test_a_queued_run_is_cancelled_at_once(platform, alice):
    run_id = alice.submit()
    response = alice.post(f"/runs/{run_id}/cancel")
    assert (response.status_code, response.json["state"], response.json["reason"]) == (202, "cancelled", None)
    assert response.json["message"] == "Cancelled before it started."
    assert alice.post(f"/runs/{run_id}/cancel").status_code == 409


def test_a_running_run_is_asked_to_end(platform, alice, monkeypatch):
    nudged = []
    monkeypatch.setattr(type(platform.services.dispatcher), "cancel", lambda self, run_id: nudged.append(run_id))
    run_id = alice.submit()
    platform.begin(run_id)
    response = alice.post(f"/runs/{run_id}/cancel")
    assert (response.status_code, response.json["state"]) == (202, "running")
    assert nudged == [run_id]


def test_watchers_hear_of_a_cancel(platform, alice):
    run_id = alice.submit()
    with platform.services.events.listen(run_id) as bell:
        alice.post(f"/runs/{run_id}/cancel")
        assert bell.wait(0)


def test_an_ended_run_is_deleted_with_all_it_left(platform, alice):
    run_id = platform.ended_run(alice, b"out", {"m.bin": (b"m", "application/octet-stream")})
    assert alice.call("DELETE", f"/runs/{run_id}").status_code == 204
    assert alice.get(f"/runs/{run_id}").status_code == 404
    assert not (platform.settings.data_dir / "logs" / run_id).exists()
    assert not (platform.settings.artifact_dir / run_id).exists()


def test_a_live_run_is_not_deleted(platform, alice):
    run_id = alice.submit()
    assert alice.call("DELETE", f"/runs/{run_id}").status_code == 409
    platform.begin(run_id)
    assert alice.call("DELETE", f"/runs/{run_id}").status_code == 409
    assert alice.get(f"/runs/{run_id}").status_code == 200


def test_a_running_run_tells_how_much_it_has_written(platform, alice):
    run_id = alice.submit()
    platform.begin(run_id)
    platform.say(run_id, b"12345")
    assert alice.get(f"/runs/{run_id}").json["output"] == {"bytes": 5, "truncated": False}


def test_an_ended_run_tells_what_came_of_it(platform, alice):
    run_id = alice.submit()
    lease = platform.begin(run_id)
    platform.end(
        lease, State.FAILED, cpu_s=1.23456, peak_memory_bytes=(3 << 20) + 1, disk_bytes=1 << 19, output_bytes=9,
        output_truncated=True, artifact_count=2, artifact_bytes=10, warm=True, host="h",
        artifacts_skipped=[{"path": "big", "why": "too large"}], image_ref="r", image_digest="sha256:1",
    )  # fmt: skip
    run = alice.get(f"/runs/{run_id}").json
    assert run["usage"] == {"cpu_s": 1.235, "peak_memory_mb": 3.0, "disk_mb": 0.5}
    assert run["output"] == {"bytes": 9, "truncated": True}
    assert run["artifacts"] == {"count": 2, "bytes": 10, "skipped": [{"path": "big", "why": "too large"}]}
    assert (run["host"], run["warm"], run["state"], run["exit_code"]) == ("h", True, "failed", 0)
    assert run["image"] == {"alias": None, "ref": "r", "digest": "sha256:1"}
    assert run["finished_at"] >= run["started_at"] >= run["created_at"]


def report(platform, run_id, *headers):
    for header in headers:
        platform.say(run_id, json.dumps(header).encode() + b"\n", Stream.EVENT)


def test_metrics_come_in_order_page_by_page(platform, alice):
    run_id = alice.submit()
    platform.begin(run_id)
    padding = "x" * 2000
    for step in range(1000):
        report(
            platform, run_id, {"type": "metric", "name": "loss", "value": 1 / (step + 1), "step": step, "p": padding}
        )
    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        page = alice.get(f"/runs/{run_id}/metrics" + (f"?cursor={cursor}" if cursor else "")).json
        seen, cursor, pages = seen + page["items"], page["next"], pages + 1
    assert [item["step"] for item in seen] == list(range(1000))
    assert seen[3] == {"name": "loss", "step": 3, "value": 0.25, "time": None}
    assert pages > 1


def test_what_a_program_forges_as_metrics_does_no_harm(platform, alice):
    run_id = alice.submit()
    platform.begin(run_id)
    report(
        platform, run_id, {"type": "metric", "name": "nan", "value": float("nan"), "step": float("inf")},
        {"type": "display", "media_type": "image/png"}, {"type": "metric"}, [], None, 1,
        {"type": "metric", "name": "x", "value": "x"},
        {"type": "metric", "name": {}, "value": 1, "step": [], "time": "now"},
    )  # fmt: skip
    platform.say(run_id, b"\xff\xfe", Stream.EVENT)
    platform.say(run_id, b"[" * 100_000, Stream.EVENT)
    items = alice.get(f"/runs/{run_id}/metrics").json["items"]
    assert items == [
        {"name": "nan", "step": None, "value": None, "time": None},
        {"name": "x", "step": None, "value": None, "time": None},
    ]


def test_a_bad_metrics_cursor_is_refused(alice):
    run_id = alice.submit()
    for cursor in ("x", "-1", "9" * 30, "1.5", "²"):
        response = alice.get(f"/runs/{run_id}/metrics?cursor={cursor}")
        assert (response.status_code, response.json["errors"][0]["field"]) == (422, "cursor"), cursor
