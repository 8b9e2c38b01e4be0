"""Characters of several bytes over each edge that a buffer of ours may have.

ends: succeeded
output: 'b"x" + "€".encode() * 70000 + b"\n"'
"""

import os

left = b"x" + "€".encode() * 70000 + b"\n"
while left:
    left = left[os.write(1, left) :]
