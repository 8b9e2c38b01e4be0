"""Settings of the kernel, control groups and devices, as files.

ends: succeeded
"""

import os

from hostile import attempt, verdict

for path in (
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/hostname",
    "/proc/sys/vm/overcommit_memory",
    "/proc/sys/fs/file-max",
    "/proc/sysrq-trigger",
    "/proc/1/oom_score_adj",
    "/proc/1/coredump_filter",
    "/sys/kernel/uevent_helper",
    "/sys/power/state",
    "/sys/module/kernel/parameters/panic",
):
    attempt(path, os.open, path, os.O_WRONLY)
map_of_users = os.open("/proc/self/uid_map", os.O_WRONLY)
attempt("another user by the map", os.write, map_of_users, b"0 0 1")
writable = []
for folder, _, names in os.walk("/sys"):
    writable += [f"{folder}/{name}" for name in names if os.access(f"{folder}/{name}", os.W_OK)]
verdict(not writable, "writable in /sys:", writable[:5])
for folder in ("memory", "pids", "cpu", "devices", "."):
    path = f"/sys/fs/cgroup/{folder}/release_agent"
    attempt(path, os.open, path, os.O_WRONLY)
    attempt(f"a group in {folder}", os.mkdir, f"/sys/fs/cgroup/{folder}/mine")
