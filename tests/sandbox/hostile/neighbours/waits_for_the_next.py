"""A daemon that waits in the sandbox for whoever comes next, and a look for others' daemons.

ends: succeeded
"""

import os
import sys
import time

from hostile import verdict


def is_daemon(process):
    try:
        return b"waiting_daemon" in open(f"/proc/{process}/cmdline", "rb").read()
    except OSError:
        return False


others = [name for name in os.listdir("/proc") if name.isdigit() and is_daemon(name)]
verdict(not others, "daemons of others:", others)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-c", "import time; 'waiting_daemon'; time.sleep(600)"])
    os._exit(0)
time.sleep(0.5)
