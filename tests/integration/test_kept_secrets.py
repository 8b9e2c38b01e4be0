"""Secrets: set and never seen again."""

import json
import logging

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

from client import Client, run_request
from client.cli import main
from server.db.models import AuditEntry, Secret
from server.services.seal import Seal
from server.services.secrets import MAX_KEPT
from server.wiring import signing_key

VALUE = "hunter2-ünder-pressure"
FILES = {"main.py": "print(1)"}


def put(tenant, name="TOKEN", value=VALUE):
    return tenant.call("PUT", f"/secrets/{name}", json={"value": value})


def names(tenant):
    return [secret["name"] for secret in tenant.get("/secrets").json["items"]]


def test_a_secret_is_listed_by_name_and_set_anew(platform, alice):
    first = put(alice)
    assert (first.status_code, set(first.json)) == (200, {"name", "updated_at"})
    put(alice, "A_KEY")
    platform.clock.advance(10)
    again = put(alice, value="another value")
    assert again.json["updated_at"] > first.json["updated_at"]
    assert names(alice) == ["A_KEY", "TOKEN"]
    assert alice.call("DELETE", "/secrets/TOKEN").status_code == 204
    assert (names(alice), alice.call("DELETE", "/secrets/TOKEN").status_code) == (["A_KEY"], 404)


def test_a_value_stands_nowhere_but_sealed(platform, alice, caplog):
    caplog.set_level(logging.DEBUG)
    put(alice)
    put(alice, value=VALUE + "\0")
    alice.submit(secrets=["TOKEN"])
    with platform.services.db.transaction() as session:
        tables = session.scalars(text("select name from sqlite_master where type = 'table'")).all()
        kept = [str(session.execute(text(f'select * from "{table}"')).all()) for table in tables]
        sealed = session.scalars(select(Secret.sealed)).one()
    assert not [rows for rows in kept if "hunter2" in rows]
    assert "hunter2" not in caplog.text + "".join(str(vars(record)) for record in caplog.records)
    seal = Seal(signing_key(platform.settings))
    assert seal.open(sealed, f"{alice.id} TOKEN") == VALUE
    assert seal.open(sealed, f"{alice.id} OTHER") is None
    assert Seal("k" * 32).open(sealed, f"{alice.id} TOKEN") is None
    assert seal.close(VALUE, "x") != seal.close(VALUE, "x")


@pytest.mark.parametrize(
    "value", ["", "1234567", "   1234567   ", "x" * 4097, "ü" * 2049, "with\0nul--", None, 12345678]
)
def test_an_odd_value_is_refused_without_repeating_it(alice, value):
    response = put(alice, value=value)
    assert (response.status_code, response.json["errors"][0]["field"]) == (422, "value")
    assert not value or str(value).strip() not in response.text.replace("8 to 4096", "")


@pytest.mark.parametrize("name", ["1A", "A-B", "BYTEME_X", "A" * 129, "%20", "A%00"])
def test_a_name_is_that_of_a_variable(alice, name):
    response = put(alice, name)
    assert (response.status_code, response.json["errors"][0]["field"]) == (422, "name")


def test_the_shortest_and_the_longest_value_are_fine(alice):
    assert [put(alice, value=value).status_code for value in ("12345678", "x" * 4096, " 12345678\n")] == [200] * 3


def test_an_account_has_so_many_and_no_more(alice):
    for number in range(MAX_KEPT):
        assert put(alice, f"S{number}").status_code == 200
    assert (put(alice, "ONE_MORE").status_code, put(alice, "S0").status_code) == (409, 200)


