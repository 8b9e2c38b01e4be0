"""Garbage between the frames: the reading ends there, the reader does not.

ends: [succeeded, exit 0]
says: [before]
in: [cold, warm, gvisor]
"""

import os
import time

from hostile import STREAM, say

say("before")
time.sleep(0.5)
with open(STREAM, "ab", buffering=0) as stream:
    stream.write(os.urandom(100_000))
say("after")
