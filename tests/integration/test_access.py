"""Who may do what, for every route and every event there is: one without a line in its table fails."""

import io
import json
import logging
from dataclasses import dataclass
from datetime import timedelta
from queue import Queue
from types import SimpleNamespace

import jwt
import pytest
from socketio.exceptions import ConnectionRefusedError as Refused

from server.domain.policy import Role
from server.web.connections import RECHECK_EVERY, Gate
from server.web.sockets import Handlers
from server.wiring import signing_key
from tests.integration.web import API, PASSWORD


@dataclass(frozen=True)
class Expected:
    """The statuses for the owner, another tenant and an operator; `body` is what is sent."""

    owner: int
    other: int
    admin: int
    body: dict | None = None
    upload: bool = False
    options: dict | None = None  # of the request, beside or instead of a body

    def request(self):
        """What is sent."""
        if self.upload:
            return upload()
        return {"json": self.body} if self.options is None else self.options


def private(status, body=None, options=None):
    """What belongs to one tenant is not there for anybody else, operators included."""
    return Expected(status, 404, 404, body, options=options)


def everybodys(status, body=None, upload=False, options=None):
    return Expected(status, status, status, body, upload, options)


def operators(status, body=None):
    return Expected(403, 403, status, body)


FILES = {"main.py": "print(1)"}
DIGEST = "sha256:" + "d" * 64
RECORD = {"format": "byteme-run-record", "version": 1, "request": {"files": FILES, "entrypoint": "main.py"}}
TUS = {"Tus-Resumable": "1.0.0"}
BEGIN_UPLOAD = {"headers": TUS | {"Upload-Length": "5", "Upload-Metadata": "name YS5jc3Y="}}
END_UPLOAD = {
    "headers": TUS | {"Upload-Offset": "0"}, "data": b"1,2,3", "content_type": "application/offset+octet-stream",
}  # fmt: skip
PROTECTED = {
    "POST /auth/logout": everybodys(204),
    "POST /me/sign-out": everybodys(204),
    "GET /me": everybodys(200),
    "PUT /me/password": everybodys(204, {"current_password": PASSWORD, "new_password": PASSWORD + "!"}),
    "POST /keys": everybodys(201, {"name": "k", "scopes": ["runs:read"]}),
    "GET /keys": everybodys(200),
    "DELETE /keys/<key_id>": private(204),
    "GET /secrets": everybodys(200),
    "PUT /secrets/<name>": everybodys(200, {"value": "correct horse"}),
    "DELETE /secrets/<name>": private(204),
    "POST /tickets": everybodys(201, {"path": f"{API}/runs/{'0' * 32}/output"}),
    "POST /runs": everybodys(201, {"files": FILES}),
    "GET /runs": everybodys(200),
    "GET /runs/<run_id>": private(200),
    "POST /runs/<run_id>/cancel": private(409),
    "PATCH /runs/<run_id>": private(200, {"starred": True}),
    "DELETE /runs/<run_id>": private(204),
    "GET /runs/<run_id>/files": private(200),
    "GET /runs/<run_id>/events": private(200),
    "GET /runs/<run_id>/record": private(200),
    "POST /records": everybodys(201, {"record": RECORD}),
    "POST /runs/<run_id>/share": private(201),
    "DELETE /runs/<run_id>/share": private(204),
    "GET /shared/<token>": everybodys(200),
    "GET /shared/<token>/output": everybodys(200),
    "GET /shared/<token>/files": everybodys(200),
    "GET /shared/<token>/metrics": everybodys(200),
    "GET /shared/<token>/artifacts": everybodys(200),
    "GET /shared/<token>/artifacts/<anything:path>": everybodys(200),
    "GET /shared/<token>/artifacts.zip": everybodys(200),
    "GET /runs/<run_id>/output": private(200),
    "GET /runs/<run_id>/metrics": private(200),
    "GET /runs/<run_id>/artifacts": private(200),
    "GET /runs/<run_id>/artifacts/<anything:path>": private(200),
    "GET /runs/<run_id>/artifacts.zip": private(200),
    "POST /projects": everybodys(201, {"name": "p", "files": FILES}),
    "GET /projects": everybodys(200),
    "GET /projects/<project_id>": private(200),
    "PATCH /projects/<project_id>": private(200, {"name": "q"}),
    "DELETE /projects/<project_id>": private(204),
    "POST /datasets": everybodys(201, upload=True),
    "GET /datasets": everybodys(200),
    "GET /datasets/<dataset_id>": private(200),
    "GET /datasets/<dataset_id>/content": private(200),
    "GET /datasets/<dataset_id>/versions": private(200),
    "GET /datasets/<dataset_id>/runs": private(200),
    "GET /datasets/<dataset_id>/preview": private(200),
    "GET /datasets/<dataset_id>/rows": private(200),
    "DELETE /datasets/<dataset_id>": private(204),
    "POST /uploads": everybodys(201, options=BEGIN_UPLOAD),
    "GET /uploads": everybodys(200),
    "GET /uploads/<upload_id>": private(200),
    "PATCH /uploads/<upload_id>": private(204, options=END_UPLOAD),
    "DELETE /uploads/<upload_id>": private(204, options={"headers": TUS}),
    "GET /templates": everybodys(200),
    "GET /templates/<name>": everybodys(200),
    "GET /users": operators(200),
    "PATCH /users/<user_id>": operators(200, {"disabled": False}),
    "POST /users/<user_id>/sign-out": Expected(401, 403, 204),  # the operator's call has just signed him out
    "GET /audit": operators(200),
    "GET /audit.csv": operators(200),
    "GET /overview": operators(200),
    "GET /settings": operators(200),
    "GET /queue": operators(200),
    "POST /queue/<run_id>/cancel": operators(409),
    "GET /notice": everybodys(200),
    "PATCH /notice": operators(200, {"text": "Back at noon."}),
    "GET /hosts": operators(200),
    "GET /images": operators(200),
    "POST /images/pulls": operators(202, {"ref": "team/sandbox:1"}),
    "GET /images/pulls": operators(200),
    "GET /images/pulls/<pull_id>": operators(200),
    "POST /images/aliases/<alias>/activate": operators(202, {"image": DIGEST}),
    "POST /images/aliases/<alias>/rollback": operators(200),
    "POST /images/prune": operators(200, {"keep": 0}),
    "POST /images/verify": operators(202),
}
# Called without an access token; what they do refuse is tested with them.
PUBLIC = {"POST /auth/register", "POST /auth/login", "POST /auth/refresh", "GET /openapi.json"}
# Not of the API: the front end's files, the API's page, and what machines ask.
PAGES = {"GET /", "GET /<page:path>", "GET /api/docs", "GET /healthz", "GET /readyz", "GET /metrics"}
# What clients send over Socket.IO; 200 where the acknowledgement is no problem.
EVENTS = {
    "run:submit": everybodys(200, {"files": FILES}),
    "run:watch": private(200, {"run_id": "<run_id>"}),
    "run:unwatch": everybodys(200, {"run_id": "<run_id>"}),
    "run:cancel": private(409, {"run_id": "<run_id>"}),
    "run:input": private(409, {"run_id": "<run_id>", "data": "x"}),
    "auth:refresh": Expected(200, 401, 401, {"token": "<token>"}),
}


