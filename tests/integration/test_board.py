"""What operators see of the platform, and the switch that keeps runs from starting."""

import csv
import io
import json

import pytest

from server.db import moves
from server.domain.run import Reason, State
from tests.integration.web import PASSWORD


def change(admin, user_id, body):
    return admin.call("PATCH", f"/users/{user_id}", json=body)


def claim(platform):
    with platform.services.db.transaction() as session:
        return moves.claim(session, "worker", platform.clock(), 30, platform.settings.quota)


def test_a_quota_tells_what_of_it_is_an_operators(admin, alice):
    change(admin, alice.id, {"quota": {"memory_mb": 256}})
    account = next(item for item in admin.get("/users").json["items"] if item["id"] == alice.id)
    assert account["overrides"] == {"memory_mb": 256}
    assert account["quota"]["memory_mb"] == 256
    assert change(admin, alice.id, {"quota": {}}).json["overrides"] == {}


def test_an_account_tells_how_much_of_its_quota_is_used(platform, admin, alice):
    platform.begin(alice.submit())
    alice.submit()
    account = next(item for item in admin.get("/users").json["items"] if item["id"] == alice.id)
    assert account["usage"] == alice.get("/me").json["usage"]
    assert (account["usage"]["running_runs"], account["usage"]["queued_runs"]) == (1, 1)


def test_accounts_are_found_by_a_part_of_their_email(admin, alice, bob):
    found = admin.get("/users?search=LICE").json["items"]
    assert [item["email"] for item in found] == ["alice@example.org"]
    assert admin.get("/users?search=%25").json["items"] == []


def test_a_disabled_account_opens_nothing_until_it_is_enabled(platform, admin, alice):
    key = alice.post("/keys", {"name": "k", "scopes": ["runs:read"]}).json["key"]
    by_key = {"Authorization": f"Bearer {key}"}
    assert platform.http.get("/api/v1/runs", headers=by_key).status_code == 200
    assert change(admin, alice.id, {"disabled": True}).json["disabled"] is True
    assert alice.get("/me").status_code == 401
    assert platform.http.get("/api/v1/runs", headers=by_key).status_code == 401
    credentials = {"email": alice.email, "password": PASSWORD}
    assert platform.http.post("/api/v1/auth/login", json=credentials).status_code == 403
    change(admin, alice.id, {"disabled": False})
    assert alice.get("/me").status_code == 401  # that session is over for good
    alice.sign_in()
    assert alice.get("/me").status_code == 200


