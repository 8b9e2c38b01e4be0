"""Takes from the supervisor what it needs: files, memory, the right to write, processor time.

ends: [succeeded, exit 1, exit 137, exit 152, exit 153, timeout]
request: {limits: {timeout_s: 10}}
"""

import os
import resource
import time

from hostile import contained, say, why

for name in ("RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_AS", "RLIMIT_CPU"):
    try:
        resource.prlimit(1, getattr(resource, name), (1, 1))
        say(name, "changed, which is its own loss")
    except (OSError, ValueError) as error:
        contained(name, why(error))
print("x" * 1_000_000, flush=True)
time.sleep(2)
os._exit(0)
