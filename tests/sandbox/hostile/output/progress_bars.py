"""Carriage returns and backspaces.

ends: succeeded
output: 'b"".join(b"\r%3d%%" % n for n in range(0, 100, 2)) + b"\rdone\x08\x08\n"'
"""

import os

for percent in range(0, 100, 2):
    os.write(1, b"\r%3d%%" % percent)
os.write(1, b"\rdone\x08\x08\n")
