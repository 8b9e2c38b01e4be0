"""What this process was before it became the program: the launcher's modules, and a secret left in its memory.

ends: succeeded
says: [looked]
in: [cold, warm, gvisor]
"""

import re
import sys

from hostile import MIB, contained, say, verdict

OURS = {"launcher", "launch", "zygote"}
# A token's beginning, a password's hash, settings of the server.
SECRET = re.compile(rb"eyJhbGciOi[\w-]{9,}\.[\w-]+\.|\$argon2id\$v=|BYTEME_(?:SECRET_KEY|ADMIN_PASSWORD|DATABASE_URL)=")


def own_memory():
    """What of it can be written to, piece by piece, as far as it can be read."""
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", buffering=0) as memory:
        for line in maps:
            span, rights, *_ = line.split()
            begin, end = (int(address, 16) for address in span.split("-"))
            if rights.startswith("rw") and end - begin <= 64 * MIB:
                try:
                    memory.seek(begin)
                    yield memory.read(end - begin)
                except (OSError, ValueError, OverflowError):
                    continue


left = sorted(name for name in sys.modules if name.partition(".")[0] in OURS)
verdict(not left, "modules of the platform's:", left)
try:
    found = {match[:16] for piece in own_memory() for match in SECRET.findall(piece)}
except OSError as error:
    contained("its memory:", error)
else:
    verdict(not found, "secrets in its memory:", found)
say("looked")
