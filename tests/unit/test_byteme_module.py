"""The module that programs import: real programs, each in a process of its own, and a real socket."""

import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import textwrap
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

MODULE = Path(__file__).parents[2] / "sandbox-image"
PNG = b"\x89PNG\r\n\x1a\n and so on"


class Event(NamedTuple):
    header: dict[str, Any]
    body: bytes


class Listener:
    """The other end of $BYTEME_EVENTS: keeps every event of every connection."""

    def __init__(self) -> None:
        self.address = f"@byteme-test-{uuid.uuid4()}"
        self.connections: list[list[Event]] = []
        self.before_body: Callable[[dict[str, Any]], object] = lambda header: None  # while an event's body waits
        self.before_end: Callable[[Event], object] = lambda event: None  # once it is there, before anything else is
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind("\0" + self.address[1:])
        self._socket.listen()
        self._acceptor = threading.Thread(target=self._accept)
        self._readers: list[threading.Thread] = []
        self._acceptor.start()

    @property
    def events(self) -> list[Event]:
        return [event for connection in self.connections for event in connection]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            received: list[Event] = []
            self.connections.append(received)
            reader = threading.Thread(target=self._read, args=(connection, received))
            reader.start()
            self._readers.append(reader)

    def finish(self) -> None:
        """Wait until every connection has been read to its end."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._acceptor.join()
        self._socket.close()
        for reader in self._readers:
            reader.join()

    def _read(self, connection: socket.socket, received: list[Event]) -> None:
        with connection, connection.makefile("rb", buffering=0) as raw:
            while lengths := raw.read(8):
                length, body = struct.unpack(">II", lengths)
                header = json.loads(_exactly(raw, length))
                self.before_body(header)
                received.append(Event(header, _exactly(raw, body)))
                self.before_end(received[-1])


def _exactly(raw: Any, length: int) -> bytes:
    data = b""
    while len(data) < length and (piece := raw.read(length - len(data))):
        data += piece
    return data


@pytest.fixture
def listener() -> Iterator[Listener]:
    listening = Listener()
    yield listening
    listening.finish()


def run(program: str, address: str | None) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(MODULE), "PYTHONDONTWRITEBYTECODE": "1"}
    if address:
        env["BYTEME_EVENTS"] = address
    argv = [sys.executable, "-W", "error", "-c", textwrap.dedent(program)]
    return subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)


def told(listener: Listener, program: str) -> list[Event]:
    """The events of a program that must succeed without a word on standard error."""
    finished = run("import byteme\n" + textwrap.dedent(program), listener.address)
    assert (finished.returncode, finished.stderr) == (0, "")
    listener.finish()
    return listener.events


def test_metrics_arrive_in_order_with_their_steps(listener: Listener) -> None:
    events = told(listener, "for n in range(3): byteme.log(step=n, loss=1 / (n + 1), epoch=n)")

    assert [(e.header["name"], e.header["step"], e.header["value"]) for e in events] == [
        ("loss", 0, 1.0),
        ("epoch", 0, 0.0),
        ("loss", 1, 0.5),
        ("epoch", 1, 1.0),
        ("loss", 2, 1 / 3),
        ("epoch", 2, 2.0),
    ]
    assert {e.header["type"] for e in events} == {"metric"}
    assert {e.body for e in events} == {b""}


def test_values_of_one_call_share_one_time(listener: Listener) -> None:
    first, second, third = told(listener, "byteme.log(a=1, b=2)\nbyteme.log(a=3)")

    assert first.header["time"] == second.header["time"] <= third.header["time"]


def test_a_step_is_not_needed(listener: Listener) -> None:
    (event,) = told(listener, "byteme.log(accuracy=0.9)")

    assert event.header["step"] is None


def test_values_that_json_cannot_say_keep_their_meaning(listener: Listener) -> None:
    events = told(listener, "byteme.log(a=float('nan'), b=float('inf'), c=-float('inf'))")

    assert [e.header["value"] for e in events] == ["NaN", "Infinity", "-Infinity"]


def test_one_element_tensors_are_numbers(listener: Listener) -> None:
    program = """
        class Tensor:
            def item(self):
                return 0.25
        byteme.log(loss=Tensor())
    """
    (event,) = told(listener, program)

    assert event.header["value"] == 0.25


@pytest.mark.parametrize("value", ["'0.5'", "None", "[1.0]", "1j", "b'1'", "{}"])
def test_a_bad_value_names_the_metric_and_sends_nothing_of_the_call(listener: Listener, value: str) -> None:
    program = f"""
        try:
            byteme.log(good=1, bad={value})
        except TypeError as error:
            assert "'bad'" in str(error), error
        else:
            raise SystemExit("accepted")
    """
    assert told(listener, program) == []


def test_an_integer_too_large_for_a_float_names_the_metric(listener: Listener) -> None:
    finished = run("import byteme; byteme.log(huge=10 ** 400)", listener.address)

    assert "OverflowError: metric 'huge'" in finished.stderr


@pytest.mark.parametrize("step", ["1.5", "'3'"])
def test_a_step_that_is_no_integer_is_refused(listener: Listener, step: str) -> None:
    finished = run(f"import byteme; byteme.log(step={step}, loss=1)", listener.address)

    assert "TypeError: step must be an integer or None" in finished.stderr


def test_images_are_recognised_by_their_bytes(listener: Listener) -> None:
    events = told(listener, f"byteme.display({PNG!r})\nbyteme.display('<svg/>')\nbyteme.display('plain words')")

    assert [(e.header, e.body) for e in events] == [
        ({"type": "display", "media_type": "image/png"}, PNG),
        ({"type": "display", "media_type": "image/svg+xml"}, b"<svg/>"),
        ({"type": "display", "media_type": "text/plain"}, b"plain words"),
    ]


def test_a_media_type_that_is_given_is_kept(listener: Listener) -> None:
    (event,) = told(listener, "byteme.display('<b>bold</b>', media_type='text/html')")

    assert (event.header["media_type"], event.body) == ("text/html", b"<b>bold</b>")


def test_figures_are_shown_as_png_and_tables_as_they_show_themselves(listener: Listener) -> None:
    program = f"""
        class Figure:
            def savefig(self, file, format, **options):
                assert format == "png"
                file.write({PNG!r})

        class Table:
            def _repr_html_(self):
                return "<table></table>"

        byteme.display(Figure())
        byteme.display(Table())
    """
    figure, table = told(listener, program)

    assert (figure.header["media_type"], figure.body) == ("image/png", PNG)
    assert (table.header["media_type"], table.body) == ("text/html", b"<table></table>")


@pytest.mark.parametrize(("shown", "error"), [("b'?'", "ValueError: media_type"), ("object()", "TypeError: cannot")])
def test_what_cannot_be_shown_is_refused(listener: Listener, shown: str, error: str) -> None:
    assert error in run(f"import byteme; byteme.display({shown})", listener.address).stderr


def test_large_bodies_arrive_whole(listener: Listener) -> None:
    (event,) = told(listener, "byteme.display(bytes(range(256)) * 16384, media_type='image/png')")

    assert event.body == bytes(range(256)) * 16384


def test_threads_never_cut_into_each_others_events(listener: Listener) -> None:
    program = """
        import threading
        def work(name):
            for n in range(200):
                byteme.log(step=n, **{name: n})
        threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
    """
    events = told(listener, program)

    assert len(listener.connections) == 1
    for name in "abcd":
        assert [e.header["step"] for e in events if e.header["name"] == name] == list(range(200))


def test_a_forked_child_has_a_connection_of_its_own(listener: Listener) -> None:
    program = """
        import os
        byteme.log(parent=1)
        child = os.fork()
        if child == 0:
            byteme.log(child=1)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        byteme.log(parent=2)
    """
    told(listener, program)

    assert sorted([e.header["name"] for e in events] for events in listener.connections) == [
        ["child"],
        ["parent", "parent"],
    ]


def test_without_a_listener_named_a_program_runs_as_ever() -> None:
    finished = run("import byteme; byteme.log(a=1); byteme.display('x'); print('done')", None)

    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "done\n", "")


def test_a_listener_that_is_not_there_costs_one_line() -> None:
    finished = run("import byteme\nfor n in range(5): byteme.log(a=n)\nprint('done')", f"@byteme-test-{uuid.uuid4()}")

    assert (finished.returncode, finished.stdout) == (0, "done\n")
    assert finished.stderr.count("\n") == 1
    assert "metrics are not delivered any more" in finished.stderr


def test_a_listener_that_goes_away_costs_one_line() -> None:
    program = """
        import os, socket
        import byteme
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        peer.bind("\\0" + os.environ["BYTEME_EVENTS"][1:])
        peer.listen()
        byteme.log(a=0)
        peer.accept()[0].close()
        peer.close()
        for n in range(5): byteme.log(a=n)
        print("done")
    """
    finished = run(program, f"@byteme-test-{uuid.uuid4()}")

    assert (finished.returncode, finished.stdout) == (0, "done\n")
    assert finished.stderr.count("\n") == 1


def shown(event: Event | dict[str, Any], media_type: str) -> bool:
    header = event.header if isinstance(event, Event) else event
    return header.get("media_type") == media_type


def arrival(listener: Listener, name: str) -> Callable[[Event], object]:
    """For `before_end`: a figure's connection ends once the metric has arrived."""
    arrived = threading.Event()

    def before_end(event: Event) -> None:
        if event.header["type"] == "display":
            arrived.wait(30)
        elif event.header["name"] == name:
            arrived.set()

    return before_end


