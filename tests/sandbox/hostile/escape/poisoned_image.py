"""The image's own libraries and programs, changed for whoever comes next.

ends: succeeded
in: [cold, warm, gvisor]
"""

import os
import sysconfig

from hostile import attempt

paths = sysconfig.get_paths()
for path in (
    f"{paths['purelib']}/sitecustomize.py",
    f"{paths['stdlib']}/sitecustomize.py",
    "/opt/byteme/zygote.py",
    "/opt/byteme/launch.py",
    "/etc/ld.so.preload",
    "/etc/passwd",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/usr/bin/env",
    "/bin/sh",
):
    attempt(path, os.open, path, os.O_WRONLY | os.O_CREAT)
    attempt(f"{path} removed", os.unlink, path)
