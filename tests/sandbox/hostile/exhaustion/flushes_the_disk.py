"""Asks the kernel to write everything to the disk, again and again.

ends: succeeded
says: [flushed]
"""

import os

from hostile import say

for _ in range(20):
    with open("file", "wb") as file:
        file.write(bytes(1 << 16))
    os.sync()
say("flushed")
