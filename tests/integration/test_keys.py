"""API keys: shown once, good for what they say, and dead as soon as they are revoked."""

import hashlib
import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

from client import Client
from client.cli import main
from server.app import _routes
from server.db.models import ApiKey, AuditEntry
from server.domain.policy import Keys, Scope
from server.services.keys import MAX_KEYS
from server.web.routing import Access
from tests.integration.test_access import PROTECTED, call, own_things
from tests.integration.web import API

ALL = [str(scope) for scope in Scope if scope is not Scope.ADMIN]


class Program:
    """Calls with an API key, as a tenant calls with a token."""

    def __init__(self, platform, key):
        self._platform, self._key = platform, key

    def call(self, method, path, **options):
        headers = {"Authorization": f"Bearer {self._key}", **options.pop("headers", {})}
        return self._platform.http.open(API + path, method=method, headers=headers, **options)

    def get(self, path, **options):
        return self.call("GET", path, **options)


def make_key(tenant, *scopes, **more):
    response = tenant.post("/keys", {"name": "ci", "scopes": list(scopes), **more})
    assert response.status_code == 201, response.text
    return response.json


def declared(platform):
    """Each route that is not public, and its rule for keys, as the access table names it."""
    handlers = (getattr(noun, name, None) for noun in _routes(platform.services) for name in dir(noun))
    routes = [handler.route for handler in handlers if hasattr(handler, "route")]
    return {f"{r.method} {r.rule}": r.scope for r in routes if r.access not in {Access.PUBLIC, Access.REFRESH}}


def test_every_route_says_which_keys_may_call_it(platform):
    rules = declared(platform)
    assert set(rules) == set(PROTECTED)
    assert [line for line, rule in rules.items() if rule is None] == []


@pytest.mark.parametrize("line", sorted(PROTECTED))
def test_a_key_opens_the_routes_of_its_scopes_and_no_other(platform, alice, admin, line):
    rule = declared(platform)[line]
    owner = admin if rule is Scope.ADMIN else alice
    things = own_things(platform, owner)
    rest = [scope for scope in Scope if scope is not rule and (scope is not Scope.ADMIN or owner is admin)]
    without = [scope for scope in rest if scope != str(rule).replace(":read", ":write")]
    refused = call(Program(platform, make_key(owner, *without)["key"]), line, things)
    if rule is Keys.ANY:
        assert refused.status_code == PROTECTED[line].owner
    else:
        assert (refused.status_code, refused.content_type) == (403, "application/problem+json")
    if isinstance(rule, Scope):
        expected = PROTECTED[line].admin if owner is admin else PROTECTED[line].owner
        assert call(Program(platform, make_key(owner, rule)["key"]), line, things).status_code == expected


def test_a_key_is_shown_once_and_only_its_hash_is_kept(platform, alice):
    made = make_key(alice, "runs:read")
    prefix, key_id, secret = made["key"].split("_", 2)
    assert (prefix, key_id, len(secret)) == ("bm", made["id"], 43)
    listed = alice.get("/keys").json["items"]
    assert listed == [{name: value for name, value in made.items() if name != "key"}]
    with platform.services.db.transaction() as session:
        row = session.scalars(select(ApiKey)).one()
        assert row.secret_sha256 == hashlib.sha256(secret.encode()).hexdigest()
        tables = session.scalars(text("select name from sqlite_master where type = 'table'")).all()
        kept = [str(session.execute(text(f'select * from "{table}"')).all()) for table in tables]
    assert not [rows for rows in kept if secret in rows]


def test_a_key_is_never_logged(platform, alice, caplog):
    caplog.set_level(logging.DEBUG)
    key = make_key(alice, "runs:write")["key"]
    Program(platform, key).call("POST", "/runs", json={"files": {"main.py": ""}})
    Program(platform, key).get("/audit")
    Program(platform, key[:-1] + "x").get("/runs")
    assert key[-40:-1] not in caplog.text + "".join(str(vars(record)) for record in caplog.records)


