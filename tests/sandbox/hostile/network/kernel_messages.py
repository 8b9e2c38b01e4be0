"""Orders to the kernel over netlink: a new interface, the audit's settings.

ends: succeeded
"""

import os
import socket
import struct

from hostile import verdict

ORDERS = {
    "an interface": (0, 16, bytes(16)),
    "the audit's state": (9, 1000, b""),
    "a log line in the audit": (9, 1005, b"x"),
}
for what, (protocol, kind, body) in ORDERS.items():
    asking = socket.socket(16, socket.SOCK_RAW, protocol)
    asking.settimeout(5)
    try:
        asking.send(struct.pack("IHHII", 16 + len(body), kind, 5, 1, 0) + body)
        _, answer, _, _, _, error = struct.unpack_from("IHHIIi", asking.recv(8192).ljust(20, b"\0"))
        verdict(answer == 2 and error < 0, what, answer, os.strerror(-error))
    except OSError as error:
        verdict(True, what, error)
