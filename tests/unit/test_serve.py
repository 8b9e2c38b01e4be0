"""The server's own socket."""

import socket

from server.serve import _listen
from server.settings import Settings


def test_an_answers_last_packet_waits_for_no_acknowledgement(tmp_path):
    """Else every request over a connection that is kept costs 40 ms: headers and body are sent one after the other."""
    with _listen(Settings(data_dir=tmp_path, port=0), app=None) as server:
        assert server.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
