"""Accounts and sessions over HTTP."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from server import telemetry
from server.db.models import AuditEntry, User
from server.domain.policy import Role
from tests.integration.web import API, PASSWORD


def register(platform, email="new@example.org", password=PASSWORD):
    return platform.http.post(f"{API}/auth/register", json={"email": email, "password": password})


def login(platform, email="alice@example.org", password=PASSWORD):
    return platform.http.post(f"{API}/auth/login", json={"email": email, "password": password})


def refresh(platform, token):
    return platform.http.post(f"{API}/auth/refresh", headers={"Authorization": f"Bearer {token}"})


def works(platform, token):
    return platform.http.get(f"{API}/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_a_registered_account_signs_in(platform):
    response = register(platform)
    assert response.status_code == 201
    user = response.json["user"]
    assert (user["email"], user["role"]) == ("new@example.org", "user")
    tokens = login(platform, "new@example.org").json
    assert (tokens["user"]["id"], tokens["expires_in"]) == (user["id"], platform.settings.access_token_s)
    assert works(platform, tokens["access_token"])


def test_an_email_belongs_to_one_account_however_it_is_spelt(platform):
    assert register(platform, "Jose\u0301@Example.org").status_code == 201
    for spelling in ("jos\u00e9@example.org", "JOSE\u0301@EXAMPLE.ORG", " jos\u00e9@example.org "):
        assert register(platform, spelling).status_code == 409
        assert login(platform, spelling).status_code == 200


def test_two_registrations_of_one_email_at_once_make_one_account(platform):
    with ThreadPoolExecutor(8) as pool:
        statuses = [response.status_code for response in pool.map(lambda _: register(platform), range(8))]
    assert sorted(statuses) == [201] + [409] * 7


@pytest.mark.parametrize(
    "email", ["", "x", "@x.org", "a@", "a b@x.org", "a@x..org", "a@b\n.org", "a@" + "x" * 300, "a\0@x.org"]
)
def test_what_is_no_email_is_refused(platform, email):
    response = register(platform, email)
    assert (response.status_code, response.json["errors"][0]["field"]) == (422, "email")


@pytest.mark.parametrize(("password", "status"), [("x" * 7, 422), ("x" * 8, 201), ("x" * 1024, 201), ("x" * 1025, 422)])
def test_a_password_has_8_to_1024_characters(platform, password, status):
    response = register(platform, password=password)
    assert response.status_code == status
    if status == 422:
        assert response.json["errors"][0]["field"] == "password"


def test_all_of_a_long_password_counts(platform):
    register(platform, password="x" * 1023 + "a")
    assert login(platform, "new@example.org", "x" * 1023 + "b").status_code == 401
    assert login(platform, "new@example.org", "x" * 1023 + "a").status_code == 200


def test_a_password_is_one_however_its_letters_are_composed(platform):
    register(platform, password="passwo\u0308rter")
    assert login(platform, "new@example.org", "passw\u00f6rter").status_code == 200


def test_a_password_is_never_stored_as_it_is(platform):
    register(platform)
    with platform.services.db.transaction() as session:
        stored = session.scalars(select(User.password_hash)).one()
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


def stored_hash(platform, user_id, new=None):
    """The account's hash, set to `new` if that is given."""
    with platform.services.db.transaction() as session:
        user = session.get_one(User, user_id)
        user.password_hash = new or user.password_hash
        return user.password_hash


def test_a_hash_of_other_parameters_is_made_anew_at_the_next_sign_in(platform, alice):
    present = stored_hash(platform, alice.id)
    weak = stored_hash(platform, alice.id, PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD))
    assert login(platform, password="guess").status_code == 401
    assert stored_hash(platform, alice.id) == weak
    assert login(platform).status_code == 200
    fresh = stored_hash(platform, alice.id)
    assert fresh.split("$")[:4] == present.split("$")[:4] != weak.split("$")[:4]
    assert login(platform).status_code == 200
    assert stored_hash(platform, alice.id) == fresh


def test_closed_registration_refuses_everybody(make_platform):
    response = register(make_platform(registration="closed"))
    assert (response.status_code, response.json["type"]) == (403, "/problems/forbidden")


def test_a_wrong_password_and_an_unknown_account_are_answered_alike(platform, alice):
    answers = [login(platform, password="wrong password"), login(platform, "nobody@example.org"), login(platform, "x")]
    assert {response.status_code for response in answers} == {401}
    assert len({response.data for response in answers}) == 1


def test_an_unknown_account_costs_the_same_work(platform, monkeypatch):
    checked = []
    monkeypatch.setattr(
        "server.services.accounts.verify_password", lambda stored, password: checked.append((stored, password))
    )
    login(platform, "nobody@example.org")
    assert checked == [(None, PASSWORD)]


