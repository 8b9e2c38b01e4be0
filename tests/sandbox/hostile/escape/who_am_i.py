"""What the kernel says this process may do: an unprivileged user, no capability, no new privileges, a filter.

ends: succeeded
"""

import os

from hostile import verdict

status = dict(line.split(":\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\t" in line)
verdict(os.getuid() >= 1000 and os.getgid() >= 1000, "user and group", status["Uid"], status["Gid"])
verdict(status["Groups"].split() in ([], [str(os.getgid())]), "further groups:", status["Groups"])
for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
    verdict(int(status[name], 16) == 0, name, status[name])
verdict(status["NoNewPrivs"].strip() == "1", "no new privileges")
verdict(status["Seccomp"].strip() == "2", "a filter of system calls")
