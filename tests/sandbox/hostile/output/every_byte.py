"""Every value that a byte can have.

ends: succeeded
in: [cold, warm, gvisor]
output: bytes(range(256)) * 16
"""

import os

os.write(1, bytes(range(256)) * 16)
