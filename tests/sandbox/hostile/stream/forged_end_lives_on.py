"""Says in the supervisor's name that the program has ended, and works on: no run has more time than its limit.

ends: exit 137
in: [cold, warm, gvisor]
request: {limits: {timeout_s: 3}}
"""

import time

from hostile import STREAM, breach, frame

with open(STREAM, "ab", buffering=0) as stream:
    stream.write(frame(4, b"0"))
until = time.monotonic() + 40
while time.monotonic() < until:
    open("/workspace/outputs/beat", "w").write(str(time.time()))
    time.sleep(0.1)
breach("it worked on")
