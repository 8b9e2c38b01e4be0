"""Takes all that the kernel gives to one user; somebody else must get theirs all the same.

ends: succeeded
"""

import time

from hostile import syscall, verdict

held = []
try:
    while len(held) < 5000:
        held.append(syscall(294, 0))
except OSError:
    pass
verdict(len(held) > 50, len(held), "inotify instances")
time.sleep(4)
