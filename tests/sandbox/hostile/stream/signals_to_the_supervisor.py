"""Each signal to the supervisor that it can't ignore: a program may end its own run, and nothing else.

ends: [succeeded, exit 137]
"""

import os
import signal
import time

from hostile import say

for number in (
    signal.SIGSTOP,
    signal.SIGKILL,
    signal.SIGSEGV,
    signal.SIGUSR1,
    signal.SIGHUP,
    signal.SIGCONT,
    signal.SIGTERM,
):
    say(number)
    os.kill(1, number)
time.sleep(3)
