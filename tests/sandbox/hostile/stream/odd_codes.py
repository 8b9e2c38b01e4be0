"""Ends, by the supervisor's word, with a code that is none.

ends: exit 9
"""

import os

from hostile import STREAM, frame

with open(STREAM, "ab", buffering=0) as stream:
    stream.write(frame(4, "٣".encode()))
os._exit(9)
