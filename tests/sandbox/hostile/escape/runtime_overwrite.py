"""The engine's runtime, reached through what it left in the sandbox (CVE-2019-5736).

ends: succeeded
"""

import os

from hostile import attempt

for path in (
    "/proc/1/exe",
    "/proc/self/exe",
    "/sbin/docker-init",
    "/dev/init",
    "/proc/1/mem",
    "/proc/1/fd/0",
    "/proc/1/fd/1",
):
    attempt(path, os.open, path, os.O_WRONLY)
