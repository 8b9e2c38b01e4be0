"""A server that logs all it can logs no password, no token and no program's secret, whatever is done with them."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from client import ApiError, Client, Tokens
from client.tokens import MemoryVault
from tests.server_process import ADMIN_PASSWORD, ServerProcess

NOWHERE = f"/api/v1/runs/{'0' * 32}/output"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """Without an engine: what is submitted waits, and is complained of."""
    settings = {"BYTEME_LOG_LEVEL": "DEBUG", "BYTEME_DOCKER_HOST": f"unix://{tmp_path}/nobody"}
    with ServerProcess(tmp_path, **settings) as process:
        yield process


class Spy:
    """Uses whatever is secret, rightly and wrongly, and remembers it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.email = f"{secrets.token_hex(4)}@example.com"
        self.known = {ADMIN_PASSWORD}
        self.http = httpx.Client(base_url=url, timeout=60)

    def secret(self) -> str:
        fresh = f"sesame-{secrets.token_hex(12)}"
        self.known.add(fresh)
        return fresh

    def post(self, path: str, token: str = "", **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.http.request(options.pop("method", "POST"), f"/api/v1{path}", headers=headers, **options)

    def sign_in(self, password: str) -> dict[str, str]:
        tokens = self.post("/auth/login", json={"email": self.email, "password": password}).raise_for_status().json()
        self.known |= {part for name in ("access_token", "refresh_token") for part in signature(tokens[name])}
        return dict(tokens)


def signature(token: str) -> set[str]:
    """Of a token the part without which it is nothing, and the whole."""
    return {token, token.rpartition(".")[2]}


def passwords(spy: Spy) -> str:
    """Registration, sign-in and change, with right, wrong, misplaced and unreadable passwords."""
    first, second = spy.secret(), spy.secret()
    assert spy.post("/auth/register", json={"email": spy.email, "password": first}).status_code == 201
    assert spy.post("/auth/register", json={"email": spy.email, "password": spy.secret()}).status_code == 409
    assert spy.post("/auth/register", json={"email": spy.secret(), "password": spy.secret()}).status_code == 422
    assert spy.post("/auth/login", json={"email": spy.email, "password": spy.secret()}).status_code == 401
    assert spy.post("/auth/login", json={"email": spy.email, "password": [spy.secret()]}).status_code == 422
    assert spy.post("/auth/login", content=f'{{"password": "{spy.secret()}'.encode()).status_code == 400
    assert spy.post(f"/auth/login?password={spy.secret()}", json={}).status_code == 422
    change = {"current_password": first, "new_password": second}
    token = spy.sign_in(first)["access_token"]
    assert spy.post("/me/password", token, method="PUT", json=change).status_code == 204
    assert spy.post("/me/password", token, method="PUT", json=change).status_code == 422
    return second


def tokens(spy: Spy, password: str) -> None:
    """Refresh, reuse, downloads by ticket, tokens in the wrong place, sign-out."""
    pair = spy.sign_in(password)
    fresh = spy.post("/auth/refresh", pair["refresh_token"]).raise_for_status().json()
    spy.known |= signature(fresh["access_token"]) | signature(fresh["refresh_token"])
    ticket = spy.post("/tickets", fresh["access_token"], json={"path": NOWHERE}).json()["url"]
    spy.known |= signature(ticket.partition("ticket=")[2])
    assert spy.http.get(ticket).status_code == 404
    assert spy.http.get(f"/api/v1/me?ticket={ticket}&token={fresh['access_token']}").status_code == 401
    assert spy.post("/me", spy.secret(), method="GET").status_code == 401
    assert spy.post("/auth/refresh", pair["refresh_token"]).status_code == 401
    pair = spy.sign_in(password)
    assert spy.post("/auth/logout", pair["access_token"]).status_code == 204


def sockets(spy: Spy, password: str) -> None:
    """Connecting with a token that lives and with one that does not, and a program that is given secrets."""
    access = spy.sign_in(password)["access_token"]
    program = {"files": {"main.py": f"# {spy.secret()}"}, "env": {"API_KEY": spy.secret()}, "args": [spy.secret()]}
    with Client(spy.url, vault=MemoryVault(Tokens(access))) as client, client.launch(program):
        pass
    with Client(spy.url, vault=MemoryVault(Tokens(spy.secret()))) as stranger, pytest.raises(ApiError):
        stranger.launch(program)


def test_no_secret_reaches_the_log(server: ServerProcess) -> None:
    spy = Spy(server.url)
    password = passwords(spy)
    tokens(spy, password)
    sockets(spy, password)
    server.stop()
    log = server.log.read_text()
    assert [secret for secret in spy.known if secret in log] == []
    for sign in ("/auth/login", "/auth/refresh", "/tickets", "socket connected", NOWHERE):
        assert sign in log  # it was there, and looked
    assert len(spy.known) > 20
