"""Headers of four megabytes that are whole JSON: dear to read, each time that somebody looks at the run.

ends: succeeded
says: [all sent]
in: [cold, warm, gvisor]
"""

import json

from hostile import dial, event, say

peer = dial()
NUMBERS = json.dumps([0] * 1_300_000)
NAMES = json.dumps({f"{number:x}": number for number in range(200_000)})
NESTED = '{"a":' * 900 + "1" + "}" * 900
for extra in [NUMBERS] * 6 + [NAMES] * 6 + [NESTED] * 1000:
    peer.sendall(event(b'{"type": "metric", "name": "heavy", "value": 1, "extra": ' + extra.encode() + b"}"))
say("all sent")
