"""Sockets with abstract names: those of the engine's shims, of the host's services, of other runs (CVE-2020-15257).

ends: succeeded
in: [cold, warm, gvisor]
"""

import socket

from hostile import attempt, contained, verdict

KNOWN = ("/containerd-shim/moby/x/shim.sock", "/tmp/dbus-0", "/org/kernel/udev/udevd", "/tmp/.X11-unix/X0", "docker")


def connect(name):
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(2)
        peer.connect(f"\0{name}")


for name in KNOWN:
    attempt(f"@{name}", connect, name)
try:
    lines = open("/proc/net/unix").read().splitlines()[1:]
except OSError as error:
    contained("/proc/net/unix", error)
else:
    named = {line.split()[7] for line in lines if len(line.split()) > 7}
    verdict(named <= {"@byteme-events"}, "names that can be seen:", sorted(named)[:5])
