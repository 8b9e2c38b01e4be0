"""Messages of no length at all.

ends: succeeded
says: [all sent]
"""

from hostile import dial, event, say

peer = dial()
for _ in range(100):
    peer.sendall(event(b"") * 3000)
say("all sent")
