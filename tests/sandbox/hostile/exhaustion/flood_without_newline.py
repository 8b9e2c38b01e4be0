"""One line without end.

ends: output_limit
"""

import os

written = 0
while written < 200_000_000:
    written += os.write(1, b"x" * 65536)
