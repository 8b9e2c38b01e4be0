"""The memory of a crash in a file, wherever the host puts those.

ends: succeeded
"""

import os
import resource

from hostile import attempt, verdict

attempt("larger core files", resource.setrlimit, resource.RLIMIT_CORE, (-1, -1))
if os.fork() == 0:
    os.abort()
os.wait()
left = [name for name in os.listdir(".") if name.startswith("core")]
verdict(not left, "core files:", left)
