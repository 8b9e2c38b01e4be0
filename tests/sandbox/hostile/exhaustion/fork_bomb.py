"""A fork bomb, whose children fork on.

ends: succeeded
"""

import os
import time

from hostile import breach, contained, why

until = time.monotonic() + 4
made = 0
leader = os.getpid()
while made < 4000 and time.monotonic() < until:
    try:
        if os.fork():
            made += 1
    except OSError as error:
        if os.getpid() == leader:
            contained(why(error), "after", made)
            break
        time.sleep(0.1)
else:
    if os.getpid() == leader:
        breach(made, "processes")
