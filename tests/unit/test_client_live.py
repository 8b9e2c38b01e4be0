"""Following a run: every byte once and in order, whatever becomes of the connection."""

import random
import threading
from collections.abc import Iterator

import pytest
from client_peer import CuttingProxy, Peer, Script, serving

from client import (
    ApiError,
    Client,
    ConnectionFailed,
    Figure,
    IntegrityError,
    Metric,
    NotFound,
    NotSignedIn,
    Output,
    Reconnecting,
    Run,
    StateChange,
    Usage,
    run_request,
)
from client.inbox import Inbox
from client.live import LiveRun, unseen

REQUEST = run_request({"main.py": ""})


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serving() as peer:
        yield peer


@pytest.fixture
def client(peer: Peer) -> Iterator[Client]:
    pair = peer.sign_in()
    with Client(peer.url, pair["access_token"], refresh_token=pair["refresh_token"]) as client:
        yield client


def mixed_output(seed: int, pieces: int = 60) -> list[tuple[str, bytes]]:
    rng = random.Random(seed)
    return [
        (rng.choice(["stdout", "stderr"]), rng.randbytes(rng.choice([1, 99, 70_000, 200_000]))) for _ in range(pieces)
    ]


def streams(events: Iterator[object]) -> tuple[dict[str, bytes], Run]:
    """What arrived on each stream, and the run as it ended."""
    got: dict[str, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
    end = None
    for event in events:
        assert end is None, "nothing may come after the end"
        if isinstance(event, Output):
            got[event.stream] += event.data
        elif isinstance(event, StateChange) and event.run.finished:
            end = event.run
    assert end is not None
    return {name: bytes(data) for name, data in got.items()}, end


def expected(output: list[tuple[str, bytes]]) -> dict[str, bytes]:
    return {name: b"".join(data for stream, data in output if stream == name) for name in ("stdout", "stderr")}


def test_both_streams_arrive_exactly_then_the_end(peer, client):
    output = mixed_output(1)
    peer.next_script = Script(output=list(output), ending={"state": "failed", "reason": "exit_code", "exit_code": 3})
    with client.launch(REQUEST) as live:
        got, end = streams(live)
    assert got == expected(output)
    assert (end.state, end.exit_code) == ("failed", 3)


def test_a_connection_cut_anywhere_loses_and_repeats_no_byte(peer):
    output = mixed_output(2)
    size = sum(len(data) for _, data in output)
    rng = random.Random(3)
    proxy = CuttingProxy(peer.port, cuts=[rng.randrange(1, size // 4) for _ in range(12)])
    run = peer.add_run({})
    run.script = Script(output=list(output))
    with Client(proxy.url, peer.sign_in()["access_token"]) as client:
        # The very first connection is not retried: a wrong address should be told at once.
        proxy.cuts[0] = 50_000
        got, end = streams(client.follow(run.id))
    assert got == expected(output)
    assert end.state == "succeeded"
    assert proxy.connections > 3
    proxy.close()


def test_following_can_begin_at_any_byte(peer, client):
    run = peer.add_run({})
    run.script = Script(output=[("stdout", b"0123456789"), ("stderr", b"abcdef")])
    assert streams(client.follow(run.id, 7))[0] == {"stdout": b"789", "stderr": b"abcdef"}
    assert streams(client.follow(run.id, 13))[0] == {"stdout": b"", "stderr": b"def"}


def test_a_chunk_that_was_seen_in_part_is_cut_and_one_beyond_a_gap_is_refused():
    assert unseen(5, 5, b"abc") == b"abc"
    assert unseen(5, 3, b"abc") == b"c"
    assert unseen(5, 1, b"abc") == b""
    assert unseen(5, 6, b"abc") is None


def test_chunks_sent_twice_are_shown_once(peer, client):
    run = peer.add_run({})
    run.script = Script(output=[("stdout", b"abc"), ("stdout", b"abcdef"), ("stdout", b"abcdef")])
    peer.corrupt_offset = lambda offset: 0
    assert streams(client.follow(run.id))[0]["stdout"] == b"abcdef"


def test_a_gap_is_asked_for_again(peer, client):
    run = peer.add_run({})
    run.script = Script(output=[("stdout", b"abc"), ("stdout", b"def")])
    wrong = iter([0, 1000])
    peer.corrupt_offset = lambda offset: offset + next(wrong, 0)
    assert streams(client.follow(run.id))[0]["stdout"] == b"abcdef"
    assert peer.log[-1] == f"watch {run.id} 3"


def test_a_gap_that_stays_is_an_error_and_not_a_silent_loss(peer, client):
    run = peer.add_run({})
    run.script = Script(output=[("stdout", b"abc")])
    peer.corrupt_offset = lambda offset: offset + 1
    with pytest.raises(IntegrityError, match="byte 0"):
        list(client.follow(run.id))


def test_a_token_that_expires_meanwhile_is_renewed_on_the_same_connection(peer, client):
    peer.next_script = Script(waits_for_input=True)
    with client.launch(REQUEST) as live:
        events = iter(live)
        assert isinstance(next(events), StateChange)
        peer.tell_expired()
        live.send_input(None)
        assert streams(events)[1].state == "succeeded"
    assert peer.refreshes == 1
    assert not [line for line in peer.log if line.startswith("watch")]


def test_a_token_that_expired_while_the_connection_was_down_is_renewed(peer):
    pair = peer.sign_in()
    run = peer.add_run({})
    run.script = Script(output=[("stdout", b"x" * 500_000)])
    proxy = CuttingProxy(peer.port, cuts=[100_000])
    client = Client(proxy.url, pair["access_token"], refresh_token=pair["refresh_token"])
    with client, client.live(run.id) as live:
        peer.expire()
        assert len(streams(live)[0]["stdout"]) == 500_000
    assert peer.refreshes == 1
    proxy.close()


def test_input_refused_for_an_expired_token_is_sent_again_with_a_new_one(peer, client):
    peer.next_script = Script(waits_for_input=True)
    with client.launch(REQUEST) as live:
        peer.expire()
        live.send_input(b"late")
        live.send_input(None)
        assert streams(live)[0]["stdout"] == b"late"
    assert peer.refreshes == 1


def test_a_sign_in_that_is_gone_ends_following_with_that_error(peer, client):
    peer.next_script = Script(waits_for_input=True)
    with client.launch(REQUEST) as live:
        peer.refresh.clear()
        peer.tell_expired()
        with pytest.raises(NotSignedIn):
            list(live)


def test_what_is_not_consumed_is_not_acknowledged(peer, client):
    run = peer.add_run({})
    run.script = Script(output=[("stdout", b"x" * 3_000_000)])
    with client.live(run.id) as live:
        events = iter(live)
        first = next(event for event in events if isinstance(event, Output))
        assert peer.starved.wait(10)
        live.send_input(b"")  # there and back: an acknowledgement sent before it has arrived
        assert (peer.sent, peer.acknowledged) == (8, 0)
        rest = sum(len(event.data) for event in events if isinstance(event, Output))
    assert len(first.data) + rest == 3_000_000


def test_an_end_told_before_the_last_byte_is_not_taken_for_the_end(peer, client):
    run = peer.add_run({})
    run.script, run.state = Script(output=[("stdout", b"all of it")]), "ended"
    peer.early_ends = 1
    assert streams(client.follow(run.id))[0]["stdout"] == b"all of it"
    # A server that counts bytes it never sends is believed in the end.
    peer.early_ends = 99
    assert streams(client.follow(run.id))[1].state == "succeeded"


def test_input_reaches_the_program_and_its_end_does_too(peer, client):
    data = bytes(range(256)) * 1000
    peer.next_script = Script(waits_for_input=True)
    with client.launch(REQUEST) as live:
        live.send_input(data)
        live.send_input(b"")
        live.send_input(None)
        got, _ = streams(live)
    assert got["stdout"] == data
    assert peer.runs[live.run_id].input[-1] is None


def test_a_large_request_is_submitted_like_a_small_one(peer, client):
    request = run_request({"main.py": "#" * 900_000})
    with client.launch(request) as live:
        assert streams(live)[1].state == "succeeded"
    assert peer.runs[live.run_id].request["files"]["main.py"] == "#" * 900_000


def test_what_the_program_reports_comes_as_values(peer, client):
    reports = [
        ("run:usage", {"cpu": 0.5, "memory_mb": 100.0}),
        ("run:metric", {"name": "loss", "step": 3, "value": 0.25, "time": 1.5}),
        ("run:display", {"media_type": "image/png", "data": b"\x89PNG"}),
        ("run:something-new", {"x": 1}),
    ]
    peer.next_script = Script(reports=reports, output=[("system", b"note"), ("stdout", b"out")])
    with client.launch(REQUEST) as live:
        events = [event for event in live if not isinstance(event, StateChange)]
    assert events == [
        Usage(0.5, 100.0),
        Metric("loss", 3, 0.25),
        Figure("image/png", b"\x89PNG"),
        Output("system", b"note", 0),
        Output("stdout", b"out", 0),
    ]


def test_following_what_is_not_there_is_not_found(peer, client):
    with pytest.raises(NotFound):
        list(client.follow("nothing"))


def test_a_server_that_stays_away_is_given_up_on_and_the_offset_kept(peer):
    run = peer.add_run({})
    run.script = Script(output=[("stdout", b"x" * 5_000_000)])
    proxy = CuttingProxy(peer.port, cuts=[1_500_000])
    with Client(proxy.url, peer.sign_in()["access_token"]) as client:
        live = LiveRun(client._dial, client._tokens.renew, run.id, patience=0.5)
        proxy.close()
        downtime = []
        with live, pytest.raises(ConnectionFailed):
            downtime.extend(event for event in live if isinstance(event, Reconnecting))
        assert 0 < live.offset < 5_000_000
    assert downtime


def test_closing_ends_whoever_waits(peer, client):
    peer.next_script = Script(waits_for_input=True)
    live = client.launch(REQUEST)
    told: list[Exception] = []

    def wait() -> None:
        try:
            list(live)
        except ConnectionFailed as error:
            told.append(error)

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    live.close()
    waiting.join(10)
    assert len(told) == 1
    with pytest.raises(ConnectionFailed):
        live.send_input(b"x")


def test_an_address_that_speaks_no_socket_io_is_refused(peer):
    proxy = CuttingProxy(peer.port, cuts=[60])
    with Client(proxy.url, peer.sign_in()["access_token"]) as client, pytest.raises((ConnectionFailed, ApiError)):
        client.live("run-1")
    proxy.close()


def test_the_inbox_keeps_order_blocks_when_full_and_ends_after_its_last_item():
    inbox: Inbox[int] = Inbox(2)
    writer = threading.Thread(target=lambda: [inbox.put(i) for i in range(5)])
    writer.start()
    assert [inbox.get() for _ in range(5)] == [0, 1, 2, 3, 4]
    writer.join()
    inbox.put(5)
    inbox.end(ConnectionFailed("first"))
    inbox.end(ConnectionFailed("second"))
    inbox.put(6)
    assert inbox.get() == 5
    with pytest.raises(ConnectionFailed, match="first"):
        inbox.get()
