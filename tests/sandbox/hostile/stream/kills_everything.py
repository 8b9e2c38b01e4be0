"""Kills all processes that it can see.

ends: succeeded
says: [killing]
"""

import os
import signal

from hostile import say

say("killing")
try:
    os.kill(-1, signal.SIGKILL)
except ProcessLookupError:
    say("there is nobody")
