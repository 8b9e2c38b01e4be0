"""Who did what: every route that changes something writes it down, for operators to read."""

from pathlib import Path

import pytest

from tests.integration.test_access import PROTECTED, PUBLIC, call, own_things
from tests.integration.web import API, PASSWORD

ROOT = Path(__file__).resolve().parents[2]
# The verb of the entry that a call leaves.
AUDITED = {
    "POST /auth/register": "user.create",
    "POST /auth/login": "session.begin",
    "POST /auth/logout": "session.end",
    "PUT /me/password": "user.password",
    "POST /me/sign-out": "user.sign_out",
    "POST /runs": "run.submit",
    "POST /runs/<run_id>/cancel": "run.cancel",
    "PATCH /runs/<run_id>": "run.update",
    "DELETE /runs/<run_id>": "run.delete",
    "POST /records": "run.submit",
    "POST /runs/<run_id>/share": "run.share",
    "DELETE /runs/<run_id>/share": "run.unshare",
    "POST /projects": "project.create",
    "PATCH /projects/<project_id>": "project.update",
    "DELETE /projects/<project_id>": "project.delete",
    "POST /datasets": "dataset.create",
    "DELETE /datasets/<dataset_id>": "dataset.delete",
    "POST /uploads": "upload.create",
    "PATCH /uploads/<upload_id>": "dataset.create",
    "DELETE /uploads/<upload_id>": "upload.delete",
    "PATCH /users/<user_id>": "user.update",
    "POST /users/<user_id>/sign-out": "user.sign_out",
    "POST /queue/<run_id>/cancel": "queue.cancel",
    "PATCH /notice": "notice.change",
    "POST /keys": "key.create",
    "DELETE /keys/<key_id>": "key.revoke",
    "POST /images/pulls": "image.pull",
    "POST /images/aliases/<alias>/activate": "image.activate",
    "POST /images/aliases/<alias>/rollback": "image.rollback",
    "POST /images/prune": "image.prune",
    "POST /images/verify": "image.verify",
    "PUT /secrets/<name>": "secret.set",
    "DELETE /secrets/<name>": "secret.delete",
}
# Why a call leaves none.
UNWRITTEN = {
    "POST /auth/refresh": "goes on with a session; only a token that comes twice is written down",
    "POST /tickets": "changes nothing; the download that it is for is in the log of requests",
}


def changing(lines):
    return {line for line in lines if not line.startswith("GET ")}


def test_every_route_that_changes_something_has_a_line(platform):
    assert set(AUDITED) | set(UNWRITTEN) == changing(PROTECTED) | changing(PUBLIC)


def test_the_operators_page_has_words_for_what_is_written():
    words = (ROOT / "frontend" / "src" / "features" / "admin" / "audit-words.ts").read_text()
    assert {verb for verb in {*AUDITED.values(), "image.switch"} if f'"{verb}":' not in words} == set()


def entries(admin):
    return admin.get("/audit?limit=200").json["items"]


def newcomer(platform, path):
    body = {"email": "new@example.org", "password": PASSWORD}
    platform.http.post(f"{API}/auth/register", json=body)
    return platform.http.post(
        f"{API}{path}", json=body if path == "/auth/login" else {**body, "email": "b@example.org"}
    )


@pytest.mark.parametrize("line", sorted(AUDITED))
def test_it_is_written_down_with_who_and_what(platform, alice, admin, line):
    things = own_things(platform, alice)
    if line.endswith("/cancel"):
        things["run_id"] = alice.submit()
    before = {entry["id"] for entry in entries(admin)}
    if line in PUBLIC:
        actor_id = newcomer(platform, line.split(" ")[1]).json["user"]["id"]
    else:
        who = admin if PROTECTED[line].other == 403 else alice
        assert call(who, line, things).status_code < 300
        actor_id = who.id
    written = [entry for entry in entries(admin) if entry["id"] not in before]
    assert (AUDITED[line], actor_id) in {(entry["verb"], entry["actor_id"]) for entry in written}
    assert all(entry["thing"] and entry["time"] for entry in written)


def test_a_stolen_token_and_an_operators_change_are_told_in_full(platform, alice, admin):
    for _ in range(2):
        platform.http.post(f"{API}/auth/refresh", headers={"Authorization": f"Bearer {alice.refresh}"})
    admin.call("PATCH", f"/users/{alice.id}", json={"quota": {"memory_mb": 512}})
    told = {entry["verb"]: entry for entry in entries(admin)}
    assert told["session.reuse"]["actor_id"] == alice.id
    assert told["user.update"]["thing"] == alice.id
    assert told["user.update"]["detail"] == {"quota": {"memory_mb": 512}}


def test_what_was_refused_is_not_written_down(platform, alice, bob, admin):
    things = own_things(platform, alice)
    before = entries(admin)
    for line in ("DELETE /runs/<run_id>", "PATCH /projects/<project_id>", "DELETE /datasets/<dataset_id>"):
        assert call(bob, line, things).status_code == 404
    assert call(bob, "PATCH /users/<user_id>", things).status_code == 403
    assert entries(admin) == before


def test_no_entry_holds_a_secret(platform, alice, admin):
    things = own_things(platform, alice)
    alice.submit(env={"API_KEY": "sesame-open"})
    call(alice, "PUT /me/password", things)
    told = admin.get("/audit?limit=200").text
    for secret in (PASSWORD, "sesame-open", alice.access, alice.refresh):
        assert secret not in told
