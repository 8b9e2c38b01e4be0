"""Says again and again that a sandbox is ready, in the supervisor's name.

ends: succeeded
says: [done]
"""

from hostile import STREAM, frame, say

with open(STREAM, "ab", buffering=0) as stream:
    for _ in range(2000):
        stream.write(frame(5, b'{"profile": "full", "seconds": 0, "cpu_s": 0}'))
say("done")
