"""Figures as large as a message may be, and one that is larger.

ends: succeeded
says: [sent]
"""

from hostile import MIB, dial, event, say

header = b'{"type": "display", "media_type": "image/png"}'
peer = dial()
for _ in range(3):
    peer.sendall(event(header, b"p" * (4 * MIB - len(header))))
try:
    peer.sendall(event(header, b"p" * 4 * MIB))
except OSError as error:
    say(error)
say("sent")
