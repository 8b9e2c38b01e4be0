"""Threads without end.

ends: succeeded
"""

import os
import threading

from hostile import breach, contained

gate, made = threading.Event(), 0
threading.stack_size(65536)
try:
    while made < 4000:
        threading.Thread(target=gate.wait, daemon=True).start()
        made += 1
    breach("4000 threads")
except (RuntimeError, MemoryError) as error:
    contained("stopped after", made, error)
os._exit(0)
