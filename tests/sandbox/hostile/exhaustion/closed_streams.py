"""Closes its streams, works on, and ends with 7: the end of a stream is not the end of a run.

ends: exit 7
says: [before]
in: [cold, warm, gvisor]
"""

import os
import time

from hostile import say

say("before")
os.close(1)
os.close(2)
time.sleep(1)
os._exit(7)
