"""Descriptors in flight: sockets sent through sockets through sockets, which the kernel must search to give back.

ends: [succeeded, out_of_memory]
in: [cold, warm, gvisor]
"""

import socket

from hostile import contained, why

flight = 0
ends = []
try:
    while flight < 20_000:
        left, right = socket.socketpair()
        left.setblocking(False)
        socket.send_fds(left, [b"x"], [left.fileno(), right.fileno()])  # a ring that nobody holds once these are closed
        flight += 2
        if flight % 1000:
            left.close()
            right.close()
        else:
            ends += [left, right]
except OSError as error:
    contained("refused after", flight, why(error))
else:
    contained("nothing but its own memory and", len(ends), "descriptors")
