"""Descriptors that the runtime, the supervisor or the launcher forgot to close (CVE-2024-21626).

ends: succeeded
in: [cold, warm, gvisor]
"""

import os

from hostile import breach, contained, say, verdict

own = set()
for name in os.listdir("/proc/self/fd"):
    try:
        target = os.readlink(f"/proc/self/fd/{name}")
    except OSError:
        continue  # the listing's own
    say(name, target)
    own.add((int(name), target))
verdict(not [fd for fd, _ in own if fd > 2], "descriptors beyond the streams:", own)
for fd in range(3, 64):
    for tail in ("/../../../../../../etc/hostname", "/../../../../../etc/shadow"):
        try:
            open(f"/proc/self/fd/{fd}{tail}", "rb").read(1)
            breach(fd, "reaches the host")
        except OSError:
            pass
verdict(os.getcwd() == "/workspace", "the working folder is", os.getcwd())
contained("no way out by a descriptor")
