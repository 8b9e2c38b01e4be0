"""Says in the supervisor's name that it has ended with 0, and then ends with 9. It could have ended with 0 anyway.

ends: [succeeded, exit 9]
"""

import os

from hostile import STREAM, frame

with open(STREAM, "ab", buffering=0) as stream:
    stream.write(frame(4, b"0"))
os._exit(9)
