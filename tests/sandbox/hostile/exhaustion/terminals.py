"""Pseudo terminals, of which the host has so many; and the tricks that can be done with one.

ends: succeeded
"""

import fcntl
import os

from hostile import attempt, contained, say, why

held = []
try:
    while len(held) < 5000:
        held.append(os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY))
except OSError as error:
    contained("terminals", why(error), "after", len(held))
say(len(held), "terminals, of the sandbox's own instance")
for fd in (0, 1, 2):
    attempt(f"type into {fd}", fcntl.ioctl, fd, 0x5412, b"x")
attempt("a controlling terminal", os.open, "/dev/tty", os.O_RDWR)
