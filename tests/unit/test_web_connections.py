"""Who may stay connected: decided by the clock and the accounts, without waiting for either."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from socketio.exceptions import ConnectionRefusedError as Refused

from server.domain.errors import Unauthenticated, Unavailable
from server.domain.policy import Actor, Role
from server.web.connections import MAX_CONNECTIONS, RECHECK_EVERY, REFRESH_WITHIN, Gate
from server.web.sockets import is_allowed_origin

START = datetime(2026, 1, 1, tzinfo=UTC)
LIFE = timedelta(minutes=15)


class Accounts:
    """Tokens are names of accounts; one may be made to fail."""

    def __init__(self, clock):
        self.clock = clock
        self.failure = None
        self.asked = 0

    def authenticate(self, token):
        self.asked += 1
        if self.failure:
            raise self.failure
        return Actor(token.split("-")[0], "a@b", Role.USER, "s"), self.clock() + LIFE


class Transport:
    def __init__(self):
        self.closed = False
        self.upgraded = True
        self.queue = SimpleNamespace(qsize=lambda: 0)

    def close(self, wait):
        self.closed = True


class SocketServer:
    """What the gate uses of python-socketio's server."""

    def __init__(self):
        self.eio = SimpleNamespace(sockets={})
        self.manager = SimpleNamespace(
            eio_sid_from_sid=lambda sid, _: "e" + sid, sid_from_eio_sid=lambda eio_sid, _: eio_sid[1:]
        )
        self.emitted = []
        self.dropped = []

    def emit(self, event, data, to, callback):
        self.emitted.append((event, to))

    def disconnect(self, sid):
        self.dropped.append(sid)
        self.gate.disconnect(sid, "server disconnect")


class Door:
    def __init__(self):
        self.now = START
        self.accounts = Accounts(lambda: self.now)
        self.server = SocketServer()
        self.gate = Gate(self.server, SimpleNamespace(accounts=self.accounts, clock=lambda: self.now))
        self.server.gate = self.gate

    def enter(self, sid, token):
        self.server.eio.sockets["e" + sid] = Transport()
        self.gate.connect(sid, {}, {"token": token})
        return self.gate.connections[sid]

    def pass_time(self, **by):
        self.now += timedelta(**by)
        self.gate.check(self.now)


@pytest.fixture
def door():
    door = Door()
    yield door
    door.gate.connections.clear()


def test_expiry_is_told_once_and_then_the_connection_ends(door):
    door.enter("1", "ann")
    door.pass_time(seconds=LIFE.total_seconds() - 1)
    assert door.server.emitted == []
    for _ in range(5):
        door.pass_time(seconds=1)
    assert door.server.emitted == [("auth:expired", "1")]
    door.pass_time(seconds=REFRESH_WITHIN.total_seconds() - 6)
    assert door.server.dropped == []
    door.pass_time(seconds=2)
    assert door.server.dropped == ["1"]
    assert door.server.eio.sockets["e1"].closed
    assert door.gate.connections == {}


def test_a_renewed_token_counts_from_then_on(door):
    connection = door.enter("1", "ann")
    door.pass_time(seconds=LIFE.total_seconds() + 5)
    door.gate.refresh(connection, "ann-2")
    door.pass_time(seconds=LIFE.total_seconds() - 1)
    assert door.server.dropped == []
    assert door.server.emitted == [("auth:expired", "1")]
    door.pass_time(seconds=2)
    assert door.server.emitted == [("auth:expired", "1")] * 2


def test_another_accounts_token_is_not_taken(door):
    connection = door.enter("1", "ann")
    with pytest.raises(Unauthenticated):
        door.gate.refresh(connection, "bob")
    assert connection.actor.id == "ann"


def test_a_session_that_was_ended_is_noticed_at_the_next_look(door):
    door.enter("1", "ann")
    door.pass_time(seconds=1)
    door.accounts.failure = Unauthenticated()
    door.pass_time(seconds=1)
    assert door.server.dropped == []
    door.pass_time(seconds=RECHECK_EVERY.total_seconds())
    assert door.server.dropped == ["1"]


def test_nobody_is_cut_off_because_the_database_is_away(door):
    door.enter("1", "ann")
    door.accounts.failure = Unavailable()
    for _ in range(10):
        door.pass_time(seconds=5)
    assert door.server.dropped == []


def test_accounts_are_asked_every_few_seconds_only(door):
    door.enter("1", "ann")
    for _ in range(40):
        door.pass_time(seconds=0.5)
    assert door.accounts.asked <= 1 + 20 / RECHECK_EVERY.total_seconds() + 1


def test_a_transport_that_went_without_a_word_is_forgotten(door):
    door.enter("1", "ann")
    del door.server.eio.sockets["e1"]
    door.pass_time(seconds=1)
    assert door.gate.connections == {}


def test_an_account_may_have_so_many_connections(door):
    for number in range(MAX_CONNECTIONS):
        door.enter(f"a{number}", "ann")
    with pytest.raises(Refused) as refusal:
        door.enter("one more", "ann")
    assert refusal.value.error_args["data"]["status"] == 429
    door.enter("b", "bob")


@pytest.mark.parametrize("auth", [None, {}, {"token": None}, {"token": 1}, "ann", ["ann"]])
def test_no_token_no_connection(door, auth):
    with pytest.raises(Refused) as refusal:
        door.gate.connect("1", {}, auth)
    assert refusal.value.error_args["data"]["status"] == 401
    assert door.accounts.asked == 0


@pytest.mark.parametrize(("failure", "status"), [(Unauthenticated(), 401), (Unavailable(), 503), (ValueError(), 500)])
def test_a_refusal_says_why(door, failure, status):
    door.accounts.failure = failure
    with pytest.raises(Refused) as refusal:
        door.enter("1", "ann")
    assert refusal.value.error_args["data"]["status"] == status


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True), ("", True), ("http://ml.example:8000", True), ("https://ml.example:8000", True),
        ("http://ML.example:8000", True), ("https://partner.example", True), ("http://ml.example", False),
        ("http://ml.example:8000.evil.example", False), ("https://evil.example", False), ("null", False),
        ("http://ml.example:8000@evil.example", False), ("file://", False),
    ],
)  # fmt: skip
def test_only_our_own_pages_and_those_allowed_connect(origin, allowed):
    environ = {"HTTP_HOST": "ml.example:8000"}
    assert is_allowed_origin(origin, environ, ["https://partner.example"]) is allowed


def test_without_a_host_no_page_connects():
    assert is_allowed_origin("null", {}, []) is False
    assert is_allowed_origin(None, {}, []) is True
