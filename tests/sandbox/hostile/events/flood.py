"""Metrics without end: those over the cap are left out, and the run goes on.

ends: succeeded
says: [all sent]
"""

from hostile import dial, event, say

peer = dial()
block = event(b'{"type": "metric", "name": "loss", "value": 1}') * 1000
for _ in range(300):
    peer.sendall(block)
say("all sent")
