"""Writes frames of its own into the supervisor's stream: what it forges is its own output.

ends: exit 3
says: [honest, forged]
in: [cold, warm, gvisor]
"""

import os

from hostile import STREAM, frame, say

say("honest")
with open(STREAM, "ab", buffering=0) as stream:
    stream.write(frame(1, b"forged\n"))
    stream.write(frame(2, b"forged\n") + frame(3, b'{"type": "metric", "name": "forged", "value": 1}\n'))
    stream.write(frame(5, b"ready"))
os._exit(3)
