"""Figures that claim to be pages, scripts or headers, and one whose picture is a script: they are bytes to the server.

ends: succeeded
says: [all shown]
in: [cold, warm, gvisor]
"""

import json

from hostile import dial, event, say

SCRIPT = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"
KINDS = [
    "text/html",
    "image/svg+xml",
    "application/javascript",
    "image/png\r\nSet-Cookie: a=b",
    "image/png; x=<script>",
    "../../etc/passwd",
    "multipart/mixed; boundary=x",
    "",
    "\x00",
    "\ud800",
    "x" * 100,
    "x" * 101,
]

peer = dial()
for kind in KINDS:
    peer.sendall(event(json.dumps({"type": "display", "media_type": kind}).encode(), SCRIPT))
say("all shown")
