"""Lines without end on the standard output.

ends: output_limit
in: [cold, warm, gvisor]
"""

import os

block = b"abcdefghij" * 10 + b"\n"
written = 0
while written < 400_000_000:
    written += os.write(1, block * 1000)