def test_a_disabled_account_is_out_at_once(platform, alice, admin):
    admin.call("PATCH", f"/users/{alice.id}", json={"disabled": True})
    assert not works(platform, alice.access)
    assert refresh(platform, alice.refresh).status_code == 401
    assert login(platform).status_code == 403
    admin.call("PATCH", f"/users/{alice.id}", json={"disabled": False})
    assert not works(platform, alice.access)
    assert login(platform).status_code == 200


def test_a_refresh_gives_a_new_pair_of_the_same_session(platform, alice):
    tokens = refresh(platform, alice.refresh).json
    assert works(platform, tokens["access_token"])
    assert works(platform, alice.access)
    assert refresh(platform, tokens["refresh_token"]).status_code == 200


def test_a_spent_refresh_token_ends_the_whole_session(platform, alice):
    tokens = refresh(platform, alice.refresh).json
    assert refresh(platform, alice.refresh).status_code == 401
    assert refresh(platform, tokens["refresh_token"]).status_code == 401
    assert not works(platform, tokens["access_token"])
    assert not works(platform, alice.access)


def test_a_stolen_session_leaves_the_users_others_alone(platform, alice):
    other = login(platform).json
    refresh(platform, alice.refresh)
    refresh(platform, alice.refresh)
    assert works(platform, other["access_token"])


def test_an_access_token_does_not_refresh(platform, alice):
    assert refresh(platform, alice.access).status_code == 401
    assert works(platform, alice.access)


def test_tokens_expire(platform, alice):
    platform.clock.advance(platform.settings.access_token_s - 1)
    assert works(platform, alice.access)
    platform.clock.advance(1)
    assert not works(platform, alice.access)
    platform.clock.advance(platform.settings.refresh_token_s)
    assert refresh(platform, alice.refresh).status_code == 401


DAY = 86400


def kept_up(platform, token, days):
    """The answer to the last of so many days' refreshes."""
    for _ in range(days):
        platform.clock.advance(DAY - 1)
        renewed = refresh(platform, token)
        token = renewed.json.get("refresh_token")
    return renewed


def test_each_refresh_prolongs_the_session(make_platform):
    platform = make_platform(refresh_token_s=DAY)
    renewed = kept_up(platform, platform.tenant().refresh, days=5)
    assert renewed.status_code == 200
    assert works(platform, renewed.json["access_token"])


def test_a_session_ends_so_long_after_its_sign_in_however_much_it_is_used(make_platform):
    platform = make_platform(refresh_token_s=DAY, session_days=5)
    alice = platform.tenant()
    renewed = kept_up(platform, alice.refresh, days=5)
    platform.clock.advance(5)
    assert not works(platform, renewed.json["access_token"])
    assert refresh(platform, renewed.json["refresh_token"]).status_code == 401
    alice.sign_in()
    assert works(platform, alice.access)


def test_both_tokens_are_dead_after_a_logout(platform, alice):
    assert alice.post("/auth/logout").status_code == 204
    assert not works(platform, alice.access)
    assert refresh(platform, alice.refresh).status_code == 401


def test_a_new_password_ends_the_other_sessions(platform, alice):
    other = login(platform).json
    response = alice.call("PUT", "/me/password", json={"current_password": PASSWORD, "new_password": "brand new one"})
    assert response.status_code == 204
    assert works(platform, alice.access)
    assert not works(platform, other["access_token"])
    assert refresh(platform, other["refresh_token"]).status_code == 401
    assert login(platform).status_code == 401
    assert login(platform, password="brand new one").status_code == 200


def test_a_new_password_needs_the_present_one(platform, alice):
    response = alice.call("PUT", "/me/password", json={"current_password": "guess", "new_password": "brand new one"})
    assert (response.status_code, response.json["errors"][0]["field"]) == (422, "current_password")
    assert login(platform).status_code == 200


def test_me_shows_quota_and_usage(platform, alice):
    platform.set_quota(alice, memory_mb=64_000)
    alice.submit()
    platform.begin(alice.submit()) and alice.submit()
    platform.ended_run(alice, b"x" * (3 << 20))
    me = alice.get("/me").json
    assert (me["id"], me["email"], me["role"]) == (alice.id, "alice@example.org", "user")
    assert (me["quota"]["memory_mb"], me["quota"]["cpus"]) == (64_000, platform.settings.quota.cpus)
    assert me["usage"]["storage_mb"] == 3.0
    assert me["usage"]["queued_runs"] + me["usage"]["running_runs"] == 3


def test_the_operators_account_is_made_once(make_platform):
    platform = make_platform(admin_email="Root@example.org", admin_password=PASSWORD)
    for _ in range(2):
        platform.services.accounts.ensure_admin()
    tokens = login(platform, "root@example.org").json
    assert tokens["user"]["role"] == Role.ADMIN
    with platform.services.db.transaction() as session:
        assert len(session.scalars(select(User)).all()) == 1


