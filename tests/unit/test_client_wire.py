"""Packets as python-socketio, the server's side, writes and reads them."""

import pytest
from socketio.packet import Packet as TheirPacket

from client import wire
from client.errors import ConnectionFailed

DATA = ["run:output", {"run_id": "r", "offset": 7, "data": b"\x00\xff", "more": [b"", {"x": b"y"}]}]


def theirs(kind: int, data: object, number: int | None = None) -> list[str | bytes]:
    encoded = TheirPacket(kind, data=data, id=number).encode()
    return encoded if isinstance(encoded, list) else [encoded]


def test_what_we_encode_is_what_the_server_s_library_encodes():
    for data, number in (
        (DATA, 3),
        (["run:watch", {"run_id": "é\n", "offset": 0}], 12),
        (["run:input", {"data": None}], 1),
    ):
        text, *binary = wire.encode(wire.Packet(wire.EVENT, data, number))
        assert text[0] == "4"
        packet = TheirPacket(encoded_packet=text[1:])
        for part in binary:
            packet.add_attachment(part)
        assert (packet.data, packet.id) == (data, number)


def test_what_the_server_s_library_encodes_we_decode():
    text, *binary = theirs(2, DATA, 41)
    packet = wire.decode("4" + text)
    assert (packet.kind, packet.id, packet.attachments) == (wire.EVENT, 41, 3)
    assert wire.fill(packet.data, binary) == DATA


def test_an_acknowledgement_with_binary_data_is_an_acknowledgement():
    text, *binary = theirs(3, [{"x": b"abc"}], 5)
    packet = wire.decode("4" + text)
    assert (packet.kind, packet.id) == (wire.ACK, 5)
    assert wire.fill(packet.data, binary) == [{"x": b"abc"}]


def test_numbers_at_the_start_of_the_data_are_not_taken_for_an_id():
    assert wire.decode('42["9",1]') == wire.Packet(wire.EVENT, ["9", 1])
    assert wire.decode("40") == wire.Packet(wire.CONNECT)
    assert wire.decode('44{"message":"no"}').data == {"message": "no"}


@pytest.mark.parametrize("text", ["", "4", "49", "5x", "42[", '42{"a"', "hello", "<html>"])
def test_what_is_not_socket_io_is_refused(text):
    with pytest.raises(ConnectionFailed):
        wire.decode(text)