def routes(app):
    return {
        f"{method} {rule.rule.removeprefix(API)}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def test_every_route_has_a_line_in_the_table(platform):
    assert routes(platform.app) == set(PROTECTED) | PUBLIC | PAGES


def upload():
    return {"data": {"name": "d", "file": (io.BytesIO(b"1,2,3"), "d.csv")}, "content_type": "multipart/form-data"}


def own_things(platform, owner):
    run_id = platform.ended_run(owner, b"out", {"model.bin": (b"m", "application/octet-stream")})
    project = owner.post("/projects", {"name": "p", "files": FILES}).json["id"]
    dataset = owner.call("POST", "/datasets", **upload()).json["id"]
    coming = owner.call("POST", "/uploads", **BEGIN_UPLOAD).json["id"]
    names = {"run_id": run_id, "anything:path": "model.bin", "project_id": project, "dataset_id": dataset}
    owner.call("PUT", "/secrets/hello", json={"value": "correct horse"})
    key = owner.post("/keys", {"name": "k", "scopes": ["runs:read"]}).json["id"]
    names |= {"alias": "course", "pull_id": platform.image_on_hosts(DIGEST, "course"), "upload_id": coming}
    token = owner.post(f"/runs/{run_id}/share").json["token"]
    return names | {"name": "hello", "user_id": owner.id, "key_id": key, "token": token}


def fill(path, things):
    for name, value in things.items():
        path = path.replace(f"<{name}>", value)
    assert "<" not in path
    return path


def call(tenant, line, things):
    method, path = line.split(" ", 1)
    return tenant.call(method, fill(path, things), **PROTECTED[line].request())


@pytest.fixture
def things(platform, alice):
    return own_things(platform, alice)


@pytest.mark.parametrize("line", sorted(PROTECTED))
def test_who_may_call_it(platform, alice, bob, admin, things, line):
    expected = PROTECTED[line]
    assert call(bob, line, things).status_code == expected.other
    assert call(admin, line, things).status_code == expected.admin
    assert call(alice, line, things).status_code == expected.owner


def forge(platform, tenant, key=None, algorithm="HS256", **changes):
    claims = jwt.decode(tenant.access, options={"verify_signature": False}) | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key if key is not None else signing_key(platform.settings), algorithm)


