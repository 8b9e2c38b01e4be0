"""The stream cut off, made longer than any disk, and cut off again while it is read.

ends: [succeeded, timeout]
says: [before]
request: {limits: {timeout_s: 10}}
"""

import os
import time

from hostile import STREAM, say

say("before")
time.sleep(0.5)
for size in (0, 5, 20 << 20, 1 << 30, 0):
    try:
        os.truncate(STREAM, size)
    except OSError as error:
        say(error)
    say("x" * 1000)
    time.sleep(0.3)
