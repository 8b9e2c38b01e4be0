"""Sockets that do not care for networks: to the hypervisor, to the kernel's own code, to the wire.

ends: succeeded
"""

import socket

from hostile import attempt

for name, family, kind in (
    ("vsock", 40, 1),
    ("crypto", 38, 5),
    ("raw", 2, 3),
    ("raw 6", 10, 3),
    ("packets", 17, 3),
    ("bluetooth", 31, 3),
    ("can", 29, 3),
    ("tipc", 30, 2),
    ("rds", 21, 5),
    ("xdp", 44, 3),
    ("smc", 43, 1),
    ("mctp", 45, 2),
    ("kcm", 41, 5),
    ("x25", 9, 5),
):
    attempt(
        name,
        lambda family=family, kind=kind: socket.socket(family, kind).fileno(),
    )
