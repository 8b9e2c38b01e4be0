"""What operators see and change."""

import socket

from server.domain.policy import Role


def change(admin, user_id, body):
    return admin.call("PATCH", f"/users/{user_id}", json=body)


def test_accounts_are_listed_newest_first(platform, admin, alice):
    platform.clock.advance(1)
    bob = platform.tenant("bob@example.org")
    emails = [item["email"] for item in admin.get("/users").json["items"]]
    assert emails[0] == bob.email
    assert set(emails) == {"root@example.org", "alice@example.org", "bob@example.org"}
    page = admin.get("/users?limit=2").json
    assert len(page["items"]) == 2
    assert len(admin.get(f"/users?limit=2&cursor={page['next']}").json["items"]) == 1
    assert not any("password" in field for item in page["items"] for field in item)


def test_a_quota_is_changed_and_in_force_at_once(admin, alice):
    changed = change(admin, alice.id, {"quota": {"memory_mb": 256, "cpus": 0.5}}).json
    assert (changed["quota"]["memory_mb"], changed["quota"]["cpus"]) == (256, 0.5)
    response = alice.post("/runs", {"files": {"main.py": ""}, "limits": {"memory_mb": 257}})
    assert response.status_code == 422
    assert change(admin, alice.id, {"quota": {}}).json["quota"]["memory_mb"] > 256


def test_a_quota_that_does_not_exist_is_refused_by_name(admin, alice):
    before = admin.get("/users").json
    for quota in (
        {"memory": 1},
        {"memory_mb": -1},
        {"memory_mb": True},
        {"memory_mb": float("nan")},
        {"cpus": "2"},
        {"memory_mb": 10**400},
        {"memory_mb": ["example.org"]},
        {"cpus": float("inf")},
    ):
        response = change(admin, alice.id, {"quota": quota})
        assert (response.status_code, response.json["errors"][0]["field"]) == (422, f"quota.{next(iter(quota))}")
    assert admin.get("/users").json == before


def test_what_a_tenants_runs_may_reach_is_an_operators_to_say(make_platform):
    platform = make_platform(egress="on")
    admin, alice = platform.tenant(role=Role.ADMIN), platform.tenant()
    request = {"files": {"main.py": ""}, "network": "egress"}
    refused = alice.post("/runs", request)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "network")
    assert "operator" in refused.json["detail"]
    wanted = ["example.org", ".example.net", "huggingface"]
    assert change(admin, alice.id, {"quota": {"egress": wanted}}).json["quota"]["egress"] == wanted
    assert alice.get("/me").json["quota"]["egress"] == wanted
    assert alice.post("/runs", request).json["network"] == "egress"
    assert platform.tenant().get("/me").json["quota"]["egress"] == []


def test_a_list_of_what_may_be_reached_holds_domains_and_presets_that_are_there(admin, alice):
    for wrong in ("example.org", ["http://example.org"], ["10.0.0.1"], ["gone"], [1], 5, None, [["a.b"]]):
        response = change(admin, alice.id, {"quota": {"egress": wrong}})
        assert response.status_code == 422, wrong
        assert response.json["errors"][0]["field"].startswith("quota.egress"), wrong


def test_a_user_can_be_made_an_operator(admin, alice):
    assert alice.get("/users").status_code == 403
    assert change(admin, alice.id, {"role": "admin"}).json["role"] == "admin"
    assert alice.get("/users").status_code == 200


def test_the_last_operator_stays(platform, admin):
    for body in ({"role": "user"}, {"disabled": True}):
        assert change(admin, admin.id, body).status_code == 409
    second = platform.tenant(role=Role.ADMIN)
    assert change(admin, second.id, {"disabled": True}).status_code == 200
    assert change(admin, admin.id, {"role": "user"}).status_code == 409
    assert admin.get("/users").status_code == 200


def test_an_account_that_is_not_there(admin):
    for user_id in ("0" * 32, "x", "%00"):
        assert change(admin, user_id, {"disabled": True}).status_code == 404


def test_a_change_that_does_not_validate_names_its_field(admin, alice):
    for body, field in (({"role": "root"}, "role"), ({"disabled": "yes"}, "disabled"), ({"email": "x@y"}, "email")):
        response = change(admin, alice.id, body)
        assert (response.status_code, response.json["errors"][0]["field"]) == (422, field)


def test_the_audit_trail_tells_who_did_what(platform, admin, alice):
    platform.clock.advance(1)
    change(admin, alice.id, {"disabled": True})
    entry = admin.get("/audit?limit=1").json["items"][0]
    assert (entry["actor_id"], entry["verb"], entry["thing"]) == (admin.id, "user.update", alice.id)
    assert entry["detail"] == {"disabled": True}


def test_hosts_tell_how_they_are(platform, admin, alice):
    platform.begin(alice.submit())
    host = admin.get("/hosts").json["items"][0]
    assert (host["name"], host["state"], host["running_runs"]) == (socket.gethostname(), "ready", 1)
    assert host["facts"] == platform.engine.check()
    platform.engine.up = False
    host = admin.get("/hosts").json["items"][0]
    assert (host["state"], host["facts"]["error"]) == ("unreachable", "The container engine does not answer.")


def test_images_are_those_that_the_host_has(platform, admin):
    (item,) = admin.get("/images").json["items"]
    assert (item["alias"], item["ref"]) == ("default", "byteme/sandbox:latest")
    assert (item["digest"], item["active"], item["hosts"]) == ("sha256:" + "a" * 64, True, [])
    platform.engine.image = None
    assert admin.get("/images").json["items"] == []


def test_a_quota_of_gpus_is_no_more_than_the_host_has(platform, admin, alice):
    response = change(admin, alice.id, {"quota": {"gpus": 1}})
    assert response.status_code == 422
    assert response.json["errors"] == [{"field": "quota.gpus", "message": "must be 0: the host has no GPUs for runs"}]
    assert change(admin, alice.id, {"quota": {"gpus": 0.5}}).status_code == 422
    platform.engine.gpus = 2
    assert change(admin, alice.id, {"quota": {"gpus": 2}}).json["quota"]["gpus"] == 2
    assert change(admin, alice.id, {"quota": {"gpus": 3}}).status_code == 422


def test_a_run_is_refused_gpus_by_name_and_given_those_of_its_quota(platform, admin, alice):
    files = {"main.py": "print(1)"}
    platform.engine.gpus = 2
    change(admin, alice.id, {"quota": {"gpus": 2}})
    assert alice.post("/runs", {"files": files, "limits": {"gpus": 2}}).json["limits"]["gpus"] == 2
    platform.engine.gpus = 0  # it lost them since
    response = alice.post("/runs", {"files": files, "limits": {"gpus": 1}})
    assert response.status_code == 422
    assert response.json["errors"] == [{"field": "limits.gpus", "message": "must be 0: the host has no GPUs for runs"}]
