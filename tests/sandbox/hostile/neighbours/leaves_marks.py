"""Leaves a mark wherever it can, and looks for those of others.

ends: succeeded
"""

import os
import site

from hostile import verdict

FOLDERS = [
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/dev/mqueue",
    "/run",
    "/run/lock",
    "/run/byteme",
    "/workspace",
    "/workspace/outputs",
    "/workspace/data",
    "/var/cache",
    "/data",
    "/home",
    "/root",
    os.path.expanduser("~/.cache"),
    "/tmp/.cache",
    site.getusersitepackages(),
]
seen = [folder for folder in FOLDERS if os.path.exists(f"{folder}/mark")]
left = []
for folder in FOLDERS:
    try:
        os.makedirs(folder, exist_ok=True)
        open(f"{folder}/mark", "w").write("mine")
        left.append(folder)
    except OSError:
        pass
verdict(not seen, "marks of others in", seen, "- left in", left)
