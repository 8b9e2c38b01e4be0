"""Stops itself, and with it whatever waits for it.

ends: timeout
says: [stopping]
request: {limits: {timeout_s: 2}}
"""

import os
import signal

from hostile import breach, say

say("stopping")
os.kill(os.getpid(), signal.SIGSTOP)
breach("went on")
