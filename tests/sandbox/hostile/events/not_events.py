"""Messages that make no sense: no JSON, deep JSON, numbers without end, no name, a name of a megabyte.

ends: succeeded
says: [all sent]
in: [cold, warm, gvisor]
"""

from hostile import dial, event, say

peer = dial()
HEADERS = [
    b"",
    b"not json",
    b"[" * 100_000,
    b"{" * 100_000,
    b"9" * 100_000,
    b"null",
    b"[]",
    b'{"type": "metric"}',
    b'{"type": "metric", "name": ""}',
    b'{"type": "metric", "name": "x", "value": "y", "step": 1e999, "time": -1e999}',
    b'{"type": "metric", "name": "big", "value": ' + b"9" * 4000 + b"}",
    b'{"type": "metric", "name": "\\ud800", "value": 1}',
    b'{"type": "metric", "name": "' + b"n" * 1_000_000 + b'", "value": 1}',
    b'{"type": "display", "media_type": 7}',
    b'{"type": "no such thing"}',
    b"\xff\xfe",
    b'{"a": 1, "a": 2}',
]
for header in HEADERS:
    peer.sendall(event(header, b"body"))
say("all sent")
