"""File descriptors of every kind until there are no more, and a higher limit for them.

ends: succeeded
"""

import os
import resource

from hostile import attempt, breach, contained, why

attempt("a higher limit", resource.setrlimit, resource.RLIMIT_NOFILE, (1 << 20, 1 << 20))
held = []
try:
    while len(held) < 20000:
        held.append(os.open("/dev/null", os.O_RDONLY))
    breach("20000 files open")
except OSError as error:
    contained(why(error), "after", len(held))
