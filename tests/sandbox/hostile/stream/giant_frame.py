"""The beginning of a frame of four gigabytes, and of one that never comes to its end.

ends: succeeded
says: [before]
"""

import time

from hostile import MIB, STREAM, frame, say

say("before")
time.sleep(0.5)
with open(STREAM, "ab", buffering=0) as stream:
    stream.write(frame(1, b"x" * 1000, 3 * MIB))
    stream.write(frame(1, b"x" * 1000, 0xFFFFFFFF))
