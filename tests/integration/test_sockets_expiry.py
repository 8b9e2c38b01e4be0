"""Tokens that expire while connected, and the rate of events: servers with short lives and tight limits."""

import pytest

from tests.integration.socket_peers import BareClient, Client, Server, eventually


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(
        tmp_path_factory.mktemp("expiry"), {"connect": 2, "refresh": 4, "send": 2}, access_token_s=5, rate_limits="on"
    )
    yield server
    server.stop()


def test_a_renewed_token_keeps_the_connection_and_its_watch(server):
    pair = server.login(email="renews@example.org")
    with Client(server, pair["access_token"]) as client:
        run_id = client.ask("run:submit", {"files": {"main.py": ""}})["run"]["id"]
        client.wait_for("auth:expired")
        assert client.ask("run:cancel", {"run_id": run_id})["error"]["status"] == 401
        fresh = server.refresh(token=pair["refresh_token"])
        assert client.ask("auth:refresh", {"token": fresh["access_token"]}) == {}
        server.begin(run_id=run_id)
        server.say(run_id, b"still here")
        server.end(run_id=run_id)
        client.end_of(run_id)
        assert client.output(run_id) == b"still here"
        client.wait_for("auth:expired", lambda _: len(client.all("auth:expired")) == 2)


def test_a_token_that_is_not_renewed_in_time_ends_the_connection(server):
    with Client(server, server.login(email="idles@example.org")["access_token"]) as client:
        client.wait_for("auth:expired")
        client.wait_for("disconnect", timeout_s=15)


def test_another_accounts_token_does_not_renew(server):
    with Client(server, server.login(email="one@example.org")["access_token"]) as client:
        other = server.login(email="two@example.org")["access_token"]
        assert client.ask("auth:refresh", {"token": other})["error"]["status"] == 401


def test_a_flood_of_events_is_answered_with_too_many_requests(server):
    with Client(server, server.login(email="floods@example.org")["access_token"]) as client:
        answers = [client.ask("run:unwatch", {"run_id": "0" * 32}) for _ in range(301)]
        refused = [answer["error"]["status"] for answer in answers if answer]
        assert refused
        assert set(refused) == {429}
        with Client(server, server.login(email="calm@example.org")["access_token"]) as calm:
            assert calm.ask("run:unwatch", {"run_id": "0" * 32}) == {}


def test_a_transport_that_shows_no_token_in_time_is_dropped(server):
    with BareClient(server) as client:
        client.ws.settimeout(10)
        assert client.is_cut()


def test_a_refused_client_is_not_kept_on_the_line(server):
    with BareClient(server) as client:
        client.ws.send('40{"token":"dead"}')
        client.ws.settimeout(10)
        assert client.is_cut()


def test_a_client_that_does_not_read_is_given_up(tmp_path):
    server = Server(tmp_path, {"send": 2}, rate_limits="off")
    try:
        token = server.login(email="sleeps@example.org")["access_token"]
        runs = [server.running(token=token) for _ in range(12)]
        with BareClient(server, token=token, buffer=4096) as client:
            for run_id in runs:  # a window of each is more than the kernel holds for one connection
                server.flood(run_id=run_id, size=1 << 20)
                client.emit("run:watch", {"run_id": run_id})
            eventually(lambda: server.inside()["watches"] == len(runs))
            eventually(lambda: server.inside()["watches"] == 0)
            eventually(lambda: server.inside()["transports"] == 0)
            assert client.is_cut()
    finally:
        server.stop()