def test_a_figure_waits_for_its_place_without_limit_and_keeps_no_metric_waiting(listener: Listener) -> None:
    listener.before_end = arrival(listener, "last")
    program = """
        import socket, threading
        socket.setdefaulttimeout(0.001)
        limits = []
        limit = socket.socket.settimeout
        socket.socket.settimeout = lambda peer, seconds: limits.append(seconds) or limit(peer, seconds)
        waits = threading.Thread(target=byteme.display, args=("slow", "text/plain"))
        waits.start()
        for n in range(100): byteme.log(step=n, loss=n)
        assert waits.is_alive()
        byteme.log(last=1)
        waits.join()
        byteme.log(after=1)
        assert set(limits) == {None}, limits
        socket.socket.settimeout = limit
    """
    names = [event.header.get("name", "slow") for event in told(listener, program)]

    assert sorted(names) == sorted(["loss"] * 100 + ["last", "slow", "after"])


def test_a_figure_that_is_not_delivered_costs_one_line_and_neither_metrics_nor_later_figures(
    listener: Listener,
) -> None:
    program = """
        import os
        import byteme
        byteme.log(first=1)
        address = os.environ["BYTEME_EVENTS"]
        os.environ["BYTEME_EVENTS"] += "-not"
        byteme.display("lost")
        byteme.display("lost, too")
        os.environ["BYTEME_EVENTS"] = address
        byteme.log(second=2)
        byteme.display("shown")
    """
    finished = run(program, listener.address)
    listener.finish()

    assert (finished.returncode, finished.stderr.count("\n")) == (0, 1)
    assert "a figure was not delivered" in finished.stderr
    assert [event.header.get("name", event.body) for event in listener.events] == ["first", "second", b"shown"]


