"""The beginning of a message, and then nothing; and one that claims to have four gigabytes.

ends: succeeded
says: [alive]
"""

import struct

from hostile import dial, say

halves = [dial() for _ in range(40)]
for peer in halves:
    peer.sendall(struct.pack(">II", 100, 1000) + b"x")
too_large = dial()
too_large.sendall(struct.pack(">II", 0xFFFFFFFF, 0xFFFFFFFF) + b"x" * 100)
say("alive")
