"""Many connections, each with almost a whole message of the largest size, which somebody must keep.

ends: [succeeded, exit 137, exit 1, out_of_memory]
"""

import struct

from hostile import MIB, dial, say, why

peers = [dial() for _ in range(60)]
for number, peer in enumerate(peers):
    try:
        peer.sendall(struct.pack(">II", 10, 4 * MIB - 20) + bytes(4 * MIB - 100))
    except OSError as error:
        say(number, why(error))
say("hoarded")