def bad_tokens(platform, alice):
    """Everything that is not a live access token of a live session, by name."""
    head, body, signature = alice.access.split(".")
    past = int((platform.clock() - timedelta(seconds=1)).timestamp())
    other = platform.tenant()
    dead = platform.tenant()
    dead.post("/auth/logout")
    return {
        "refresh token": alice.refresh,
        "ticket": platform.services.accounts.issue_ticket(alice.actor, "/x"),
        "signed out": dead.access,
        "expired": forge(platform, alice, exp=past),
        "no expiry": forge(platform, alice, exp=None),
        "expiry as text": forge(platform, alice, exp="9999999999"),
        "endless expiry": forge(platform, alice, exp=1e99),
        "no session": forge(platform, alice, sid=None),
        "somebody else's session": forge(platform, alice, sid=other.actor.session),
        "no kind": forge(platform, alice, typ=None),
        "no such user": forge(platform, alice, sub="0" * 32),
        "user as a number": forge(platform, alice, sub=1),
        "another key": forge(platform, alice, key="k" * 32),
        "unsigned": forge(platform, alice, key="", algorithm="none"),
        "another algorithm": forge(platform, alice, algorithm="HS512"),
        "signature stripped": f"{head}.{body}.",
        "signature changed": f"{head}.{body}.{signature[::-1]}",
        "body changed": f"{head}.{body[:-4]}AAAA.{signature}",
        "not a token": "hello",
        "very long": "a" * 1_000_000,
        "dots": "." * 1000,
        "not ASCII": "é.ü.ß",
    }


def test_nothing_but_a_live_access_token_opens_a_route(platform, alice):
    for name, token in bad_tokens(platform, alice).items():
        response = platform.http.get(f"{API}/me", headers={"Authorization": f"Bearer {token}".encode()})
        assert (response.status_code, response.content_type) == (401, "application/problem+json"), name
        assert response.headers["WWW-Authenticate"] == "Bearer"


def test_every_protected_route_needs_a_live_access_token(platform, alice, things):
    tokens = bad_tokens(platform, alice)
    for line in PROTECTED:
        method, path = line.split(" ", 1)
        url = API + fill(path, things)
        assert platform.http.open(url, method=method).status_code == 401, line
        for name, token in tokens.items():
            headers = {"Authorization": f"Bearer {token}".encode()}
            answer = platform.http.open(url, method=method, headers=headers, json={"x": 1})
            assert answer.status_code == 401, (line, name)
    platform.clock.advance(platform.settings.access_token_s)
    assert {call(alice, line, things).status_code for line in PROTECTED} == {401}


@pytest.mark.parametrize("scheme", ["Basic {}", "bearer{}", "{}", "Bearer", "Bearer {0}, Bearer {0}", "Token {}"])
def test_a_token_goes_into_the_authorization_header_as_bearer(platform, alice, scheme):
    response = platform.http.get(f"{API}/me", headers={"Authorization": scheme.format(alice.access)})
    assert response.status_code == 401


def test_a_token_in_the_query_opens_nothing(platform, alice):
    for name in ("token", "access_token", "ticket", "jwt"):
        assert platform.http.get(f"{API}/me?{name}={alice.access}").status_code == 401


def test_the_scheme_is_read_without_case(platform, alice):
    assert platform.http.get(f"{API}/me", headers={"Authorization": f"bearer {alice.access}"}).status_code == 200


BY_ID = [line for line in PROTECTED if "_id>" in line and PROTECTED[line].other != 403]


def test_what_is_somebody_elses_looks_like_what_is_not_there(bob, things):
    absent = {name: "0" * 32 if name.endswith("_id") else value for name, value in things.items()}
    for line in BY_ID:
        theirs, nobodys = (call(bob, line, known) for known in (things, absent))
        assert theirs.status_code == nobodys.status_code == 404, line
        assert theirs.json == nobodys.json


@pytest.mark.parametrize("odd", ["1%20OR%201=1", "%00", "x" * 10_000, "..%2f..%2fx", "0" * 32 + "%0a", "%ff%fe"])
def test_an_odd_id_is_not_there(alice, things, odd):
    known = {name: odd if name.endswith("_id") else value for name, value in things.items()}
    for line in BY_ID:
        assert call(alice, line, known).status_code == 404, line