def test_what_a_key_is_used_for_is_logged_with_its_id(platform, alice, caplog):
    caplog.set_level(logging.INFO)
    made = make_key(alice, "runs:read")
    Program(platform, made["key"]).call("POST", "/runs", json={"files": {"main.py": ""}})
    line = vars(caplog.records[-1])
    assert (line["message"], line["status"], line["user_id"], line["key_id"]) == ("request", 403, alice.id, made["id"])


def test_nothing_but_the_whole_key_opens_anything(platform, alice, bob):
    key, other = make_key(alice, "runs:read")["key"], make_key(bob, "runs:read")["key"]
    mixed = other[:35] + key[35:]
    for token in (
        key[:-1],
        key + "a",
        key[:-1] + ("a" if key[-1] != "a" else "b"),
        mixed,
        "bm_",
        key.upper(),
        "bm_" * 999,
    ):
        assert Program(platform, token).get("/runs").status_code == 401, token
    assert Program(platform, key).get("/runs").status_code == 200


def test_a_revoked_key_is_dead_at_once(platform, alice):
    made, kept = make_key(alice, "runs:read"), make_key(alice, "runs:read")
    assert alice.call("DELETE", f"/keys/{made['id']}").status_code == 204
    assert Program(platform, made["key"]).get("/runs").status_code == 401
    assert Program(platform, kept["key"]).get("/runs").status_code == 200
    assert [key["id"] for key in alice.get("/keys").json["items"]] == [kept["id"]]
    assert alice.call("DELETE", f"/keys/{made['id']}").status_code == 404


def test_a_key_ends_when_it_says(platform, alice):
    until = platform.clock() + timedelta(seconds=60)
    key = make_key(alice, "runs:read", expires_at=until.isoformat())["key"]
    assert Program(platform, key).get("/runs").status_code == 200
    platform.clock.advance(60)
    assert Program(platform, key).get("/runs").status_code == 401


def test_a_key_outlives_sessions_and_ends_with_its_account(platform, alice, admin):
    key = make_key(alice, "runs:read")["key"]
    alice.post("/auth/logout")
    platform.clock.advance(90 * 86400)
    assert Program(platform, key).get("/runs").status_code == 200
    admin.sign_in()
    assert admin.call("PATCH", f"/users/{alice.id}", json={"disabled": True}).status_code == 200
    assert Program(platform, key).get("/runs").status_code == 401


def test_its_last_use_is_noted_to_the_minute(platform, alice):
    key = make_key(alice, "runs:read")
    assert key["last_used_at"] is None

    def used():
        assert Program(platform, key["key"]).get("/runs").status_code == 200
        return alice.get("/keys").json["items"][0]["last_used_at"]

    first = used()
    platform.clock.advance(59)
    assert used() == first
    platform.clock.advance(1)
    assert used() > first


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": ["runs:read"]}, "name"),
        ({"name": "", "scopes": ["runs:read"]}, "name"),
        ({"name": "k"}, "scopes"),
        ({"name": "k", "scopes": []}, "scopes"),
        ({"name": "k", "scopes": ["runs:all"]}, "scopes.0"),
        ({"name": "k", "scopes": ["admin"]}, "scopes"),
        ({"name": "k", "scopes": ["runs:read"], "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "k", "scopes": ["runs:read"], "expires_at": "2999-01-01T00:00:00"}, "expires_at"),
        ({"name": "k", "scopes": ["runs:read"], "secret": "x"}, "secret"),
    ],
)
def test_an_odd_key_is_refused_by_field(alice, body, field):
    response = alice.post("/keys", body)
    assert response.status_code == 422
    assert response.json["errors"][0]["field"].startswith(field.split(".")[0])


