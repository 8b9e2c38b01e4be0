"""More connections than the supervisor hears at a time, again and again.

ends: succeeded
says: [no more than, alive]
"""

import socket
import struct

from hostile import EVENTS, say, why

PATIENCE = struct.pack("ll", 0, 500_000)

for _ in range(10):
    peers = []
    try:
        for _ in range(1500):
            peers.append(socket.socket(socket.AF_UNIX))
            peers[-1].setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, PATIENCE)
            peers[-1].connect(EVENTS)
    except OSError as error:
        say("no more than", len(peers), why(error))
    for peer in peers:
        peer.close()
say("alive")
