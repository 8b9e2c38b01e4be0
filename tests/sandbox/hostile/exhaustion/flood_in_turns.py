"""One byte to each stream in turn: the most that an index of the output can be made to cost.

ends: [succeeded, output_limit]
"""

import os

for _ in range(300_000):
    os.write(1, b"o")
    os.write(2, b"e")