def signal_in_place(listener: Listener, name: str) -> None:
    """Has whoever shows its own pid get a signal while it waits, until `name` has arrived."""
    ends = arrival(listener, name)

    def before_end(event: Event) -> None:
        if event.header["type"] == "display":
            os.kill(int(event.body), signal.SIGUSR1)
        ends(event)

    listener.before_end = before_end


def test_a_handler_of_a_signal_may_report_while_a_figure_waits(listener: Listener) -> None:
    signal_in_place(listener, "handled")
    program = """
        import os, signal
        signal.signal(signal.SIGUSR1, lambda *_: byteme.log(handled=1))
        byteme.display(str(os.getpid()))
        byteme.log(after=1)
    """
    names = [event.header.get("name") for event in told(listener, program)]

    assert names == [None, "handled", "after"]


def test_a_handler_of_a_signal_never_cuts_into_the_event_that_it_interrupts(listener: Listener) -> None:
    handled = threading.Event()

    def before_body(header: dict[str, Any]) -> None:
        if header["type"] == "large":
            os.kill(header["pid"], signal.SIGUSR1)
            handled.wait(30)

    listener.before_body = before_body
    listener.before_end = lambda event: shown(event, "text/handled") and handled.set()
    program = """
        import os, signal
        from byteme import events
        def handler(*_):
            byteme.log(nested=1)
            byteme.display("", "text/handled")
        signal.signal(signal.SIGUSR1, handler)
        events.send({"type": "large", "pid": os.getpid()}, b"b" * 4_000_000)
        byteme.log(after=1)
    """
    told(listener, program)
    large, *small = listener.connections[0]

    assert large.body == b"b" * 4_000_000
    assert [event.header["name"] for event in small] == ["nested", "after"]


def test_an_event_that_a_handler_breaks_off_is_no_part_of_the_next(listener: Listener) -> None:
    listener.before_body = lambda header: header["type"] == "large" and os.kill(header["pid"], signal.SIGINT)
    program = """
        import os
        from byteme import events
        try:
            events.send({"type": "large", "pid": os.getpid()}, b"b" * 8_000_000)
        except KeyboardInterrupt:
            byteme.log(after=1)
    """
    told(listener, program)

    assert [event.header["name"] for event in listener.connections[1]] == ["after"]


def test_a_forked_child_holds_no_figure_that_another_is_showing(listener: Listener) -> None:
    signal_in_place(listener, "forked")
    program = """
        import os, signal
        def sockets():
            links = []
            for number in os.listdir("/proc/self/fd"):
                try: links.append(os.readlink(f"/proc/self/fd/{number}"))
                except FileNotFoundError: pass
            return sum(link.startswith("socket:") for link in links)
        before = sockets()
        def handler(*_):
            assert sockets() == before + 1
            child = os.fork()
            if child == 0:
                os._exit(sockets() - before)
            byteme.log(forked=os.waitpid(child, 0)[1])
        signal.signal(signal.SIGUSR1, handler)
        byteme.display(str(os.getpid()))
    """
    (value,) = [event.header["value"] for event in told(listener, program) if event.header["type"] == "metric"]

    assert value == 0
