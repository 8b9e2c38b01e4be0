"""Inotify instances, which the kernel counts by user on the whole host.

ends: succeeded
"""

import ctypes

from hostile import breach, contained, syscall, why

held = []
try:
    while len(held) < 5000:
        held.append(syscall(294, 0))
    breach("5000 inotify instances")
except OSError as error:
    contained(why(error), "after", len(held))
del ctypes
