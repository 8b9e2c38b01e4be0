"""Any place that can be written to, other than those that are the run's own.

ends: succeeded
in: [cold, warm, gvisor]
"""

import os

from hostile import verdict

OWN = ("/tmp", "/dev/shm", "/dev/mqueue", "/workspace", "/run/byteme", "/proc", "/sys")
hits = []
for folder, folders, _ in os.walk("/", onerror=lambda _: None):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in OWN]
    if folder not in OWN:
        probe = f"{folder}/probe"
        try:
            os.close(os.open(probe, os.O_CREAT | os.O_WRONLY))
            hits.append(folder)
        except OSError:
            pass
verdict(not hits, "writable:", hits)
