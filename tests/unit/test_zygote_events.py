"""What the sandbox's supervisor promises those who report to it: its own code, with real sockets and pipes, in this process."""

import importlib.util
import os
import select
import socket
import struct
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import gevent.monkey
import pytest

SOURCE = Path(__file__).parents[2] / "sandbox-image" / "zygote.py"
MOST = 3
UNPATCHED = gevent.monkey.get_original  # the tests' process is gevent's, which has no epoll and closes files later


class Frame(NamedTuple):
    kind: int
    payload: bytes


class Supervised:
    """A supervisor that writes to a file, and hears one pipe as a program's standard output."""

    def __init__(self, zygote: Any, stream: Path) -> None:
        self._zygote = zygote
        self._stream = stream
        self._sink = os.open(stream, os.O_WRONLY | os.O_CREAT)
        self.supervisor = zygote.Supervisor(self._sink, "")
        self.supervisor.listen()
        self._printed, self.stdout = os.pipe()
        os.set_blocking(self._printed, False)
        self.supervisor.outputs[self._printed] = zygote.STDOUT
        self._dialled: list[socket.socket] = []

    def dial(self) -> socket.socket:
        peer: socket.socket = UNPATCHED("socket", "socket")(socket.AF_UNIX)
        peer.connect(self._zygote.EVENTS_ADDRESS)
        peer.setblocking(False)
        self._dialled.append(peer)
        return peer

    def settle(self) -> None:
        """Lets it do all there is to do."""
        while self.supervisor.poll.poll(0):
            self.supervisor.step(0)

    def frames(self) -> list[Frame]:
        data, found = self._stream.read_bytes(), []
        while data:
            _, kind, _, length = self._zygote.FRAME.unpack_from(data)
            end = self._zygote.FRAME.size + length
            found.append(Frame(kind, data[self._zygote.FRAME.size : end]))
            data = data[end:]
        return found

    def close(self) -> None:
        for peer in self._dialled:
            peer.close()
        for fd in (self._sink, self._printed, self.stdout, *self.supervisor.peers):
            os.close(fd)
        self.supervisor.listener.close()
        self.supervisor.poll.close()


@pytest.fixture
def zygote() -> Any:
    spec = importlib.util.spec_from_file_location("zygote", SOURCE)
    assert spec
    assert spec.loader
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.os = SimpleNamespace(**vars(os) | {"close": UNPATCHED("os", "close")})
    module.select = SimpleNamespace(
        epoll=UNPATCHED("select", "epoll"),
        EPOLLIN=select.EPOLLIN,
        EPOLLOUT=select.EPOLLOUT,
    )
    module.EVENTS_ADDRESS = f"\0byteme-test-{uuid.uuid4()}"
    module.MAX_EVENT_PEERS = MOST
    return module


@pytest.fixture
def supervised(zygote: Any, tmp_path: Path) -> Iterator[Supervised]:
    supervised = Supervised(zygote, tmp_path / "stream")
    yield supervised
    supervised.close()


def event(header: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">II", len(header), len(body)) + header + body


METRIC = b'{"type": "metric", "name": "loss", "value": 1}'
SHOWN = b'{"type": "display", "media_type": "image/png"}'


def show(peer: socket.socket) -> None:
    peer.sendall(event(SHOWN, b"figure"))
    peer.shutdown(socket.SHUT_WR)


def is_taken(peer: socket.socket) -> bool:
    """Whether the supervisor has closed the connection."""
    try:
        return peer.recv(1) == b""
    except BlockingIOError:
        return False


def test_a_figure_waits_for_a_place_when_all_are_taken(supervised: Supervised) -> None:
    holders = [supervised.dial() for _ in range(MOST)]
    supervised.settle()
    figure = supervised.dial()
    show(figure)
    supervised.settle()
    assert not is_taken(figure)

    holders[0].close()
    supervised.settle()
    assert is_taken(figure)
    assert supervised.frames() == [Frame(3, SHOWN + b"\nfigure")]
    for holder in holders[1:]:
        holder.sendall(event(METRIC))
    supervised.settle()
    assert supervised.frames()[1:] == [Frame(3, METRIC + b"\n")] * (MOST - 1)


def test_waiting_for_a_place_costs_the_supervisor_nothing(supervised: Supervised) -> None:
    peers = [supervised.dial() for _ in range(MOST + 2)]
    supervised.settle()

    assert supervised.supervisor.poll.poll(0) == []
    assert len(supervised.supervisor.peers) == MOST
    assert not any(is_taken(peer) for peer in peers)


def test_of_the_dead_those_who_waited_for_a_place_are_heard_too(supervised: Supervised) -> None:
    """At the end of the program it stays only while somebody is connected."""
    peers = [supervised.dial() for _ in range(MOST)]
    supervised.settle()
    peers += [supervised.dial() for _ in range(2 * MOST)]
    for number, peer in enumerate(peers):
        peer.sendall(event(b"%d" % number))
        peer.close()
    while supervised.supervisor.peers:
        supervised.supervisor.step(0)

    assert sorted(frame.payload for frame in supervised.frames()) == sorted(b"%d\n" % n for n in range(3 * MOST))


@pytest.mark.parametrize("size", [7, 1000], ids=["in pieces", "whole"])
def test_a_figure_stands_behind_all_that_was_printed_before(supervised: Supervised, size: int) -> None:
    peer = supervised.dial()
    os.write(supervised.stdout, b"before\n")
    message = event(SHOWN, b"figure")
    for start in range(0, len(message), size):
        peer.sendall(message[start : start + size])
        supervised.settle()

    assert supervised.frames() == [Frame(1, b"before\n"), Frame(3, SHOWN + b"\nfigure")]


def test_metrics_do_not_cut_the_output_to_pieces(supervised: Supervised) -> None:
    peer = supervised.dial()
    supervised.settle()
    for number in range(10):
        os.write(supervised.stdout, b"%d\n" % number)
        peer.sendall(event(METRIC))
        supervised.settle()
    supervised.supervisor.catch_up()

    assert supervised.frames() == [Frame(3, METRIC + b"\n")] * 10 + [Frame(1, b"".join(b"%d\n" % n for n in range(10)))]


def test_who_reports_is_not_silent(supervised: Supervised) -> None:
    """What the dead have reported is heard to its end, however long the host takes to make room for it."""
    supervised.supervisor.heard = 0.0
    supervised.dial().sendall(event(METRIC))
    supervised.settle()

    assert supervised.supervisor.heard > 0
