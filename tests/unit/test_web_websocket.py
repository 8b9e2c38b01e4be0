"""The socket below the WebSocket transport."""

import socket

from server.web.websocket import Wire


def test_a_small_message_never_waits_for_the_acknowledgement_of_the_one_before() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as ours:
        Wire(ours)
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
