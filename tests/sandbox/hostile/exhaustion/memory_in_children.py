"""Many children, each within the limit that holds for all of them together.

ends: succeeded
"""

import os
import time

from hostile import MIB, contained, verdict, why

children = []
for _ in range(12):
    try:
        child = os.fork()
    except OSError as error:
        contained("fork", why(error))
        break
    if child == 0:
        kept = bytearray(b"x") * (100 * MIB)
        time.sleep(4)
        os._exit(0)
    children.append(child)
dead = sum(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0 for child in children)
verdict(dead >= 9, dead, "children killed")
