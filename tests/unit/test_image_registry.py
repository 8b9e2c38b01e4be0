"""From a reference to a manifest, over a registry in memory: what is asked, with which credentials, and what is refused."""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from server.domain.errors import PullFailed
from server.domain.image import Platform, Policy, Reference, Why, parse_reference
from server.engine.images import ecr as ecr_module
from server.engine.images.ecr import Ecr
from server.engine.images.http import MAX_BYTES, RegistryHttp, is_loopback
from server.engine.images.registry import Access, OciRegistry
from server.engine.images.store import why_of
from server.settings import Settings

LINUX = Platform("linux", "amd64")


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Handler(BaseHTTPRequestHandler):
    server: "Server"

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Authorization", "")))
        status, headers, body = self.server.answer(self.path, self.headers.get("Authorization", ""))
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    """A registry with one repository; `wants` is the Authorization that it takes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server_port}"
        self.things: dict[str, bytes] = {}
        self.wants: set[str] = {""}
        self.challenge = 'Basic realm="r"'
        self.asked: list[tuple[str, str]] = []
        self.moved: dict[str, str] = {}
        self.token = json.dumps({"token": "t0k"}).encode()

    def answer(self, path: str, authorization: str) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/token"):
            return 200, {}, self.token
        if authorization not in self.wants:
            return 401, {"WWW-Authenticate": self.challenge}, b"{}"
        name = path.rpartition("/")[2]
        if name in self.moved:
            return 302, {"Location": self.moved[name]}, b""
        return (200, {}, self.things[name]) if name in self.things else (404, {}, b"{}")

    def put(self, tag: str, **changes: Any) -> bytes:
        """An image under a tag; the bytes of its manifest."""
        config = {"os": "linux", "architecture": "amd64", "config": {"Labels": {"byteme.protocol": "2"}}} | changes
        data = json.dumps(config).encode()
        layer = {"digest": "sha256:" + "1" * 64, "size": 1000}
        manifest = json.dumps({"config": {"digest": digest(data)}, "layers": [layer]}).encode()
        self.things |= {digest(data): data, tag: manifest, digest(manifest): manifest}
        return manifest


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class Account:
    """Gives out tokens, the next one each time that a fresh one is asked for."""

    def __init__(self, host: str, *passwords: str) -> None:
        self.host, self.passwords = host, list(passwords)

    def login(self, *, fresh: bool = False) -> tuple[str, tuple[str, str]]:
        if fresh:
            self.passwords.pop(0)
        return self.host, ("AWS", self.passwords[0])


def registry(account: Any = None, **settings: Any) -> OciRegistry:
    own = Settings(**settings)
    return OciRegistry(own, Access(own, account), account, lambda: LINUX)


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def refused(call: Any, *arguments: Any) -> str:
    with pytest.raises(PullFailed) as error:
        call(*arguments)
    return error.value.why


def test_a_tag_becomes_the_digest_of_its_bytes(server: Server) -> None:
    data = server.put("one")
    manifest = registry().resolve(Reference(server.host, "team/sandbox", "one"))
    assert (manifest.digest, manifest.top, manifest.bytes) == (digest(data), digest(data), 1000)
    assert manifest.reference.digest == manifest.digest
    assert registry().examine(manifest, Policy())


def test_of_a_list_the_manifest_for_our_platform_is_taken(server: Server) -> None:
    data = server.put("inner")
    others = [{"digest": "sha256:" + "0" * 64, "platform": {"os": "linux", "architecture": "arm64"}}]
    ours = {"digest": digest(data), "platform": {"os": "linux", "architecture": "amd64"}}
    server.things["list"] = listing = json.dumps({"manifests": [*others, ours]}).encode()
    manifest = registry().resolve(Reference(server.host, "team/sandbox", "list"))
    assert (manifest.digest, manifest.top) == (digest(data), digest(listing))
    server.things["list"] = json.dumps({"manifests": others}).encode()
    assert refused(registry().resolve, Reference(server.host, "team/sandbox", "list")) == Why.POLICY


def test_bytes_that_are_not_those_of_the_digest_are_refused(server: Server) -> None:
    data = server.put("one")
    server.things[digest(data)] = data + b" "
    assert refused(registry().resolve, Reference(server.host, "a", digest=digest(data))) == Why.DIGEST
    config = json.loads(data)["config"]["digest"]
    server.things[config] += b" "
    assert refused(registry().resolve, Reference(server.host, "a", "one")) == Why.DIGEST


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b"[" * 100_000, b'{"config": {"digest": "../x"}, "layers": []}',
     b'{"config": 1, "layers": {}}', b'{"layers": [{"digest": "sha256:1", "size": 1}]}'],
)  # fmt: skip
def test_what_is_no_manifest_is_refused(server: Server, data: bytes) -> None:
    server.things["odd"] = data
    assert refused(registry().resolve, Reference(server.host, "a", "odd")) in {Why.DIGEST, Why.POLICY}


def test_a_refusal_is_told_from_absence_and_from_silence(server: Server) -> None:
    server.put("one")
    assert refused(registry().resolve, Reference(server.host, "a", "two")) == Why.NOT_FOUND
    server.wants = {"nobody's"}
    assert refused(registry().resolve, Reference(server.host, "a", "one")) == Why.AUTH
    server.shutdown()
    server.server_close()
    assert refused(registry().resolve, Reference(server.host, "a", "one")) == Why.UNREACHABLE


def test_the_settings_password_goes_to_the_settings_registry(server: Server) -> None:
    server.put("one")
    server.wants = {basic("me", "secret")}
    own = registry(registry=server.host, registry_user="me", registry_password="secret")
    assert own.resolve(parse_reference("a:one")).reference.host == server.host
    assert refused(own.resolve, parse_reference("127.0.0.1:1/a:one")) == Why.POLICY


def test_a_registry_that_wants_a_bearer_is_given_one(server: Server) -> None:
    server.put("one")
    server.wants = {"Bearer t0k"}
    server.challenge = f'Bearer realm="http://{server.host}/token",service="s"'
    own = registry(registry=server.host, registry_user="me", registry_password="secret")
    assert own.resolve(parse_reference("a:one"))
    (asked,) = [one for one in server.asked if one[0].startswith("/token")]
    assert asked == ("/token?scope=repository%3Aa%3Apull&service=s", basic("me", "secret"))


def test_a_password_is_not_sent_to_a_realm_without_tls(server: Server) -> None:
    server.put("one")
    server.wants = {"Bearer t0k"}
    server.challenge = 'Bearer realm="http://realm.example/token"'
    own = registry(registry=server.host, registry_user="me", registry_password="secret")
    assert refused(own.resolve, parse_reference("a:one")) == Why.AUTH


def test_a_registry_sends_us_nowhere_without_tls_but_where_it_is_itself(server: Server) -> None:
    data = server.put("one")
    server.moved["other"] = f"http://{server.host}/v2/team/sandbox/manifests/one"
    reference = Reference(server.host, "team/sandbox", "other")
    assert registry().resolve(reference).digest == digest(data)
    server.moved["other"] = "http://169.254.169.254/latest/meta-data"
    assert refused(registry().resolve, reference) == Why.POLICY
    assert not RegistryHttp("registry.example", "a", None)._may_ask(f"http://{server.host}/token")


def test_a_token_without_end_is_not_read_to_its_end(server: Server) -> None:
    server.put("one")
    server.wants = {"Bearer t0k"}
    server.challenge = f'Bearer realm="http://{server.host}/token"'
    server.token = b" " * (MAX_BYTES + 1)
    assert refused(registry().resolve, Reference(server.host, "team/sandbox", "one")) == Why.POLICY


@pytest.mark.parametrize("manifests", [["x"], [None], [{"platform": 3}], [{"platform": {"os": 1}}]])
def test_a_list_of_nonsense_is_refused(server: Server, manifests: list[Any]) -> None:
    server.things["odd"] = json.dumps({"manifests": manifests}).encode()
    assert refused(registry().resolve, Reference(server.host, "team/sandbox", "odd")) == Why.POLICY


def test_an_ecr_token_that_was_refused_is_replaced_once(server: Server) -> None:
    server.put("one")
    server.wants = {basic("AWS", "new")}
    settings = {"registry": "ecr", "ecr_registry_host": server.host}
    assert registry(Account(server.host, "old", "new"), **settings).resolve(parse_reference("a:one"))
    assert (
        refused(registry(Account(server.host, "old", "older"), **settings).resolve, parse_reference("a:one")) == "auth"
    )


def test_what_names_no_registry_needs_one_in_the_settings() -> None:
    assert refused(registry().resolve, parse_reference("a:one")) == Why.POLICY


def test_signatures_and_findings_are_not_taken_for_granted(server: Server) -> None:
    server.put("one")
    own = registry(registry=server.host)
    manifest = own.resolve(parse_reference("a:one"))
    assert refused(own.examine, manifest, Policy(fail_on=("CRITICAL",))) == Why.POLICY
    assert refused(own.examine, manifest, Policy(signature="require")) == Why.ERROR  # there is no key


def test_only_this_machine_is_spoken_to_without_tls() -> None:
    assert all(map(is_loopback, ["127.0.0.1:5000", "127.9.9.9", "localhost:1", "[::1]:5000"]))
    assert not any(map(is_loopback, ["10.0.0.1", "registry.example:5000", "localhost.example", "127.0.0.1.example"]))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("filesystem layer verification failed for digest sha256:12", Why.DIGEST),
        ("Get http://127.0.0.1:5/v2/a/manifests/sha256:1: no basic auth credentials", Why.AUTH),
        ("unauthorized: authentication required", Why.AUTH),
        ("manifest for a:b not found: manifest unknown", Why.NOT_FOUND),
        ("Get http://127.0.0.1:5/v2/: dial tcp 127.0.0.1:5: connect: connection refused", Why.UNREACHABLE),
        ("unexpected EOF", Why.UNREACHABLE),
        ("write /data/tmp/GetImageBlob1: no space left on device", Why.DISK),
        ("something else", Why.ERROR),
    ],
)
def test_the_engines_words_tell_what_went_wrong(said: str, why: Why) -> None:
    assert why_of(said) is why


# ECR's tokens


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class FakeBoto:
    """ECR's answers, each token good for twelve hours."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.given = clock, 0

    def get_authorization_token(self) -> dict[str, Any]:
        self.given += 1
        token = base64.b64encode(f"AWS:{self.given}".encode()).decode()
        until = self.clock.now + timedelta(hours=12)
        data = {"authorizationToken": token, "proxyEndpoint": "https://ecr.example", "expiresAt": until}
        return {"authorizationData": [data]}


def test_a_token_is_kept_until_shortly_before_its_end() -> None:
    clock = Clock()
    ecr, boto = Ecr(clock), FakeBoto(clock)
    ecr._clients["ecr"] = boto
    assert ecr.login() == ecr.login() == ("ecr.example", ("AWS", "1"))
    clock.now += timedelta(hours=12) - ecr_module.EARLY
    assert ecr.login()[1] == ("AWS", "2")
    assert ecr.login(fresh=True)[1] == ("AWS", "3")
    assert boto.given == 3


def test_aws_that_is_away_is_told_from_aws_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    settings = {
        "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL_ECR": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1",
    }  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert refused(Ecr().login) == Why.UNREACHABLE
    monkeypatch.setattr(ecr_module.Ecr, "_client", lambda *_: _Refusing())
    assert refused(Ecr().login) == Why.AUTH


class _Refusing:
    def get_authorization_token(self) -> None:
        from botocore.exceptions import ClientError

        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetAuthorizationToken")
