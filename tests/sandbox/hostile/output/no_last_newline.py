"""Ends in the middle of a line, at once.

ends: succeeded
output: b"first\nlast without newline"
"""

import os

os.write(1, b"first\nlast without newline")
os._exit(0)
