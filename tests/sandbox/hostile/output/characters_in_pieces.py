"""Characters of several bytes, a byte at a time.

ends: succeeded
output: '"€😀é中\n".encode()'
"""

import os
import time

for byte in "€😀é中".encode():
    os.write(1, bytes([byte]))
    time.sleep(0.03)
os.write(1, b"\n")