def test_who_did_what_is_written_down(platform, alice):
    run_id = alice.submit()
    alice.post(f"/runs/{run_id}/cancel")
    alice.post("/auth/logout")
    with platform.services.db.transaction() as session:
        entries = session.execute(
            select(AuditEntry.verb, AuditEntry.thing).where(AuditEntry.actor_id == alice.id)
        ).all()
    verbs = [verb for verb, _ in entries]
    assert sorted(verbs) == ["run.cancel", "run.submit", "session.begin", "session.end", "user.create"]
    assert ("run.submit", run_id) in entries


def test_credentials_stand_in_no_log(platform, alice, capfd):
    lines = io.StringIO()
    telemetry.configure("DEBUG", lines)
    login(platform, password="my secret password")
    alice.get(f"/me?token={alice.access}")
    logged = lines.getvalue() + capfd.readouterr().err
    assert "auth/login" in logged
    assert "my secret password" not in logged
    assert alice.access.rpartition(".")[2] not in logged


def test_sign_ins_are_logged_by_account_and_request_and_never_as_typed(platform, alice, admin):
    lines = io.StringIO()
    telemetry.configure("INFO", lines)
    login(platform)
    login(platform, password="guess")
    login(platform, "my secret password")
    admin.call("PATCH", f"/users/{alice.id}", json={"disabled": True})
    login(platform)
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    signs = [line for line in logged if line["logger"] == "server.services.accounts"]
    assert [(line["message"], line.get("why"), line["user_id"]) for line in signs] == [
        ("signed in", None, alice.id),
        ("sign-in refused", "wrong", alice.id),
        ("sign-in refused", "wrong", None),
        ("sign-in refused", "disabled", alice.id),
    ]
    requests = {line["request_id"]: line["client"] for line in logged if line.get("path") == f"{API}/auth/login"}
    assert {requests[line["request_id"]] for line in signs} == {"127.0.0.1"}
    assert "secret" not in lines.getvalue()
    assert "example.org" not in lines.getvalue()


def statuses(call, times):
    return [call().status_code for _ in range(times)]


def test_guessing_a_password_is_answered_alike_whether_or_not_there_is_such_an_account(make_platform):
    platform = make_platform(rate_limits="on")
    platform.tenant("alice@example.org")
    answers = {}
    for email in ("alice@example.org", "nobody@example.org"):
        tries = [login(platform, email, "guess") for _ in range(6)]
        assert [response.status_code for response in tries] == [401] * 5 + [429]
        answers[email] = [(r.data, r.content_type, r.headers.get("Retry-After")) for r in tries]
    assert answers["alice@example.org"] == answers["nobody@example.org"]
    assert tries[-1].json["type"] == "/problems/too_many"
    assert tries[-1].headers["Retry-After"] == "10"
    assert login(platform).status_code == 429
    platform.clock.advance(10)
    assert login(platform).status_code == 200


def test_guessing_over_many_accounts_is_slowed_down(make_platform):
    platform = make_platform(rate_limits="on")
    found = statuses(lambda: platform.http.post(f"{API}/auth/login", json={}), 61)
    assert found == [422] * 60 + [429]


def test_a_stolen_session_does_not_find_out_the_password(make_platform, monkeypatch):
    now = [1e9]
    monkeypatch.setattr("limits.storage.memory.time", SimpleNamespace(time=lambda: now[0]))
    alice = make_platform(rate_limits="on").tenant()
    found = []
    for _ in range(40):
        now[0] += 60
        guess = {"current_password": "guess", "new_password": "brand new one"}
        found.append(alice.call("PUT", "/me/password", json=guess).status_code)
    assert found == [422] * 20 + [429] * 20


def test_a_forwarded_address_counts_only_behind_a_proxy_that_we_know(make_platform):
    for proxies, last in ((0, 429), (1, 422)):
        platform = make_platform(rate_limits="on", trusted_proxies=proxies)
        found = [
            platform.http.post(f"{API}/auth/login", json={}, headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code
            for n in range(61)
        ]
        assert found[-1] == last


def test_one_users_submissions_do_not_use_up_anothers_rate(make_platform):
    platform = make_platform(rate_limits="on")
    alice, bob = platform.tenant(), platform.tenant()
    assert statuses(lambda: alice.post("/runs", {}), 241) == [422] * 240 + [429]
    assert bob.post("/runs", {}).status_code == 422


@pytest.mark.parametrize("noun", ["projects", "datasets"])
def test_what_is_kept_can_only_be_made_so_fast(make_platform, noun):
    alice = make_platform(rate_limits="on").tenant()
    assert statuses(lambda: alice.post(f"/{noun}", {}), 121) == [422] * 120 + [429]


def test_rate_limits_can_be_off(platform):
    assert set(statuses(lambda: platform.http.post(f"{API}/auth/login", json={}), 100)) == {422}
