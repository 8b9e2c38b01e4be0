"""Files of the kernel that tell about the host or its memory.

ends: succeeded
"""

import os

from hostile import contained, say, verdict, why

EMPTY = (
    "/proc/kcore",
    "/proc/kmsg",
    "/proc/kpagecount",
    "/proc/slabinfo",
    "/proc/keys",
    "/proc/acpi",
    "/proc/scsi",
    "/proc/timer_list",
    "/sys/firmware",
    "/proc/vmallocinfo",
    "/proc/1/environ",
    "/proc/1/maps",
    "/proc/1/fd",
    "/proc/1/cwd",
    "/proc/1/root",
)
for path in EMPTY:
    try:
        found = os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(256)
        verdict(not found, path, found[:5])
    except OSError as error:
        contained(path, why(error))
symbols = open("/proc/kallsyms").read(16)
verdict(symbols in ("", "0" * 16), "addresses in the kernel", symbols)
for path in ("/proc/iomem", "/proc/key-users", "/proc/sched_debug"):
    say(path, os.path.exists(path))