def test_signing_out_everywhere_ends_all_sessions_and_leaves_keys(platform, admin, alice):
    key = alice.post("/keys", {"name": "k", "scopes": ["runs:read"]}).json["key"]
    first = alice.access
    for sign_out in (
        lambda: alice.post("/me/sign-out"),
        lambda: admin.post(f"/users/{alice.id}/sign-out"),
    ):
        alice.sign_in()
        assert sign_out().status_code == 204
        for token in (first, alice.access):
            response = platform.http.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
            assert response.status_code == 401
    assert platform.http.get("/api/v1/runs", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    assert admin.post(f"/users/{'0' * 32}/sign-out").status_code == 404


def test_the_queue_tells_whose_turn_it_is_what_it_needs_and_why_it_waits(make_platform, tmp_path):
    platform = make_platform(run_slots=1)
    admin, alice, bob = (
        platform.tenant(role="admin"),
        platform.tenant("a@example.org"),
        platform.tenant("b@example.org"),
    )
    platform.begin(alice.submit(limits={"timeout_s": 77}))
    later, sooner = alice.submit(), bob.submit(limits={"memory_mb": 128})
    queue = admin.get("/queue").json
    assert [(item["id"], item["position"], item["owner_email"]) for item in queue["items"]] == [
        (sooner, 1, "b@example.org"),
        (later, 2, "a@example.org"),
    ]
    assert queue["items"][0]["limits"]["memory_mb"] == 128
    assert {item["why"] for item in queue["items"]} == {"All 1 slots are busy."}
    (running,) = queue["running"]
    assert (running["owner_email"], running["state"], running["limits"]["timeout_s"]) == (
        "a@example.org",
        "running",
        77,
    )
    assert (queue["queued"], queue["slots"], running["stopping"]) == (2, 1, False)
    assert [item["id"] for item in admin.get("/queue?limit=1").json["items"]] == [sooner]


def test_no_code_environment_or_output_of_a_tenants_is_shown_to_operators(platform, admin, alice):
    lease = platform.begin(alice.submit(files={"main.py": "CODE = 1"}, env={"NAME": "ENVIRONMENT"}, args=["ARGUMENT"]))
    alice.submit(files={"main.py": "CODE = 1"}, env={"NAME": "ENVIRONMENT"}, args=["ARGUMENT"])
    platform.say(lease.run_id, b"OUTPUT")
    for path in ("/queue", "/overview", "/users", "/audit", "/audit.csv", "/settings", "/hosts"):
        told = admin.get(path).text
        assert not any(word in told for word in ("CODE", "ENVIRONMENT", "ARGUMENT", "OUTPUT = ", "main.py")), path


def test_an_operator_ends_anybodys_run_and_is_written_down(platform, admin, alice):
    queued, running = alice.submit(), alice.submit()
    assert admin.post(f"/queue/{queued}/cancel").status_code == 204
    assert alice.get(f"/runs/{queued}").json["state"] == "cancelled"
    platform.begin(running)
    assert admin.post(f"/queue/{running}/cancel").status_code == 204
    assert admin.get("/queue").json["running"][0]["stopping"] is True
    assert admin.post(f"/queue/{queued}/cancel").status_code == 409
    for missing in ("0" * 32, "%00"):
        assert admin.post(f"/queue/{missing}/cancel").status_code == 404
    entries = admin.get("/audit?verb=queue.cancel").json["items"]
    assert {(entry["thing"], entry["detail"]["owner"]) for entry in entries} == {
        (queued, alice.id),
        (running, alice.id),
    }


def test_while_draining_runs_are_queued_and_none_starts(platform, admin, alice):
    assert admin.get("/notice").json == {"text": "", "draining": False, "updated_at": None}
    body = {"text": "Maintenance at noon.", "draining": True}
    assert admin.call("PATCH", "/notice", json=body).status_code == 200
    run_id = alice.submit()
    assert alice.get("/notice").json["text"] == "Maintenance at noon."
    assert claim(platform) is None
    assert alice.get(f"/runs/{run_id}").json["queue_wait_s"] is None
    assert admin.get("/queue").json["items"][0]["why"] == "An operator lets no run start."
    admin.call("PATCH", "/notice", json={"draining": False})
    assert alice.get("/notice").json["text"] == "Maintenance at noon."
    assert claim(platform).run_id == run_id


def test_the_overview_counts_the_last_day(platform, admin, alice):
    platform.ended_run(alice)
    platform.end(platform.begin(alice.submit()), State.FAILED)
    waited = alice.submit()
    platform.clock.advance(10)
    lease = platform.begin(waited)
    with platform.services.db.transaction() as session:
        moves.move(
            session, lease, State.FAILED, platform.clock(), reason=Reason.HOST_LOST, finished_at=platform.clock()
        )
    alice.submit()
    told = admin.get("/overview").json
    assert (told["queued"], told["running"], told["users"]) == (1, 0, 2)
    assert (told["ended"], told["failed"], told["platform_failed"]) == (3, 2, 1)
    assert (told["waits"]["median_s"], told["waits"]["p95_s"]) == (pytest.approx(0, abs=1), pytest.approx(10, abs=1))
    assert len(told["hours"]) == 24
    assert sum(hour["ended"] for hour in told["hours"]) == 3
    assert told["hours"][-1]["begins_at"] <= alice.get("/runs").json["items"][0]["created_at"]
    assert told["disk"]["total_mb"] >= told["disk"]["free_mb"] > 0
    platform.clock.advance(86_400 + 60)
    admin.sign_in()
    assert admin.get("/overview").json["ended"] == 0


def test_settings_in_force_are_told_and_secrets_are_not(make_platform):
    platform = make_platform(
        secret_key="k" * 40, admin_email="root@example.org", admin_password="sesame-open-wide", run_slots=7
    )
    admin = platform.tenant("ops@example.org", role="admin")
    response = admin.get("/settings")
    told = {item["name"]: item for item in response.json["items"]}
    assert (told["BYTEME_RUN_SLOTS"]["value"], told["BYTEME_RUN_SLOTS"]["is_set"]) == (7, True)
    assert (told["BYTEME_LEASE_S"]["value"], told["BYTEME_LEASE_S"]["is_set"]) == (30.0, False)
    for name in ("BYTEME_SECRET_KEY", "BYTEME_ADMIN_PASSWORD"):
        assert (told[name]["value"], told[name]["secret"], told[name]["is_set"]) == (None, True, True)
    assert not any(secret in response.text for secret in ("k" * 40, "sesame"))


def test_a_password_in_a_url_among_the_settings_is_not_told(platform, admin):
    board, url = platform.services.board, "postgresql://byteme:sesame-open@db/byteme"
    board._settings = platform.settings.model_copy(update={"database_url": url})
    told = {item["name"]: item["value"] for item in admin.get("/settings").json["items"]}
    assert told["BYTEME_DATABASE_URL"] == "postgresql://byteme:[redacted]@db/byteme"


def test_the_audit_trail_is_filtered_by_who_what_and_when(platform, admin, alice):
    start = platform.clock()
    platform.clock.advance(10)
    run_id = alice.submit()
    platform.clock.advance(10)
    alice.post(f"/runs/{run_id}/cancel")

    def verbs(**query):
        return [entry["verb"] for entry in admin.get("/audit", query_string=query).json["items"]]

    assert verbs(actor="ALICE@example.org", verb="run.") == ["run.cancel", "run.submit"]
    assert verbs(actor=alice.id, verb="run.s") == ["run.submit"]
    assert verbs(thing=run_id) == ["run.cancel", "run.submit"]
    assert verbs(since=(platform.clock()).isoformat()) == ["run.cancel"]
    assert "run.cancel" not in verbs(until=platform.clock().isoformat())
    assert verbs(actor="nobody@example.org") == []
    assert verbs(verb="%") == []
    assert admin.get("/audit?thing=" + run_id).json["items"][0]["actor_email"] == "alice@example.org"
    assert admin.get("/audit?since=yesterday").status_code == 422
    assert start < platform.clock()


def test_the_audit_trail_can_be_taken_away_as_a_table(platform, admin, alice):
    alice.post("/keys", {"name": '=HYPERLINK("http://evil.example")', "scopes": ["runs:read"]})
    for _ in range(3):
        alice.submit()
    response = admin.get("/audit.csv?actor=alice@example.org")
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"].startswith("attachment; ")
    rows = list(csv.DictReader(io.StringIO(response.text)))
    listed = admin.get("/audit?actor=alice@example.org").json["items"]
    assert [row["id"] for row in rows] == [entry["id"] for entry in listed]
    assert [json.loads(row["detail"]) for row in rows] == [entry["detail"] for entry in listed]
    assert {row["actor_email"] for row in rows} == {"alice@example.org"}


def test_a_cell_that_a_spreadsheet_would_carry_out_is_a_text(platform, admin):
    platform.tenant("=cmd@example.org")
    rows = list(csv.DictReader(io.StringIO(admin.get("/audit.csv").text)))
    emails = {row["actor_email"] for row in rows}
    assert "'=cmd@example.org" in emails
    assert not any(cell.startswith("=") for row in rows for cell in row.values())
