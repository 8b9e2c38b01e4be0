"""The socket side of the contract, over real connections to a real server process."""

import base64
import itertools
import json
import threading
from contextlib import suppress

import httpx
import pytest
import socketio.exceptions
import websocket

from tests.integration.socket_pattern import pattern
from tests.integration.socket_peers import BareClient, Client, Server, eventually

MB = 1 << 20


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("sockets"), rate_limits="off")
    yield server
    server.stop()


@pytest.fixture
def own_server(tmp_path):
    """One that no other test's clients have been connected to."""
    server = Server(tmp_path, rate_limits="off")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def token(server):
    return new_token(server)


_emails = (f"user{number}@example.org" for number in itertools.count())


def new_token(server):
    return server.login(email=next(_emails))["access_token"]


def request(**changes):
    return {"files": {"main.py": "print(1)"}, **changes}


# --- who may connect


@pytest.mark.parametrize("bad", [None, "", "nonsense", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."])
def test_connecting_without_a_live_token_is_refused_with_a_problem(server, bad):
    with BareClient(server) as client:
        client.ws.send("40" + (f'{{"token":"{bad}"}}' if bad is not None else ""))
        answer = client.ws.recv()
        assert answer.startswith("44{")
        assert '"status":401' in answer


@pytest.mark.parametrize("auth", ["[]", '"text"', '{"token":5}', '{"token":null}', '{"token":["a"]}', "7"])
def test_an_odd_greeting_is_refused(server, auth):
    with BareClient(server) as client:
        client.ws.send("40" + auth)
        assert client.ws.recv().startswith("44{")


def test_a_refresh_token_does_not_connect(server):
    refresh = server.login(email=next(_emails))["refresh_token"]
    with pytest.raises(socketio.exceptions.ConnectionError):
        Client(server, refresh)


def test_events_before_a_token_was_shown_do_nothing(server, token):
    run_id = server.running(token=token)
    with BareClient(server) as client:
        client.emit("run:cancel", {"run_id": run_id}, ack=1)
        client.ws.send("40")
        assert client.ws.recv().startswith("44{")
    assert server.state(run_id=run_id, token=token)["state"] == "running"
    server.end(run_id=run_id)


@pytest.mark.parametrize("transports", [("websocket",), ("polling", "websocket"), ("polling",)])
def test_every_transport_carries_a_run(server, token, transports):
    run_id = server.running(token=token)
    with Client(server, token, transports=transports) as client:
        client.ask("run:watch", {"run_id": run_id, "offset": 0})
        server.flood(run_id=run_id, size=MB)
        client.end_of(run_id)
        assert client.output(run_id) == pattern(0, MB)


def test_a_page_of_another_origin_is_refused(server, token):
    for origin, allowed in ((server.url, True), ("https://evil.example", False), ("null", False)):
        try:
            with BareClient(server, token=token, origin=origin):
                connected = True
        except Exception:
            connected = False
        assert connected is allowed


# --- submit, watch, cancel, input


def test_a_submitted_run_is_watched_from_its_first_byte(server, token):
    with Client(server, token) as client:
        run = client.ask("run:submit", request(args=["1"]))["run"]
        assert run["state"] == "queued"
        assert run["queue_position"] >= 1
        server.begin(run_id=run["id"])
        server.say(run["id"], b"hello ")
        server.say(run["id"], b"\xff\x00 oops\n", stream="stderr")
        server.end(run_id=run["id"])
        ended = client.end_of(run["id"])
        assert client.output(run["id"]) == b"hello \xff\x00 oops\n"
        assert {piece["stream"] for piece in client.all("run:output")} == {"stdout", "stderr"}
        assert ended["state"] == "succeeded"
        assert ended["output"]["bytes"] == 14


def test_the_terminal_state_comes_once_and_after_the_last_byte(server, token):
    run_id = server.running(token=token)
    with Client(server, token) as client:
        client.ask("run:watch", {"run_id": run_id})
        server.flood(run_id=run_id, size=3 * MB)
        client.end_of(run_id)
        client.ask("run:unwatch", {"run_id": run_id})
        terminal = [
            n for n, (event, data) in enumerate(client.heard) if event == "run:state" and data["run"]["finished_at"]
        ]
        last_output = max(n for n, (event, _) in enumerate(client.heard) if event == "run:output")
        assert len(terminal) == 1
        assert terminal[0] > last_output


def test_states_are_told_as_they_change(server, token):
    with Client(server, token) as client:
        run_id = client.ask("run:submit", request())["run"]["id"]
        server.begin(run_id=run_id)
        client.wait_for("run:state", lambda data: data["run"]["state"] == "running")
        server.end(run_id=run_id, state="failed", exit_code=3)
        assert client.end_of(run_id)["exit_code"] == 3


def test_a_queued_run_is_told_when_it_moves_up(server):
    mine, other = new_token(server), new_token(server)
    first = server.queue(token=other)
    with Client(server, mine) as client:
        run = client.ask("run:submit", request())["run"]
        server.begin(run_id=first)
        client.wait_for(
            "run:state",
            lambda data: data["run"]["id"] == run["id"] and data["run"]["queue_position"] == run["queue_position"] - 1,
        )
        client.ask("run:cancel", {"run_id": run["id"]})
        assert client.end_of(run["id"])["state"] == "cancelled"
    server.end(run_id=first)


@pytest.mark.parametrize("offset", [0, 1, 59_999, 60_000, 65_536, 100_001, 2 * MB - 1, 2 * MB])
def test_an_ended_run_replays_from_any_offset(server, token, ended_run, offset):
    with Client(server, token) as client:
        client.ask("run:watch", {"run_id": ended_run, "offset": offset})
        client.end_of(ended_run)
        assert client.output(ended_run, start=offset) == pattern(offset, 2 * MB - offset)


@pytest.fixture(scope="module")
def ended_run(server, token):
    run_id = server.running(token=token)
    server.flood(run_id=run_id, size=2 * MB)
    eventually(lambda: server.state(run_id=run_id, token=token)["finished_at"])
    return run_id


def test_clients_that_join_during_output_all_get_every_byte(server, token):
    size, run_id = 8 * MB, server.running(token=token)
    server.flood(run_id=run_id, size=size, pause_every=1)
    outputs = {}

    def join(number):
        offset = number * 123_457
        with Client(server, token) as client:
            client.ask("run:watch", {"run_id": run_id, "offset": offset})
            client.end_of(run_id)
            outputs[offset] = client.output(run_id, start=offset)

    threads = [threading.Thread(target=join, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {offset: len(data) for offset, data in outputs.items()} == {
        n * 123_457: size - n * 123_457 for n in range(6)
    }
    assert all(data == pattern(offset, len(data)) for offset, data in outputs.items())


def test_a_client_that_reconnects_with_its_offset_misses_and_repeats_nothing(server, token):
    size, run_id = 6 * MB, server.running(token=token)
    server.flood(run_id=run_id, size=size, pause_every=1)
    data, ended = b"", False
    while not ended:
        with Client(server, token) as client:
            client.ask("run:watch", {"run_id": run_id, "offset": len(data)})
            reached = len(data) + 700_000
            client.wait_for("run:output", lambda piece, reached=reached: piece["offset"] > min(reached, size - 70_000))
            data += client.output(run_id, start=len(data))
            ended = len(data) == size
    assert data == pattern(0, size)


def test_watching_again_replaces_the_first_watch(server, token):
    run_id = server.running(token=token)
    server.say(run_id, b"0123456789")
    with Client(server, token) as client:
        client.ask("run:watch", {"run_id": run_id, "offset": 0})
        client.wait_for("run:output")
        client.ask("run:watch", {"run_id": run_id, "offset": 6})
        client.wait_for("run:output", lambda piece: piece["offset"] == 6 and piece["data"] == b"6789")
        server.say(run_id, b"!")
        client.wait_for("run:output", lambda piece: piece["offset"] == 10)
        server.end(run_id=run_id)
        client.end_of(run_id)
        assert [piece["offset"] for piece in client.all("run:output")] == [0, 6, 10]


def test_unwatch_ends_the_output(server, token):
    run_id = server.running(token=token)
    with Client(server, token) as client:
        client.ask("run:watch", {"run_id": run_id})
        assert client.ask("run:unwatch", {"run_id": run_id}) == {}
        server.say(run_id, b"unheard")
        server.end(run_id=run_id)
        assert client.ask("run:unwatch", {"run_id": run_id}) == {}
        assert client.all("run:output") == []
        assert eventually(lambda: server.inside()["bells"] == 0)


def test_cancel_is_passed_on_and_answered(server, token):
    run_id = server.running(token=token)
    with Client(server, token) as client:
        assert client.ask("run:cancel", {"run_id": run_id})["run"]["state"] == "running"
        assert run_id in server.cancelled()
        server.end(run_id=run_id, state="cancelled")
        assert client.ask("run:cancel", {"run_id": run_id})["error"]["status"] == 409


def test_input_reaches_the_program_in_order(server, token):
    run_id = server.running(token=token)
    with Client(server, token) as client:
        pieces = [b"a\n", "é\n", b"\x00\xff", *[f"{n}".encode() for n in range(50)], None]
        answers = []
        for piece in pieces:
            client.io.emit("run:input", {"run_id": run_id, "data": piece}, callback=answers.append)
        eventually(lambda: len(answers) == len(pieces))
        assert answers == [{}] * len(pieces)
        given = [None if data is None else base64.b64decode(data) for data in server.inputs(run_id=run_id)]
        assert given == [piece.encode() if isinstance(piece, str) else piece for piece in pieces]


def test_a_program_that_does_not_read_holds_back_nothing_but_its_input(server, token):
    run_id = server.running(token=token)
    server.deafen(run_id=run_id, deaf=True)
    with Client(server, token) as client:
        answers = []
        for number in range(3):
            data = {"run_id": run_id, "data": f"{number}"}
            client.io.emit("run:input", data, callback=lambda answer, n=number: answers.append((n, answer)))
        assert "run" in client.ask("run:watch", {"run_id": run_id})
        assert "run" in client.ask("run:cancel", {"run_id": run_id})
        assert answers == []
        server.deafen(run_id=run_id, deaf=False)
        eventually(lambda: answers == [(0, {}), (1, {}), (2, {})])


def test_no_more_input_waits_than_a_program_that_does_not_read_may_cost(server, token):
    run_id, piece = server.running(token=token), bytes(60_000)
    server.deafen(run_id=run_id, deaf=True)
    answers = []
    for _ in range(2):  # who comes again finds that what was sent before still waits
        with Client(server, token) as client:
            for _ in range(12):
                client.io.emit("run:input", {"run_id": run_id, "data": piece}, callback=answers.append)
            assert "run" in client.ask("run:watch", {"run_id": run_id})
    refused = [answer["error"]["status"] for answer in answers]
    assert set(refused) == {429}
    with Client(server, token) as client:
        assert "run" in client.ask("run:cancel", {"run_id": run_id})
        server.deafen(run_id=run_id, deaf=False)
        eventually(lambda: 17 <= len(server.inputs(run_id=run_id)) <= 24 - len(refused))
        assert client.ask("run:input", {"run_id": run_id, "data": b"once more"}) == {}


def test_input_for_a_run_that_is_not_running_is_a_conflict(server, token, ended_run):
    with Client(server, token) as client:
        assert client.ask("run:input", {"run_id": ended_run, "data": b"x"})["error"]["status"] == 409


# --- metrics, figures, load


def test_metrics_and_figures_are_replayed_to_each_watch(server, token):
    run_id = server.running(token=token)
    server.report(run_id=run_id, header={"type": "metric", "name": "loss", "value": 0.5, "step": 1, "time": 2.5})
    server.report(run_id=run_id, header={"type": "metric", "name": "nan", "value": "NaN", "step": None})
    server.report(run_id=run_id, header={"type": "nonsense"})
    picture = base64.b64encode(b"\x89PNG\n\x00picture").decode()
    server.report(run_id=run_id, header={"type": "display", "media_type": "image/png"}, body=picture)
    for _ in range(2):
        with Client(server, token) as client:
            client.ask("run:watch", {"run_id": run_id})
            shown = client.wait_for("run:display")
            picture_told = {"media_type": "image/png", "data": b"\x89PNG\n\x00picture"}
            assert shown == {"run_id": run_id, "number": 1, "offset": 0, **picture_told}
            assert client.all("run:metric") == [
                {"run_id": run_id, "name": "loss", "step": 1, "value": 0.5, "time": 2.5},
                {"run_id": run_id, "name": "nan", "step": None, "value": None, "time": None},
            ]
    with Client(server, token) as client:
        client.ask("run:watch", {"run_id": run_id})
        server.report(run_id=run_id, header={"type": "metric", "name": "late", "value": 1})
        client.wait_for("run:metric", lambda metric: metric["name"] == "late")


def test_large_figures_do_not_pile_up_for_a_client_that_does_not_read(server, token):
    run_id = server.running(token=token)
    figure = base64.b64encode(bytes(3 * MB)).decode()
    for _ in range(20):
        server.report(run_id=run_id, header={"type": "display", "media_type": "image/png"}, body=figure)
    before = server.inside()["rss_mb"]
    with BareClient(server, token=token, buffer=16384) as client:
        client.emit("run:watch", {"run_id": run_id}, ack=1)
        client.ws.recv()
        server.say(run_id, b"x")
        eventually(lambda: server.inside()["watches"] >= 1)
        assert server.inside()["rss_mb"] - before < 20
    server.end(run_id=run_id)


def test_load_is_the_share_of_cores_since_the_last_sample(server, token):
    run_id = server.running(token=token)
    with Client(server, token) as client:
        client.ask("run:watch", {"run_id": run_id})
        server.usage(run_id=run_id, cpu_s=1.0, memory_mb=100)
        server.usage(run_id=run_id, cpu_s=1.0, memory_mb=256)
        load = client.wait_for("run:usage")
        assert load == {"run_id": run_id, "cpu": 0.0, "memory_mb": 256.0}


# --- slow, stalled and hostile clients


def test_a_slow_client_gets_every_frame_whole(server, token):
    size, run_id = 4 * MB, server.running(token=token)
    server.flood(run_id=run_id, size=size)
    pauses = itertools.count()
    with BareClient(server, token=token, buffer=16384) as client:
        client.emit("run:watch", {"run_id": run_id})
        assert client.read_run(run_id, lambda: threading.Event().wait(0.05 if next(pauses) % 8 == 0 else 0)) == pattern(
            0, size
        )


def test_a_client_that_acknowledges_nothing_is_sent_one_window(server, token):
    run_id = server.running(token=token)
    client = Client(server, token, acknowledge=False)
    server.flood(run_id=run_id, size=8 * MB)
    client.io.emit("run:watch", {"run_id": run_id})
    eventually(lambda: len(client.all("run:output")) == 8)
    with Client(server, token) as other:
        other.ask("run:watch", {"run_id": run_id})
        other.end_of(run_id)
        assert len(other.output(run_id)) == 8 * MB
    assert len(client.all("run:output")) == 8
    client.close()


def test_a_stalled_client_costs_neither_memory_nor_the_others_time(server, token):
    size, run_id = 96 * MB, server.running(token=token)
    stalled = [BareClient(server, token=token, buffer=16384) for _ in range(5)]
    for client in stalled:
        client.emit("run:watch", {"run_id": run_id})
    before = server.inside()["rss_mb"]
    with BareClient(server, token=token) as quick:
        quick.emit("run:watch", {"run_id": run_id})
        server.flood(run_id=run_id, size=size)
        assert quick.read_run(run_id) == pattern(0, size)
    assert server.inside()["rss_mb"] - before < 40
    for client in stalled:
        client.close()
    eventually(lambda: server.inside()["watches"] == 0)


def test_a_client_that_watches_over_and_over_without_reading_costs_one_queue(server, token, ended_run):
    with BareClient(server, token=token, buffer=16384) as client:
        before = server.inside()["rss_mb"]
        for _ in range(200):
            client.emit("run:watch", {"run_id": ended_run})
        eventually(lambda: server.inside()["watches"] >= 1)
        assert server.inside()["queued"] < 300
        assert server.inside()["rss_mb"] - before < 20


@pytest.mark.parametrize("authenticated", [False, True])
def test_a_huge_message_ends_the_connection_and_not_the_memory(server, token, authenticated):
    before = server.inside()["rss_mb"]
    with BareClient(server, token=token if authenticated else None) as client:
        client.ws.settimeout(20)
        with suppress(OSError, websocket.WebSocketException):  # it is cut while it sends
            client.ws.send(bytes(200 * MB), opcode=2)
        assert client.is_cut()
    assert server.inside()["rss_mb"] - before < (80 if authenticated else 16)


def test_a_large_post_needs_a_token_first(server):
    with httpx.Client(base_url=server.url) as http:
        sid = json.loads(http.get("/socket.io/?EIO=4&transport=polling").text[1:])["sid"]
        where = f"/socket.io/?EIO=4&transport=polling&sid={sid}"
        assert http.post(where, content=b"4" * 65_537).status_code == 413
        assert http.post(where, content=b"3").status_code == 200


@pytest.mark.parametrize(
    "message",
    [
        "",
        "4",
        "49",
        "4z",
        "42",
        "42{",
        '42["run:watch"',
        "452-[]",
        '4599-["x"]',
        "5",
        "9",
        "42" + "[" * 50_000,
        "44{}",
        "46",
    ],
)
def test_what_is_not_socketio_harms_nobody_else(server, token, message):
    with Client(server, token) as witness, BareClient(server, token=token) as client:
        client.ws.send(message)
        assert "error" in witness.ask("run:watch", {})


def test_one_binary_value_is_all_that_a_message_may_announce(server, token):
    with BareClient(server, token=token) as client:
        client.ws.send('452-["run:input",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
        client.ws.settimeout(10)
        assert client.is_cut()


# --- what is refused, and how


@pytest.mark.parametrize(
    ("event", "data", "status", "field"),
    [
        ("run:watch", {}, 422, "run_id"),
        ("run:watch", None, 422, None),
        ("run:watch", [1], 422, None),
        ("run:watch", {"run_id": "0" * 32}, 404, None),
        ("run:watch", {"run_id": "x"}, 422, "run_id"),
        ("run:watch", {"run_id": 7}, 422, "run_id"),
        ("run:watch", {"run_id": "0" * 32, "offset": -1}, 422, "offset"),
        ("run:watch", {"run_id": "0" * 32, "offset": 1.5}, 422, "offset"),
        ("run:watch", {"run_id": "0" * 32, "offset": True}, 422, "offset"),
        ("run:watch", {"run_id": "0" * 32, "offset": 2**60}, 422, "offset"),
        ("run:watch", {"run_id": "0" * 32, "extra": 1}, 422, "extra"),
        ("run:unwatch", {"run_id": None}, 422, "run_id"),
        ("run:cancel", {"run_id": "0" * 32}, 404, None),
        ("run:input", {"run_id": "0" * 32, "data": "x"}, 404, None),
        ("run:input", {"run_id": "0" * 32}, 422, "data"),
        ("run:input", {"run_id": "0" * 32, "data": b"x" * 65537}, 422, "data"),
        ("run:submit", {"files": {"a.py": ""}}, 422, "entrypoint"),
        ("run:submit", {"files": {"main.py": ""}, "limits": {"memory_mb": 1 << 29}}, 422, "limits.memory_mb"),
        ("run:submit", {}, 422, "files"),
        ("auth:refresh", {"token": "dead"}, 401, None),
        ("auth:refresh", {}, 422, "token"),
        ("run:nonsense", {}, 422, None),
    ],
)
def test_a_bad_event_is_answered_with_a_problem(server, token, event, data, status, field):
    with Client(server, token) as client:
        problem = client.ask(event, data)["error"]
        assert problem["status"] == status
        assert {"type", "title", "detail"} <= problem.keys()
        if field:
            assert field in [error["field"] for error in problem["errors"]]


@pytest.mark.parametrize("event", ["run:watch", "run:cancel", "run:input"])
def test_somebody_elses_run_is_not_there(server, token, event):
    theirs = server.running(token=new_token(server))
    with Client(server, token) as client:
        data = {"run_id": theirs} | ({"data": b"x"} if event == "run:input" else {})
        mine = client.ask(event, data)["error"]
        nobody = client.ask(event, data | {"run_id": "0" * 32})["error"]
        assert mine == nobody
        assert mine["status"] == 404
    server.end(run_id=theirs)
    assert server.inputs(run_id=theirs) == []


def test_watches_of_one_connection_are_limited(server, token):
    runs = [server.queue(token=token) for _ in range(65)]
    with Client(server, token) as client:
        answers = [client.ask("run:watch", {"run_id": run_id}) for run_id in runs]
        assert ["error" in answer for answer in answers] == [False] * 64 + [True]
        assert answers[-1]["error"]["status"] == 409
        waiting = server.inside()["runs"]
        assert client.ask("run:submit", request())["error"]["status"] == 409
        assert server.inside()["runs"] == waiting
        client.ask("run:unwatch", {"run_id": runs[0]})
        assert "run" in client.ask("run:watch", {"run_id": runs[-1]})
        for run_id in runs:
            client.ask("run:cancel", {"run_id": run_id})
    eventually(lambda: server.inside()["watches"] == 0)


# --- sessions that end


def test_logout_ends_the_connection(server):
    token = server.login(email=next(_emails))["access_token"]
    with Client(server, token) as client, Client(server, new_token(server)) as other:
        server.logout(token=token)
        client.wait_for("disconnect", timeout_s=8)
        assert other.all("disconnect") == []


def test_a_disabled_account_is_disconnected(server):
    email = next(_emails)
    with Client(server, server.login(email=email)["access_token"]) as client:
        server.disable(email=email)
        client.wait_for("disconnect", timeout_s=8)


def test_an_api_key_connects_and_may_do_what_its_scopes_say(server):
    token = new_token(server)
    reading = server.key(token=token, scopes=["runs:read"])["key"]
    writing = server.key(token=token, scopes=["runs:write"])["key"]
    with Client(server, writing) as writer, Client(server, reading) as reader:
        run_id = writer.ask("run:submit", request())["run"]["id"]
        assert reader.ask("run:watch", {"run_id": run_id})["run"]["id"] == run_id
        for event, data in (
            ("run:submit", request()),
            ("run:cancel", {"run_id": run_id}),
            ("run:input", {"run_id": run_id, "data": "x"}),
        ):
            assert reader.ask(event, data)["error"]["status"] == 403, event
        assert writer.ask("run:cancel", {"run_id": run_id})["run"]["state"] == "cancelled"


def test_a_key_of_other_scopes_may_not_even_watch(server):
    token = new_token(server)
    run_id = server.queue(token=token)
    with Client(server, server.key(token=token, scopes=["datasets:write"])["key"]) as client:
        assert client.ask("run:watch", {"run_id": run_id})["error"]["status"] == 403


def test_revoking_a_key_ends_its_connections_and_no_others(server):
    token = new_token(server)
    key, other = (server.key(token=token, scopes=["runs:read"]) for _ in range(2))
    with Client(server, key["key"]) as client, Client(server, other["key"]) as kept, Client(server, token) as signed_in:
        server.revoke(token=token, key_id=key["id"])
        client.wait_for("disconnect")
        assert kept.all("disconnect") == signed_in.all("disconnect") == []
    with pytest.raises(socketio.exceptions.ConnectionError):
        Client(server, key["key"])


def test_nothing_is_left_of_clients_that_have_gone(own_server):
    server, token = own_server, new_token(own_server)
    run_id = server.running(token=token)
    before = server.inside()
    clients = [BareClient(server, token=token) for _ in range(20)]
    for client in clients:
        client.emit("run:watch", {"run_id": run_id}, ack=1)
        client.ws.recv()
    assert server.inside()["watches"] == 20
    for client in clients:
        client.close()
    eventually(lambda: server.inside()["watches"] == 0)
    eventually(lambda: (server.inside()["sockets"], server.inside()["bells"]) == (0, 0))
    eventually(lambda: server.inside()["fds"] <= before["fds"] + 2)
    server.end(run_id=run_id)
