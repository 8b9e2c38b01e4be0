"""Opaque identifiers that sort by time of creation."""

import secrets


def make_id(unix_ms: int) -> str:
    """32 hexadecimal digits: 48 bits of milliseconds, then 80 random bits (the layout of RFC 9562 UUIDv7, unmarked)."""
    return f"{unix_ms & ((1 << 48) - 1):012x}{secrets.token_hex(10)}"