def test_a_run_names_its_secrets(alice):
    put(alice)
    run = alice.post("/runs", {"files": FILES, "secrets": ["TOKEN"]}).json
    assert run["secrets"] == alice.get(f"/runs/{run['id']}").json["secrets"] == ["TOKEN"]
    assert alice.get("/runs").json["items"][0]["secrets"] == ["TOKEN"]
    assert alice.post("/runs", {"files": FILES}).json["secrets"] == []


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"secrets": ["TOKEN", "OTHER"]}, "secrets.1"),
        ({"secrets": ["TOKEN", "TOKEN"]}, "secrets"),
        ({"secrets": ["A-B"]}, "secrets"),
        ({"secrets": ["TOKEN"], "env": {"TOKEN": "x"}}, "secrets"),
        ({"secrets": [f"S{n}" for n in range(17)]}, "secrets"),
        ({"secrets": "TOKEN"}, "secrets"),
    ],
)
def test_a_run_with_odd_secrets_is_refused_by_field(alice, request_, field):
    put(alice)
    response = alice.post("/runs", {"files": FILES, **request_})
    assert (response.status_code, response.json["errors"][0]["field"].startswith(field)) == (422, True)


def test_nobody_gives_a_program_somebody_elses_secret(alice, bob):
    put(alice)
    response = bob.post("/runs", {"files": FILES, "secrets": ["TOKEN"]})
    assert (response.status_code, response.json["errors"][0]["field"]) == (422, "secrets.0")
    assert names(bob) == []


def test_a_repeat_is_told_by_the_names_not_by_the_values(alice):
    put(alice)
    put(alice, "OTHER")
    headers = {"Idempotency-Key": "k"}
    first = alice.post("/runs", {"files": FILES, "secrets": ["TOKEN"]}, headers=headers)
    put(alice, value="a new value")
    again = alice.post("/runs", {"files": FILES, "secrets": ["TOKEN"]}, headers=headers)
    other = alice.post("/runs", {"files": FILES, "secrets": ["OTHER"]}, headers=headers)
    assert (first.json["id"], other.status_code) == (again.json["id"], 409)


def test_an_api_key_gives_programs_secrets_only_with_the_scope(platform, alice):
    put(alice)
    for scopes, status in ((["runs:write"], 403), (["runs:write", "secrets:read"], 201)):
        key = alice.post("/keys", {"name": "k", "scopes": scopes}).json["key"]
        headers = {"Authorization": f"Bearer {key}"}
        request = {"files": FILES, "secrets": ["TOKEN"]}
        assert platform.http.post("/api/v1/runs", json=request, headers=headers).status_code == status


def test_the_audit_trail_names_secrets_and_tells_none(platform, alice):
    put(alice)
    alice.call("DELETE", "/secrets/TOKEN")
    with platform.services.db.transaction() as session:
        entries = [(e.verb, e.thing, e.detail) for e in session.scalars(select(AuditEntry)) if "secret" in e.verb]
    assert entries == [("secret.set", "TOKEN", {}), ("secret.delete", "TOKEN", {})]


def test_the_sdk_sets_lists_gives_and_deletes(served, alice):
    with Client(served, alice.access) as client:
        assert client.set_secret("TOKEN", VALUE).name == "TOKEN"
        assert [secret.name for secret in client.secrets()] == ["TOKEN"]
        assert client.submit(run_request(FILES, secrets=["TOKEN"])).raw["secrets"] == ["TOKEN"]
        client.delete_secret("TOKEN")
        assert client.secrets() == []


def test_the_command_takes_the_value_from_its_input(platform, served, alice, tmp_path):
    def byteme(*arguments, **options):
        env = {"BYTEME_URL": served, "BYTEME_TOKEN": alice.access}
        done = CliRunner().invoke(main, arguments, env=env, **options)
        assert done.exit_code == 0, done.output
        return done.stdout

    byteme("secrets", "set", "TOKEN", input=VALUE + "\n")
    with platform.services.db.transaction() as session:
        sealed = session.scalars(select(Secret.sealed)).one()
    assert Seal(signing_key(platform.settings)).open(sealed, f"{alice.id} TOKEN") == VALUE
    assert [secret["name"] for secret in json.loads(byteme("secrets", "list", "--json"))] == ["TOKEN"]
    (tmp_path / "main.py").write_text("print(1)")
    assert json.loads(byteme("run", str(tmp_path / "main.py"), "--secret", "TOKEN", "--json"))["secrets"] == ["TOKEN"]
    assert json.loads(byteme("secrets", "delete", "TOKEN", "--json")) == {"name": "TOKEN", "deleted": True}
    assert "TOKEN" not in byteme("secrets", "list")
