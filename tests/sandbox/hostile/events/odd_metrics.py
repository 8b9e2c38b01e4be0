"""Metrics whose names are markup, commands to a terminal, or read from right to left.

ends: succeeded
"""

import json

from hostile import dial, event

NAMES = [
    "<img src=x onerror=alert(1)>",
    "\x1b[2Jred",
    "\u202eevil",
    "__proto__",
    "constructor",
    "a\nb",
    "\0",
    "{{7*7}}",
    "=1+1",
    "\U0001f600" * 50,
]
peer = dial()
for name in NAMES:
    peer.sendall(event(json.dumps({"type": "metric", "name": name, "value": 1, "step": 1}).encode()))
