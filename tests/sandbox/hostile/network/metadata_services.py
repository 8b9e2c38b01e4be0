"""Metadata services of the clouds, by address and by name.

ends: succeeded
in: [cold, warm, gvisor]
"""

import socket

from hostile import attempt

for address in (
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
):
    attempt(address, socket.create_connection, (address, 80), 2)
attempt("fd00:ec2::254", socket.create_connection, ("fd00:ec2::254", 80), 2)
attempt("metadata.google.internal", socket.getaddrinfo, "metadata.google.internal", 80)
