"""A million empty lines, each written by itself.

ends: succeeded
output: b"\n" * 1_000_000
"""

import os

for _ in range(1_000_000):
    os.write(1, b"\n")
