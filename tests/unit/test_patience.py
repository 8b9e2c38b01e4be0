"""A server with little patience: slow clients are let go, and those who only take a while are not."""

import socket

import pytest
from gevent.pywsgi import WSGIServer

from server import patience
from server.patience import PatientHandler
from tests.waiting import eventually

LONG = 3600.0


class Endless:
    """An answer without end, which counts how often it was given up."""

    given_up = 0

    def __iter__(self):
        while True:
            yield b"x" * (1 << 20)

    def close(self):
        Endless.given_up += 1


def application(environ, start_response):
    """Says how much it was sent; of what goes to /unread it reads nothing, and /much has an answer without end."""
    if environ["PATH_INFO"] == "/much":
        start_response("200 OK", [])
        return Endless()
    try:
        size = 0 if environ["PATH_INFO"] == "/unread" else len(environ["wsgi.input"].read())
    except OSError:
        start_response("400 Bad Request", [("Content-Length", "4")])
        return [b"slow"]
    start_response("200 OK", [("Content-Length", "2")])
    return [b"%02d" % size]


@pytest.fixture
def dial(request):
    """Opens connections to a server whose handler is patient with everything but what the test names."""
    limits = dict.fromkeys(("IDLE_S", "HEAD_S", "PIECE_S", "REST_S", "SEND_S"), LONG)
    server = WSGIServer(
        ("127.0.0.1", 0), application, log=None, error_log=None,
        handler_class=type("Handler", (PatientHandler,), limits | getattr(request, "param", {})),
    )  # fmt: skip
    server.start()
    opened = []

    def connect(sent=b""):
        opened.append(socket.create_connection(("127.0.0.1", server.server_port), timeout=60))
        opened[-1].sendall(sent)
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()
    server.stop(timeout=1)


def said(connection):
    """All that comes before the server hangs up."""
    received = b""
    while piece := connection.recv(1 << 16):
        received += piece
    return received


def post(path, declared, sent=b"", more=b""):
    return b"POST %b HTTP/1.1\r\nHost: x\r\n%bContent-Length: %d\r\n\r\n" % (path, more, declared) + sent


SHORT = 0.2


@pytest.mark.parametrize("dial", [{"IDLE_S": SHORT}], indirect=True)
@pytest.mark.parametrize("sent", [b"", b"GET / HT"])
def test_a_connection_that_says_nothing_is_closed(dial, sent):
    assert said(dial(sent)) == b""


@pytest.mark.parametrize("dial", [{"IDLE_S": 10 * SHORT}], indirect=True)  # its first request must come in time
def test_a_connection_that_is_kept_is_closed_when_nothing_follows(dial):
    assert said(dial(post(b"/", 3, b"abc"))).endswith(b"\r\n\r\n03")


@pytest.mark.parametrize("dial", [{"HEAD_S": SHORT}], indirect=True)
def test_headers_that_never_end_are_refused(dial):
    assert said(dial(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("dial", [{"PIECE_S": SHORT, "REST_S": SHORT}], indirect=True)
@pytest.mark.parametrize(
    "request_", [post(b"/", 10, b"abc"), post(b"/", 10), post(b"/", 10, b"", b"Expect: 100-continue\r\n")]
)
def test_a_body_that_never_ends_is_given_up(dial, request_):
    assert said(dial(request_)).endswith(b"slow")


@pytest.mark.parametrize("dial", [{"REST_S": SHORT}], indirect=True)
def test_what_follows_a_refused_body_is_not_waited_for(dial):
    assert said(dial(post(b"/unread", 1 << 40, b"abc"))).endswith(b"\r\n\r\n00")


@pytest.mark.parametrize("dial", [{"SEND_S": SHORT}], indirect=True)
def test_an_answer_that_nobody_takes_is_given_up(dial, monkeypatch):
    monkeypatch.setattr(patience, "SLOWEST", 1 << 30)
    before = Endless.given_up
    dial(b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n")
    eventually(lambda: Endless.given_up > before, "the answer to be given up")


MALFORMED = {
    "two lengths": post(b"/", 1, b"a", b"Content-Length: 2\r\n"),
    "the same length twice": post(b"/", 1, b"a", b"Content-Length: 1\r\n"),
    "a length and chunks": post(b"/", 1, b"0\r\n\r\n", b"Transfer-Encoding: chunked\r\n"),
    "less than nothing": post(b"/", -1),
    "too many headers": post(b"/", 0, b"", b"".join(b"X-%d: x\r\n" % number for number in range(200))),
    "too long a header": post(b"/", 0, b"", b"X-Long: " + b"x" * 70_000 + b"\r\n"),
}


@pytest.mark.parametrize("what", MALFORMED)
def test_what_could_be_read_in_two_ways_or_is_too_much_is_refused(dial, what):
    assert dial(MALFORMED[what]).recv(100).startswith(b"HTTP/1.1 400 ")


def test_who_only_takes_a_while_is_served(dial):
    slow = dial(post(b"/", 6, b"abc"))
    assert dial(post(b"/", 2, b"ab")).recv(1 << 16).endswith(b"02")
    slow.sendall(b"def" + post(b"/", 1, b"x"))
    received = b""
    while not received.endswith(b"01"):
        received += slow.recv(1 << 16)
    assert received.count(b"HTTP/1.1 200") == 2
