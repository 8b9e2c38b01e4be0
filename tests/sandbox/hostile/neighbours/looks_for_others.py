"""Looks for other sandboxes' processes, mounts and users, and signals whoever it could reach.

ends: succeeded
"""

import os
import signal
import time

from hostile import attempt, verdict

processes = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
verdict(set(processes) <= {1, os.getpid()}, "processes:", processes)
for process in range(2, 4000):
    if process != os.getpid():
        try:
            os.kill(process, signal.SIGKILL)
            verdict(False, "killed", process)
        except ProcessLookupError:
            pass
attempt("everybody of the user", os.kill, -os.getpid() - 1, signal.SIGTERM)
time.sleep(2)
