"""Eight processes that only count: together they get what the run may have of the CPU.

ends: succeeded
request: {limits: {cpus: 0.5}}
"""

import os
import time

from hostile import verdict

begin = time.monotonic()
children = []
for _ in range(8):
    child = os.fork()
    if child == 0:
        while time.monotonic() - begin < 4:
            pass
        os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
used = os.times()
share = (used.children_user + used.children_system) / (time.monotonic() - begin)
verdict(share < 0.7, f"{share:.2f} of a core, of 0.50")
