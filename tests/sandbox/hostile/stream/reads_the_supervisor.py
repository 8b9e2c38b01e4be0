"""The supervisor's memory, files and place, for a key or a way out.

ends: succeeded
"""

import os

from hostile import attempt, denied, verdict

for name in ("mem", "environ", "maps", "fd", "cwd", "root", "exe", "stack", "syscall", "ns/net", "map_files"):
    path = f"/proc/1/{name}"
    attempt(
        path,
        os.listdir
        if name in ("fd", "map_files")
        else os.stat
        if name == "ns/net"
        else lambda path: open(path, "rb").read(16),
        path,
    )
denied("attach", 101, 16, 1, 0, 0)
denied("one of its files", 438, os.pidfd_open(1), 0, 0)
others = {name for name in os.listdir("/proc") if name.isdigit()} - {"1", str(os.getpid())}
verdict(not others, "other processes:", others)
