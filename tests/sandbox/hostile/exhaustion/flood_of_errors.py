"""Lines without end on the standard error.

ends: output_limit
"""

import os

written = 0
while written < 400_000_000:
    written += os.write(2, (b"E" * 120 + b"\n") * 1000)
