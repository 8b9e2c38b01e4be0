"""Frames of kinds that there are not.

ends: succeeded
says: [before]
"""

import time

from hostile import STREAM, frame, say

say("before")
time.sleep(0.5)
with open(STREAM, "ab", buffering=0) as stream:
    for kind in (0, 6, 255):
        stream.write(frame(kind, b"x"))
