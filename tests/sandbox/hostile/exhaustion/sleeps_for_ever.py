"""Sleeps for ever, and ignores all that can be ignored.

ends: timeout
says: [sleeping]
in: [cold, warm, gvisor]
request: {limits: {timeout_s: 2}}
"""

import signal
import time

from hostile import say

for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGQUIT):
    signal.signal(number, signal.SIG_IGN)
say("sleeping")
while True:
    time.sleep(3600)
