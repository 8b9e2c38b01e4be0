"""The Socket.IO 5 / Engine.IO 4 packets a client meets, to and from WebSocket messages. Pure.

A text message is an Engine.IO type digit, then (type 4) a Socket.IO packet: type digit, "<n>-" if n binary messages
follow, an acknowledgement id, JSON. Binary values stand in the JSON as {"_placeholder": true, "num": i}.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from client.errors import ConnectionFailed

__all__ = [
    "ACK",
    "CONNECT",
    "CONNECT_ERROR",
    "DISCONNECT",
    "EVENT",
    "PING",
    "PONG",
    "Packet",
    "decode",
    "encode",
    "fill",
]

PING, PONG = "2", "3"
CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT, BINARY_ACK = range(7)
_UNBINARY = {BINARY_EVENT: EVENT, BINARY_ACK: ACK}
_PACKET = re.compile(r"4([0-6])(?:(\d{1,10})-)?(?:/[^,]*,)?(\d{1,18})?")


@dataclass(frozen=True)
class Packet:
    """`kind` is CONNECT, DISCONNECT, EVENT, ACK or CONNECT_ERROR; `attachments` binary messages are still to come."""

    kind: int
    data: Any = None
    id: int | None = None
    attachments: int = 0


def encode(packet: Packet) -> list[str | bytes]:
    """The messages to send for a packet, in order: one text, then one for each bytes value in its data."""
    binary: list[bytes] = []
    data = "" if packet.data is None else json.dumps(_extract(packet.data, binary), separators=(",", ":"))
    kind, count = (packet.kind, "") if not binary else (packet.kind + BINARY_EVENT - EVENT, f"{len(binary)}-")
    number = "" if packet.id is None else packet.id
    return [f"4{kind}{count}{number}{data}", *binary]


def decode(text: str) -> Packet:
    """The packet a text message begins. Raises ConnectionFailed for what is not Socket.IO."""
    found = _PACKET.match(text)
    if not found:
        raise ConnectionFailed(f"not a Socket.IO packet: {text[:40]!r}")
    kind, attachments, number = found.groups()
    rest = text[found.end() :]
    return Packet(
        _UNBINARY.get(int(kind), int(kind)),
        _json(rest) if rest else None,
        int(number) if number else None,
        int(attachments or 0),
    )


def fill(data: Any, attachments: list[bytes]) -> Any:
    """`data` with its placeholders replaced."""
    if isinstance(data, list):
        return [fill(item, attachments) for item in data]
    if not isinstance(data, dict):
        return data
    if data.get("_placeholder") is True:
        return attachments[data["num"]]
    return {key: fill(value, attachments) for key, value in data.items()}


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ConnectionFailed(f"not a Socket.IO packet: {text[:40]!r}") from error


def _extract(data: Any, binary: list[bytes]) -> Any:
    if isinstance(data, bytes):
        binary.append(data)
        return {"_placeholder": True, "num": len(binary) - 1}
    if isinstance(data, Mapping):
        return {key: _extract(value, binary) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_extract(item, binary) for item in data]
    return data