def test_an_operators_key_needs_the_scope_and_the_role(platform, admin):
    assert Program(platform, make_key(admin, *ALL)["key"]).get("/users").status_code == 403
    key = make_key(admin, "admin")["key"]
    assert Program(platform, key).get("/users").status_code == 200
    second = platform.tenant(role="admin")
    second.call("PATCH", f"/users/{admin.id}", json={"role": "user"})
    assert Program(platform, key).get("/users").status_code == 403


def test_a_program_is_given_nothing_that_its_key_may_not_read(platform, alice):
    things = own_things(platform, alice)
    program = Program(platform, make_key(alice, "runs:write")["key"])
    with_data = {"files": {"main.py": ""}, "datasets": [{"id": things["dataset_id"], "name": "d"}]}
    for request, scope in (({"project": things["project_id"]}, "projects:read"), (with_data, "datasets:read")):
        refused = program.call("POST", "/runs", json=request)
        assert (refused.status_code, scope in refused.json["detail"]) == (403, True)
        both = Program(platform, make_key(alice, "runs:write", scope)["key"])
        assert both.call("POST", "/runs", json=request).status_code == 201


def test_the_audit_trail_says_which_key_it_was(platform, alice):
    made = make_key(alice, "runs:write")
    run_id = Program(platform, made["key"]).call("POST", "/runs", json={"files": {"main.py": ""}}).json["id"]
    alice.call("DELETE", f"/keys/{made['id']}")
    with platform.services.db.transaction() as session:
        entries = {entry.verb: entry for entry in session.scalars(select(AuditEntry)) if entry.actor_id == alice.id}
    assert (entries["key.create"].thing, entries["key.create"].detail["scopes"]) == (made["id"], ["runs:write"])
    assert (entries["run.submit"].thing, entries["run.submit"].detail) == (run_id, {"key": made["id"]})
    assert entries["key.revoke"].thing == made["id"]


def test_keys_are_rated_like_their_user(make_platform):
    platform = make_platform(rate_limits="on")
    alice = platform.tenant()
    keys = [make_key(alice, "runs:write")["key"] for _ in range(2)]
    statuses = [Program(platform, key).call("POST", "/runs", json={}).status_code for _ in range(121) for key in keys]
    assert (statuses[0], statuses[-1]) == (422, 429)


def test_an_account_has_so_many_keys_and_no_more(platform, alice):
    for _ in range(MAX_KEYS):
        make_key(alice, "runs:read")
    assert alice.post("/keys", {"name": "k", "scopes": ["runs:read"]}).status_code == 409


def test_the_sdk_makes_uses_lists_and_revokes_keys(served, alice):
    with Client(served, alice.access) as client:
        made = client.create_key("ci", ["runs:write"], datetime.now(UTC) + timedelta(days=1))
        assert made.key not in repr(made)
        with Client(served, made.key) as program:
            run = program.submit({"files": {"main.py": ""}})
            assert program.run(run.id).state == "queued"
        listed = next(client.keys())
        assert (listed.id, listed.key, listed.last_used_at is not None) == (made.id, "", True)
        client.revoke_key(made.id)
        assert list(client.keys()) == []


def test_the_command_makes_a_key_that_works_as_the_token(served, alice):
    def byteme(*arguments, token=alice.access):
        done = CliRunner().invoke(main, arguments, env={"BYTEME_URL": served, "BYTEME_TOKEN": token})
        assert done.exit_code == 0, done.output
        return done.stdout

    key = byteme("keys", "create", "ci", "--scope", "runs:read", "--expires", "90d").strip()
    assert json.loads(byteme("runs", "--json", token=key)) == []
    listed = json.loads(byteme("keys", "list", "--json"))
    assert [(item["name"], item["scopes"]) for item in listed] == [("ci", ["runs:read"])]
    assert "runs:read" in byteme("keys", "list")
    assert json.loads(byteme("keys", "revoke", listed[0]["id"], "--json")) == {"id": listed[0]["id"], "revoked": True}
    assert json.loads(byteme("keys", "list", "--json")) == []