def test_lists_hold_only_ones_own(platform, alice, bob, things):
    for noun in ("runs", "projects", "datasets"):
        assert len(alice.get(f"/{noun}").json["items"]) == 1
        assert bob.get(f"/{noun}?user_id={alice.id}&owner={alice.id}").json["items"] == []
        cursor = alice.get(f"/{noun}").json["items"][0]["id"]
        assert bob.get(f"/{noun}?cursor={cursor}").json["items"] == []


def test_an_operators_role_is_lost_at_once(platform, admin):
    second = platform.tenant(role=Role.ADMIN)
    assert second.get("/users").status_code == 200
    assert admin.call("PATCH", f"/users/{second.id}", json={"role": "user"}).status_code == 200
    assert second.get("/users").status_code == 403


def test_nobody_names_a_role_or_an_id_for_himself(platform):
    for more in ({"role": "admin"}, {"id": "1"}, {"quota": {"cpus": 99}}, {"disabled": False}):
        body = {"email": "eve@example.org", "password": PASSWORD, **more}
        response = platform.http.post(f"{API}/auth/register", json=body)
        assert response.status_code == 422
        assert response.json["errors"][0]["field"] == next(iter(more))


# --- over Socket.IO


class Line:
    """A connection of the platform's Socket.IO side, with no transport under it."""

    def __init__(self, platform, token):
        socket = SimpleNamespace(queue=Queue(), upgraded=True, closed=True)
        server = SimpleNamespace(
            manager=SimpleNamespace(eio_sid_from_sid=lambda sid, _namespace: sid),
            eio=SimpleNamespace(sockets={"sid": socket}),
            emit=lambda *_args, **_options: None,
            disconnect=lambda sid: self.gate.disconnect(sid, "dropped"),
        )
        self.gate = Gate(server, platform.services)
        self.handlers = Handlers(platform.services, self.gate)
        self.gate.connect("sid", {}, {"token": token})

    def send(self, event, data):
        """The status of its acknowledgement."""
        answer = self.handlers.handle(event, "sid", data)
        return answer.get("error", {"status": 200})["status"]

    def close(self):
        if "sid" in self.gate.connections:
            self.gate.disconnect("sid", "closed")


@pytest.fixture
def connect(platform):
    lines = []

    def make(token):
        lines.append(Line(platform, token))
        return lines[-1]

    yield make
    for line in lines:
        line.close()


def message(event, things):
    return json.loads(fill(json.dumps(EVENTS[event].body), things))


def test_every_event_has_a_line_in_the_table(alice, connect):
    assert connect(alice.access).handlers.events == set(EVENTS)


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_who_may_send_it(alice, bob, admin, things, connect, event):
    expected, data = EVENTS[event], message(event, things | {"token": alice.access})
    assert connect(bob.access).send(event, data) == expected.other
    assert connect(admin.access).send(event, data) == expected.admin
    assert connect(alice.access).send(event, data) == expected.owner


def test_nothing_but_a_live_access_token_connects_or_prolongs(platform, alice, connect):
    line = connect(alice.access)
    for name, token in bad_tokens(platform, alice).items():
        with pytest.raises(Refused) as refused:
            connect(token)
        assert refused.value.error_args["data"]["status"] == 401, name
        assert line.send("auth:refresh", {"token": token}) == 401, name
    for token in (None, 1, [alice.access], {"token": alice.access}):
        with pytest.raises(Refused):
            connect(token)


def test_what_is_refused_over_socketio_is_logged(alice, bob, things, connect, caplog):
    caplog.set_level(logging.INFO, "server.web")
    with pytest.raises(Refused):
        connect("dead")
    line = connect(bob.access)
    assert line.send("run:watch", {"run_id": things["run_id"]}) == 404
    assert line.send("run:nonsense" * 99, {"token": "hidden"}) == 422
    found = [vars(record) for record in caplog.records if record.message.endswith("refused")]
    assert [record.get("why") or (record["user_id"], record["status"], record["event"][:9]) for record in found] == [
        "unauthenticated", (bob.id, 404, "'run:watc"), (bob.id, 422, "'run:nons"),
    ]  # fmt: skip
    assert max(len(record.get("event", "")) for record in found) == 60
    assert "hidden" not in str(found)


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_an_event_needs_a_session_that_lives(platform, alice, things, connect, event):
    data = message(event, things | {"token": alice.access})
    idle, left = connect(alice.access), connect(platform.tenant().access)
    left.close()
    assert left.send(event, data) == 401
    platform.clock.advance(platform.settings.access_token_s)
    assert idle.send(event, data) == 401
    alice.sign_in()
    ended = connect(alice.access)
    alice.post("/auth/logout")
    platform.clock.advance(RECHECK_EVERY.total_seconds())
    ended.gate.check(platform.clock())
    assert ended.send(event, data) == 401
