"""Kernel memory in pipes, sockets and semaphores, which counts as the run's.

ends: [succeeded, out_of_memory]
"""

import os
import socket

from hostile import breach, contained, why

held, filled = [], 0
block = bytes(1 << 16)
try:
    for _ in range(2000):
        left, right = socket.socketpair()
        left.setblocking(False)
        held += [left, right]
        try:
            while True:
                filled += left.send(block)
        except BlockingIOError:
            pass
        read, write = os.pipe()
        os.set_blocking(write, False)
        filled += os.write(write, block)
    breach(filled >> 20, "MiB in the kernel")
except OSError as error:
    contained(why(error), "after", filled >> 20, "MiB")
