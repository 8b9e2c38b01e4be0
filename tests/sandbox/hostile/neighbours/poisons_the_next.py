"""Plants what an interpreter, a shell or a library runs at its start, and looks whether somebody else's has run.

ends: succeeded
"""

import os
import site

from hostile import verdict

verdict(not os.path.exists("/tmp/ran"), "what was planted did not run")
user = site.getusersitepackages()
code = "open('/tmp/ran', 'w').close()\n"
for path in (
    f"{user}/usercustomize.py",
    f"{user}/zz.pth",
    "/workspace/sitecustomize.py",
    "/workspace/torch.py",
    "/tmp/matplotlib/matplotlibrc",
    "/tmp/matplotlib/fontlist-v390.json",
    os.path.expanduser("~/.bashrc"),
    "/run/byteme/launch.py",
):
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "w").write("import os; " + code if path.endswith(".pth") else code)
    except OSError:
        pass
