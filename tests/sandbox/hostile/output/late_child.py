"""A child speaks after its parent, and somebody tries the supervisor's own streams.

ends: succeeded
says: [child late, end]
"""

import os
import time

from hostile import attempt, say

attempt("the supervisor's output", open, "/proc/1/fd/1", "w")
if os.fork() == 0:
    time.sleep(0.3)
    os.write(1, b"child late\n")
    os._exit(0)
os.wait()
say("end")
